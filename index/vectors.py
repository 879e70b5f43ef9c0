"""The vector index: which articles lie nearest to a query embedding.

FAISS, chosen by corpus size, finds candidates; their cosines are then computed from the
embeddings themselves (half precision, memory-mapped), so a cosine never depends on how
coarse the codes of the index are. The measurements behind the sizes stand in
ARCHITECTURE.md.
"""

import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from index.arrays import load_array
from index.errors import DamagedSnapshotError
from index.machine import n_cores

Embedding = npt.NDArray[np.float32]
Embeddings = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

FLAT_UP_TO = 20_000
SQ8_UP_TO = 200_000
EXACT_UP_TO = 2_000
"""When a filter leaves so few rows they are gathered and multiplied instead of searched."""
REFINED = 1_000
"""So many candidates of coarse codes are refined with the embeddings, where fewer are asked for."""

SPLIT_FROM = 50_000
"""From so many 8-bit codes on, two threads scan half of them each."""

EMBEDDINGS = "embeddings.npy"
FAISS_INDEX = "index.faiss"
SCALE = "scale.npy"
"""What embeddings were multiplied by before they were rounded to 8-bit codes."""

_BLOCK_ROWS = 65_536
_LARGEST_CODE = 127
_LEAST_LARGEST = 1e-6  # of embeddings that are all zero

SQ8_ERROR = 0.008
"""By how much a cosine of 8-bit codes can be wrong; at most .004 among 183,690 articles."""


class Ranked(NamedTuple):
    """Rows and their scores, best first, equal scores in row order; both of one length."""

    rows: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]


def load_embeddings(folder: Path) -> npt.NDArray[np.float16]:
    """Map the embeddings of all articles into memory, shape (n_articles, dimension)."""
    embeddings: npt.NDArray[np.float16] = load_array(folder, EMBEDDINGS, np.float16, 2)
    return embeddings


def index_factory(n_articles: int) -> str:
    """Name the FAISS index that suits a corpus of this size."""
    if n_articles <= FLAT_UP_TO:
        return "Flat"
    return "SQ8" if n_articles <= SQ8_UP_TO else "RaBitQ"


