"""Pieces: the title and the sentences of each article, with an embedding of their own.

One embedding of a whole abstract blurs what a single sentence says, and what lies past the
encoder's window is not in it at all. A piece has an embedding of 4 bits a dimension, which
ranks as well as one of 32; they are read for the best articles of an answer only.

A build that is interrupted goes on where it was: what it encodes is appended to a log, an
article at a time, and what the last snapshot holds is taken from there.
"""

import hashlib
import struct
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from index.arrays import ArrayFile, load_array, write_header
from index.article import Article
from index.embeddings import KEY_BYTES, first_of_each, missing_keys
from index.errors import DamagedSnapshotError, EncoderError
from index.onnx import Encoder
from index.progress import Progress
from index.sentences import DEFAULT_LANGUAGE, split_sentences
from index.vectors import Embedding, Embeddings

MOST_PIECES = 32
"""The first so many of an article; few abstracts have more, and its words are found anyway."""

CODES = "codes.npy"
SCALES = "scales.npy"
STARTS = "starts.npy"

_LARGEST = 7
_ZERO = 8
_LEAST_SCALE = 1e-6
_AT_ONCE = 8_192
_HEAD = struct.Struct(f"<{KEY_BYTES}sB")


class Piece(NamedTuple):
    """A title or a sentence, and the place in its field where it lies, in code points."""

    field: Literal["title", "abstract"]
    text: str
    start: int
    end: int


def located_pieces(article: Article) -> list[Piece]:
    """Give the title and the sentences of an article; where it is all one piece, that one."""
    title, abstract = article.title or "", article.abstract or ""
    found = [Piece("title", title, 0, len(title))] if title else []
    for start, end in split_sentences(abstract, article.language) if abstract else ():
        found.append(Piece("abstract", abstract[start:end], start, end))
    return found[:MOST_PIECES]


def pieces_of(article: Article) -> list[str]:
    """Give the title and the sentences of an article; none where it is all one piece."""
    found = [piece.text for piece in located_pieces(article)] if article.abstract else []
    return found if len(found) > 1 else []


def piece_key(passage: bytes, language: str | None) -> bytes:
    """Give the key of an article's pieces, from that of its passage.

    The language tells sentences apart: of one text there can be other pieces in another one.
    """
    if language in (None, DEFAULT_LANGUAGE):
        return passage
    told_apart = hashlib.blake2b(language.encode(), digest_size=KEY_BYTES).digest()
    return bytes(one ^ other for one, other in zip(passage, told_apart, strict=True))


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


