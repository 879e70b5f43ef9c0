"""Embeddings on their way into a snapshot: none is computed twice.

A passage is known by the hash of its text. What the previous snapshot embedded is taken
from there; what this build embeds is appended to a log that survives a kill, so that an
interrupted build goes on where it was.
"""

import hashlib
import zlib
from collections import deque
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt

from index.arrays import load_array, save_array, write_header
from index.errors import EncoderError
from index.onnx import Encoded, Encoder, EncoderSpec
from index.progress import Progress
from index.vectors import EMBEDDINGS, load_embeddings

Kept = TypeVar("Kept")

KEY_BYTES = 16
PASSAGES = "passages.npy"
_BLOCK_ROWS = 65_536
_CRC_BYTES = 4
KEY_TYPE = np.dtype([("key", f"V{KEY_BYTES}"), ("truncated", "?")])
"""One row of `passages.npy`: the key of the passage, and whether it overflows the window."""


def passage_key(text: str) -> bytes:
    """Give the key of a passage: 16 bytes of blake2b over its text."""
    return hashlib.blake2b(text.encode(), digest_size=KEY_BYTES).digest()


def encoder_key(spec: EncoderSpec) -> str:
    """Name what decides an embedding beside its text: 16 hex digits."""
    parts = (spec.fingerprint, spec.precision, str(spec.window), spec.passage_prompt)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def log_entry(dimension: int) -> np.dtype[np.void]:
    """Describe an entry of the log: a row of `passages.npy`, its embedding, and their crc32."""
    return np.dtype([*KEY_TYPE.descr, ("embedding", "<f2", (dimension,)), ("crc", "<u4")])


def _crc(entry: bytes) -> int:
    """Give the crc32 of an entry but its last field, which holds it."""
    return zlib.crc32(entry[:-_CRC_BYTES])


class EmbeddingLog:
    """An append-only file of encoded passages; a torn last entry is cut off at opening.

    Nothing is waited for to reach the disk: after a power cut entries may be there in part. What
    is not as it was appended does not count, and is encoded again.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self._entry = log_entry(dimension)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._stream = path.open("ab")
        self._n_entries = self._stream.tell() // self._entry.itemsize
        self._stream.truncate(self._n_entries * self._entry.itemsize)
        self.places = {
            entry["key"].tobytes(): place
            for place, entry in enumerate(self.entries())
            if entry["crc"] == _crc(entry.tobytes())
        }

    def entries(self) -> npt.NDArray[np.void]:
        """Give all entries that are on disk, memory-mapped."""
        self._stream.flush()
        if self._path.stat().st_size == 0:
            return np.empty(0, self._entry)
        return np.memmap(self._path, self._entry, mode="r")

    def append(self, key: bytes, encoded: Encoded) -> None:
        """Add one passage; it is in the file's cache, safe from a kill, within a few more."""
        entry = np.zeros((), self._entry)
        entry["key"], entry["truncated"] = np.void(key), encoded.truncated
        entry["embedding"] = encoded.embedding
        entry["crc"] = _crc(entry.tobytes())
        self.places[key] = self._n_entries
        self._n_entries += 1
        self._stream.write(entry.tobytes())
        # a passage costs far more than a write: what was computed is handed over at once
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()


class StoredEmbeddings:
    """The embeddings of a snapshot, by passage key."""

    def __init__(self, folder: Path) -> None:
        self.passages: npt.NDArray[np.void] = np.load(folder / PASSAGES, allow_pickle=False)
        self.embeddings = load_embeddings(folder)
        self.rows = {key: row for row, key in enumerate(to_keys(self.passages))}


def read_truncated(folder: Path) -> npt.NDArray[np.bool_]:
    """Map which passages overflow the window, shape (n_articles,), from `passages.npy`."""
    passages: npt.NDArray[np.void] = load_array(folder, PASSAGES, KEY_TYPE)
    return np.asarray(passages["truncated"])


