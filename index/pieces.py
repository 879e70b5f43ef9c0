"""Pieces: the title and the sentences of each article, with an embedding of their own.

One embedding of a whole abstract blurs what a single sentence says, and what lies past the
encoder's window is not in it at all. A piece has an embedding of 4 bits a dimension, which
ranks as well as one of 32; they are read for the best articles of an answer only.

A build that is interrupted goes on where it was: what it encodes is appended to a log, an
article at a time, and what the last snapshot holds is taken from there.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from index.arrays import load_array
from index.article import Article
from index.embeddings import KEY_BYTES
from index.errors import DamagedSnapshotError, EncoderError
from index.onnx import Encoder
from index.progress import Progress
from index.sentences import split_sentences
from index.vectors import Embedding, Embeddings

MOST_PIECES = 32
"""The first so many of an article; few abstracts have more, and its words are found anyway."""

CODES = "codes.npy"
SCALES = "scales.npy"
STARTS = "starts.npy"

_LARGEST = 7
_ZERO = 8
_LEAST_SCALE = 1e-6
_AT_ONCE = 512
_HEAD = struct.Struct(f"<{KEY_BYTES}sB")


def pieces_of(article: Article) -> list[str]:
    """Give the title and the sentences of an article; none where it is all one piece."""
    if not article.abstract:
        return []
    spans = split_sentences(article.abstract, article.language)
    found = [article.title] if article.title else []
    found += [article.abstract[start:end] for start, end in spans]
    return found[:MOST_PIECES] if len(found) > 1 else []


class Coded(NamedTuple):
    """Embeddings as codes: two dimensions a byte, shape (n, ceil(d / 2)), and their scales (n,)."""

    codes: npt.NDArray[np.uint8]
    scales: npt.NDArray[np.float16]


def encode_pieces(embeddings: Embeddings) -> Coded:
    """Round each embedding to whole numbers of -7 to 7 and a scale."""
    scales = (np.abs(embeddings).max(axis=1, initial=0) / _LARGEST).astype(np.float16)
    units = embeddings / np.maximum(scales.astype(np.float32), _LEAST_SCALE)[:, None]
    levels = (np.clip(np.round(units), -_LARGEST, _LARGEST) + _ZERO).astype(np.uint8)
    if levels.shape[1] % 2:
        levels = np.pad(levels, ((0, 0), (0, 1)), constant_values=_ZERO)
    return Coded(levels[:, 0::2] | (levels[:, 1::2] << 4), scales)


def code_cosines(coded: Coded, embedding: Embedding) -> npt.NDArray[np.float32]:
    """Give the cosine of a unit embedding with each coded one, shape (n,)."""
    even, odd = embedding[0::2], embedding[1::2]
    if len(odd) < len(even):
        odd = np.append(odd, np.float32(0))
    low = (coded.codes & 15).astype(np.float32)
    high = (coded.codes >> 4).astype(np.float32)
    # not by BLAS: a sum must not depend on the place of its row among the others
    sums = np.einsum("ij,j->i", low, even) + np.einsum("ij,j->i", high, odd)
    return np.asarray((sums - _ZERO * embedding.sum()) * coded.scales, dtype=np.float32)


class Pieces:
    """The coded pieces of one snapshot's articles; safe for many threads."""

    def __init__(self, folder: Path) -> None:
        self._codes: npt.NDArray[np.uint8] = load_array(folder, CODES, np.uint8, 2)
        self._scales: npt.NDArray[np.float16] = load_array(folder, SCALES, np.float16)
        self._starts: npt.NDArray[np.int64] = load_array(folder, STARTS, np.int64)
        n_pieces = int(self._starts[-1]) if len(self._starts) else -1
        if not len(self._codes) == len(self._scales) == n_pieces:
            reason = f"{len(self._codes)} codes, {len(self._scales)} scales of pieces"
            raise DamagedSnapshotError(str(folder), reason)

    @property
    def n_articles(self) -> int:
        """How many articles there are, with pieces or without."""
        return len(self._starts) - 1

    @property
    def n_pieces(self) -> int:
        """How many pieces all articles have together."""
        return len(self._codes)

    def of(self, row: int) -> Coded:
        """Give the pieces of one article, in the order of `pieces_of`."""
        place = slice(int(self._starts[row]), int(self._starts[row + 1]))
        return Coded(self._codes[place], self._scales[place])

    def best_cosines(
        self, embedding: Embedding, rows: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        """Give the highest cosine among the pieces of each row; NaN where it has none."""
        first, counts = self._starts[rows], self._starts[rows + 1] - self._starts[rows]
        best = np.full(len(rows), np.nan, np.float32)
        has_some = counts > 0
        if not has_some.any():
            return best
        ends = np.cumsum(counts)
        places = np.arange(ends[-1]) + np.repeat(first - (ends - counts), counts)
        cosines = code_cosines(Coded(self._codes[places], self._scales[places]), embedding)
        best[has_some] = np.maximum.reduceat(cosines, (ends - counts)[has_some])
        return best


class PieceLog:
    """An append-only file of the coded pieces of passages; a torn last entry is cut off."""

    def __init__(self, path: Path, dimension: int) -> None:
        self._n_bytes = (dimension + 1) // 2
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self._places: dict[bytes, tuple[int, int]] = {}
        self._stream = path.open("r+b")
        self._stream.truncate(self._read_places(path.stat().st_size))

    def __contains__(self, key: bytes) -> bool:
        """Tell whether the pieces of a passage are here."""
        return key in self._places

    def append(self, key: bytes, coded: Coded) -> None:
        """Add the pieces of one passage; they are in the file's cache when this returns."""
        start = self._stream.seek(0, 2)
        entry = _HEAD.pack(key, len(coded.codes)) + coded.scales.tobytes() + coded.codes.tobytes()
        self._stream.write(entry)
        self._stream.flush()
        self._places[key] = (start + _HEAD.size, len(coded.codes))

    def pieces(self, key: bytes) -> Coded:
        """Give the pieces of one passage; KeyError where they are not here."""
        place, n = self._places[key]
        self._stream.seek(place)
        scales = np.frombuffer(self._stream.read(2 * n), np.float16)
        codes = np.frombuffer(self._stream.read(n * self._n_bytes), np.uint8)
        return Coded(codes.reshape(n, self._n_bytes), scales)

    def _read_places(self, size: int) -> int:
        """Find all entries, and give where the last whole one ends."""
        place = 0
        while place + _HEAD.size <= size:
            self._stream.seek(place)
            key, n = _HEAD.unpack(self._stream.read(_HEAD.size))
            end = place + _HEAD.size + n * (2 + self._n_bytes)
            if end > size:
                break
            self._places[key] = (place + _HEAD.size, n)
            place = end
        return place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()


class StoredPieces:
    """The pieces of a snapshot by passage key, whose rows `StoredEmbeddings` knows."""

    def __init__(self, folder: Path, rows: Mapping[bytes, int]) -> None:
        self._pieces = Pieces(folder)
        self._rows = rows

    def __contains__(self, key: bytes) -> bool:
        """Tell whether the snapshot has the passage."""
        return key in self._rows

    def pieces(self, key: bytes) -> Coded:
        """Give the pieces of one passage; KeyError where the snapshot has it not."""
        return self._pieces.of(self._rows[key])


class PieceWriter:
    """Fills the pieces of a snapshot from what is known, and encodes the rest."""

    def __init__(self, encoder: Encoder, log: PieceLog, stored: StoredPieces | None) -> None:
        self._encoder = encoder
        self._known: tuple[PieceLog | StoredPieces, ...] = (
            (log,) if stored is None else (stored, log)
        )
        self._log = log

    def encode_missing(
        self, articles: Sequence[Article], keys: Sequence[bytes], quiet: bool
    ) -> None:
        """Encode, into the log, the pieces of passages that no one has yet."""
        missing: dict[bytes, Article] = {}
        for key, article in zip(keys, articles, strict=True):
            if article.abstract and not any(key in known for known in self._known):
                missing.setdefault(key, article)
        if not missing:
            return
        weights = [len(article.abstract or "") for article in missing.values()]
        progress = Progress(
            "encoding sentences", len(missing), total_weight=sum(weights), quiet=quiet
        )
        for (key, coded), weight in zip(self._encoded(missing.items()), weights, strict=True):
            self._log.append(key, coded)
            progress.advance(weight=weight)
        progress.finish()

    def _encoded(self, articles: Iterable[tuple[bytes, Article]]) -> Iterator[tuple[bytes, Coded]]:
        """Encode the pieces of articles, some hundred articles at a time."""
        waiting: list[tuple[bytes, list[str]]] = []
        for key, article in articles:
            waiting.append((key, pieces_of(article)))
            if len(waiting) == _AT_ONCE:
                yield from self._encoded_texts(waiting)
                waiting = []
        yield from self._encoded_texts(waiting)

    def _encoded_texts(
        self, waiting: Sequence[tuple[bytes, list[str]]]
    ) -> Iterator[tuple[bytes, Coded]]:
        encoded = self._encoder.encode_passages(text for _, texts in waiting for text in texts)
        for key, texts in waiting:
            embeddings = np.zeros((len(texts), self._encoder.spec.dimension), np.float32)
            for place, text in enumerate(texts):
                embeddings[place] = next(encoded).embedding
                if not np.isfinite(embeddings[place]).all():
                    message = f"the model gave no finite embedding for the sentence {text[:80]!r}"
                    raise EncoderError(message)
            yield key, encode_pieces(embeddings)

    def write(self, folder: Path, keys: Sequence[bytes]) -> None:
        """Write the pieces of all passages into `folder`, which is made, in the order of keys."""
        folder.mkdir(parents=True)
        n_bytes = (self._encoder.spec.dimension + 1) // 2
        starts = np.zeros(len(keys) + 1, np.int64)
        scales: list[npt.NDArray[np.float16]] = [np.empty(0, np.float16)]
        for row, key in enumerate(keys):
            starts[row + 1] = starts[row] + len(self._of(key).codes)
        header = {"descr": "|u1", "fortran_order": False, "shape": (int(starts[-1]), n_bytes)}
        with (folder / CODES).open("wb") as stream:
            np.lib.format.write_array_header_1_0(stream, header)
            for key in keys:
                coded = self._of(key)
                stream.write(coded.codes.tobytes())
                scales.append(coded.scales)
        np.save(folder / SCALES, np.concatenate(scales))
        np.save(folder / STARTS, starts)

    def _of(self, key: bytes) -> Coded:
        for known in self._known:
            if key in known:
                return known.pieces(key)
        return encode_pieces(np.empty((0, self._encoder.spec.dimension), np.float32))
