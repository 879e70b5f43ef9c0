"""Read Web of Science's own tagged files (.ciw, or .txt "plain text").

Its other exports are RIS and tab-separated tables, and are read as such.
"""

import re
from collections.abc import Iterator

from index.sources.opening import Source
from index.sources.record import Record, Refused
from index.sources.tagged import Dialect, TaggedEntry, split_entries

_DIALECT = Dialect(
    tag=re.compile(r"\ufeff?([A-Z][A-Z0-9])(?: (.*)|$)"),
    begins="PT",
    ends="ER",
    outside=frozenset({"FN", "VR", "EF"}),
)
_BEGINNING = re.compile(r"^\ufeff?PT [A-Z]\s*$", re.MULTILINE)
_ANOTHER_TAG = re.compile(r"^\ufeff?(?:FN|VR|AU|TI|SO|UT) \S", re.MULTILINE)

_KINDS = {"J": "Journal Article", "B": "Book", "S": "Book in series", "P": "Patent"}
_JOURNAL = ("SO", "J9", "JI", "SE")


def recognise(head: str) -> bool:
    """Say whether a source begins like a Web of Science tagged file."""
    return _BEGINNING.search(head) is not None and _ANOTHER_TAG.search(head) is not None


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record, or the reason for none, for every entry."""
    for entry in split_entries(source, _DIALECT):
        if {tag for tag, pieces in entry.values if pieces} - {"PT", "ER"}:
            yield _record(entry)
        elif entry.opened:
            yield Refused(entry.line, "the entry has nothing but its PT line")


def _record(entry: TaggedEntry) -> Record:
    kinds = entry.first("DT")
    return Record(
        line=entry.line,
        identifiers=tuple(_identifiers(entry)),
        title=entry.first("TI"),
        abstract="\n".join(entry.every("AB")) or None,
        authors=tuple(
            (entry.pieces("AF") or entry.pieces("AU") or entry.pieces("BE")) + entry.pieces("CA")
        ),
        journal=entry.first(*_JOURNAL),
        published=_published(entry),
        type=kinds or _kind(entry),
        language=entry.first("LA"),
        retracted=True if kinds and "retracted publication" in kinds.casefold() else None,
        repairs=_repairs(entry),
    )


def _kind(entry: TaggedEntry) -> str | None:
    """Name the type where the export left the document type out."""
    if entry.holds(["CT"]):
        return "Proceedings Paper"
    letter = entry.first("PT")
    return _KINDS.get(letter, letter) if letter else None


def _published(entry: TaggedEntry) -> str | None:
    year, day = entry.first("PY"), entry.first("PD")
    if year is None:  # published online, ahead of its issue
        year, day = entry.first("EY"), entry.first("EA")
    return " ".join(part for part in (year, day) if part) or None


def _repairs(entry: TaggedEntry) -> tuple[str, ...]:
    repairs = []
    if not entry.opened:
        repairs.append("the entry had no PT line to begin with")
    if not entry.closed:
        repairs.append("the entry had no ER line to end it")
    return tuple(repairs)


def _identifiers(entry: TaggedEntry) -> Iterator[str]:
    if doi := entry.first("DI"):
        yield f"doi:{doi}"
    if number := entry.first("PM"):
        yield f"pmid:{number}"
    if accession := entry.first("UT"):
        yield f"wos:{accession.removeprefix('WOS:')}"
