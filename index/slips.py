"""Slips: the words that a mistyped word may have been meant to be."""

import string
from collections.abc import Iterator


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
