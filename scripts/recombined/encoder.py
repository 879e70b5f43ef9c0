"""The encoder of a recombined corpus: real embeddings, and documented perturbations of them.

    a real passage           its stored embedding
    a recombined passage     the mean of the embeddings of the articles that gave its sentences,
                             each weighed by their number, and a perturbation; of length 1
    a real title, sentence   its stored piece, of four bits a dimension
    a recombined title       the mean of the pieces of the two titles
    anything else            what the real encoder says

The perturbation is Gaussian with the covariance of what sets a real article off from its two
nearest, drawn by the hash of the passage, and as large as makes the nearest neighbours of
recombined articles, in the median, as near as those of real ones.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.arrays import load_array
from index.embeddings import passage_key
from index.onnx import Encoded, Encoder
from index.sentences import LONGEST_SENTENCE
from index.vectors import Embedding, Embeddings
from index.words import Vectors
from scripts.recombined.articles import Recipe, draw_recipe
from scripts.recombined.stock import Lookup, Rows, Stock, shortened, to_units

SAMPLED = 20_000
SPREAD = "spread.npy"

_AT_ONCE = 1_024
_BLOCK_ROWS = 2_048
_N_HALVINGS = 9
_LARGEST_FACTOR = 2.0
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")


class Nearness(NamedTuple):
    """Quartiles of the cosine with the nearest neighbour, among `n` real and `n` recombined."""

    n: int
    factor: float
    real: tuple[float, ...]
    recombined: tuple[float, ...]


class RecombinedEncoder:
    """Answers for the texts of a recombined corpus; for questions it is the real encoder.

    `counts` says how many texts had which of the five answers, `encoding_s` the time that they
    took, `really_s` that of the real encoder in it: most of what it is asked for are the texts
    that a calibration tries.
    """

    def __init__(
        self, real: Encoder, stock: Stock, made: Lookup, spread: npt.NDArray[np.float32]
    ) -> None:
        self.spec = real.spec
        self.counts: Counter[str] = Counter()
        self.encoding_s = 0.0
        self.really_s = 0.0
        self._real = real
        self._stock = stock
        self._made = made
        self._spread = spread

    def encode_query(self, text: str) -> Embedding:
        """Encode a question with the real encoder."""
        return self._real.encode_query(text)

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Give the real encoder's vectors of single words."""
        return self._real.word_vectors(words)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count tokens as the real encoder does."""
        return self._real.count_tokens(texts)

    def save(self, folder: Path) -> None:
        """Write the real encoder: what serves such a corpus knows nothing of this one."""
        self._real.save(folder)

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        """Give the embeddings of passages or pieces, in order; see the head of this file."""
        remaining = iter(texts)
        while block := list(islice(remaining, _AT_ONCE)):
            started = time.perf_counter()
            embeddings, truncated = self._encode(block)
            self.encoding_s += time.perf_counter() - started
            yield from map(Encoded, embeddings, truncated)

    def _encode(self, texts: Sequence[str]) -> tuple[Embeddings, list[bool]]:
        hashes = [passage_key(text) for text in texts]
        keys = shortened(b"".join(hashes))
        embeddings = np.empty((len(texts), self.spec.dimension), np.float32)
        truncated = np.zeros(len(texts), np.bool_)
        rows, pieces = self._stock.passages.find(keys), self._stock.pieces.find(keys)
        made = self._made.find(keys)
        is_real = rows >= 0
        embeddings[is_real] = self._stock.unit_embeddings(rows[is_real])
        truncated[is_real] = self._stock.truncated[rows[is_real]]
        is_piece = ~is_real & (pieces >= 0)
        embeddings[is_piece] = self._stock.unit_pieces(pieces[is_piece])
        is_made = ~is_real & ~is_piece & (made >= 0)
        is_title = is_made & (made % 2 == 0)
        embeddings[is_title] = self._titles(made[is_title] // 2)
        is_passage = is_made & (made % 2 == 1)
        seeds = [hashes[place] for place in np.flatnonzero(is_passage).tolist()]
        embeddings[is_passage] = self._passages(made[is_passage] // 2, seeds)
        unknown = np.flatnonzero(~is_real & ~is_piece & ~is_made).tolist()
        for place, one in zip(unknown, self._others([texts[n] for n in unknown]), strict=True):
            embeddings[place], truncated[place] = one
        self.counts += Counter(
            real_passages=int(is_real.sum()), real_pieces=int(is_piece.sum()),
            recombined_titles=int(is_title.sum()), recombined_passages=int(is_passage.sum()),
        )  # fmt: skip
        return embeddings, truncated.tolist()

    def _titles(self, numbers: Rows) -> Embeddings:
        recipes = [draw_recipe(self._stock, number) for number in numbers.tolist()]
        heads, tails = (
            self._stock.unit_pieces(np.array([self._stock.title_place(n) for n in ends], np.int64))
            for ends in ([one.head for one in recipes], [one.tail for one in recipes])
        )
        return to_units(heads + tails)

    def _passages(self, numbers: Rows, seeds: Sequence[bytes]) -> Embeddings:
        recipes = [draw_recipe(self._stock, number) for number in numbers.tolist()]
        noise = draw_noise((int.from_bytes(seed) for seed in seeds), self.spec.dimension)
        return to_units(mean_embeddings(self._stock, recipes) + noise @ self._spread)

    def _others(self, texts: Sequence[str]) -> Iterator[Encoded]:
        """Answer for texts that no one wrote down: two sentences in one, or a calibration's."""
        joined = {text: self._joined(text) for text in texts}
        unknown = [text for text, embedding in joined.items() if embedding is None]
        started = time.perf_counter()
        encoded = dict(zip(unknown, self._real.encode_passages(unknown), strict=True))
        self.really_s += time.perf_counter() - started
        self.counts += Counter(
            joined_pieces=len(joined) - len(unknown), really_encoded=len(unknown)
        )
        for text in texts:
            embedding = joined[text]
            yield encoded[text] if embedding is None else Encoded(embedding, truncated=False)

    def _joined(self, text: str) -> Embedding | None:
        """Give the mean of the pieces that a text is made of, if it is no longer than a piece."""
        if len(text) > LONGEST_SENTENCE:
            return None
        keys = shortened(b"".join(map(passage_key, _SENTENCE_END.split(text))))
        places = self._stock.pieces.find(keys)
        if len(places) == 1 or (places < 0).any():
            return None
        mean: Embedding = to_units(self._stock.unit_pieces(places).sum(axis=0, keepdims=True))[0]
        return mean