def to_keys(passages: npt.NDArray[np.void]) -> list[bytes]:
    """Give the keys of rows of `passages.npy`."""
    raw = passages["key"].tobytes()
    return [raw[start : start + KEY_BYTES] for start in range(0, len(raw), KEY_BYTES)]


def missing_keys(keys: Iterable[bytes], *known: Container[bytes]) -> set[bytes]:
    """Give those keys that none of the known ones holds."""
    return {key for key in keys if not any(key in one for one in known)}


def first_of_each(
    keyed: Iterable[tuple[bytes, Kept]], keys: set[bytes]
) -> Iterator[tuple[bytes, Kept]]:
    """Give what has one of the keys, of several with the same the first; `keys` is used up."""
    for key, one in keyed:
        if key in keys:
            keys.discard(key)
            yield key, one


class Embedder:
    """Fills a snapshot's embedding matrix from what is known, and encodes the rest."""

    def __init__(
        self, encoder: Encoder, log: EmbeddingLog, stored: StoredEmbeddings | None
    ) -> None:
        self._encoder = encoder
        self._log = log
        self._stored = stored
        self.n_encoded = 0
        self.n_reused = 0

    def encode_missing(
        self, passages: Iterable[tuple[bytes, str]], keys: Sequence[bytes], quiet: bool
    ) -> None:
        """Encode, into the log, the passages of these keys that no one has yet.

        `passages` are read as the encoder takes them, those that are known passed over.
        """
        stored = self._stored.rows if self._stored else {}
        missing = missing_keys(keys, stored, self._log.places)
        self.n_encoded = len(missing)
        self.n_reused = len(set(keys)) - len(missing)
        if not missing:
            return
        progress = Progress("encoding passages", len(missing), quiet=quiet)
        under_way: deque[tuple[bytes, str]] = deque()

        def texts() -> Iterator[str]:
            for key, passage in first_of_each(passages, missing):
                under_way.append((key, passage))
                yield passage

        for one in self._encoder.encode_passages(texts()):
            key, passage = under_way.popleft()
            if not np.isfinite(one.embedding).all():
                message = f"the model gave no finite embedding for the passage {passage[:80]!r}"
                raise EncoderError(message)
            self._log.append(key, one)
            progress.advance()
        progress.finish()

    def write(self, folder: Path, keys: Sequence[bytes]) -> int:
        """Write `embeddings.npy` and `passages.npy`, a row a key; give how many are truncated."""
        shape = (len(keys), self._encoder.spec.dimension)
        passages = np.zeros(len(keys), KEY_TYPE)
        with (folder / EMBEDDINGS).open("wb") as stream:
            write_header(stream, np.float16, shape)
            for start in range(0, len(keys), _BLOCK_ROWS):
                block = slice(start, start + _BLOCK_ROWS)
                embeddings, passages[block] = self._known(keys[block])
                stream.write(embeddings.tobytes())
        save_array(folder / PASSAGES, passages)
        return int(passages["truncated"].sum())

    def _known(self, keys: Sequence[bytes]) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.void]]:
        """Gather the embeddings of these keys and their rows of `passages.npy`."""
        embeddings = np.empty((len(keys), self._encoder.spec.dimension), np.float16)
        passages = np.zeros(len(keys), KEY_TYPE)
        stored = {} if self._stored is None else self._stored.rows
        rows = np.array([stored.get(key, -1) for key in keys], np.int64)
        if self._stored is not None:
            is_stored = rows >= 0
            embeddings[is_stored] = self._stored.embeddings[rows[is_stored]]
            passages[is_stored] = self._stored.passages[rows[is_stored]]
        logged = self._log.entries()
        for place in np.flatnonzero(rows < 0).tolist():
            entry = logged[self._log.places[keys[place]]]
            embeddings[place] = entry["embedding"]
            passages[place] = (entry["key"], entry["truncated"])
        return embeddings, passages
