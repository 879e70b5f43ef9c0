"""An answer read once: its list of references, what it cites and quotes, and its sentences."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.errors import QueryError
from service.drafts.draft import read_draft
from service.drafts.sentence import Sentence
from service.verification.library import Library
from service.verification.listed import Listed, read_listed
from service.verification.mentions import Mention, find_mentions
from service.verification.set_apart import Quoted, SetApart
from service.verification.titles import n_words
from service.verification.together import Together, group

MOST_CITATIONS = 500
"""Of a longer answer the parts are to be checked one after the other."""
MOST_QUOTES = 200
MOST_CLAIMS = 400
LEAST_CLAIMED = 4

_TOUCHING = re.compile(r"[\])”\"*_,]{0,6}[ ]?[(\[*_]{0,4}")
_LINE = re.compile(r"[^\n]+")


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
    apart = SetApart(body, library, mentions)
    everything = _with_titles(mentions, apart.titles)
    _check("citations", len(everything) + len(listed), MOST_CITATIONS)
    _check("quotes", len(apart.quotes), MOST_QUOTES)
    units = _units(body, everything)
    claims = sum(is_claim(unit) for unit in units)
    _check("claims", claims, MOST_CLAIMS)
    return Answer(text, tuple(listed), tuple(units), tuple(apart.quotes))


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


def _units(text: str, mentions: Sequence[Mention]) -> list[Unit]:
    """Give the sentences with what each cites, and the lines that cite outside of any."""
    sentences = sorted(read_draft(text).sentences, key=lambda one: one.start)
    starts = [one.start for one in sentences]
    of_sentence: dict[int, list[Mention]] = {}
    of_line: dict[int, list[Mention]] = {}
    last: list[Mention] = []
    for one in mentions:
        number = bisect_right(starts, one.start) - 1
        if last and _TOUCHING.fullmatch(text, last[-1].end, max(last[-1].end, one.start)):
            # "[Why?](https://doi.org/…)" is no end of a sentence
            pass
        elif number >= 0 and _belongs(text, sentences[number].end, one):
            last = of_sentence.setdefault(number, [])
        else:
            last = of_line.setdefault(text.rfind("\n", 0, one.start) + 1, [])
        last.append(one)
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