def load_encoder(real: Encoder, stock: Stock, folder: Path, made: Lookup) -> RecombinedEncoder:
    """Make the encoder with the spread that `fit_spread` wrote into the folder of the stock."""
    return RecombinedEncoder(real, stock, made, load_array(folder, SPREAD, np.float32, 2))


def mean_embeddings(stock: Stock, recipes: Sequence[Recipe]) -> Embeddings:
    """Give the mean of each recipe's sources, weighed by their sentences, of length 1."""
    numbers, weights = [], []
    for recipe in recipes:
        counts = Counter(source for source, _ in recipe.sentences)
        numbers += list(counts)
        weights += list(counts.values())
    ends = np.cumsum([len({source for source, _ in one.sentences}) for one in recipes])
    if not len(ends):
        return np.empty((0, stock.embeddings.shape[1]), np.float32)
    rows = stock.rows[np.array(numbers)]
    weighed = stock.unit_embeddings(rows) * np.array(weights, np.float32)[:, None]
    return to_units(np.add.reduceat(weighed, np.concatenate([[0], ends[:-1]])))


def draw_noise(seeds: Iterable[int], dimension: int) -> Embeddings:
    """Draw standard normal vectors, each by a seed of up to 128 bits."""
    drawn = [
        np.random.Generator(np.random.Philox(key=seed)).standard_normal(dimension, np.float32)
        for seed in seeds
    ]
    return np.array(drawn, np.float32).reshape(-1, dimension)


def fit_spread(stock: Stock, folder: Path, n_sampled: int = SAMPLED) -> Nearness:
    """Find how large the perturbation is to be, write it, and give how near neighbours are."""
    n = min(n_sampled, len(stock.rows))
    draw = np.random.default_rng(0)
    real = stock.unit_embeddings(stock.rows[np.sort(draw.choice(len(stock.rows), n, False))])
    wanted = nearest_cosines(real)
    recipes = [draw_recipe(stock, number) for number in range(1, n + 1)]
    means = mean_embeddings(stock, recipes)
    spread = _residual_spread(stock, n)
    noise = draw_noise(range(n), real.shape[1]) @ spread
    low, high = 0.0, _LARGEST_FACTOR
    for _ in range(_N_HALVINGS):
        factor = (low + high) / 2
        found = nearest_cosines(to_units(means + factor * noise))
        low, high = (factor, high) if np.median(found) > np.median(wanted) else (low, factor)
    np.save(folder / SPREAD, (factor * spread).astype(np.float32))
    return Nearness(n, factor, _quartiles(wanted), _quartiles(found))


def _residual_spread(stock: Stock, n: int) -> Embeddings:
    """Give a square root of the covariance of articles about the mean of their two nearest."""
    numbers = np.sort(np.random.default_rng(1).choice(len(stock.rows), n, replace=False))
    own = stock.unit_embeddings(stock.rows[numbers])
    first, second = (stock.unit_embeddings(stock.rows[stock.near[numbers, k]]) for k in (0, 1))
    residuals = (own - to_units(first + second)).astype(np.float64)
    variances, directions = np.linalg.eigh(residuals.T @ residuals / n)
    return np.asarray((directions * np.sqrt(np.maximum(variances, 0))).T, dtype=np.float32)


def nearest_cosines(embeddings: Embeddings) -> Embedding:
    """Give the cosine of each embedding with the nearest of the others."""
    best = np.empty(len(embeddings), np.float32)
    for start in range(0, len(embeddings), _BLOCK_ROWS):
        cosines = embeddings[start : start + _BLOCK_ROWS] @ embeddings.T
        places = np.arange(len(cosines))
        cosines[places, start + places] = -1
        best[start : start + len(cosines)] = cosines.max(axis=1)
    return best


def _quartiles(values: Embedding) -> tuple[float, ...]:
    return tuple(round(float(cut), 4) for cut in np.quantile(values, (0.25, 0.5, 0.75)))
