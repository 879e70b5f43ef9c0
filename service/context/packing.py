"""Packing: which sentences of which works a text of so many tokens holds.

The best works come first, each with the sentence that carries the question best; then, while there
is room, all that can be said of the best work, then of the next; then more works. What is packed
is counted as a whole, and packed anew into less room should that be more than the sum of its
parts: no text is ever longer than was asked for, whatever tokenizer counts.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from service.context.work import Costs, Count, Span, Work
from service.context.writing import BETWEEN, write_entries, write_entry

SURE_WORKS = 5
"""So many of the first works share the room, whatever else could be said of the best."""
LEAST_SHARE = 150
"""Tokens of a work's share: where there is less room, fewer works are sure."""
OPENED = 0.5
"""The share of the room that works are begun with, before all is said of any."""
LEAST_SENTENCE = 20
"""Tokens: in less room no more is said of a work. To find the few shorter sentences, all that are
left would have to be counted, which takes longer than all else here."""
ALIKE = 0.8
"""Two excerpts with this share of the words of the shorter in common say the same."""
FEWEST_WORDS = 5
"""Of fewer words that would be chance."""

_WORD = re.compile(r"\w+")
_WORD_END = re.compile(r"(?<=\S)(?=\s)")
_COMMON_NUMBER = 10

Works = Callable[[int], Work | None]
"""Gives a work by its place, the best at 0; None behind the last."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A work, the heading above its excerpt, and the places that the excerpt is made of."""

    work: Work
    heading: str
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        """The excerpt."""
        return self.work.excerpt(self.spans)


@dataclass(frozen=True, slots=True)
class Bundled:
    """What was packed, the text that it makes, and how many tokens that has."""

    packed: tuple[Packed, ...]
    text: str
    tokens: int


def pack(works: Works, max_tokens: int, most: int, count: Count) -> Bundled:
    """Pack at most so many works into at most so many tokens."""
    costs = Costs(count)
    room = max_tokens
    while room > 0:
        packing = _Packing(works, room, most, costs)
        packed = tuple(parcel.packed() for parcel in packing.parcels())
        text = write_entries([(one.heading, one.text) for one in packed])
        (tokens,) = count([text])
        if tokens <= max_tokens:
            return Bundled(packed, text, tokens)
        room -= tokens - max_tokens
    return Bundled((), "", 0)


@dataclass(slots=True)
class _Parcel:
    """A work while it is packed: its sentences so far, or a part of one that is too long."""

    work: Work
    heading: str
    cost: int
    numbers: frozenset[int]
    cut: Span | None = None

    def packed(self) -> Packed:
        spans = self.work.spans(self.numbers) if self.cut is None else (self.cut,)
        return Packed(self.work, self.heading, spans)


class _Packing:
    """One attempt to fill a room."""

    def __init__(self, works: Works, room: int, most: int, costs: Costs) -> None:
        self._works = works
        self._room = room
        self._most = most
        self._costs = costs
        self._share = max(room // SURE_WORKS, LEAST_SHARE)
        self._left = room
        self._next = 0
        self._parcels: list[_Parcel] = []

    def parcels(self) -> list[_Parcel]:
        """Fill the room: begin works, say more of them, and begin others with what is left."""
        self._begin_works(int(self._room * OPENED))
        self._say_more()
        self._begin_works(self._room)
        self._say_more()
        return self._parcels

    def _begin_works(self, until: int) -> None:
        """Begin one work after the other, until so much of the room is used."""
        while len(self._parcels) < self._most:
            is_sure = len(self._parcels) < SURE_WORKS
            if self._room - self._left >= until and not is_sure:
                return
            work = self._works(self._next)
            parcel = None if work is None else self._begun(work)
            if parcel is None:
                return
            self._next += 1
            if not self._is_known(parcel, is_sure=is_sure):
                self._parcels.append(parcel)
                self._left -= parcel.cost

    def _begun(self, work: Work) -> _Parcel | None:
        """Begin a work with the sentence that is worth most; None where there is no room for it.

        A sentence is cut only where it alone is longer than the share of a work.
        """
        limit = min(self._left, self._share)
        best = work.best_first[0]
        needed = work.with_what_it_needs(best)
        self._costs.learn(_around(work.heading), *work.parts(needed))
        heading = work.heading
        if 2 * self._costs.of(_around(heading)) > limit:
            heading = work.short_heading
        above = self._costs.of(_around(heading))
        for numbers in (needed, frozenset((best,))):
            cost = above + self._costs.of(*work.parts(numbers))
            if cost <= limit:
                return _Parcel(work, heading, cost, numbers)
        if limit < self._share and self._parcels:
            return None
        cut = self._cut(work, best, limit - above)
        if cut is None:
            return None
        cost = above + self._costs.of(work.text[slice(*cut)])
        return _Parcel(work, heading, cost, frozenset(), cut)

    def _cut(self, work: Work, number: int, limit: int) -> Span | None:
        """Give the part of a sentence that fits, to the end of a word if one does."""
        start, end = work.sentences[number]
        words = [found.start() for found in _WORD_END.finditer(work.text, start, end)]
        for ends in (words, range(start + 1, end)):
            n_fitting = bisect_right(
                ends, limit, key=lambda place: self._costs.of(work.text[start:place])
            )
            if n_fitting:
                return start, ends[n_fitting - 1]
        return None

    def _is_known(self, parcel: _Parcel, *, is_sure: bool) -> bool:
        """Tell whether a work says what one before it does.

        Of the first works only one with the text of another is left out, word for word.
        """
        if any(parcel.work.text == other.work.text for other in self._parcels):
            return True
        text = parcel.packed().text
        return not is_sure and any(_are_alike(text, other.packed().text) for other in self._parcels)

    def _say_more(self) -> None:
        """Say all there is room for of the best work, then of the next."""
        for parcel in self._parcels:
            if parcel.cut is None and self._left >= LEAST_SENTENCE:
                work = parcel.work
                self._costs.learn(*work.parts(range(len(work.sentences))))
                for number in work.best_first:
                    self._add(parcel, number)

    def _add(self, parcel: _Parcel, number: int) -> None:
        """Add a sentence of a work, with what it needs, if there is room."""
        if number in parcel.numbers:
            return
        work = parcel.work
        numbers = parcel.numbers | work.with_what_it_needs(number)
        more = self._costs.of(*work.parts(numbers)) - self._costs.of(*work.parts(parcel.numbers))
        if more <= self._left:
            self._left -= more
            parcel.numbers = numbers
            parcel.cost += more


def _around(heading: str) -> str:
    """Give what stands around an excerpt: its heading, and what parts it from the next."""
    return write_entry(_COMMON_NUMBER, heading, "") + BETWEEN


def _are_alike(text: str, other: str) -> bool:
    first, second = (frozenset(_WORD.findall(one.casefold())) for one in (text, other))
    n_shorter = min(len(first), len(second))
    return n_shorter >= FEWEST_WORDS and len(first & second) >= ALIKE * n_shorter
