"""Read the Atom feed that arXiv's API answers with."""

import re
from collections.abc import Iterator

from lxml import etree

from index.sources.opening import Source
from index.sources.record import Record, Refused
from index.sources.xml_entries import line_of, root_name, stream_entries, text_of

_ABSTRACT_PAGE = re.compile(r"https?://(?:\w+\.)?arxiv\.org/abs/(.+)", re.IGNORECASE)
_ERROR = "arxiv.org/api/errors"
_WITHDRAWN = re.compile(
    r"\s*(?:this (?:\w+ ){0,2}(?:has been|is|was) (?:now )?withdrawn|withdrawn)\b", re.IGNORECASE
)


def recognise(head: str) -> bool:
    """Say whether a source is an Atom feed, or one entry of one, from arXiv."""
    return root_name(head) in ("feed", "entry") and "arxiv.org" in head.casefold()


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record for every entry, or the reason the API gave for having none."""
    for element in stream_entries(source, ["entry"]):
        yield element if isinstance(element, Refused) else _entry(element)


def _entry(entry: etree._Element) -> Record | Refused:
    line = line_of(entry)
    link, summary = _first(entry, "id"), _first(entry, "summary")
    if link and _ERROR in link:
        return Refused(line, f"arXiv answered with an error: {summary or link}")
    page = _ABSTRACT_PAGE.fullmatch(link or "")
    title = _first(entry, "title")
    if page is None and title is None:
        return Refused(line, "the entry has neither an arXiv id nor a title")
    identifiers = [f"arxiv:{page[1]}"] if page else []
    if doi := _first(entry, "doi"):
        identifiers.append(f"doi:{doi}")
    comment = _first(entry, "comment") or ""
    withdrawn = any(_WITHDRAWN.match(text) for text in (comment, summary or ""))
    return Record(
        line=line,
        markup="latex",
        identifiers=tuple(identifiers),
        title=title,
        abstract=summary,
        authors=tuple(_texts(entry, "author/{*}name")),
        journal=_first(entry, "journal_ref"),
        published=_first(entry, "published") or _first(entry, "updated"),
        type="preprint",
        url=link,
        retracted=True if withdrawn else None,
    )


def _texts(entry: etree._Element, path: str) -> list[str]:
    """Give the texts at a path, whose first step may be in any namespace."""
    return [text for child in entry.findall(f"{{*}}{path}") if (text := text_of(child))]


def _first(entry: etree._Element, path: str) -> str | None:
    return next(iter(_texts(entry, path)), None)
