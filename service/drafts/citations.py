"""How drafts cite in running text: numbers, authors and years, and Pandoc's keys.

What LaTeX's commands cite is read with the LaTeX (`service.drafts.latex_commands`).
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_LONGEST_RANGE = 50


class Citation(NamedTuple):
    """What a piece of plain text cites; `kept` is what stays of it when it is read.

    `is_textual` where it is a word of the sentence, as in "[3] shows that".
    """

    start: int
    end: int
    keys: tuple[str, ...]
    kept: str = ""
    is_textual: bool = False


_NUMBERS = r"\d{1,3}(?:\s{0,2}[-–,;]\s{0,2}\d{1,3}){0,30}"
_NUMBERED = re.compile(
    rf"(?<![\w$^_])(?P<space> ?)\[(?P<numbers>{_NUMBERS})\](?:(?P<to>\s?[-–]\s?)\[(?P<last>\d{{1,"
    rf"3}})\])?(?![(:\w])"
    rf"|(?<=[^\W\d_]{{3}})(?P<superscript>)\[(?P<raised>{_NUMBERS})\](?![(:\w])"
)
_RANGE = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?")

_KEY = r"@(?:\{[^{}\s]{1,100}\}|[\w](?:[\w:.#$%&+?<>~/-]{0,99}[\w])?)"
_PANDOC = re.compile(
    rf"\[(?P<bracketed>[^\[\]]{{0,200}}?-?{_KEY}[^\[\]]{{0,400}})\]"
    rf"|(?<![\w.@/\\])-?(?P<bare>{_KEY})(?!@)"
)
_KEY_IN = re.compile(rf"(?<![\w.])-?({_KEY})")

_PARTICLE = r"(?:(?:van|von|de|der|den|del|della|di|da|du|la|le|ten|ter|el|al)\s){0,3}"
_NO_NAME = (
    r"(?!(?:As|In|By|While|Although|Like|See|And|But|However|Also|Following|Unlike|With|Both|For"
    r"|The|When|Since)\b)"
)
_FAMILY = (
    rf"{_NO_NAME}{_PARTICLE}[A-ZÀ-ÖØ-ÞŁŠŽČĆ][\w'’-]{{1,40}}(?:[- ][A-ZÀ-ÖØ-Þ][\w'’-]{{1,40}})?"
)
_MORE = rf"(?:\s+et\s+al\.?|(?:,\s{_FAMILY}){{0,4}},?\s+(?:and|&|und|et)\s+{_FAMILY})"
_YEAR = r"(?:1[5-9]|20)\d\d[a-z]?"
_ONE = rf"{_FAMILY}{_MORE}?,?\s+\(?{_YEAR}\)?(?:,\s?{_YEAR}){{0,5}}"
_IN_BRACKETS = re.compile(
    rf"[(\[](?:(?:see|cf\.|e\.g\.,?|i\.e\.,?|also|compare)\s){{0,3}}(?P<list>{_ONE}(?:[,:]\s?[^;("
    rf")\[\]]{{0,40}})?"
    rf"(?:;\s?(?:(?:see|cf\.|also)\s){{0,2}}{_ONE}(?:[,:]\s?[^;()\[\]]{{0,40}})?){{0,20}})[)\]]"
)
_TEXTUAL = re.compile(
    rf"(?P<names>{_FAMILY}{_MORE}?)(?:['’]s)?\s+[(\[](?P<years>{_YEAR}(?:[,;]\s?{_YEAR}){{0,5}})("
    rf"?:[,:]\s?[^()\[\]]{{0,40}})?[)\]]"
)
_NO_AUTHORS = (
    "January February March April May June July August September October November December Jan Feb"
    " Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Spring Summer Autumn Fall Winter Figure Table"
    " Section"
    " Chapter Appendix Equation Version Release In Since From Until By Of Early Late"
)
_NO_AUTHOR_SET = frozenset(_NO_AUTHORS.split())
_NAMED = re.compile(
    rf"(?P<names>{_FAMILY}{_MORE}?),?\s+\(?(?P<years>{_YEAR}(?:,\s?{_YEAR}){{0,5}})"
)
_POSSESSIVE = re.compile(r"['’]s?$")
_YEAR_ALONE = re.compile(_YEAR)


def numbered(text: str) -> Iterator[Citation]:
    """Give what is cited by numbers: "[3]", "[3, 5-7]", "[3]-[5]"; ranges are written out."""
    for found in _NUMBERED.finditer(text):
        written = found["numbers"] or found["raised"]
        if found["last"]:
            written += f"-{found['last']}"
        numbers = tuple(_written_out(written))
        if numbers and "0" not in numbers:
            start = found.start() + len(found["space"] or "")
            before = text[:start].rstrip()[-1:]
            follows = text[found.end() : found.end() + 2]
            is_textual = before in ("", ".", ",", ";") and bool(re.match(r"\s[a-z]", follows))
            yield Citation(start, found.end(), numbers, is_textual=is_textual)


def _written_out(numbers: str) -> Iterator[str]:
    for first, last in _RANGE.findall(numbers):
        begin, end = int(first), int(last or first)
        if begin <= end < begin + _LONGEST_RANGE:
            yield from map(str, range(begin, end + 1))
        else:
            yield from (str(begin), str(end))


def keyed(text: str) -> Iterator[Citation]:
    """Give what is cited by Pandoc's keys: "[@a; @b, p. 3]", "@a", "-@a"."""
    for found in _PANDOC.finditer(text):
        if found["bracketed"]:
            keys = tuple(map(_key, _KEY_IN.findall(found["bracketed"])))
            if keys:
                yield Citation(found.start(), found.end(), keys)
        else:
            yield Citation(found.start(), found.end(), (_key(found["bare"]),), is_textual=True)


def _key(written: str) -> str:
    return written[1:].strip("{}")


def dated(text: str) -> Iterator[Citation]:
    """Give what is cited by author and year: "(Smith et al., 2020)", "Smith et al. (2020)".

    Each key is the names as written, a comma and one year: "Smith et al., 2020".
    """
    for found in _IN_BRACKETS.finditer(text):
        if keys := tuple(_names_and_years(found["list"])):
            yield Citation(found.start(), found.end(), keys)
    for found in _TEXTUAL.finditer(text):
        names = _POSSESSIVE.sub("", " ".join(found["names"].split()))
        if names.split()[0] in _NO_AUTHOR_SET:
            continue
        keys = tuple(f"{names}, {year}" for year in _YEAR_ALONE.findall(found["years"]))
        yield Citation(found.start(), found.end(), keys, kept=found["names"], is_textual=True)


def without_overlaps(citations: Iterable[Citation]) -> list[Citation]:
    """Give citations in their order, of those that overlap the one that begins first."""
    chosen: list[Citation] = []
    for citation in sorted(citations, key=lambda one: (one.start, -one.end)):
        if not chosen or citation.start >= chosen[-1].end:
            chosen.append(citation)
    return chosen


def _names_and_years(written: str) -> Iterator[str]:
    for one in written.split(";"):
        if found := _NAMED.search(one):
            names = " ".join(found["names"].split())
            if names.split()[0] in _NO_AUTHOR_SET:
                continue
            yield from (f"{names}, {year}" for year in _YEAR_ALONE.findall(found["years"]))
