"""An answer read once: its list of references, what it cites and quotes, and its sentences."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.errors import QueryError
from service.verification.library import Library
from service.verification.listed import Listed, read_listed
from service.verification.mentions import Mention, find_mentions
from service.verification.query import FIELD
from service.verification.set_apart import Quoted, SetApart
from service.verification.spans import without_tags
from service.verification.titles import n_words
from service.verification.units import Unit, read_units

MOST_CITATIONS = 500
"""Of a longer answer the parts are to be checked one after the other."""
MOST_QUOTES = 200
MOST_CLAIMS = 400
LEAST_CLAIMED = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer as it was read.

    `body` is its text without the list of references and tags, every character in its place.
    """

    text: str
    body: str
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
    body = without_tags(_without(text, listed))
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
    units = read_units(body, everything)
    claims = sum(is_claim(unit) for unit in units)
    _check("claims", claims, MOST_CLAIMS)
    return Answer(text, body, tuple(listed), tuple(units), tuple(apart.quotes))


def is_claim(unit: Unit) -> bool:
    """Tell whether a sentence says something that an article can support."""
    sentence = unit.sentence
    if sentence is None or n_words(sentence.text) < LEAST_CLAIMED or sentence.text.endswith("?"):
        return False
    return bool(unit.groups) or sentence.needs_citation


def _check(what: str, number: int, most: int) -> None:
    if number > most:
        reason = f"holds more than {most} {what}, which is the most; send it in parts"
        raise QueryError(FIELD, reason)


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
