"""The vocabulary: words as they are compared, each with what its stem is and where it points.

The same words are met in every answer, so what is known of one is kept.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.lexical import LexicalIndex
from index.onnx import Encoder
from index.words import Vectors

KEPT_WORDS = 1 << 16
"""How many words are kept: 17 MB of vectors."""

Keys = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int64]


class KnownWords(NamedTuple):
    """What is known of some words: of each different one, and which of these each word is.

    Words of the same stem have the same key; that of a stop word is 0.
    """

    keys: Keys
    vectors: Vectors
    places: Rows


class Vocabulary:
    """The words of one snapshot, as its lexical index and its encoder see them; thread-safe."""

    def __init__(
        self, lexical: LexicalIndex, encoder: Encoder, *, n_kept: int = KEPT_WORDS
    ) -> None:
        self._lexical = lexical
        self._encoder = encoder
        self._n_kept = n_kept
        self._lock = threading.Lock()
        self._table = self._new_table(n_kept)

    def look_up(self, words: Sequence[str]) -> KnownWords:
        """Give keys and vectors of words."""
        table = self._table
        try:
            rows = table.rows(words)
        except KeyError:
            table = self._with(dict.fromkeys(words))
            rows = table.rows(words)
        is_met = np.zeros(table.n_words, bool)
        is_met[rows] = True
        met = np.flatnonzero(is_met)
        place = np.empty(table.n_words, np.int64)
        place[met] = np.arange(len(met))
        return KnownWords(table.keys.take(met), table.vectors.take(met, axis=0), place.take(rows))

    def _with(self, words: Iterable[str]) -> "_Table":
        """Give a table that holds these words: the present one, or a new one if that is full."""
        with self._lock:
            table = self._table
            new = [word for word in words if word not in table.numbers]
            if table.n_words + len(new) > len(table.keys):
                new = list(words)
                table = self._new_table(max(self._n_kept, len(new)))
            table.add(new, [self._key(word) for word in new], self._encoder.word_vectors(new))
            self._table = table
        return table

    def _key(self, word: str) -> int:
        terms = self._lexical.words(word)
        return hash(tuple(terms)) if terms else 0

    def _new_table(self, size: int) -> "_Table":
        return _Table(size, self._encoder.word_vectors([]).shape[1])


class _Table:
    """Words by number. Only ever added to, so that a reader needs no lock."""

    def __init__(self, size: int, dimension: int) -> None:
        self.numbers: dict[str, int] = {}
        self.keys = np.zeros(size, np.int64)
        self.vectors = np.zeros((size, dimension), np.float32)

    @property
    def n_words(self) -> int:
        return len(self.numbers)

    def rows(self, words: Sequence[str]) -> Rows:
        return np.fromiter(map(self.numbers.__getitem__, words), np.int64, len(words))

    def add(self, words: Sequence[str], keys: Sequence[int], vectors: Vectors) -> None:
        first, end = self.n_words, self.n_words + len(words)
        self.keys[first:end] = keys
        self.vectors[first:end] = vectors
        # last: whoever finds a word finds what is known of it
        self.numbers.update(zip(words, range(first, end), strict=True))


def word_pattern(text: str) -> re.Pattern[str]:
    """Give what matches the words of a text: letters and digits, and marks on them."""
    return _ASCII_WORD if text.isascii() else _any_word()


_ASCII_WORD = re.compile(r"[A-Za-z0-9]+")  # takes half the time


@lru_cache(1)
def _any_word() -> re.Pattern[str]:
    basic_plane = map(chr, range(0x300, 0x10000))
    marks = "".join(mark for mark in basic_plane if unicodedata.category(mark).startswith("M"))
    return re.compile(rf"[^\W_]+(?:[{marks}]+[^\W_]*)*")
