"""A whole JSON document: a list of records, an answer of a service, or several of these.

The text is split into records before it is parsed, by its brackets and strings alone. So
each record knows its line, damage in one costs that one, and a file that was cut short
gives what stands before the cut. Nothing here recurses over the nesting of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from index.errors import SourceError
from index.sources.json_records import parse_record
from index.sources.opening import Source
from index.sources.record import Record, Refused

_BEGINNING = re.compile(r"\s*(?:\{\s*(?:[\"}]|\Z)|\[\s*(?:[\[{\]]|null\b|\Z))")
# All up to a bracket (or a comma), strings as a whole, since they may hold brackets. One that
# is not closed runs to the end of the text. Nothing is tried twice: that keeps it linear.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_TO_BRACKET = re.compile(rf'(?:[^][{{}}"]++|{_STRING})*+[][{{}}]', re.DOTALL)
_TO_MARK = re.compile(rf'(?:[^][{{}},"]++|{_STRING})*+[][{{}},]', re.DOTALL)
_MEMBER = re.compile(r'\s*"([^"\\]*+)"\s*:\s*')
_BLANK = " \t\r\n"

# The keys under which services put lists of records, or an object that holds such a list.
_HOLDERS = frozenset(
    ("results", "data", "recommendedPapers", "matches", "items", "message", "hits", "articles")
)
_HOLDER = re.compile(rf'"(?:{"|".join(sorted(_HOLDERS))})"\s*:\s*[\[{{]')
_PAGING = frozenset(("total", "offset", "next", "token"))
_SHORT = 500
_DEPTH_LIMIT = 3


class _Span(NamedTuple):
    """Where a value stands in the text; `is_whole` is false where the text ends in it."""

    start: int
    end: int
    is_whole: bool


def recognise(head: str) -> bool:
    """Tell a text that begins as a JSON object, or as a list of objects or lists."""
    return _BEGINNING.match(head) is not None


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record or a refusal for every record of the document.

    Raises SourceError where the text is damaged and nothing of it can be read.
    """
    document = _Document(source.text())
    outcomes = document.outcomes()
    first = next(outcomes, None)
    if first is None:
        return
    second = next(outcomes, None)
    if isinstance(first, Refused) and second is None and document.is_damaged:
        raise SourceError(f"{source.name}, line {first.line}", first.reason)
    yield first
    if second is not None:
        yield second
    yield from outcomes


def is_response(text: str) -> bool:
    """Tell an object that holds records from one that is a record; it may be cut short."""
    return _held(text, _Span(len(text) - len(text.lstrip()), len(text), False)) is not None


@dataclass(slots=True)
class _Document:
    """A text, and how far its lines are counted: places are asked for in order."""

    text: str
    is_damaged: bool = False
    _counted: int = 0
    _line: int = 1

    def outcomes(self) -> Iterator[Record | Refused]:
        """Give what each record of the text came to."""
        for span in _top_level(self.text):
            yield from self._read(span, 0)

    def _read(self, span: _Span, depth: int) -> Iterator[Record | Refused]:
        """Read a value: a list of records, an object that holds some, or a record."""
        if self.text.startswith("[", span.start):
            parts = _parts(self.text, span)
        elif (held := _held(self.text, span)) is not None:
            parts = iter(held)
        else:
            yield from self._read_record(span)
            return
        if depth == _DEPTH_LIMIT:
            yield self._damage(span.start, f"lists stand in lists, {depth} deep")
            return
        for part in parts:
            yield from self._read(part, depth + 1)

    def _read_record(self, span: _Span) -> Iterator[Record | Refused]:
        text = self.text[span.start : span.end]
        line = self._line_at(span.start)
        if text == "null":
            yield Refused(line, "is null: the service found nothing for this id")
            return
        try:
            yield parse_record(text, line)
        except orjson.JSONDecodeError as error:
            fault = f"{error.msg} ({self._place(span.start + error.pos)})"
        else:
            if span.is_whole:
                return
            fault = f"it ends before its last bracket ({self._place(span.end)})"
        rest = "" if span.is_whole else "; nothing after it could be read"
        yield self._damage(span.start, fault + rest)

    def _damage(self, start: int, fault: str) -> Refused:
        self.is_damaged = True
        return Refused(self._line_at(start), f"is damaged JSON: {fault}")

    def _line_at(self, offset: int) -> int:
        self._line += self.text.count("\n", self._counted, offset)
        self._counted = offset
        return self._line

    def _place(self, offset: int) -> str:
        line = self._line + self.text.count("\n", self._counted, offset)
        return f"line {line}, column {offset - self.text.rfind(chr(10), 0, offset)}"


def _held(text: str, span: _Span) -> list[_Span] | None:
    """Give the values that hold the records of a response; None for what is no response."""
    is_object = text.startswith("{", span.start)
    is_short = span.end - span.start < _SHORT  # as an answer without records is
    if not is_object or not (is_short or _HOLDER.search(text, span.start, span.end)):
        return None
    held, keys = [], set()
    for part in _parts(text, span):
        member = _MEMBER.match(text, part.start, part.end)
        if member is None or member[1] == "title":
            return None
        if text.startswith(("[", "{"), member.end()) and member[1] in _HOLDERS:
            held.append(part._replace(start=member.end()))
        keys.add(member[1])
    return held if held or (keys and keys <= _PAGING) else None


def _top_level(text: str) -> Iterator[_Span]:
    """Give the values of the text, and what stands between them, if anything does."""
    last = position = 0
    while mark := _TO_BRACKET.match(text, position):
        position = mark.end()
        start = position - 1
        if text[start] in "]}":
            continue
        yield from _trimmed(text, last, start, is_whole=True)
        end = _closing(text, start, len(text))
        if end is None:
            yield _Span(start, len(text), is_whole=False)
            return
        yield _Span(start, end, is_whole=True)
        last = position = end
    yield from _trimmed(text, last, len(text), is_whole=True)


def _parts(text: str, span: _Span) -> Iterator[_Span]:
    """Give the items of the list, or the members of the object, that a span begins."""
    start = position = span.start + 1
    while mark := _TO_MARK.match(text, position, span.end):
        position = mark.end()
        char = text[position - 1]
        if char in "{[":
            end = _closing(text, position - 1, span.end)
            if end is None:
                break
            position = end
            continue
        yield from _trimmed(text, start, position - 1, is_whole=True)
        if char != ",":
            return
        start = position
    yield from _trimmed(text, start, span.end, is_whole=False)


def _closing(text: str, start: int, end: int) -> int | None:
    """Give where the value ends that the bracket at `start` opens; None if nowhere."""
    depth, position = 1, start + 1
    while mark := _TO_BRACKET.match(text, position, end):
        position = mark.end()
        depth += 1 if text[position - 1] in "{[" else -1
        if depth == 0:
            return position
    return None


def _trimmed(text: str, start: int, end: int, *, is_whole: bool) -> Iterator[_Span]:
    """Give a span without the blanks around it, none for one that is blank and whole."""
    while start < end and text[start] in _BLANK:
        start += 1
    while start < end and text[end - 1] in _BLANK:
        end -= 1
    if start < end or not is_whole:
        yield _Span(start, end, is_whole)
