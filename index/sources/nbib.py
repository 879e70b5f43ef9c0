"""Read MEDLINE tagged files, PubMed's .nbib export and its older pubmed_result.txt."""

import re
from collections.abc import Iterator

from index.sources.opening import Source
from index.sources.record import Record, Refused
from index.sources.tagged import Dialect, TaggedEntry, split_entries

_DIALECT = Dialect(
    tag=re.compile(r"\ufeff?([A-Z]{2,4}) {0,2}- ?(.*)"),
    begins="PMID",
    ends=None,  # a blank line
)
_BEGINNING = re.compile(r"^\ufeff?PMID ?- *\d", re.MULTILINE)

_TITLE = ("TI", "BTI", "CTI")
_JOURNAL = ("JT", "TA", "BTI", "CTI")
_YEAR = re.compile(r"\d{4}")
_ELECTRONIC = re.compile(r"(\d{4})(\d\d)(\d\d)")
_MARKED_DOI = re.compile(r"(\S+) \[doi\]")
_NO_TITLE = "[not available]"
RETRACTED_TYPE = "retracted publication"


def recognise(head: str) -> bool:
    """Say whether a source holds entries that begin with a PMID line."""
    return _BEGINNING.search(head) is not None


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record, or the reason for none, for every entry."""
    for entry in split_entries(source, _DIALECT):
        if entry.opened or entry.holds((*_TITLE, "TT")):
            yield _record(entry)
        else:
            tags = ", ".join(dict.fromkeys(tag for tag, _ in entry.values))
            yield Refused(entry.line, f"these lines ({tags}) have no PMID and no title")


def _record(entry: TaggedEntry) -> Record:
    types = entry.every("PT")
    # A notice of retraction has a type of its own, and is not itself retracted.
    retracted = entry.holds(["RIN"]) or RETRACTED_TYPE in (kind.casefold() for kind in types)
    return Record(
        line=entry.line,
        identifiers=tuple(_identifiers(entry)),
        title=_title(entry),
        abstract="\n".join(entry.every("AB")) or None,
        authors=_authors(entry),
        journal=entry.first(*_JOURNAL),
        published=_published(entry),
        type="; ".join(types) or None,
        language=entry.first("LA"),
        retracted=True if retracted else None,
        repairs=() if entry.opened else ("the entry had no PMID line to begin with",),
    )


def _title(entry: TaggedEntry) -> str | None:
    """Give the title, or the original one where it was not translated."""
    title = entry.first(*_TITLE)
    original = entry.first("TT")
    if original and (title is None or title.casefold().startswith(_NO_TITLE)):
        return original
    return title


def _authors(entry: TaggedEntry) -> tuple[str, ...]:
    """Give the full names where every author has one, then the groups."""
    full, short = entry.every("FAU"), entry.every("AU")
    names = full if len(full) >= len(short) else short
    editors = entry.every("FED") or entry.every("ED")
    return tuple(names + entry.every("CN") or editors)


def _published(entry: TaggedEntry) -> str | None:
    """Give the date of the issue; where that is a bare year, the exact date online in it."""
    issue = entry.first("DP")
    online = _ELECTRONIC.match(entry.first("DEP") or "")
    if online and (issue is None or (_YEAR.fullmatch(issue) and issue == online[1])):
        return "-".join(online.groups())
    return issue or entry.first("EDAT")


def _identifiers(entry: TaggedEntry) -> Iterator[str]:
    if number := entry.first("PMID"):
        yield f"pmid:{number}"
    marked = (_MARKED_DOI.fullmatch(value) for value in entry.every("LID", "AID"))
    if doi := next((found[1] for found in marked if found), None):
        yield f"doi:{doi}"
