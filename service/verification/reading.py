"""An answer read once: its list of references, what it cites and quotes, and its sentences."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from index.errors import QueryError
from service.drafts.draft import read_draft
from service.drafts.sentence import Sentence
from service.verification.library import Library
from service.verification.listed import Listed, read_listed
from service.verification.mentions import Mention, find_mentions
from service.verification.spans import (
    Span,
    block_quotes,
    emphasised,
    links,
    quotations,
    without_marks,
)
from service.verification.titles import LEAST_WORDS, MOST_WORDS, n_words
from service.verification.together import Together, group

MOST_CITATIONS = 500
"""Of a longer answer the parts are to be checked one after the other."""
MOST_QUOTES = 200
MOST_CLAIMS = 400
LEAST_QUOTED = 5
"""Words: fewer in quotation marks are a term, and no quotation."""
LEAST_CLAIMED = 4

_CUE = re.compile(
    r"\b(?:papers?|articles?|stud(?:y|ies)|works?|survey|book|chapter|report|review|preprint|thesis"
    r"|titled|entitled|called|title)\b\s{0,3}[:,]?\s{0,3}[\"“*_(]{0,4}$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"[\"”*_\])’,]{0,5}\s{0,3}(?:\((?:19|20)\d\d\)\s?)?,?\s?(?:is |was )?(?:written )?by\s+[A-ZÀ-ÖØ-Þ]"
)
_CUE_CHARS = 60
_TITLE_MARKS = ' ,.;:*_"“”‘’'
_ATTRIBUTION = re.compile(r"\n[ \t>]*(?:—|–|--)[^\n]*\Z|\s+(?:—|–|--)\s?[^\n]{1,200}\Z")
_LINE = re.compile(r"[^\n]+")
_MOST_NEAR = 200


class Quoted(NamedTuple):
    """A quotation: where its words stand, without the marks around them."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence, or a line of none, with the citations in it that stand together."""

    start: int
    end: int
    groups: tuple[Together, ...]
    sentence: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer as it was read."""

    text: str
    listed: tuple[Listed, ...]
    units: tuple[Unit, ...]
    quotes: tuple[Quoted, ...]

    def entry(self, key: str) -> Listed | None:
        """Give the entry of its own list that has a number or key."""
        wanted = key.casefold()
        return next((one for one in self.listed if one.key.casefold() == wanted), None)

    @property
    def is_numbered(self) -> bool:
        """Whether it has a numbered list of its own, which is then what numbers mean."""
        return any(one.is_numbered for one in self.listed)


def read_answer(text: str, library: Library, is_key: Callable[[str], bool]) -> Answer:
    """Read an answer; QueryError where it has more citations, quotes or claims than are checked.

    `is_key` tells keys that are known beside those of the answer's own list.
    """
    listed = read_listed(text, MOST_CITATIONS)
    own = {one.key.casefold() for one in listed if one.key}
    body = _without(text, listed)
    mentions = find_mentions(
        body,
        lambda key: key.casefold() in own or is_key(key),
        lambda identifier: library.identified(identifier) is not None,
        MOST_CITATIONS,
    )
    _check("citations", len(mentions) + len(listed), MOST_CITATIONS)
    titles, quotes = _titles_and_quotes(body, library, mentions)
    everything = _with_titles(mentions, titles)
    _check("citations", len(everything) + len(listed), MOST_CITATIONS)
    _check("quotes", len(quotes), MOST_QUOTES)
    units = _units(body, everything)
    claims = sum(is_claim(unit) for unit in units)
    _check("claims", claims, MOST_CLAIMS)
    return Answer(text, tuple(listed), tuple(units), tuple(quotes))


def is_claim(unit: Unit) -> bool:
    """Tell whether a sentence says something that an article can support."""
    sentence = unit.sentence
    if sentence is None or n_words(sentence.text) < LEAST_CLAIMED or sentence.text.endswith("?"):
        return False
    return bool(unit.groups) or sentence.needs_citation


def _check(what: str, number: int, most: int) -> None:
    if number > most:
        reason = f"holds more than {most} {what}, which is the most; send it in parts"
        raise QueryError("text", reason)


def _without(text: str, listed: Sequence[Listed]) -> str:
    """Blank out the list of references, so that all else keeps its place."""
    parts, place = [], 0
    for one in listed:
        blank = re.sub(r"[^\n]", " ", text[max(place, one.start) : one.end])
        parts += [text[place : one.start], blank]
        place = max(place, one.end)
    return "".join((*parts, text[place:]))


def _with_titles(mentions: Sequence[Mention], titles: Sequence[Mention]) -> list[Mention]:
    """Give all mentions in order; what stands within a title is a part of it, but no identifier."""
    places = sorted((title.start, title.end) for title in titles)
    starts = [start for start, _ in places]
    kept = []
    for one in mentions:
        number = bisect_right(starts, one.start) - 1
        if number < 0 or places[number][1] <= one.start:
            kept.append(one)
    return sorted([*kept, *titles], key=lambda one: (one.start, one.end))


def _titles_and_quotes(
    text: str, library: Library, mentions: Sequence[Mention]
) -> tuple[list[Mention], list[Quoted]]:
    """Tell titles from quotations and from what is only set apart."""
    blocks = [*block_quotes(text)]
    within = [(block.start, block.end) for block in blocks]
    titles: list[Mention] = []
    quotes = [one for block in blocks if (one := _block_quote(text, block, mentions))]
    near = 0
    for span in _spans(text):
        words = n_words(text[span.start : span.end])
        given = text[span.start : span.end].strip(_TITLE_MARKS)
        may_look = near < _MOST_NEAR
        if words <= MOST_WORDS and _is_title(text, span, given, library, may_look=may_look):
            titles.append(Mention(span.start, span.end, "title", given))
        elif span.kind == "quoted" and words >= LEAST_QUOTED and not _is_inside(span, within):
            quotes.append(Quoted(span.start, span.end, text[span.start : span.end]))
        near += words >= LEAST_WORDS
    return titles, sorted(quotes)


def _spans(text: str) -> list[Span]:
    """Give what is set apart, of two that overlap the first."""
    found = sorted(
        [*quotations(text), *emphasised(text), *links(text)],
        key=lambda one: (one.outer_start, -one.outer_end),
    )
    kept: list[Span] = []
    for one in found:
        if not kept or one.start >= kept[-1].outer_end:
            kept.append(one)
        elif one.end - one.start >= kept[-1].end - kept[-1].start - 6:
            # "*Title*" within quotation marks or within a link: the inner one has no marks
            kept[-1] = one
    return kept


def _is_inside(span: Span, places: Sequence[tuple[int, int]]) -> bool:
    number = bisect_right(places, (span.start, len(places) and places[-1][1])) - 1
    return number >= 0 and places[number][1] >= span.end


def _is_title(text: str, span: Span, given: str, library: Library, *, may_look: bool) -> bool:
    """Tell whether what is set apart is a title: of an article, nearly of one, or said to be."""
    words = n_words(given)
    if words < 2:
        return False
    if library.titled(given):
        return words >= LEAST_WORDS or _is_announced(text, span)
    if words < LEAST_WORDS:
        return False
    if _is_announced(text, span):
        return True
    return may_look and words > LEAST_WORDS and library.nearly_titled(given) is not None


def _is_announced(text: str, span: Span) -> bool:
    before = text[max(0, span.outer_start - _CUE_CHARS) : span.outer_start]
    behind = text[span.end : span.end + _CUE_CHARS]
    return bool(_CUE.search(before) or _BY.match(behind))


def _block_quote(text: str, span: Span, mentions: Sequence[Mention]) -> Quoted | None:
    """Give what a block quote quotes, without who said it."""
    whole = without_marks(text[span.start : span.end])
    said = _ATTRIBUTION.search(whole)
    end = span.start + (said.start() if said else len(whole.rstrip()))
    for one in reversed(mentions):
        if one.end <= end and one.start > span.start and not text[one.end : end].strip(" .)]*\n"):
            end = span.start + len(text[span.start : one.start].rstrip(" ([*\n"))
    start = span.start + len(whole) - len(whole.lstrip(' \n"“*_'))
    words = without_marks(text[span.start : end])[start - span.start :].rstrip(' \n"”*_')
    return Quoted(start, start + len(words), words) if n_words(words) >= LEAST_QUOTED else None


def _units(text: str, mentions: Sequence[Mention]) -> list[Unit]:
    """Give the sentences with what each cites, and the lines that cite outside of any."""
    sentences = sorted(read_draft(text).sentences, key=lambda one: one.start)
    starts = [one.start for one in sentences]
    of_sentence: dict[int, list[Mention]] = {}
    of_line: dict[int, list[Mention]] = {}
    for one in mentions:
        number = bisect_right(starts, one.start) - 1
        if number >= 0 and _belongs(text, sentences[number].end, one):
            of_sentence.setdefault(number, []).append(one)
        else:
            of_line.setdefault(text.rfind("\n", 0, one.start) + 1, []).append(one)
    units = [
        _unit(text, one.start, one.end, of_sentence.get(number, []), one)
        for number, one in enumerate(sentences)
    ]
    for start, found in of_line.items():
        line = _LINE.match(text, start)
        units.append(_unit(text, start, line.end() if line else start, found, None))
    return sorted(units, key=lambda unit: unit.start)


def _belongs(text: str, end: int, one: Mention) -> bool:
    """Tell whether a citation is of the sentence that ends at a place, or right behind it."""
    return one.start < end or not text[end : one.start].strip(' \t*_"”.)')


def _unit(
    text: str, start: int, end: int, mentions: Sequence[Mention], sentence: Sentence | None
) -> Unit:
    end = max([end, *(one.end for one in mentions)])
    return Unit(start, end, tuple(group(text, mentions)), sentence)
