"""The stock: a real index as the material that other articles are recombined of.

It says, in arrays that are mapped into memory, which of the real articles can be taken from,
which of their sentences, and which articles lie near each other; and it finds what a text has
for an embedding, by the hash of the text. It knows nothing of what is made of it.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import faiss
import numpy as np
import numpy.typing as npt

from index.arrays import load_array
from index.article import Article
from index.embeddings import PASSAGES, passage_key
from index.pieces import CODES, SCALES, STARTS, pieces_of
from index.snapshot import PIECES
from index.store import STORE, ArticleStore
from index.vectors import Embeddings, load_embeddings

N_NEAR = 64
LEAST_SENTENCES = 3
"""An article is taken from where so many of its sentences can be: two articles give six."""

_EXACT_UP_TO = 20_000
_CELLS_PER_ROOT = 4
_PROBED = 8
_BLOCK_ROWS = 8_192
# One that any reader gives back as it stands, and that is told apart from its neighbours: no
# sign of markup, and a full stop after a word, not after an abbreviation or initial.
_SENTENCE = re.compile(r"[A-Z](?! )[^\\$<>&{}~^_`|]{38,398}(?:[a-z]{4}|[0-9)%])[.!?]")
_TITLE = re.compile(r"[A-Z0-9][^\\$<>&{}~^_`|]{10,200}")

Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RealTexts:
    """The articles of an index in row order, and the pieces of each."""

    articles: Sequence[Article]
    pieces: Sequence[Sequence[str]]

    @classmethod
    def read(cls, snapshot: Path) -> Self:
        """Read all articles of a snapshot; takes memory for all their text."""
        with closing(ArticleStore(snapshot / STORE)) as store:
            articles = list(store)
        return cls(articles, [pieces_of(article) for article in articles])


@dataclass(frozen=True, slots=True)
class Lookup:
    """Numbers by the hash of a text: 64 bits, sorted, of two equal ones the first."""

    keys: Keys
    values: Rows

    @classmethod
    def of(cls, keys: Keys, values: Rows) -> Self:
        """Sort keys and their values."""
        kept, first = np.unique(keys, return_index=True)
        return cls(kept, values[first])

    def find(self, keys: Keys) -> Rows:
        """Give the value of each key, -1 where it is not known."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int64)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, self.values[places], -1)

    def save(self, folder: Path, name: str) -> None:
        """Write it into an existing folder."""
        np.save(folder / f"{name}.keys.npy", self.keys)
        np.save(folder / f"{name}.values.npy", self.values)

    @classmethod
    def load(cls, folder: Path, name: str) -> Self:
        """Map what `save` wrote into memory."""
        return cls(
            load_array(folder, f"{name}.keys.npy", np.uint64),
            load_array(folder, f"{name}.values.npy", np.int64),
        )


def text_keys(texts: Iterable[str]) -> Keys:
    """Give the hash of each text: the beginning of its passage key."""
    return shortened(b"".join(map(passage_key, texts)))


def shortened(keys: bytes) -> Keys:
    """Give the first half of each of the passage keys that stand one after the other."""
    halves: Keys = np.frombuffer(keys, np.uint64)[::2]
    return halves