def decode_pieces(coded: Coded, dimension: int) -> Embeddings:
    """Give back the embeddings, as far as their codes have kept them, shape (n, dimension)."""
    levels = np.empty((len(coded.codes), 2 * coded.codes.shape[1]), np.float32)
    levels[:, 0::2] = coded.codes & 15
    levels[:, 1::2] = coded.codes >> 4
    levels -= _ZERO
    return levels[:, :dimension] * coded.scales.astype(np.float32)[:, None]


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
        self._codes = ArrayFile(folder, CODES, np.uint8, 2)
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
        return self.span(row, row + 1)

    def span(self, first: int, end: int) -> Coded:
        """Give the pieces of the articles from row `first` to before `end`."""
        place = (int(self._starts[first]), int(self._starts[end]))
        return Coded(self._codes.read([place]), self._scales[slice(*place)])

    def counts(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Give how many pieces each of `rows` has."""
        return np.asarray(self._starts[rows + 1] - self._starts[rows])

    def embeddings(self, rows: npt.NDArray[np.int64], dimension: int) -> Embeddings:
        """Give the embeddings of all pieces of `rows`, one article after the other."""
        return decode_pieces(self._read(rows), dimension)

    def best_cosines(
        self, embedding: Embedding, rows: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float32]:
        """Give the highest cosine among the pieces of each row; NaN where it has none."""
        counts = self.counts(rows)
        best = np.full(len(rows), np.nan, np.float32)
        has_some = counts > 0
        if has_some.any():
            cosines = code_cosines(self._read(rows), embedding)
            starts = np.cumsum(counts) - counts
            best[has_some] = np.maximum.reduceat(cosines, starts[has_some])
        return best

    def _read(self, rows: npt.NDArray[np.int64]) -> Coded:
        """Read the pieces of `rows`, one article after the other."""
        first, counts = self._starts[rows], self.counts(rows)
        spans = zip(first.tolist(), (first + counts).tolist(), strict=True)
        codes = self._codes.read([(start, end) for start, end in spans if start < end])
        places = np.arange(len(codes)) + np.repeat(first - (np.cumsum(counts) - counts), counts)
        return Coded(codes, self._scales[places])


def _coded(
    key: bytes, pieces: list[str], embeddings: list[Embedding], dimension: int
) -> tuple[bytes, Coded]:
    for text, embedding in zip(pieces, embeddings, strict=True):
        if not np.isfinite(embedding).all():
            message = f"the model gave no finite embedding for the sentence {text[:80]!r}"
            raise EncoderError(message)
    return key, encode_pieces(np.array(embeddings, np.float32).reshape(len(pieces), dimension))


class PieceLog:
    """An append-only file of coded pieces by their keys; a torn last entry is cut off."""

    def __init__(self, path: Path, dimension: int) -> None:
        self._n_bytes = (dimension + 1) // 2
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self._places: dict[bytes, tuple[int, int]] = {}
        self._stream = path.open("r+b")
        self._stream.truncate(self._read_places(path.stat().st_size))

    def __contains__(self, key: object) -> bool:
        """Tell whether the pieces of a passage are here."""
        return key in self._places

    def append(self, key: bytes, coded: Coded) -> None:
        """Add the pieces of one passage; they are in the file's cache when this returns."""
        start = self._stream.seek(0, 2)
        entry = _HEAD.pack(key, len(coded.codes)) + coded.scales.tobytes() + coded.codes.tobytes()
        self._stream.write(entry)
        self._stream.flush()
        self._places[key] = (start + _HEAD.size, len(coded.codes))

    def count(self, key: bytes) -> int:
        """Give how many pieces a passage has; KeyError where they are not here."""
        return self._places[key][1]

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
    """The pieces of a snapshot, and the row that each key has there."""

    def __init__(self, folder: Path, rows: Mapping[bytes, int]) -> None:
        self.pieces = Pieces(folder)
        self.rows = rows


class PieceWriter:
    """Fills the pieces of a snapshot from what is known, and encodes the rest."""

    def __init__(self, encoder: Encoder, log: PieceLog, stored: StoredPieces | None) -> None:
        self._encoder = encoder
        self._log = log
        self._stored = stored

    def missing(self, keys: Iterable[bytes]) -> set[bytes]:
        """Give those keys whose pieces neither the log nor the last snapshot holds."""
        return missing_keys(keys, self._stored.rows if self._stored else {}, self._log)

    def encode_missing(
        self, articles: Iterable[tuple[bytes, Article]], keys: Sequence[bytes], quiet: bool
    ) -> None:
        """Encode, into the log, the pieces of passages of these keys that no one has yet."""
        missing = self.missing(keys)
        if not missing:
            return
        progress = Progress("encoding sentences of articles", len(missing), quiet=quiet)
        for key, coded in self._encoded(first_of_each(articles, missing)):
            self._log.append(key, coded)
            progress.advance()
        progress.finish()

    def _encoded(self, articles: Iterable[tuple[bytes, Article]]) -> Iterator[tuple[bytes, Coded]]:
        """Encode the pieces of articles, which are read as the encoder takes their sentences."""
        under_way: deque[tuple[bytes, list[str]]] = deque()

        def texts() -> Iterator[str]:
            for key, article in articles:
                under_way.append((key, pieces_of(article)))
                yield from under_way[-1][1]

        dimension = self._encoder.spec.dimension
        done: list[Embedding] = []
        for one in self._encoder.encode_passages(texts()):
            while not under_way[0][1]:
                yield _coded(*under_way.popleft(), [], dimension)
            done.append(one.embedding)
            if len(done) == len(under_way[0][1]):
                # before the next is asked for: what is whole is kept, should that fail
                yield _coded(*under_way.popleft(), done, dimension)
                done = []
        for key, pieces in under_way:
            yield _coded(key, pieces, done, dimension)

    def write(self, folder: Path, keys: Sequence[bytes]) -> None:
        """Write the pieces of all passages into `folder`, which is made, in the order of keys."""
        folder.mkdir(parents=True)
        n_bytes = (self._encoder.spec.dimension + 1) // 2
        stored = self._stored.rows if self._stored else {}
        rows = np.array([stored.get(key, -1) for key in keys], np.int64)
        starts = np.zeros(len(keys) + 1, np.int64)
        np.cumsum(self._counts(keys, rows), out=starts[1:])
        scales: list[npt.NDArray[np.float16]] = [np.empty(0, np.float16)]
        with (folder / CODES).open("wb") as stream:
            write_header(stream, np.uint8, (int(starts[-1]), n_bytes))
            for coded in self._runs(keys, rows):
                stream.write(coded.codes.tobytes())
                scales.append(coded.scales)
        np.save(folder / SCALES, np.concatenate(scales))
        np.save(folder / STARTS, starts)

    def _counts(self, keys: Sequence[bytes], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Give how many pieces each passage has."""
        counts = np.zeros(len(keys), np.int64)
        if self._stored is not None:
            is_stored = rows >= 0
            counts[is_stored] = self._stored.pieces.counts(rows[is_stored])
        for place in np.flatnonzero(rows < 0).tolist():
            counts[place] = self._log.count(keys[place])
        return counts

    def _runs(self, keys: Sequence[bytes], rows: npt.NDArray[np.int64]) -> Iterator[Coded]:
        """Give the pieces of all passages; those that lie in a row in the last snapshot at once."""
        is_next = (rows[1:] == rows[:-1] + 1) & (rows[:-1] >= 0)
        borders = [0, *(np.flatnonzero(~is_next) + 1).tolist(), len(rows)]
        for first, end in pairwise(borders):
            if first == end:
                continue
            if self._stored is not None and rows[first] >= 0:
                for at in range(first, end, _AT_ONCE):
                    last = min(at + _AT_ONCE, end)
                    yield self._stored.pieces.span(int(rows[at]), int(rows[last - 1]) + 1)
            else:
                yield self._log.pieces(keys[first])
