"""Split a BibTeX file into entries with plain field values, mending what is damaged.

bibtexparser reads the syntax, one block at a time. Handed a whole file it loses entries:
one unclosed brace takes its neighbours along, a second entry with a key or a second field
with a name is set aside, and a block such as `@ article {` is taken for a comment. Handed
single blocks it can only lose that block, which is then read line by line or refused.
Values are resolved here too, since bibtexparser does not resolve concatenations.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bibtexparser.exceptions import BlockAbortedException
from bibtexparser.model import (
    Block,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
    String,
)
from bibtexparser.splitter import Splitter

from index.sources.record import Refused

# It logs what it cannot parse, with lines counted within the block; we report that ourselves.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())

BLOCK_START = re.compile(r"^[ \t\ufeff]*@\s{0,99}([A-Za-z]\w*)\s{0,99}([{(])", re.MULTILINE)
_NO_WORKS = frozenset({"comment", "string", "preamble", "control", "xdata", "set"})
_LOST_AT = re.compile(r"^[ \t]*(\w+)[ \t]*\{[ \t]*[^\s{},=]+[ \t]*,[ \t]*$", re.MULTILINE)
_FIELD_LINE = re.compile(r"^[ \t,]*([A-Za-z][\w.+-]*)[ \t]*=[ \t]*(?=[{\"\w])", re.MULTILINE)
# Of several fields on a line only these names are believed: "x = 2" may be text.
_FIELD = re.compile(
    rf"{_FIELD_LINE.pattern}|(?<=[}}\", \t])(title|author|editor|journal|booktitle|year|month|date"
    r"|volume|number|pages|publisher|doi|url|abstract|keywords|note|eprint|issn|isbn)"
    r"[ \t]*=[ \t]*(?=[{\"\d])",
    re.MULTILINE | re.IGNORECASE,
)
_KEY = re.compile(r"@\w+[{(]\s*([^\s,={}\"]+)\s*(?:,|$)")
_UNESCAPED_BRACE = re.compile(r"(?<!\\)[{}]")
_VALUE_MARK = re.compile(r"(?<!\\)[{}\"#=]")

MONTHS = {
    "jan": "January", "feb": "February", "mar": "March", "apr": "April", "may": "May",
    "jun": "June", "jul": "July", "aug": "August", "sep": "September", "oct": "October",
    "nov": "November", "dec": "December",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BibtexEntry:
    """One entry: its type and field names in lower case, values without braces around them."""

    line: int
    type: str
    key: str
    fields: Mapping[str, str]
    repairs: tuple[str, ...] = ()


def split_entries(text: str) -> Iterator[BibtexEntry | Refused]:
    """Give every entry of a BibTeX text in order, or the reason a block is none.

    Comments, preambles, strings and other containers are no entries. Time is linear.
    """
    strings = dict(MONTHS)
    for line, block in _blocks(text):
        parts = _parsed(block)
        for part, following in zip(parts, (*parts, None)[1:], strict=True):
            at = line + (part.start_line or 0)
            if isinstance(part, String):
                strings[part.key.casefold()] = resolve(part.value, strings)
            elif isinstance(part, ImplicitComment):
                yield from _lost(part.comment, at)
            elif isinstance(part, Entry):
                yield from _checked(part, following, at, strings)
            elif isinstance(part, ParsingFailedBlock):
                # What the parser gave up on reaches to the block's end, where others begin.
                raw = block[max(0, block.find(part.raw or "")) :]
                yield from _mended(raw, at, _reason(part), strings)


def _checked(
    part: Entry, following: Block | None, line: int, strings: Mapping[str, str]
) -> Iterator[BibtexEntry | Refused]:
    """Give a parsed entry, unless it was parsed otherwise than it was meant."""
    raw = part.raw or ""
    if part.entry_type.casefold() in _NO_WORKS:
        return
    if _runs_on(part):
        yield from _mended(raw, line, "a comma between two fields is missing", strings)
    elif isinstance(following, ImplicitComment) and _FIELD_LINE.match(
        following.comment.lstrip(", \t\n}")
    ):
        fault = "a brace closes it before its last field"
        yield from _mended(f"{raw}\n{following.comment}", line, fault, strings)
    else:
        yield _entry(part, line, strings)


def resolve(value: str, strings: Mapping[str, str]) -> str:
    """Give a field's value: braces or quotes around it gone, its names looked up, joined at #."""
    value = value.strip()
    pieces, depth, in_quotes, begin = [], 0, False, 0
    for mark in _VALUE_MARK.finditer(value):
        sign = mark[0]
        if sign == '"' and depth == 0:
            in_quotes = not in_quotes
        elif sign == "#" and depth == 0 and not in_quotes:
            pieces.append(value[begin : mark.start()])
            begin = mark.end()
        elif sign in "{}":
            depth = max(0, depth + (1 if sign == "{" else -1))
    pieces.append(value[begin:])
    return "".join(_piece(piece.strip(), strings) for piece in pieces).strip()