@dataclass(frozen=True, slots=True)
class Stock:
    """What can be taken, by number: `rows` are those of the real index.

    `near` has the numbers of the nearest, nearest first, shape (n, at most 64); the sentences
    of number i are the pieces `places[starts[i]:starts[i + 1]]` of its article.
    """

    rows: Rows
    near: npt.NDArray[np.int32]
    starts: Rows
    places: npt.NDArray[np.uint8]
    passages: Lookup
    pieces: Lookup
    embeddings: npt.NDArray[np.float16]
    truncated: npt.NDArray[np.bool_]
    codes: npt.NDArray[np.uint8]
    scales: npt.NDArray[np.float16]
    piece_starts: Rows

    @property
    def n_real(self) -> int:
        """How many articles the real index has, those included that nothing is taken from."""
        return len(self.embeddings)

    @classmethod
    def open(cls, folder: Path, snapshot: Path) -> Self:
        """Map the stock that `write_stock` made of a snapshot."""
        known = np.load(snapshot / "vectors" / PASSAGES, mmap_mode="r", allow_pickle=False)
        return cls(
            rows=load_array(folder, "rows.npy", np.int64),
            near=load_array(folder, "near.npy", np.int32, 2),
            starts=load_array(folder, "starts.npy", np.int64),
            places=load_array(folder, "places.npy", np.uint8),
            passages=Lookup.load(folder, "passages"),
            pieces=Lookup.load(folder, "pieces"),
            embeddings=load_embeddings(snapshot / "vectors"),
            truncated=known["truncated"],
            codes=load_array(snapshot / PIECES, CODES, np.uint8, 2),
            scales=load_array(snapshot / PIECES, SCALES, np.float16),
            piece_starts=load_array(snapshot / PIECES, STARTS, np.int64),
        )

    def unit_embeddings(self, rows: Rows) -> Embeddings:
        """Give the stored embeddings of real articles, of length 1 in single precision."""
        return to_units(self.embeddings[rows].astype(np.float32))

    def unit_pieces(self, places: Rows) -> Embeddings:
        """Decode the pieces at these places of the codes, and make them of length 1."""
        codes = self.codes[places]
        levels = np.empty((len(codes), 2 * codes.shape[1]), np.float32)
        levels[:, 0::2] = codes & 15
        levels[:, 1::2] = codes >> 4
        return to_units(levels[:, : self.embeddings.shape[1]] - 8)

    def title_place(self, number: int) -> int:
        """Give the place of the title of an article among all codes."""
        return int(self.piece_starts[self.rows[number]])


def to_units(vectors: Embeddings) -> Embeddings:
    """Divide each vector by its length; one of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def write_stock(folder: Path, snapshot: Path, texts: RealTexts) -> None:
    """Write the stock of a snapshot, whose texts were read, into an existing folder."""
    rows, starts, places = _usable(texts)
    np.save(folder / "rows.npy", rows)
    np.save(folder / "starts.npy", starts)
    np.save(folder / "places.npy", places)
    embeddings = load_embeddings(snapshot / "vectors")[rows].astype(np.float32)
    np.save(folder / "near.npy", nearest(embeddings, N_NEAR))
    known = np.load(snapshot / "vectors" / PASSAGES, allow_pickle=False)["key"]
    Lookup.of(shortened(known.tobytes()), np.arange(len(known))).save(folder, "passages")
    keys = text_keys(text for pieces in texts.pieces for text in pieces)
    Lookup.of(keys, np.arange(len(keys))).save(folder, "pieces")


def _usable(texts: RealTexts) -> tuple[Rows, Rows, npt.NDArray[np.uint8]]:
    """Give the rows of what can be taken from, where its sentences begin, and their places."""
    rows, starts, places = [], [0], []
    for row, (article, pieces) in enumerate(zip(texts.articles, texts.pieces, strict=True)):
        if not article.title or not _TITLE.fullmatch(article.title):
            continue
        # the first piece is the title
        found = [n for n, piece in enumerate(pieces) if n and _SENTENCE.fullmatch(piece)]
        if len(found) >= LEAST_SENTENCES:
            rows.append(row)
            places += found
            starts.append(len(places))
    if len(rows) <= LEAST_SENTENCES:
        raise ValueError(f"{len(rows)} articles with sentences to take are too few")
    return np.array(rows), np.array(starts), np.array(places, np.uint8)


def nearest(embeddings: Embeddings, k: int) -> npt.NDArray[np.int32]:
    """Give the numbers of the `k` nearest of each, nearest first, itself not among them.

    Of more than 20,000 they are looked for among the cells that are near: some are missed.
    """
    n, dimension = embeddings.shape
    n_cells = int(_CELLS_PER_ROOT * n**0.5)
    kind = "Flat" if n <= _EXACT_UP_TO else f"IVF{n_cells},Flat"
    built = faiss.index_factory(dimension, kind, faiss.METRIC_INNER_PRODUCT)
    built.train(embeddings)
    built.add(embeddings)
    probing = None if n <= _EXACT_UP_TO else faiss.SearchParametersIVF()
    if probing is not None:
        probing.nprobe = _PROBED
    k = min(k, n - 1)
    near = np.empty((n, k), np.int32)
    for start in range(0, n, _BLOCK_ROWS):
        _, found = built.search(embeddings[start : start + _BLOCK_ROWS], k + 1, params=probing)
        for number, numbers in enumerate(found, start):
            others = numbers[(numbers != number) & (numbers >= 0)][:k]
            # where a cell held fewer, those that there are come round again
            near[number] = np.resize(others, k) if len(others) else (number + 1) % n
    return near
