"""Words as vectors: the model's own table of word pieces, small enough to ask for every word.

An embedding says that an article matches; these say which of its words do. A word is the
mean of its pieces, whatever stands around it, so it costs no run of the model. The table is
the model's input embeddings, centred and reduced to the directions in which they differ most;
`index.encoder` writes it beside the graph.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from index.errors import EncoderError

Pieces = npt.NDArray[np.float16]
Vectors = npt.NDArray[np.float32]

WORDS_FILE = "words.npy"
DIMENSION = 64
"""Of the model's own 384 dimensions as many find sentences as well, 64 a little better."""

_ROWS_AT_ONCE = 1 << 14
_LEAST_LENGTH = 1e-6


def reduce_pieces(
    table: npt.NDArray[np.float32], n_pieces: int, *, unknown: Iterable[int] = ()
) -> Pieces:
    """Reduce a model's input embeddings to unit rows of at most 64 dimensions.

    They are the principal components, each with its largest weight positive, so that a table
    always gives the same. The rows of `unknown` pieces are zeros, and so are those that the
    table lacks of `n_pieces`: what the model cannot tell apart is not alike.
    """
    mean = table.mean(axis=0, dtype=np.float64)
    width = table.shape[1]
    scatter = np.zeros((width, width))
    for start in range(0, len(table), _ROWS_AT_ONCE):
        centred = table[start : start + _ROWS_AT_ONCE] - mean
        scatter += centred.T @ centred
    axes = np.linalg.eigh(scatter).eigenvectors[:, ::-1][:, :DIMENSION]
    for axis in axes.T:
        axis *= np.sign(axis[np.abs(axis).argmax()])
    pieces = np.zeros((max(n_pieces, len(table)), axes.shape[1]), np.float16)
    for start in range(0, len(table), _ROWS_AT_ONCE):
        rows = (table[start : start + _ROWS_AT_ONCE] - mean) @ axes
        pieces[start : start + len(rows)] = _to_unit(rows)
    pieces[list(unknown)] = 0
    return pieces


class WordVectors:
    """The vectors of single words; safe for many threads."""

    def __init__(self, pieces: Pieces, tokenizer: Tokenizer) -> None:
        self._pieces = pieces
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, path: Path, tokenizer: Tokenizer) -> "WordVectors":
        """Open the table at `path`; it stays on disk, and is read where it is asked for."""
        pieces = np.load(path, mmap_mode="r")
        if pieces.ndim != 2 or pieces.dtype != np.float16:
            message = f"{path} is no table of word pieces: {pieces.dtype} of shape {pieces.shape}"
            raise EncoderError(message)
        return cls(pieces, tokenizer)

    def vectors(self, words: Sequence[str]) -> Vectors:
        """Give a unit vector for each word, zeros for one that the model does not know.

        It takes some 10 µs a word: who asks for the same words again should keep them.
        """
        # a space before it, because to some tokenizers a word is another where no space is
        ids = [self._tokenizer.encode(f" {word}", add_special_tokens=False).ids for word in words]
        word_of = np.repeat(np.arange(len(words)), [len(found) for found in ids])
        sums = np.zeros((len(words), self._pieces.shape[1]), np.float32)
        np.add.at(sums, word_of, self._pieces[np.array([*chain(*ids)], np.int64)])
        return _to_unit(sums).astype(np.float32)


def _to_unit(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Scale rows to length 1; those of hardly any length are zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: npt.NDArray[np.floating] = np.where(
        lengths > _LEAST_LENGTH, rows / np.maximum(lengths, _LEAST_LENGTH), 0
    )
    return scaled
