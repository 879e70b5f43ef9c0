"""Sentences: where they lie in a text, whatever its language."""

import re
from collections.abc import Iterator

import sentencex

LONGEST_SENTENCE = 600
"""A sentence of more code points is cut at a space: some abstracts have no full stop at all."""

DEFAULT_LANGUAGE = "en"
"""The rules taken where the language is not known."""
# sentencex panics at a full stop after one of these that takes more than one byte
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")


def split_sentences(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """Give the places of the sentences of a text, in order, white space around them left out.

    They count code points. `language` is a code of ISO 639-1; where it is not known the rules
    of English are taken, which hold for most others as well.
    """
    plain = text if text.isascii() else _WIDE_SPACE.sub(" ", text)
    places: list[tuple[int, int]] = []
    start = 0
    for sentence in sentencex.segment(language or DEFAULT_LANGUAGE, plain):
        end = start + len(sentence)
        if len(sentence) <= LONGEST_SENTENCE:
            places.append(_trimmed(sentence, start))
        else:
            places += (trim(plain, *part) for part in _cut(plain, start, end))
        start = end
    return [(start, end) for start, end in places if start < end]


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Move the ends of a piece of text inwards over white space; one of nothing else is empty."""
    return _trimmed(text[start:end], start)


def _trimmed(piece: str, start: int) -> tuple[int, int]:
    last = start + len(piece.rstrip())
    return min(last, start + len(piece) - len(piece.lstrip())), last


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST_SENTENCE:
        space = text.rfind(" ", start, start + LONGEST_SENTENCE + 1)
        cut = start + LONGEST_SENTENCE if space < 0 else space
        yield start, cut
        start = cut + (space >= 0)
    yield start, end
