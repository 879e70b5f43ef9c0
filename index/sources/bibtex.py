"""Read BibTeX and biblatex: entries to records, text still in LaTeX."""

import re
from collections.abc import Iterator, Mapping

from index.sources.bibtex_blocks import BLOCK_START, MONTHS, BibtexEntry, split_entries
from index.sources.links import identifiers_in
from index.sources.opening import Source
from index.sources.own_notes import notes_retracted, says_untitled
from index.sources.record import Record, Refused

_JOURNAL = ("journaltitle", "journal", "booktitle", "maintitle")
_LANGUAGE = ("language", "langid")
_DATE = ("date", "year", "month", "day")
_INHERITED = ("booktitle", "journaltitle", "journal", *_LANGUAGE)
# biblatex-software: a version, module or fragment is one of the software it refers to.
_PARTS_OF_SOFTWARE = frozenset({"softwareversion", "softwaremodule", "codefragment"})
_INHERITED_FROM_SOFTWARE = ("title", "author", "abstract")
# Scopus and Web of Science write their document types in a field; elsewhere `type` says
# "PhD thesis" or "Tech. Rep.", which the entry's own type says as well.
_DOCUMENT_TYPE = ("document_type", "type")
_DOCUMENT_TYPES = frozenset(
    {
        "article", "book chapter", "conference paper", "conference review", "data paper",
        "editorial", "editorial material", "erratum", "letter", "meeting abstract", "note",
        "preprint", "proceedings paper", "review", "short survey",
    }
)  # fmt: skip
_RETRACTED = re.compile(r"\bretracted\b", re.IGNORECASE)
_AND = re.compile(r"(?<=\s)and(?=\s)", re.IGNORECASE)
_BRACE = re.compile(r"(?<!\\)[{}]")
_ESCAPED = re.compile(r"\{?\\([_&%#$~])\}?")
_CROSSREF = re.compile(r"\bcrossref\s{0,99}=\s{0,99}[{\"]?\s{0,99}([^\s{}\",]+)", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")
_YEARS = re.compile(r"^(\d{4})/\d\d(?:\d\d)?$")  # 2011/12 is no month
_MONTH = re.compile(r"([A-Za-z]{3})[a-z]*\.?(?:[\s~]*(\d{1,2}))?(?:st|nd|rd|th)?\W*")
_MONTH_NUMBER = re.compile(r"(0?[1-9]|1[0-2])\W*")
_ARXIV_ID = re.compile(
    r"(?:arxiv:)?(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?/\d{7}(?:v\d+)?)"
)


def recognise(head: str) -> bool:
    """Say whether a line of the source begins a BibTeX block."""
    return BLOCK_START.search(head) is not None


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record, or the reason for none, for every entry.

    An entry takes what it lacks from the one its `crossref` names, wherever that stands.
    """
    text = source.text()
    parents = _parents(text)
    for entry in split_entries(text):
        yield entry if isinstance(entry, Refused) else _record(entry, parents)


def _parents(text: str) -> dict[str, BibtexEntry]:
    """Give the entries that others refer to, by key; most files have none."""
    wanted = {found[1].casefold() for found in _CROSSREF.finditer(text)}
    if not wanted:
        return {}
    parents: dict[str, BibtexEntry] = {}
    for entry in split_entries(text):
        if isinstance(entry, BibtexEntry) and entry.key.casefold() in wanted:
            parents.setdefault(entry.key.casefold(), entry)
    return parents


def _record(entry: BibtexEntry, parents: Mapping[str, BibtexEntry]) -> Record:
    fields = _with_inherited(entry, parents)
    kind = next((fields[name] for name in _DOCUMENT_TYPE if fields.get(name)), "")
    notes = [fields.get("note", "")]
    return Record(
        line=entry.line,
        markup="latex",
        identifiers=_identifiers(fields),
        citation_key=entry.key or None,
        title=None if says_untitled(notes) else _title(fields),
        abstract=fields.get("abstract") or None,
        authors=_names(fields.get("author") or fields.get("editor") or ""),
        journal=_first(fields, *_JOURNAL),
        published=_published(fields),
        type=kind if kind.casefold() in _DOCUMENT_TYPES else entry.type or None,
        url=_url(fields.get("url", "")),
        language=_first(fields, *_LANGUAGE),
        retracted=True if _RETRACTED.search(kind) or notes_retracted(notes) else None,
        repairs=entry.repairs,
    )


def _with_inherited(entry: BibtexEntry, parents: Mapping[str, BibtexEntry]) -> Mapping[str, str]:
    parent = parents.get(entry.fields.get("crossref", "").strip().casefold())
    if parent is None or parent.key == entry.key:
        return entry.fields
    given = dict(parent.fields)
    wanted = [*_INHERITED]
    if entry.type in _PARTS_OF_SOFTWARE:
        wanted += _INHERITED_FROM_SOFTWARE
    else:
        given.setdefault("booktitle", given.get("title", ""))
    if not any(entry.fields.get(name) for name in _DATE):
        wanted += _DATE
    inherited = {name: given[name] for name in wanted if given.get(name)}
    return {**inherited, **{name: value for name, value in entry.fields.items() if value}}


def _url(value: str) -> str | None:
    r"""Give an address as it was before it was escaped: `a{\_}b`, `a\&b`, `\url{…}`."""
    address = value.strip().removeprefix("\\url").strip("{} ")
    return _ESCAPED.sub(r"\1", address) or None


def _title(fields: Mapping[str, str]) -> str | None:
    title, subtitle = fields.get("title"), fields.get("subtitle")
    if title and subtitle and subtitle.casefold() not in title.casefold():
        return f"{title}: {subtitle}"
    return title or subtitle or None


def _names(value: str) -> tuple[str, ...]:
    """Split at every "and" outside braces; a last name may be "others"."""
    names, begin, depth, scanned = [], 0, 0, 0
    for found in _AND.finditer(value):
        depth += sum(
            1 if mark[0] == "{" else -1 for mark in _BRACE.finditer(value, scanned, found.start())
        )
        scanned = found.start()
        if depth <= 0:
            names.append(value[begin : found.start()])
            begin = found.end()
    names.append(value[begin:])
    return tuple(name for name in (name.strip() for name in names) if name)


def _published(fields: Mapping[str, str]) -> str | None:
    """Give the biblatex date, else the year with what can be told of month and day."""
    if fields.get("date"):
        return fields["date"]
    year, month = _YEARS.sub(r"\1", fields.get("year", "")), fields.get("month", "").strip()
    if not _YEAR.fullmatch(year) or not month:
        return year or None
    if number := _MONTH_NUMBER.fullmatch(month):
        parts = [year, number[1].zfill(2)]
        day = fields.get("day", "")
    elif (name := _MONTH.fullmatch(month)) and name[1].casefold() in MONTHS:
        parts = [year, str(list(MONTHS).index(name[1].casefold()) + 1).zfill(2)]
        day = name[2] or fields.get("day", "")
    else:
        return f"{year} {month}"
    return "-".join([*parts, day.zfill(2)] if day.isdecimal() else parts)


def _identifiers(fields: Mapping[str, str]) -> tuple[str, ...]:
    known = []
    if doi := fields.get("doi"):
        known.append(f"doi:{doi}")
    eprint = fields.get("eprint", "")
    archive = (fields.get("archiveprefix") or fields.get("eprinttype") or "").casefold()
    if eprint and (archive == "arxiv" or (not archive and _ARXIV_ID.fullmatch(eprint))):
        known.append(f"arxiv:{eprint}")
    elif arxiv := fields.get("arxivid"):
        known.append(f"arxiv:{arxiv}")
    if pmid := fields.get("pmid") or (eprint if archive == "pubmed" else ""):
        known.append(f"pmid:{pmid}")
    if (accession := fields.get("unique-id", "")).strip("{}").upper().startswith("WOS:"):
        known.append(f"wos:{accession.strip('{}')[len('WOS:') :]}")
    # of our own exports: `scheme:value`, parted by blanks
    known += [one for one in fields.get("identifiers", "").split() if one not in known]
    return (*known, *identifiers_in([fields.get("url", "")], known))


def _first(fields: Mapping[str, str], *names: str) -> str | None:
    return next((fields[name] for name in names if fields.get(name)), None)