def write_vectors(folder: Path, kind: str | None = None) -> str:
    """Write the FAISS index over `embeddings.npy`, which lies in `folder`, and give its kind.

    Without a `kind` it is the one that suits the size of the corpus.
    """
    embeddings = load_embeddings(folder)
    n_articles, dimension = embeddings.shape
    kind = kind or index_factory(n_articles)
    built: faiss.Index
    scale = 1.0
    if kind == "SQ8":
        # whole numbers on both sides are multiplied in half the time that FAISS's trained 8-bit
        # codes take, which it turns into floats first; QT_8bit_direct_signed takes no others
        scale = _LARGEST_CODE / float(max(map(_largest, _blocks(embeddings))))
        direct = faiss.ScalarQuantizer.QT_8bit_direct_signed
        built = faiss.IndexScalarQuantizer(dimension, direct, faiss.METRIC_INNER_PRODUCT)
        np.save(folder / SCALE, np.float64(scale))
    else:
        built = faiss.index_factory(dimension, kind, faiss.METRIC_INNER_PRODUCT)
        step = max(1, n_articles // _BLOCK_ROWS)
        built.train(embeddings[::step].astype(np.float32))
    for block in _blocks(embeddings):
        built.add(block if scale == 1 else np.round(block * scale))
    faiss.write_index(built, os.fspath(folder / FAISS_INDEX))
    return kind


def _blocks(embeddings: npt.NDArray[np.float16]) -> Iterator[Embeddings]:
    for start in range(0, len(embeddings), _BLOCK_ROWS):
        yield embeddings[start : start + _BLOCK_ROWS].astype(np.float32)


def _largest(block: Embeddings) -> float:
    return max(float(np.abs(block).max()), _LEAST_LARGEST)


class VectorIndex:
    """Nearest neighbours by cosine among the articles of one snapshot."""

    def __init__(self, folder: Path) -> None:
        path = folder / FAISS_INDEX
        # a file can be damaged in ways its checksum cannot know of (a bad build): bound what
        # reading it may allocate, by what it can hold at most
        faiss.set_deserialization_vector_byte_limit(max(path.stat().st_size, 1 << 20))
        faiss.set_deserialization_loop_limit(1 << 20)
        self._index = faiss.read_index(os.fspath(path))
        self._embeddings = load_embeddings(folder)
        if self._embeddings.shape != (self._index.ntotal, self._index.d):
            codes = f"{self._index.ntotal} × {self._index.d} codes"
            reason = f"{codes}, but embeddings of shape {self._embeddings.shape}"
            raise DamagedSnapshotError(str(folder), reason)
        is_coded = isinstance(self._index, faiss.IndexScalarQuantizer)
        self._scale = float(np.load(folder / SCALE, allow_pickle=False)) if is_coded else None
        self.n_articles, self.dimension = self._embeddings.shape
        is_split = is_coded and self.n_articles >= SPLIT_FROM and n_cores() > 1
        self._pool = ThreadPoolExecutor(1, "cognate-scan") if is_split else None

    @property
    def code_error(self) -> float:
        """By how much the codes can misjudge a cosine; infinite where no bound is known."""
        if isinstance(self._index, faiss.IndexFlat):
            return 0.0
        return SQ8_ERROR if isinstance(self._index, faiss.IndexScalarQuantizer) else math.inf

    def search(self, embedding: Embedding, k: int, mask: Mask | None = None) -> Ranked:
        """Give the up to `k` rows of highest cosine among those the mask lets pass.

        `embedding` is a unit vector, shape (dimension,); `mask` has shape (n_articles,).
        """
        if mask is not None:
            rows = np.flatnonzero(mask)
            if len(rows) <= max(k, EXACT_UP_TO):
                return self._best(embedding, rows, k)
        found = self._candidates(embedding, max(k, REFINED), mask)
        return self._best(embedding, found.rows, k)

    def propose(self, embedding: Embedding, k: int, mask: Mask | None = None) -> Ranked:
        """Do what `search` does; only the best `REFINED` cosines are exact, the others coded."""
        if mask is not None:
            return self.search(embedding, k, mask)
        found = self._candidates(embedding, max(k, REFINED), None)
        refined = self._best(embedding, found.rows[:REFINED], REFINED)
        rest = slice(REFINED, k)
        # a code's error must not put one of the others before the last that is exact
        coded = np.minimum(found.scores[rest], refined.scores[-1:])
        return Ranked(
            np.concatenate([refined.rows, found.rows[rest]])[:k],
            np.concatenate([refined.scores, coded])[:k],
        )

    def _candidates(self, embedding: Embedding, k: int, mask: Mask | None) -> Ranked:
        """Give the `k` best rows by their codes, best first."""
        query, unit = self._to_query(embedding)
        k = min(k, self.n_articles)
        if mask is None and self._pool is not None:
            return self._halves(query, k, unit)
        parameters = None
        if mask is not None:
            bits = np.packbits(mask, bitorder="little")
            is_rabitq = isinstance(self._index, faiss.IndexRaBitQ)
            parameters = faiss.RaBitQSearchParameters() if is_rabitq else faiss.SearchParameters()
            parameters.sel = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        # a team of OpenMP threads has nothing to share in one query: it would only spin beside it,
        # on the core that the other leg needs; the setting is each thread's own
        faiss.omp_set_num_threads(1)
        scores, rows = self._index.search(query, k, params=parameters)
        is_found = rows[0] >= 0
        return Ranked(rows[0][is_found].astype(np.int64), scores[0][is_found] * unit)

    def _halves(self, query: Embeddings, k: int, unit: np.float32) -> Ranked:
        """Scan the two halves of the codes at once; FAISS has no threads for a single query."""
        assert self._pool is not None
        half = self.n_articles // 2
        later = self._pool.submit(self._scan, query, k, half, self.n_articles)
        found = (self._scan(query, k, 0, half), later.result())
        scores = np.concatenate([part.scores for part in found])
        rows = np.concatenate([part.rows for part in found])
        # equal scores in row order, as FAISS gives them of the whole
        best = np.lexsort((rows, -scores))[:k]
        return Ranked(rows[best], scores[best] * unit)

    def _scan(self, query: Embeddings, k: int, start: int, end: int) -> Ranked:
        parameters = faiss.SearchParameters()
        parameters.sel = faiss.IDSelectorRange(start, end)
        faiss.omp_set_num_threads(1)
        scores, rows = self._index.search(query, min(k, end - start), params=parameters)
        return Ranked(rows[0].astype(np.int64), scores[0])

    def close(self) -> None:
        """End the thread; no call may follow."""
        if self._pool is not None:
            self._pool.shutdown()

    def _to_query(self, embedding: Embedding) -> tuple[Embeddings, np.float32]:
        """Give what the index is asked, and what its scores are to be multiplied by."""
        query = np.ascontiguousarray(embedding[None, :], dtype=np.float32)
        if self._scale is None:
            return query, np.float32(1)
        scale = _LARGEST_CODE / _largest(query)
        return np.round(query * scale), np.float32(1 / (scale * self._scale))

    def _best(self, embedding: Embedding, rows: npt.NDArray[np.int64], k: int) -> Ranked:
        rows = np.sort(rows)
        scores = self.cosines(embedding, rows)
        order = np.argsort(-scores, kind="stable")[:k]
        return Ranked(rows[order], scores[order])

    def cosines(self, embedding: Embedding, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Give the cosine of `embedding` with each of `rows`, shape (len(rows),)."""
        gathered = self._embeddings[rows].astype(np.float32)
        # BLAS sums a row in an order that depends on its place among the others; here the same
        # embedding has the same cosine to the last bit, whatever it is gathered with
        return np.asarray(np.einsum("ij,j->i", gathered, embedding), dtype=np.float32)

    def embedding(self, row: int) -> Embedding:
        """Give the unit embedding of one article, shape (dimension,)."""
        vector = self._embeddings[row].astype(np.float32)
        length = float(np.linalg.norm(vector))
        return np.asarray(vector / length if length else vector, dtype=np.float32)
