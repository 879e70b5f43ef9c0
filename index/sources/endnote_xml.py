"""Read EndNote's XML export, in which every value may be wrapped in `style` elements."""

import re
from collections.abc import Iterator

from lxml import etree

from index.sources.links import identifiers_in
from index.sources.opening import Source
from index.sources.record import Record, Refused
from index.sources.xml_entries import line_of, root_name, stream_entries, text_of

_TITLE = ("titles/title", "titles/short-title", "titles/tertiary-title")
_JOURNAL = (
    "periodical/full-title",
    "titles/secondary-title",
    "titles/alt-title",
    "alt-periodical/full-title",
    "periodical/abbr-1",
)
_AUTHORS = "contributors/authors/author"
_EDITORS = "contributors/secondary-authors/author"
_URLS = ("urls/web-urls/url", "urls/related-urls/url", "urls/pdf-urls/url")
_DATES = ("dates/pub-dates/date", "dates/date")
_PUBMED = frozenset({"pubmed", "medline", "nlm", "pubmed/medline"})


def recognise(head: str) -> bool:
    """Say whether a source is EndNote's XML: `<xml><records><record>`."""
    root = root_name(head)
    return (root == "xml" and "<records" in head) or (root == "records" and "<ref-type" in head)


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record, or the reason for none, for every `record` element."""
    for element in stream_entries(source, ["record"]):
        yield element if isinstance(element, Refused) else _entry(element)


def _entry(record: etree._Element) -> Record | Refused:
    line = line_of(record)
    if len(record) == 0:
        return Refused(line, "the record is empty")
    kind = record.find("ref-type")
    return Record(
        line=line,
        identifiers=_identifiers(record),
        citation_key=_first(record, "label"),
        title=_first(record, *_TITLE),
        abstract=_first(record, "abstract"),
        authors=tuple(_texts(record, _AUTHORS) or _texts(record, _EDITORS)),
        journal=_first(record, *_JOURNAL),
        published=_published(record),
        type=None if kind is None else kind.get("name") or text_of(kind),
        url=next((url for url in _urls(record) if url.startswith("http")), None),
        language=_first(record, "language"),
    )


def _published(record: etree._Element) -> str | None:
    """Give year and date together, since the date often lacks its year ("Jan 15")."""
    year, date = _first(record, "dates/year"), _first(record, *_DATES)
    if year is None or date is None:
        return year or date
    if re.search(r"\d{4}", date):
        return date if year in date else year
    return f"{year} {date}"


def _identifiers(record: etree._Element) -> tuple[str, ...]:
    known = []
    if doi := _first(record, "electronic-resource-num"):
        known.append(f"doi:{doi}")
    accession = _first(record, "accession-num") or ""
    database = (_first(record, "remote-database-name") or "").casefold()
    if accession.upper().startswith("WOS:"):
        known.append(f"wos:{accession[len('WOS:') :]}")
    elif accession.isdecimal() and database in _PUBMED:
        known.append(f"pmid:{accession}")
    return (*known, *identifiers_in(_urls(record), known))


def _urls(record: etree._Element) -> list[str]:
    return [url for path in _URLS for url in _texts(record, path)]


def _texts(record: etree._Element, path: str) -> list[str]:
    return [text for child in record.findall(path) if (text := text_of(child))]


def _first(record: etree._Element, *paths: str) -> str | None:
    return next((text for path in paths for text in _texts(record, path)), None)