def _piece(piece: str, strings: Mapping[str, str]) -> str:
    if len(piece) > 1 and piece[0] + piece[-1] in ("{}", '""'):
        return piece[1:-1]
    return strings.get(piece.casefold(), piece)


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Give the text from each line that begins a block to the next, with its line."""
    starts = list(BLOCK_START.finditer(text))
    stops = [start.start() for start in starts] + [len(text)]
    yield 1, text[: stops[0]]
    line, end = 1, 0
    for start, stop in zip(starts, stops[1:], strict=True):
        line += text.count("\n", end, start.start(1))
        end = start.start(1)
        yield line, f"@{start[1]}{start[2]}{text[start.end() : stop]}"


def _parsed(block: str) -> list[Block]:
    """Parse one block, each failure given as what it is about."""
    parts: list[Block] = []
    for part in Splitter(block).split().blocks:
        inner = part.ignore_error_block if isinstance(part, ParsingFailedBlock) else None
        parts.append(part if inner is None else inner)
    return parts


def _runs_on(part: Entry) -> bool:
    """Say whether a value holds an equals sign outside braces and quotes: another field's."""
    for value in (field.value for field in part.fields if "=" in field.value):
        depth, in_quotes = 0, False
        for mark in _VALUE_MARK.finditer(value):
            if mark[0] in "{}":
                depth = max(0, depth + (1 if mark[0] == "{" else -1))
            elif depth == 0 and mark[0] == '"':
                in_quotes = not in_quotes
            elif depth == 0 and mark[0] == "=" and not in_quotes:
                return True
    return False


def _entry(part: Entry, line: int, strings: Mapping[str, str]) -> BibtexEntry | Refused:
    fields: dict[str, str] = {}
    repairs = []
    for field in part.fields:
        name, value = field.key.casefold(), resolve(field.value, strings)
        if fields.get(name) and value and fields[name] != value:
            repairs.append(f"the field {name!r} was there twice; the first is kept")
        if not fields.get(name):
            fields[name] = value
    if not fields:
        return Refused(line, f"the entry {part.key!r} has no fields")
    return BibtexEntry(line, part.entry_type.casefold(), part.key, fields, tuple(repairs))


def _lost(comment: str, line: int) -> Iterator[Refused]:
    """Give notice of what looks like an entry that lost its @ and so became a comment."""
    for found in _LOST_AT.finditer(comment):
        yield Refused(
            line + comment.count("\n", 0, found.start()),
            f"this looks like an entry, but there is no @ before {found[1]!r}",
        )


def _reason(failed: ParsingFailedBlock) -> str:
    error = failed.error
    reason = error.abort_reason if isinstance(error, BlockAbortedException) else str(error)
    return " ".join(reason.split()).rstrip(".")


def _mended(
    raw: str, line: int, fault: str, strings: Mapping[str, str]
) -> Iterator[BibtexEntry | Refused]:
    kind = re.match(r"@(\w+)", raw)
    if kind is None or kind[1].casefold() in _NO_WORKS:
        return  # a comment that nothing closes is one all the same
    if entry := _closed(raw, line, strings) or _read_by_names(raw, line, kind[1], strings):
        repair = f"the entry was damaged ({fault}) and was mended"
        yield BibtexEntry(line, entry.type, entry.key, entry.fields, (*entry.repairs, repair))
    else:
        yield Refused(line, f"the BibTeX is damaged: {fault}")


def _closed(raw: str, line: int, strings: Mapping[str, str]) -> BibtexEntry | None:
    """Read an entry that lacks nothing but its end; a value that swallowed a field lacks more."""
    parts = _parsed(raw.rstrip().rstrip(",") + "}")
    part = parts[0] if len(parts) == 1 else None
    if not isinstance(part, Entry) or _runs_on(part):
        return None
    if any(_FIELD.search(field.value, 1) for field in part.fields):
        return None
    entry = _entry(part, line, strings)
    return entry if isinstance(entry, BibtexEntry) else None


def _read_by_names(
    raw: str, line: int, kind: str, strings: Mapping[str, str]
) -> BibtexEntry | None:
    """Read an entry by the names of its fields, whatever braces lack or are too many."""
    key = _KEY.match(raw)
    body = raw[key.end() if key else len(kind) + 2 :]
    starts = list(_FIELD.finditer(body))
    if not starts:
        return None
    fields: dict[str, str] = {}
    ends = [*(start.start() for start in starts[1:]), len(body)]
    for start, end in zip(starts, ends, strict=True):
        value = resolve(_balanced(body[start.end() : end]), strings)
        fields.setdefault((start[1] or start[2]).casefold(), value)
    return BibtexEntry(line, kind.casefold(), key[1] if key else "", fields)


def _balanced(value: str) -> str:
    """Give a damaged value with its closing marks put right."""
    value = value.strip().rstrip(",").rstrip()
    # The last field has the brace that closes the entry behind it.
    n_extra = -_depth(value)
    while n_extra > 0 and value.endswith("}"):
        value, n_extra = value[:-1].rstrip(" \t\n,"), n_extra - 1
    if value.endswith(")") and value[:-1].rstrip().endswith(("}", '"')):
        value = value[:-1].rstrip()
    if value.startswith('"') and not value[1:].endswith('"'):
        value += '"'
    missing = _depth(value)
    if missing > 0 and value.startswith("{"):
        value += "}" * missing
    return value


def _depth(value: str) -> int:
    """Count the braces that are open at the end of a value; below zero, too many close."""
    return sum(1 if mark[0] == "{" else -1 for mark in _UNESCAPED_BRACE.finditer(value))
