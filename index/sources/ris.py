"""Read RIS, the tagged format that most databases and reference managers export.

Real files bend the standard: text between the entries, a missing ER or TY line, one space
or a tab for two, values that run over several lines, tags with two meanings. What can be
told apart is mended and the record says so in `repairs`.
"""

import re
from collections.abc import Iterator

from index.sources.links import identifiers_in
from index.sources.opening import Source
from index.sources.own_notes import PROVIDER, notes_retracted, says_untitled
from index.sources.record import Record, Refused
from index.sources.tagged import Dialect, TaggedEntry, split_entries

_DIALECT = Dialect(
    # Some exporters write a tab or one space; a byte order mark stands where files were joined.
    tag=re.compile(r"[\s\ufeff]*([A-Z][A-Z0-9])(?:  ?| ?\t)-\s*(.*)"),
    begins="TY",
    ends="ER",
)
_BEGINNING = re.compile(r"^[ \t\ufeff]*TY(?:  ?| ?\t)-", re.MULTILINE)

_TITLE = ("TI", "T1", "CT", "BT", "ST")
_ABSTRACT = ("AB", "N2")
_AUTHORS = ("AU", "A1")
_EDITORS = ("A2", "ED")
_JOURNAL = ("JF", "T2", "JO", "BT", "JA", "J2")
_CONFERENCE_PAPERS = ("CONF", "CPAPER")
_YEAR = ("PY", "Y1")
_LINKS = ("UR", "L1", "L2", "L3", "LK")
# M3, "type of work", says more than TY where a database writes its document types there;
# elsewhere it holds classification codes, so only words known to be types are believed.
_DOCUMENT_TYPES = frozenset(
    {
        "book chapter", "conference abstract", "conference paper", "conference review",
        "data paper", "editorial", "erratum", "letter", "note", "preprint", "review",
        "short survey",
    }
)  # fmt: skip
_DAY_OF_YEAR = re.compile(r"[A-Za-z]{3,9}\.?(?: \d{1,2})?")


def recognise(head: str) -> bool:
    """Say whether a source begins like RIS."""
    return _BEGINNING.search(head) is not None


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record, or the reason for none, for every entry."""
    for entry in split_entries(source, _DIALECT):
        tags = {tag for tag, pieces in entry.values if pieces} - {"TY", "ER"}
        if entry.opened and not tags:
            yield Refused(entry.line, "the entry has nothing but its TY line")
        elif entry.opened or entry.holds((*_TITLE, *_ABSTRACT)):
            yield _record(entry)
        # What else stands outside the entries is the exporter talking, as Embase and Ovid do.


def _record(entry: TaggedEntry) -> Record:
    notes = entry.every("N1")
    title = None if says_untitled(notes) else entry.first(*_TITLE)
    kind = entry.first("M3") or ""
    return Record(
        line=entry.line,
        identifiers=_identifiers(entry),
        citation_key=entry.first("ID"),
        title=title,
        abstract=_abstract(entry),
        authors=_authors(entry),
        journal=_journal(entry, title),
        published=_published(entry),
        type=kind if kind.casefold() in _DOCUMENT_TYPES else entry.first("TY"),
        url=next((link for link in entry.every("UR") if link.startswith("http")), None),
        language=entry.first("LA"),
        retracted=True
        if kind.casefold().startswith("retracted") or notes_retracted(notes)
        else None,
        repairs=_repairs(entry),
    )


def _repairs(entry: TaggedEntry) -> tuple[str, ...]:
    repairs = []
    if not entry.opened:
        repairs.append("the entry had no TY line to begin with")
    if not entry.closed:
        repairs.append("the entry had no ER line to end it")
    return tuple(repairs)


def _abstract(entry: TaggedEntry) -> str | None:
    values = entry.every("AB") or entry.every("N2")
    return "\n".join(values) or None


def _journal(entry: TaggedEntry, title: str | None) -> str | None:
    """Give the journal; C3 names the proceedings of a conference paper, elsewhere anything."""
    tags = (*_JOURNAL, "C3") if entry.first("TY") in _CONFERENCE_PAPERS else _JOURNAL
    if _is_ours(entry):
        return entry.first(*tags)
    return entry.first(*(tag for tag in tags if entry.first(tag) != title))


def _authors(entry: TaggedEntry) -> tuple[str, ...]:
    """Give AU and A1, which mean the same and may both be there, else the editors."""
    names = entry.every(*_AUTHORS) or entry.every(*_EDITORS)
    both = entry.holds(["AU"]) and entry.holds(["A1"])
    return tuple(dict.fromkeys(names)) if both else tuple(names)


def _published(entry: TaggedEntry) -> str | None:
    """Give the date if it agrees with the year, for DA is now and then another date."""
    year = _iso(entry.first(*_YEAR))
    date = _iso(entry.first("DA"))
    if year is None or date is None:
        return year or date
    if _DAY_OF_YEAR.fullmatch(date):
        return f"{year[:4]} {date}"
    return date if date[:4] == year[:4] and len(date) > len(year) else year


def _iso(value: str | None) -> str | None:
    """Give YYYY/MM/DD/anything, its parts left empty where unknown, as an ISO date."""
    if value is None:
        return None
    parts = value.split("/")
    if not re.fullmatch(r"\d{4}", parts[0].strip()):
        return value
    known = [parts[0].strip()]
    for part in parts[1:3]:
        if not re.fullmatch(r"\s*\d{1,2}\s*", part):
            break
        known.append(part.strip().zfill(2))
    return "-".join(known)


def _is_ours(entry: TaggedEntry) -> bool:
    """Whether Cognate wrote the entry: its accession numbers are `scheme:value`, all of them."""
    return entry.first("DP") == PROVIDER


def _identifiers(entry: TaggedEntry) -> tuple[str, ...]:
    known = []
    if doi := entry.first("DO"):
        known.append(f"doi:{doi}")
    accession = entry.first("AN") or ""
    database = (entry.first("DB", "DP") or "").casefold()
    if accession.startswith("WOS:"):
        known.append(f"wos:{accession.removeprefix('WOS:')}")
    if accession.isdecimal() and database in ("pubmed", "medline"):
        known.append(f"pmid:{accession}")
    if _is_ours(entry):
        known += [one for one in entry.every("AN") if one not in known]
    return (*known, *identifiers_in(entry.every(*_LINKS), known))
