"""Slips: the words that a mistyped word may have been meant to be, and how far apart words are."""

import string
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt


def slips(word: str) -> Iterator[str]:
    """Give the words that differ from `word` in one letter, but not in the first.

    One letter too many, one missing, another of a to z, or two next to each other exchanged.
    Some are given twice.
    """
    for place in range(1, len(word) + 1):
        before, after = word[:place], word[place:]
        for letter in string.ascii_lowercase:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def first_slips(word: str) -> Iterator[str]:
    """Give the words that differ from `word` in the first letter: the slips that `slips` leaves."""
    for letter in string.ascii_lowercase:
        yield letter + word
        yield letter + word[1:]
    yield word[1:]
    yield word[1:2] + word[:1] + word[2:]


def letters_apart(word: str, others: Sequence[str]) -> npt.NDArray[np.int16]:
    """Count the slips, each of one letter, that lead from `word` to each of some other words.

    A slip is a letter too many, one missing, another, or two next to each other exchanged; no
    letter slips twice (optimal string alignment). Words are of ASCII.
    """
    longest = max(map(len, others), default=0)
    letters = np.zeros((longest, len(others)), np.uint8)
    for number, other in enumerate(others):
        letters[: len(other), number] = np.frombuffer(other.encode("ascii"), np.uint8)
    own = word.encode("ascii")
    start = np.arange(longest + 1, dtype=np.int16)[:, None]
    rows = [np.broadcast_to(start, (longest + 1, len(others)))]
    for place, letter in enumerate(own, 1):
        row = np.empty_like(rows[-1])
        row[0] = place
        for at in range(1, longest + 1):
            least = rows[-1][at - 1] + (letters[at - 1] != letter)
            np.minimum(least, rows[-1][at] + 1, out=least)
            np.minimum(least, row[at - 1] + 1, out=least)
            if place > 1 and at > 1:
                swapped = (letters[at - 2] == letter) & (letters[at - 1] == own[place - 2])
                np.minimum(least, rows[-2][at - 2] + 1, out=least, where=swapped)
            row[at] = least
        rows.append(row)
    lengths = np.array([len(other) for other in others], dtype=np.int64)
    return np.asarray(rows[-1][lengths, np.arange(len(others))])
