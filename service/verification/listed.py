"""The list of references that an answer carries: under a heading, by numbers, in BibTeX."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from index.errors import QueryError
from service.drafts.bibliography import read_bibliography
from service.drafts.latex_source import LatexSource
from service.drafts.references import Reference as DraftReference
from service.drafts.references import latex_references, listed_references
from service.verification.named_years import named_years
from service.verification.person_names import NAMES, PARTICLES, CitedNames
from service.verification.statement import YEAR, RecordReference, Reference, years_in
from service.verification.written import WrittenReference

_HEADING = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]+)?(?:\*\*|__)?(?:[\dIVX]{1,4}\.?[ \t]+)?"
    r"(?:references?(?:[ \t]+cited)?|bibliography|works[ \t]+cited"
    r"|literature(?:[ \t]+cited)?|reference[ \t]+list|sources?(?:[ \t]+cited)?"
    r"|citations?|cited[ \t]+(?:works?|sources?|papers?|articles?)|literatur(?:verzeichnis)?"
    r"|quellen|bibliographie|referencias|références)"
    r"[ \t]*:?(?:\*\*|__)?[ \t]*:?[ \t]*#*[ \t]*\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_ANY_HEADING = re.compile(
    r"^[ \t]{0,3}#{1,6}[ \t]+\S|^[ \t]*\\(?:section|chapter|end\{document)", re.MULTILINE
)
_LINE = re.compile(r"[^\n]*\n?")
_NUMBERED = re.compile(
    r"[ \t]*(?:[-*•][ \t]+)?"
    r"(?:\[(?P<square>\d{1,4})\]:?|\[\^(?P<note>\w{1,20})\]:|(?P<round>\d{1,3})[.)])[ \t]+"
    rf"(?=[^\sa-z]|(?:{'|'.join(sorted(PARTICLES))})\s)"
)
_KEYED = re.compile(
    r"[ \t]*(?:[-*•][ \t]+)?\[(?P<key>[A-Za-z][\w:+.-]{1,60})\]:?[ \t]+(?=[^\sa-z(])"
)
_BULLET = re.compile(r"[ \t]*[-*•–][ \t]+")
_LEAD = r"[ \t]*(?:[-*•][ \t]+)?[*_\[]{0,3}"
_DATED_LINE = re.compile(
    rf"{_LEAD}{NAMES.pattern}[\s.,*_]{{0,6}}[(\[]?(?:1[5-9]|20)\d\d[a-z]?[)\]]?[*_]{{0,3}}\s?[.:–—-]{{1,2}}"
    r"[)\]*_]{0,3}\s+[\"“*_\[]{0,3}[A-ZÀ-ÖØ-Þ\d]"
)
_APA_LINE = re.compile(
    rf"{_LEAD}{NAMES.pattern}(?<=[A-ZÀ-ÖØ-Þ]\.)[^\n]{{0,600}}?\(?(?:1[5-9]|20)\d\d[a-z]?\)?"
)
_OPEN_LINE = re.compile(rf"{_LEAD}{NAMES.pattern}(?<=\bal\.)[ \t]+[\"“*_]{{0,3}}[A-ZÀ-ÖØ-Þ]")
"""Lines that begin as references do: names and a year, names with initials, or "et al."."""
_IS_REFERENCE = re.compile(
    r"(?:1[5-9]|20)\d\d|10\.\d{4,9}/|arxiv|https?://|pmid|[“\"*_]\w", re.IGNORECASE
)
_LEAST = 20
_ENTRY = re.compile(
    r"^[ \t]*@(?!comment|string|preamble)[A-Za-z]{3,20}[ \t]*[{(]", re.MULTILINE | re.IGNORECASE
)
_NESTED = re.compile(r"@\w{1,40}\s{0,9}[{(]")
_LONGEST_ENTRY = 20_000
_BIBITEM = "\\bibitem"


class _Lines(NamedTuple):
    """A stretch of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of the answer's own list, at its place; `key` is what the answer cites it by."""

    start: int
    end: int
    key: str
    text: str
    reference: Reference
    is_numbered: bool = False

    def is_by(self, names: CitedNames, year: int) -> bool:
        """Tell whether the entry begins with the first of some names and is of a year."""
        family = names.family().casefold()
        head = self.text[:400].casefold()
        return bool(family) and family in head and year in years_in(self.text)


def read_listed(text: str, most: int) -> list[Listed]:
    """Give the entries of the answer's own list of references, in order.

    Of more than `most` entries in BibTeX the first are read.
    """
    found = [*_bibtex(text, most), *_bibitems(text)]
    found += _without_overlaps(found, _under_headings(text))
    found += _without_overlaps(found, _at_line_starts(text))
    return sorted(found, key=lambda one: one.start)


def _without_overlaps(found: Sequence[Listed], more: Iterator[Listed]) -> list[Listed]:
    taken = sorted((one.start, one.end) for one in found)
    kept: list[Listed] = []
    place = 0
    for one in more:
        while place < len(taken) and taken[place][1] <= one.start:
            place += 1
        if place == len(taken) or taken[place][0] >= one.end:
            kept.append(one)
    return kept


