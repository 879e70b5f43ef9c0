"""Titles as they are cited: the same, nearly the same, and where in a reference they stand."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index.identity import fold_name

NEAR = 0.34
"""A title in which this share of the words differs is nearly the one that was meant."""
LEAST_WORDS = 3
"""A shorter text is taken for no title where nothing says that it is one."""
MOST_WORDS = 60
"""A longer text is no title."""

_WORD = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"[+#±≠=<>≤≥%]")
_BEGINS = re.compile(r"[^\w\s'’-]|[-–—]\s")
_ENDS = re.compile(r"['’]?\s*[^\w\s'’:–—-]|\s+[-–—:|]\s")


class Place(NamedTuple):
    """Where a title stands in a text."""

    start: int
    end: int


def is_same_title(given: str, found: str) -> bool:
    """Tell whether two titles have the same letters, digits and signs of calculation.

    Letter case, accents, white space, hyphens and other punctuation make no difference, but "C"
    and "C++" are two titles.
    """
    if fold_name(given, is_person=False) != fold_name(found, is_person=False):
        return False
    return _SIGNS.findall(given) == _SIGNS.findall(found)


def words_apart(given: str, found: str) -> tuple[int, int]:
    """Give how many words have to be changed to make one title of the other, and the longer's."""
    first, second = _words(given)[:MOST_WORDS], _words(found)[:MOST_WORDS]
    row = [*range(len(second) + 1)]
    for number, word in enumerate(first, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(second, 1):
            cost = before + (word != other)
            before = row[place]
            row[place] = min(cost, row[place] + 1, row[place - 1] + 1)
    return row[-1], max(len(first), len(second))


def is_near_title(given: str, found: str) -> bool:
    """Tell whether a title is nearly another one: some words changed, left out or added."""
    apart, longer = words_apart(given, found)
    return longer > 0 and apart <= max(1, NEAR * longer)


def _words(title: str) -> list[str]:
    return [fold_name(word, is_person=False) for word in _WORD.findall(title)]


def n_words(text: str) -> int:
    """Give how many words a text has."""
    return len(_WORD.findall(text))


class FoldedText:
    """A text in which titles are found, whatever stands between their letters."""

    def __init__(self, text: str) -> None:
        self.text = text
        folded = [(_folded(sign), place) for place, sign in enumerate(text)]
        self._folded = "".join(fold for fold, _ in folded)
        self._places = [place for fold, place in folded for _ in fold]

    def find(self, titles: Sequence[str]) -> Place | None:
        """Give where the longest of some titles stands as a whole, and not within a longer one."""
        by_length = sorted(set(titles), key=lambda title: (-len(title), title))
        found = (place for title in by_length for place in self._occurrences(title))
        return next(found, None)

    def _occurrences(self, title: str) -> Iterator[Place]:
        wanted = fold_name(title, is_person=False)
        if not any(map(str.isalnum, wanted)):
            return
        at = self._folded.find(wanted)
        while at >= 0:
            place = self._whole(at, at + len(wanted))
            if place is not None and is_same_title(self.text[place.start : place.end], title):
                yield place
            at = self._folded.find(wanted, at + 1)

    def _whole(self, at: int, end: int) -> Place | None:
        """Give the place of folded letters if signs of punctuation stand around it."""
        start, stop = self._places[at], self._places[end - 1] + 1
        following = self._places[end] if end < len(self._places) else len(self.text)
        while start and _SIGNS.match(self.text, start - 1):
            start -= 1
        before = self.text[self._places[at - 1] + 1 : start] if at else self.text[:start]
        while stop < following and _SIGNS.match(self.text, stop):
            stop += 1
        behind = self.text[stop:following]
        is_first, is_last = at == 0, end == len(self._places)
        is_begun = (
            is_first or bool(_BEGINS.search(before)) or self.text[:start].strip()[-1:].isdigit()
        )
        return Place(start, stop) if is_begun and (is_last or _ENDS.match(behind)) else None


def _folded(sign: str) -> str:
    if sign.isascii():
        return sign.lower() if sign.isalnum() else ""
    fold = fold_name(sign, is_person=False)
    return fold if any(c.isalnum() or unicodedata.category(c)[0] == "M" for c in fold) else ""
