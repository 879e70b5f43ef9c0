"""The vector index: which articles lie nearest to a query embedding.

FAISS, chosen by corpus size, finds candidates; their cosines are then computed anew, so a cosine
never depends on how coarse the codes of the index are. Beside an index of coarse codes the
embeddings lie once more in 8 bits a dimension, which are gathered in a quarter of the time and
memory and are right to .002; the first hundred of an answer are computed from the embeddings
themselves. The measurements behind the sizes stand in ARCHITECTURE.md.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from index.arrays import ArrayFile, load_array, save_array, write_header, write_values
from index.errors import DamagedSnapshotError

Embedding = npt.NDArray[np.float32]
Embeddings = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

FLAT = "Flat"
FLAT_UP_TO = 20_000
GATHERED_UP_TO = 16_384
"""When a filter leaves so few rows they are gathered and multiplied instead of searched."""
DEEPEST = 16
"""To answer a filter, up to one in so many of all rows are searched; then what passes gathered."""
REFINED = 1_000
"""So many candidates of coarse codes are refined, where fewer are asked for."""
EXACT = 100
"""So many of the best are compared by their embeddings; all others by 8-bit codes."""
MOST_EXACT = 4_096
"""Of a search for fewer, up to so many: all that the rounding of the codes could have misplaced."""

EMBEDDINGS = "embeddings.npy"
FAISS_INDEX = "index.faiss"
CODES = "codes.npy"
"""Beside coarse codes: each embedding in whole numbers of -127 to 127, shape (n_articles, d)."""
SCALES = "scales.npy"
"""What each row of `CODES` is to be multiplied by."""
ERROR = "error.npy"
"""By how much a cosine of the coarse codes can be wrong, as measured when they were made."""

_BLOCK_ROWS = 16_384
_AT_ONCE = 512  # rows whose 32-bit values stay in the processor's cache while they are multiplied
_TRAINED_ON = 65_536
_LARGEST_CODE = 127
_LEAST_LARGEST = 1e-6  # of embeddings that are all zero
_CODE_ROUNDING = 0.001  # of a cosine of 8-bit codes; its deviation is .00045
_TRIED = 64
_DEVIATIONS = 4
# a deviation in one direction only: of a normal error, three in a hundred thousand are larger


class Ranked(NamedTuple):
    """Rows and their scores, best first, equal scores in row order; both of one length."""

    rows: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]


def load_embeddings(folder: Path) -> npt.NDArray[np.float16]:
    """Map the embeddings of all articles into memory, shape (n_articles, dimension)."""
    embeddings: npt.NDArray[np.float16] = load_array(folder, EMBEDDINGS, np.float16, 2)
    return embeddings


def index_factory(n_articles: int, dimension: int) -> str:
    """Name the FAISS index that suits a corpus of this size.

    Beyond `FLAT_UP_TO` articles it is product quantisation with 4 bits for every two dimensions
    (André et al. 2015, "Cache locality is not enough"): all codes are scanned, in registers.
    """
    if n_articles <= FLAT_UP_TO:
        return FLAT
    return f"PQ{dimension // 2 if dimension % 2 == 0 else dimension}x4fs"


def write_vectors(folder: Path, kind: str | None = None) -> str:
    """Write the FAISS index over `embeddings.npy`, which lies in `folder`, and give its kind.

    Without a `kind` it is the one that suits the size of the corpus.
    """
    embeddings = load_embeddings(folder)
    n_articles, dimension = embeddings.shape
    kind = kind or index_factory(n_articles, dimension)
    built: faiss.Index = faiss.index_factory(dimension, kind, faiss.METRIC_INNER_PRODUCT)
    step = max(1, n_articles // _TRAINED_ON)
    built.train(embeddings[::step].astype(np.float32))
    for block in _blocks(embeddings):
        built.add(block)
    # by FAISS itself into memory only: it would say nothing where its last bytes were not written
    with (folder / FAISS_INDEX).open("wb") as stream:
        write_values(stream, faiss.serialize_index(built))
    if kind != FLAT:
        _write_codes(folder, embeddings)
        save_array(folder / ERROR, np.float32(_measured_error(built, embeddings)))
    return kind


def _blocks(embeddings: npt.NDArray[np.float16]) -> Iterator[Embeddings]:
    for start in range(0, len(embeddings), _BLOCK_ROWS):
        yield embeddings[start : start + _BLOCK_ROWS].astype(np.float32)


def _write_codes(folder: Path, embeddings: npt.NDArray[np.float16]) -> None:
    scales: list[npt.NDArray[np.float32]] = []
    with (folder / CODES).open("wb") as stream:
        write_header(stream, np.int8, embeddings.shape)
        for block in _blocks(embeddings):
            largest = np.maximum(np.abs(block).max(axis=1), np.float32(_LEAST_LARGEST))
            scales.append(largest / np.float32(_LARGEST_CODE))
            stream.write(np.round(block / scales[-1][:, None]).astype(np.int8).tobytes())
    save_array(folder / SCALES, np.concatenate(scales))


def _measured_error(built: faiss.Index, embeddings: npt.NDArray[np.float16]) -> float:
    """Ask for some of the articles, and compare what the codes say with the true cosines."""
    asked = embeddings[:: max(1, len(embeddings) // _TRIED)].astype(np.float32)
    scores, rows = built.search(asked, min(REFINED, len(embeddings)))
    near = embeddings[rows.ravel()].astype(np.float32).reshape(*rows.shape, -1)
    errors = scores - np.einsum("qkd,qd->qk", near, asked)
    return float(_DEVIATIONS * errors.std())


def _n_exact(scores: npt.NDArray[np.float32], k: int) -> int:
    """Tell how many of the best, by descending coded scores, are to be compared exactly."""
    if k > EXACT or len(scores) <= EXACT:
        return EXACT
    least = scores[k - 1] - 2 * _CODE_ROUNDING
    return min(max(int(np.searchsorted(-scores, -least, side="right")), EXACT), MOST_EXACT)


class VectorIndex:
    """Nearest neighbours by cosine among the articles of one snapshot."""

    def __init__(self, folder: Path) -> None:
        path = folder / FAISS_INDEX
        # a file can be damaged in ways its checksum cannot know of (a bad build): bound what
        # reading it may allocate, by what it can hold at most
        faiss.set_deserialization_vector_byte_limit(max(path.stat().st_size, 1 << 20))
        faiss.set_deserialization_loop_limit(1 << 20)
        self._index = faiss.read_index(os.fspath(path))
        self._embeddings = ArrayFile(folder, EMBEDDINGS, np.float16, 2)
        if self._embeddings.shape != (self._index.ntotal, self._index.d):
            codes = f"{self._index.ntotal} × {self._index.d} codes"
            reason = f"{codes}, but embeddings of shape {self._embeddings.shape}"
            raise DamagedSnapshotError(str(folder), reason)
        self.n_articles, self.dimension = self._embeddings.shape
        self.code_error = 0.0
        """By how much the index can misjudge a cosine: four standard deviations, 0 where exact."""
        self._scales: npt.NDArray[np.float32] | None = None
        self._known: npt.NDArray[np.float32] | npt.NDArray[np.int8]
        if isinstance(self._index, faiss.IndexFlat):
            values = faiss.rev_swig_ptr(self._index.get_xb(), self.n_articles * self.dimension)
            self._known = values.reshape(self._embeddings.shape)
        else:
            self.code_error = float(load_array(folder, ERROR, np.float32, 0))
            self._scales = load_array(folder, SCALES, np.float32)
            self._known = load_array(folder, CODES, np.int8, 2)
            if self._known.shape != self._embeddings.shape or len(self._scales) != len(self._known):
                reason = f"8-bit codes of shape {self._known.shape}, {len(self._scales)} scales"
                raise DamagedSnapshotError(str(folder), reason)

    def search(self, embedding: Embedding, k: int, mask: Mask | None = None) -> Ranked:
        """Give the up to `k` rows of highest cosine among those the mask lets pass.

        `embedding` is a unit vector, shape (dimension,); `mask` has shape (n_articles,).
        """
        if mask is not None:
            return self._best(embedding, self._passing(embedding, k, mask), k)
        return self._best(embedding, self._candidates(embedding, max(k, REFINED)).rows, k)

    def propose(self, embedding: Embedding, k: int, mask: Mask | None = None) -> Ranked:
        """Do what `search` does for the best `REFINED`; behind them come the others by their codes.

        What is not proposed has a cosine of at most the last score and `code_error`.
        """
        if mask is not None:
            return self.search(embedding, k, mask)
        found = self._candidates(embedding, max(k, REFINED))
        refined = self._best(embedding, found.rows[:REFINED], REFINED)
        rest = slice(REFINED, k)
        return Ranked(
            np.concatenate([refined.rows, found.rows[rest]])[:k],
            np.concatenate([refined.scores, found.scores[rest]])[:k],
        )

    def _candidates(self, embedding: Embedding, k: int) -> Ranked:
        """Give the `k` best rows by their codes, best first."""
        query = np.ascontiguousarray(embedding[None, :], dtype=np.float32)
        # a team of OpenMP threads has nothing to share in one query: it would only spin beside it,
        # on the core that the other leg needs; the setting is each thread's own
        faiss.omp_set_num_threads(1)
        scores, rows = self._index.search(query, min(k, self.n_articles))
        is_found = rows[0] >= 0
        return Ranked(rows[0][is_found].astype(np.int64), scores[0][is_found])

    def _passing(self, embedding: Embedding, k: int, mask: Mask) -> npt.NDArray[np.int64]:
        """Give rows that the mask lets pass, the best `k` of them included.

        The codes know no filters. But the best of the rows that pass are among the best of all,
        as much deeper down as the mask is selective; where that is too deep, all that pass are
        taken, and no code decides.
        """
        rows = np.flatnonzero(mask)
        if len(rows) <= max(k, GATHERED_UP_TO):
            return rows
        wanted = max(k, REFINED)
        depth = 3 * wanted * self.n_articles // (2 * len(rows))
        while depth <= self.n_articles // DEEPEST:
            found = self._candidates(embedding, depth)
            passing = found.rows[mask[found.rows]]
            if len(passing) >= wanted and (
                k > EXACT or self._has_nearest(embedding, passing, k, float(found.scores[-1]))
            ):
                return passing
            depth *= 4
        return rows

    def _has_nearest(
        self, embedding: Embedding, rows: npt.NDArray[np.int64], k: int, last: float
    ) -> bool:
        """Tell whether the `k` nearest are among rows, where all others are coded below `last`."""
        cosines = self.cosines(embedding, np.sort(rows))
        return float(np.partition(cosines, -k)[-k]) >= last + self.code_error

    def _best(self, embedding: Embedding, rows: npt.NDArray[np.int64], k: int) -> Ranked:
        rows = np.sort(rows)
        scores = self.cosines(embedding, rows)
        order = np.argsort(-scores, kind="stable")
        if self._scales is None:
            return Ranked(rows[order[:k]], scores[order[:k]])
        n_exact = _n_exact(scores[order], k)
        first = np.sort(rows[order[:n_exact]])
        exact = self._exact_cosines(embedding, first)
        best = np.argsort(-exact, kind="stable")
        rest = order[n_exact:k]
        # the rounding of codes must not put one of the others before the last that is exact
        coded = np.minimum(scores[rest], exact[best[-1:]])
        return Ranked(
            np.concatenate([first[best], rows[rest]])[:k], np.concatenate([exact[best], coded])[:k]
        )

    def _exact_cosines(
        self, embedding: Embedding, rows: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        vectors = self._embeddings.rows(rows).astype(np.float32)
        return np.asarray(np.einsum("ij,j->i", vectors, embedding), dtype=np.float32)

    def cosines(self, embedding: Embedding, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Give the cosine of `embedding` with each of `rows`, shape (len(rows),)."""
        found = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            gathered = self._known.take(part, axis=0).astype(np.float32, copy=False)
            # BLAS sums a row in an order that depends on its place among the others; here the same
            # embedding has the same cosine to the last bit, whatever it is gathered with
            sums = np.einsum("ij,j->i", gathered, embedding)
            found[start : start + len(part)] = (
                sums if self._scales is None else sums * self._scales[part]
            )
        return found

    def embedding(self, row: int) -> Embedding:
        """Give the unit embedding of one article, shape (dimension,)."""
        (vector,) = self.embeddings(np.array([row]))
        return np.asarray(vector)

    def embeddings(self, rows: npt.NDArray[np.int64]) -> Embeddings:
        """Give the unit embeddings of some articles, shape (len(rows), dimension)."""
        vectors = self._embeddings.rows(rows).astype(np.float32)
        lengths = np.array([np.linalg.norm(vector) for vector in vectors], np.float32)
        return np.asarray(vectors / np.where(lengths > 0, lengths, 1)[:, None], dtype=np.float32)