def _bibtex(text: str, most: int) -> Iterator[Listed]:
    starts = [match.start() for match in islice(_ENTRY.finditer(text), most + 1)]
    for start, following in zip(starts, [*starts[1:], len(text)], strict=False):
        limit = min(following, start + _LONGEST_ENTRY)
        # one entry alone: bibtexparser takes the square of the time for what it finds nested
        nested = _NESTED.search(text, start + 1, limit)
        end = _end_of_entry(text, start, nested.start() if nested else limit)
        try:
            entries = read_bibliography(text[start:end], "bibtex").entries
        except QueryError:
            continue
        for entry in entries[:1]:
            yield Listed(start, end, entry.key, text[start:end], RecordReference(entry.article))


def _end_of_entry(text: str, start: int, limit: int) -> int:
    """Give where the brace closes that an entry opens; the limit where none does."""
    depth = 0
    for found in re.finditer(r"(?<!\\)[{}]", text[start:limit]):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return start + found.end()
    return start + len(text[start:limit].rstrip())


def _bibitems(text: str) -> Iterator[Listed]:
    if _BIBITEM in text:
        for one in latex_references(LatexSource(text)):
            yield _listed(one, one.text.replace("\n", " | "))


def _listed(one: DraftReference, text: str) -> Listed:
    return Listed(one.start, one.end, one.key, text, WrittenReference(text), one.is_numbered)


def _under_headings(text: str) -> Iterator[Listed]:
    last = 0
    for heading in _HEADING.finditer(text):
        if heading.start() < last:
            continue
        closing = _ANY_HEADING.search(text, heading.end() + 1)
        last = closing.start() if closing else len(text)
        yield from _of_section(text, min(heading.end() + 1, last), last)


def _of_section(text: str, start: int, end: int) -> Iterator[Listed]:
    """Give the references of a section: keyed or numbered lines, bullets, paragraphs, or lines."""
    lines = [_Lines(*line.span()) for line in _LINE.finditer(text, start, end) if line[0]]
    marked = [one for one in _marked(text, lines) if one is not None]
    bullets = [line for line in lines if _BULLET.match(text, line.start, line.end)]
    if marked:
        yield from marked
    elif len(bullets) > 1:
        for line, following in zip(bullets, [*bullets[1:], None], strict=True):
            stop = following.start if following else _end_of_item(text, line, end)
            yield from _written(text, line.start, stop)
    else:
        for one in listed_references(text, start, end):
            if len(one.text) >= _LEAST:
                yield _listed(one, one.text)


def _end_of_item(text: str, line: _Lines, end: int) -> int:
    blank = re.compile(r"\n[ \t]*\n").search(text, line.start, end)
    return blank.start() if blank else end


def _written(text: str, start: int, end: int, key: str | None = None) -> Iterator[Listed]:
    whole = text[start:end].rstrip()
    plain = " ".join(_BULLET.sub("", whole, count=1).split())
    if len(plain) >= _LEAST:
        yield Listed(start, start + len(whole), key or "", plain, WrittenReference(plain))


def _marked(text: str, lines: Sequence[_Lines]) -> Iterator[Listed]:
    """Give the entries that begin with a number or key, each to the next, or to a blank line."""
    begins = [_mark(text, line) for line in lines]
    for number, begin in enumerate(begins):
        if begin is None:
            continue
        key, place, is_numbered = begin
        end = number + 1
        while (
            end < len(lines)
            and begins[end] is None
            and text[lines[end].start : lines[end].end].strip()
        ):
            end += 1
        whole = text[lines[number].start : lines[end - 1].end].rstrip()
        plain = " ".join(text[place : lines[number].start + len(whole)].split())
        if plain:
            stop = lines[number].start + len(whole)
            yield Listed(
                lines[number].start, stop, key, plain, WrittenReference(plain), is_numbered
            )


def _mark(text: str, line: _Lines) -> tuple[str, int, bool] | None:
    """Give the number or key that a line begins with, and where what it marks begins."""
    if found := _NUMBERED.match(text, line.start, line.end):
        key = found["square"] or found["round"] or f"^{found['note']}"
        return key, found.end(), True
    if found := _KEYED.match(text, line.start, line.end):
        return found["key"], found.end(), False
    return None


def _at_line_starts(text: str) -> Iterator[Listed]:
    """Give references without a heading: lines behind [1], [^1]: or a key, or as APA has them."""
    lines = [_Lines(*line.span()) for line in _LINE.finditer(text) if line[0]]
    for one in _marked(text, lines):
        is_bracketed = text[one.start : one.end].lstrip("-*• \t").startswith("[")
        if is_bracketed and len(one.text) >= _LEAST and _IS_REFERENCE.search(one.text):
            yield one
    for line in lines:
        if _begins_as_reference(text, line):
            yield from _written(text, line.start, line.end)


def _begins_as_reference(text: str, line: _Lines) -> bool:
    if len([*islice(named_years(text[line.start : line.end]), 2)]) > 1:
        # a sentence that cites several works
        return False
    if _DATED_LINE.match(text, line.start, line.end):
        return True
    has_year = YEAR.search(text, line.start, line.end) is not None
    if has_year and _APA_LINE.match(text, line.start, line.end):
        return True
    says_when = has_year or "10." in text[line.start : line.end]
    return says_when and _OPEN_LINE.match(text, line.start, line.end) is not None
