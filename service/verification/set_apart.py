"""What an answer sets apart told from one another: titles, quotations, and mere emphasis."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from service.verification.library import Library
from service.verification.mentions import Mention
from service.verification.spans import (
    Span,
    block_quotes,
    emphasised,
    links,
    quotations,
    without_marks,
)
from service.verification.titles import LEAST_WORDS, MOST_WORDS, n_words

LEAST_QUOTED = 5
"""Words: fewer in quotation marks are a term, and no quotation."""

_CUE = re.compile(
    r"\b(?:papers?|articles?|stud(?:y|ies)|works?|survey|book|chapter|report|review|preprint|thesis"
    r"|titled|entitled|called|title)\b\s{0,3}[:,]?\s{0,3}[\"“*_(]{0,4}$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"[\"”*_\])’,]{0,5}\s{0,3}(?:\((?:19|20)\d\d\)\s?)?,?\s?(?:is |was )?(?:written )?by\s+"
    r"[A-ZÀ-ÖØ-Þ]"
)
_BEFORE_CITATION = re.compile(
    r"[\s\"”’*_)\].,:–—-]{0,8}(?:\((?:doi|arxiv|pmid|see|available at|https?://\S*)?\s?:?\s?|https?://\S*|doi:?\s?"
    r"|available at:?\s|\((?:[A-Z][\w-]*,?\s){0,4}(?:(?:19|20)\d\d[,;]?\s)?(?:doi:?\s?)?|\()?",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"(?:links?|see|read|here|source|available|full|click|this|their|these|more|view|paper|article"
    r"|download|note|key|main|important|conclusion|summary)\b",
    re.IGNORECASE,
)
_LITTLE_WORD = 3
_MARKS = 6
_MOST_CITED = 20
_CUE_CHARS = 60
_TITLE_MARKS = ' ,.;:*_"“”‘’'
_ATTRIBUTION = re.compile(r"\n[ \t>]*(?:—|–|--)[^\n]*\Z|\s+(?:—|–|--)\s?[^\n]{1,200}\Z")
_MOST_NEAR = 200


class Quoted(NamedTuple):
    """A quotation: where its words stand, without the marks around them."""

    start: int
    end: int
    text: str


class SetApart:
    """The titles and quotations of a text; what a citation stands behind is more often a title."""

    def __init__(self, text: str, library: Library, mentions: Sequence[Mention]) -> None:
        self._text = text
        self._library = library
        self._mentions = mentions
        self._starts = [one.start for one in mentions]
        self._n_looked_up = 0
        self.titles: list[Mention] = []
        blocks = [*block_quotes(text)]
        self.quotes = [one for block in blocks if (one := self._block_quote(block))]
        within = [(block.start, block.end) for block in blocks]
        for span in _spans(text):
            given = text[span.start : span.end].strip(_TITLE_MARKS)
            words = n_words(given)
            if words <= MOST_WORDS and self._is_title(span, given):
                self.titles.append(Mention(span.start, span.end, "title", given))
            elif span.kind == "quoted" and words >= LEAST_QUOTED and not _is_inside(span, within):
                self.quotes.append(Quoted(span.start, span.end, text[span.start : span.end]))
        self.quotes.sort()

    def _is_title(self, span: Span, given: str) -> bool:
        """Tell whether it is a title: of an article, nearly of one, or said to be."""
        words = n_words(given)
        if words < 2:
            return False
        if self._library.titled(given):
            return words >= LEAST_WORDS or self._is_announced(span)
        if words < LEAST_WORDS:
            return False
        if self._is_announced(span) or self._is_cited(span, given):
            return True
        if words == LEAST_WORDS or self._n_looked_up >= _MOST_NEAR:
            return False
        self._n_looked_up += 1
        return self._library.nearly_titled(given) is not None

    def _is_announced(self, span: Span) -> bool:
        before = self._text[max(0, span.outer_start - _CUE_CHARS) : span.outer_start]
        behind = self._text[span.end : span.end + _CUE_CHARS]
        return bool(_CUE.search(before) or _BY.match(behind))

    def _is_cited(self, span: Span, given: str) -> bool:
        """Tell whether a citation stands right behind what looks like a title, or in its link."""
        if not (given[0].isupper() or given[0].isdigit()) or _NO_TITLE.match(given):
            return False
        if span.kind == "quoted" and not _has_capitals(given):
            return False
        number = bisect_left(self._starts, span.end)
        last = self._mentions[bisect_left(self._starts, span.start) - 1] if self._mentions else None
        if last is not None and last.end <= span.start and self._touches(last, span):
            return True
        if bisect_left(self._starts, span.start) < number or number == len(self._starts):
            # "[Smith et al., 2020](https://doi.org/…)" has names, and no title
            return False
        between = self._text[span.end : min(self._starts[number], span.end + _CUE_CHARS)]
        return "\n" not in between and _BEFORE_CITATION.fullmatch(between) is not None

    def _touches(self, last: Mention, span: Span) -> bool:
        """Tell whether an identifier stands right before: the address of a link in HTML."""
        between = self._text[last.end : span.start]
        return last.is_identifier and not between.strip(" \"'>*_[")

    def _block_quote(self, span: Span) -> Quoted | None:
        """Give what a block quote quotes, without who said it."""
        text = self._text
        whole = without_marks(text[span.start : span.end])
        said = _ATTRIBUTION.search(whole)
        end = span.start + (said.start() if said else len(whole.rstrip()))
        last = bisect_left(self._starts, end)
        for one in reversed(self._mentions[max(0, last - _MOST_CITED) : last]):
            is_last = not text[one.end : end].strip(" .)]*\n")
            if one.start > span.start and one.end <= end and is_last:
                end = span.start + len(text[span.start : one.start].rstrip(" ([*\n"))
        start = span.start + len(whole) - len(whole.lstrip(' \n"“*_'))
        words = without_marks(text[span.start : end])[start - span.start :].rstrip(' \n"”*_')
        is_long = n_words(words) >= LEAST_QUOTED
        return Quoted(start, start + len(words), words) if is_long else None


def _has_capitals(title: str) -> bool:
    """Tell a title with its words in capitals from a sentence."""
    words = [word for word in title.split() if len(word) > _LITTLE_WORD]
    return 2 * sum(word[0].isupper() for word in words) > len(words)


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
        elif one.end - one.start >= kept[-1].end - kept[-1].start - _MARKS:
            # "*Title*" within quotation marks or within a link: the inner one has no marks
            kept[-1] = one
    return kept


def _is_inside(span: Span, places: Sequence[tuple[int, int]]) -> bool:
    number = bisect_right(places, span.start, key=lambda place: place[0]) - 1
    return number >= 0 and places[number][1] >= span.end
