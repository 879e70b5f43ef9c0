"""A quotation looked for in a text: word for word, or nearly so, with the words that differ.

White space, line breaks, typographic marks, dashes and ligatures are written in many ways and make
no difference; letters, digits and the signs within numbers do. "…" and "[...]" stand for words
left out: the parts have to follow in order.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

NEAR = 0.3
"""A passage in which this share of a quotation's words differs is what was quoted, altered."""
MOST_WORDS = 400
"""Of a longer quotation that is not there word for word, no near passage is looked for."""
MOST_TEXT_WORDS = 6_000
"""Of a longer text the first words are looked through for a near passage."""

_LEFT_OUT = re.compile(
    r"\s*(?:\[\s*(?:…|\.\s?\.\s?\.)\s*\]|\(\s*(?:…|\.\s?\.\s?\.)\s*\)|…|(?<![.\w])\.\s?\.\s?\.\.?|(?<=\w)\s?\.\.\.\.?)\s*"
)
_ADDED = re.compile(r"\[sic\]", re.IGNORECASE)
_CAPITAL = re.compile(r"\[(\w)\](?=\w)")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)+|\w+|[%$€£°+±<>=×·/^~&§#@-]")
_SIGNS = {
    **dict.fromkeys("‘’‚‛`´ʼ′", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    "\u00ad": "",
    "\u200b": "",
    "\ufeff": "",
    "…": "...",
}
_EDGES = " \t\r\n\"'“”‘’«»*_.,;:!?"


class Word(NamedTuple):
    """A word as it is compared, and its place in the text."""

    text: str
    start: int
    end: int

    @property
    def fold(self) -> str:
        """The word in one letter case."""
        return self.text.casefold()


class Change(NamedTuple):
    """Words that a quotation gives for those that are there; either can be empty."""

    given: str
    found: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a quotation stands in a text; `changes` are empty where it does word for word."""

    start: int
    end: int
    changes: tuple[Change, ...] = ()
    n_apart: int = 0


def words_of(text: str) -> list[Word]:
    """Give the words and telling signs of a text, each with its place in code points."""
    plain, places = _unified(text)
    return [
        Word(found[0], places[found.start()], places[found.end() - 1] + 1)
        for found in _TOKEN.finditer(plain)
        if found[0] != "-" or _is_telling(plain, found.start())
    ]


def _unified(text: str) -> tuple[str, list[int]]:
    """Give a text with one form for signs that have several, and the place of each character.

    A hyphen at the end of a line that parts a word is left out.
    """
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        is_plain = sign.isascii() or sign in _SIGNS
        one = _SIGNS.get(sign, sign) if is_plain else unicodedata.normalize("NFKC", sign)
        for part in one:
            signs.append(part)
            places.append(place)
    return "".join(signs), places


def _is_telling(plain: str, place: int) -> bool:
    """Tell a minus sign, before a digit, from a hyphen or a dash, which is often left out."""
    before, behind = plain[max(0, place - 1) : place], plain[place + 1 : place + 2]
    return behind.isdigit() and not before.isalnum()


class SearchedText:
    """A title or abstract in which quotations are looked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words = words_of(text)
        self._folds = [word.fold for word in self._words]
        self._places: dict[str, list[int]] = {}
        for place, fold in enumerate(self._folds):
            self._places.setdefault(fold, []).append(place)

    def find(self, quote: str) -> Passage | None:
        """Give where a quotation stands, word for word, or else where it nearly does."""
        parts = parts_of(quote)
        if not parts:
            return None
        passage = self._exact(parts)
        if passage is not None:
            return passage
        near = [self._near(part) for part in parts]
        found = [one for one in near if one is not None]
        if len(found) < len(parts) or any(
            second.start < first.start for first, second in pairwise(found)
        ):
            return None
        changes = tuple(change for one in found for change in one.changes)
        if not changes:
            # each part is there, but not in this order
            return None
        n_apart = sum(one.n_apart for one in found)
        return Passage(found[0].start, max(one.end for one in found), changes, n_apart)

    def _exact(self, parts: Sequence[Sequence[Word]]) -> Passage | None:
        """Give the first place where all parts stand in order, letter case kept within words."""
        place, spans = 0, []
        for part in parts:
            at = next(self._occurrences(part, place), None)
            if at is None:
                return None
            spans.append((at, at + len(part)))
            place = at + len(part)
        changes = tuple(
            change
            for part, (start, end) in zip(parts, spans, strict=True)
            for change in _of_case(part, self._words[start:end])
        )
        first, last = self._words[spans[0][0]], self._words[spans[-1][1] - 1]
        return Passage(first.start, last.end, changes, len(changes))

    def _occurrences(self, part: Sequence[Word], start: int) -> Iterator[int]:
        folds = [word.fold for word in part]
        rarest = min(range(len(folds)), key=lambda number: len(self._places.get(folds[number], ())))
        for place in self._places.get(folds[rarest], ()):
            at = place - rarest
            if at >= start and self._folds[at : at + len(folds)] == folds:
                yield at

    def _near(self, part: Sequence[Word]) -> Passage | None:
        """Give the passage that takes the fewest changed words to make a part of it."""
        if len(part) > MOST_WORDS or not self._folds:
            return None
        folds, known = [word.fold for word in part], self._folds[:MOST_TEXT_WORDS]
        n_shared = sum(fold in self._places for fold in folds)
        if len(folds) - n_shared > max(1, NEAR * len(folds)):
            return None
        start, end, apart = _nearest(folds, known)
        if apart > max(1, NEAR * len(folds)) or end <= start:
            return None
        words = self._words[start:end]
        changes = (*_changes(part, words, self.text),)
        return Passage(words[0].start, words[-1].end, changes, apart)


def parts_of(quote: str) -> list[list[Word]]:
    """Give the words of a quotation, parted where it leaves words out."""
    plain = _CAPITAL.sub(r"\1", _ADDED.sub(" ", quote.strip(_EDGES)))
    return [words for part in _LEFT_OUT.split(plain) if (words := words_of(part))]


def _of_case(part: Sequence[Word], words: Sequence[Word]) -> Iterator[Change]:
    """Give the words that differ in letter case only, but for the first letter of the part."""
    for number, (given, found) in enumerate(zip(part, words, strict=True)):
        is_same = given.text == found.text
        if not is_same and not (number == 0 and given.text[1:] == found.text[1:]):
            yield Change(given.text, found.text)


def _changes(part: Sequence[Word], words: Sequence[Word], text: str) -> Iterator[Change]:
    first, second = [word.fold for word in part], [word.fold for word in words]
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for kind, start, end, at, until in matcher.get_opcodes():
        if kind != "equal":
            found = text[words[at].start : words[until - 1].end] if until > at else ""
            yield Change(" ".join(word.text for word in part[start:end]), found)


def _nearest(part: Sequence[str], text: Sequence[str]) -> tuple[int, int, int]:
    """Give the stretch of a text that is fewest words from a part, and how many those are.

    The usual table of edits, in which the part may begin anywhere, a row at a time.
    """
    codes = {word: number for number, word in enumerate(dict.fromkeys(text))}
    known = np.array([codes[word] for word in text], np.int64)
    steps = np.arange(len(text) + 1)
    row = np.zeros(len(text) + 1, np.int64)
    began = steps.copy()
    for word in part:
        costs = (known != codes.get(word, -1)).astype(np.int64)
        kept, dropped = row[:-1] + costs, row + 1
        following, starts = dropped.copy(), began.copy()
        is_kept = kept <= dropped[1:]
        following[1:][is_kept] = kept[is_kept]
        starts[1:][is_kept] = began[:-1][is_kept]
        row, began = _with_added(following, starts, steps)
    best = int(row.min())
    ends = np.flatnonzero(row == best)
    # of equally near ones the shortest, which has no word too many
    end = int(ends[np.argmin(ends - began[ends])])
    return int(began[end]), end, best


def _with_added(
    row: npt.NDArray[np.int64], began: npt.NDArray[np.int64], steps: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Let each place be reached from the best before it, by the words in between."""
    slack = row - steps
    lowest = np.minimum.accumulate(slack)
    is_own = slack <= lowest
    source = np.maximum.accumulate(np.where(is_own, steps, 0))
    return lowest + steps, began[source]
