"""Trials: questions whose answer is known, to fit the calibration of a corpus by.

An article is asked for by its own words, and only the rest of it may answer: its abstract by
its title, the other sentences by three neighbouring ones, the odd sentences by the even ones.
Beside it stand one of its nearest neighbours, which is the hardest to tell apart, and
articles drawn at random, which nearly everything else is.
"""

import hashlib
import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.article import Article
from index.calibration import (
    DEFAULT_CURVES,
    MODES,
    QUERY_KINDS,
    Calibration,
    Curve,
    Mode,
    QueryKind,
    Values,
    evidence,
    fit_curve,
    quality,
    word_evidence,
)
from index.lexical import LexicalIndex
from index.machine import n_cores
from index.onnx import Encoder
from index.postings import saturation
from index.sentences import split_sentences

N_PAIRS: dict[QueryKind, int] = {"short": 300, "paragraph": 100, "article": 100}
"""How many articles are asked for, at most; the texts of 300 cost about a minute to encode."""
SHARE_OF_CORPUS = 8
"""One article in so many is asked for, where that is fewer: a small library waits seconds."""
NEAR = 5
N_RANDOM = 20
PRIOR = 1 / (2 + N_RANDOM)
N_BACKGROUND = 2_000
"""How many articles drawn at random the floors are set by."""

LARGEST_CHANCE = 0.05
CHANCE_BY_SIZE = 3.6
"""A floor lets `CHANCE_BY_SIZE / sqrt(n)` of all articles pass by chance, at most
`LARGEST_CHANCE`: a question in a larger corpus has more answers, but not as many more."""
LEAST_LEXICAL = 0.25
"""The floor of a short question in lexical mode is never lower: sharing a word is not matching."""

SMALL_FLOORS: dict[Mode, float] = {"hybrid": 0.34, "semantic": 0.32, "lexical": LEAST_LEXICAL}
"""The evidence at the floor of a library too small to measure one: that of some thousand articles,
since in a few a near one is rare."""
_FLOOR_WEIGHT = 2_000
"""How many random pairs that counts as."""

_LEAST_SENTENCES = 5
_LEAST_TITLE_WORDS = 3
_BLOCK_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class _Trial:
    """One question with the rest of the article that it was taken from."""

    row: int
    question: str
    rest: str


class _Said(NamedTuple):
    """What the words of a question say of articles: shares of the ceiling, and the evidence."""

    shares: Values
    words: Values


@dataclass(frozen=True, slots=True)
class _Observed:
    """What the legs say of pairs of question and article, and which of the pairs match.

    `trial` numbers the questions; `chance_*` are of all random articles of the background.
    """

    trial: npt.NDArray[np.int64]
    cosines: Values
    said: _Said
    is_match: npt.NDArray[np.bool_]
    chance_cosines: Values
    chance_said: _Said


class Predictions(NamedTuple):
    """What was said of pairs of question and article, and which of the pairs match."""

    probabilities: Values
    is_match: npt.NDArray[np.bool_]


def fit_calibration(
    articles: Sequence[Article],
    embeddings: npt.NDArray[np.float16],
    family: npt.NDArray[np.int32],
    encoder: Encoder,
    lexical: LexicalIndex,
) -> Calibration:
    """Fit the curves of a corpus; `embeddings` and `family` have a row for each article.

    The order of the corpus does not matter. Where no article has a title and an abstract of
    five sentences, the curves are the default ones.
    """
    chance = min(LARGEST_CHANCE, CHANCE_BY_SIZE / math.sqrt(max(1, len(articles))))
    curves: dict[Mode, dict[QueryKind, Curve]] = {mode: {} for mode in MODES}
    measured: dict[QueryKind, dict[str, float]] = {}
    n_pairs = 0
    for kind, seen in _observations(articles, embeddings, family, encoder, lexical):
        n_pairs = max(n_pairs, int(seen.is_match.sum()))
        for mode in MODES:
            least = LEAST_LEXICAL if (mode, kind) == ("lexical", "short") else 0.0
            curves[mode][kind] = _fitted(mode, seen, chance, least)
        tried = _held_out(seen)
        measured[kind] = quality(tried.probabilities, tried.is_match)
    return Calibration(
        n_articles=len(articles),
        n_pairs=n_pairs,
        near=NEAR,
        n_random=N_RANDOM,
        prior=PRIOR,
        chance=chance,
        curves=curves,
        quality=measured,
    )


def try_calibration(
    articles: Sequence[Article],
    embeddings: npt.NDArray[np.float16],
    family: npt.NDArray[np.int32],
    encoder: Encoder,
    lexical: LexicalIndex,
) -> dict[QueryKind, Predictions]:
    """Give what curves said, in hybrid mode, of the pairs that they were not fitted on.

    It is what the `quality` of a calibration is measured by: two fits of each kind of
    question, each tried on the half of the trials that the other was fitted on.
    """
    seen = _observations(articles, embeddings, family, encoder, lexical)
    return {kind: _held_out(of_kind) for kind, of_kind in seen}


def _observations(
    articles: Sequence[Article],
    embeddings: npt.NDArray[np.float16],
    family: npt.NDArray[np.int32],
    encoder: Encoder,
    lexical: LexicalIndex,
) -> Iterator[tuple[QueryKind, _Observed]]:
    """Ask all trials of a corpus, one kind of question after the other."""
    drawn = _drawn(articles)
    background = _Background([(row, articles[row].passage()) for row in drawn], lexical)
    asking = _Asking(articles, embeddings, family, encoder, background)
    for kind in QUERY_KINDS:
        wanted = min(N_PAIRS[kind], max(1, len(articles) // SHARE_OF_CORPUS))
        yield kind, asking.observe(kind, list(_trials(kind, articles, drawn, wanted)))


def _drawn(articles: Sequence[Article]) -> list[int]:
    """Draw rows with an abstract by the hash of their ids, so that their order plays no part."""
    numbered = (
        (hashlib.sha256(article.article_id.encode()).digest(), row)
        for row, article in enumerate(articles)
        if article.abstract
    )
    return [row for _, row in heapq.nsmallest(N_BACKGROUND, numbered)]


def _trials(
    kind: QueryKind, articles: Sequence[Article], rows: Sequence[int], wanted: int
) -> Iterator[_Trial]:
    for row in rows:
        article = articles[row]
        title, abstract = article.title or "", article.abstract or ""
        spans = split_sentences(abstract, article.language)
        if len(title.split()) < _LEAST_TITLE_WORDS or len(spans) < _LEAST_SENTENCES:
            continue
        sentences = [abstract[start:end] for start, end in spans]
        middle = len(sentences) // 2
        if kind == "short":
            question, rest = [title], [abstract]
        elif kind == "paragraph":
            question = sentences[middle - 1 : middle + 2]
            rest = [title, *sentences[: middle - 1], *sentences[middle + 2 :]]
        else:
            question, rest = sentences[::2], [title, *sentences[1::2]]
        yield _Trial(row, " ".join(question), " ".join(rest))
        wanted -= 1
        if not wanted:
            return


class _Background:
    """Articles drawn at random, and how the words of a question occur in them."""

    def __init__(self, passages: Sequence[tuple[int, str]], lexical: LexicalIndex) -> None:
        self.rows = np.array([row for row, _ in passages], dtype=np.int64)
        self._lexical = lexical
        counts = [Counter(lexical.words(text)) for _, text in passages]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        self._mean_length = float(lengths.mean()) if len(lengths) else 1.0
        self._lengths = lengths
        self._places: dict[str, list[int]] = defaultdict(list)
        self._counts: dict[str, list[int]] = defaultdict(list)
        for place, count in enumerate(counts):
            for term, times in count.items():
                self._places[term].append(place)
                self._counts[term].append(times)

    def ask(self, question: str) -> _Said:
        """Give what the words of a question say of each article here."""
        weights = self._lexical.weights(question)
        scores, having = np.zeros(len(self.rows)), np.zeros(len(self.rows))
        for term, weight in weights.items():
            if places := self._places.get(term):
                times = np.array(self._counts[term], dtype=np.float64)
                scores[places] += weight * saturation(
                    times, self._lengths[places], self._mean_length
                )
                having[places] += weight
        return self._said(scores, having, sum(weights.values()), question)

    def ask_of(self, question: str, text: str) -> _Said:
        """Give what the words of a question say of any text."""
        count = Counter(self._lexical.words(text))
        length = sum(count.values())
        weights = self._lexical.weights(question)
        score = sum(
            weight * float(saturation(count[term], length, self._mean_length))
            for term, weight in weights.items()
            if term in count
        )
        having = sum(weight for term, weight in weights.items() if term in count)
        return self._said(np.array([score]), np.array([having]), sum(weights.values()), question)

    def _said(self, scores: Values, having: Values, weight: float, question: str) -> _Said:
        shares = scores / (self._lexical.ceiling(question) or 1.0)
        words = word_evidence(shares, having / (weight or 1.0), weight)
        return _Said(np.asarray(shares), np.asarray(words, dtype=np.float64))


class _Asking:
    """Asks trials of a corpus and notes what the legs say of the articles beside the right one."""

    def __init__(
        self,
        articles: Sequence[Article],
        embeddings: npt.NDArray[np.float16],
        family: npt.NDArray[np.int32],
        encoder: Encoder,
        background: _Background,
    ) -> None:
        self._articles = articles
        self._embeddings = embeddings
        self._family = family
        self._encoder = encoder
        self._background = background
        self._ids: list[str] = []
        has_abstract: list[bool] = []
        for article in articles:
            self._ids.append(article.article_id)
            has_abstract.append(bool(article.abstract))
        self._has_abstract = np.array(has_abstract)

    def observe(self, kind: QueryKind, trials: Sequence[_Trial]) -> _Observed:
        """Ask all trials of one kind."""
        questions = [trial.question for trial in trials]
        with ThreadPoolExecutor(n_cores()) as pool:
            asked = np.array(list(pool.map(self._encoder.encode_query, questions)))
        asked = asked.reshape(len(trials), self._embeddings.shape[1])
        near = self._near(asked, trials)
        beside = [self._text(kind, row) for row in near]
        texts = [*(trial.rest for trial in trials), *beside]
        encoded = np.array([one.embedding for one in self._encoder.encode_passages(texts)])
        drawn = self._embeddings[self._background.rows].astype(np.float64)
        pairs: list[tuple[int, float, float, float, bool]] = []
        chance_cosines: list[Values] = [np.empty(0)]
        chance_said = [_Said(np.empty(0), np.empty(0))]
        for number, trial in enumerate(trials):
            for place, text, match in (
                (number, trial.rest, True),
                (len(trials) + number, beside[number], False),
            ):
                if text:
                    cosine = float(asked[number] @ encoded[place])
                    said = self._background.ask_of(trial.question, text)
                    pairs.append((number, cosine, said.shares[0], said.words[0], match))
            others = self._others(trial)
            cosines = drawn[others] @ asked[number].astype(np.float64)
            of_all = self._background.ask(trial.question)
            said = _Said(of_all.shares[others], of_all.words[others])
            chance_cosines.append(cosines)
            chance_said.append(said)
            places = (number * N_RANDOM + np.arange(min(N_RANDOM, len(others)))) % max(
                1, len(others)
            )
            pairs += [
                (number, cosines[place], said.shares[place], said.words[place], False)
                for place in places
            ]
        columns = np.array(pairs, dtype=np.float64).reshape(-1, 5)
        return _Observed(
            columns[:, 0].astype(np.int64),
            columns[:, 1],
            _Said(columns[:, 2], columns[:, 3]),
            columns[:, 4] == 1,
            np.concatenate(chance_cosines),
            _Said(*map(np.concatenate, zip(*chance_said, strict=True))),
        )

    def _text(self, kind: QueryKind, row: int) -> str:
        # the right article answers a short question without its title; so do its neighbours
        if row < 0:
            return ""
        article = self._articles[row]
        return article.abstract or "" if kind == "short" else article.passage()

    def _others(self, trial: _Trial) -> npt.NDArray[np.int64]:
        """Give the places in the background of all but the article itself and its versions."""
        rows = self._background.rows
        return np.flatnonzero(~self._is_same_work(rows, trial.row))

    def _is_same_work(self, rows: npt.NDArray[np.int64], row: int) -> npt.NDArray[np.bool_]:
        is_version = (self._family[rows] == self._family[row]) & (self._family[row] >= 0)
        return np.asarray((rows == row) | is_version)

    def _near(self, asked: npt.NDArray[np.float32], trials: Sequence[_Trial]) -> list[int]:
        """Give for each question one of the `NEAR` nearest other articles; -1 where none is."""
        has_abstract, ids = self._has_abstract, self._ids
        best: list[list[tuple[float, str, int]]] = [[] for _ in trials]
        for start in range(0, len(self._articles) if trials else 0, _BLOCK_ROWS):
            block = self._embeddings[start : start + _BLOCK_ROWS].astype(np.float32)
            cosines = asked @ block.T
            cosines[:, ~has_abstract[start : start + _BLOCK_ROWS]] = -np.inf
            # rounded: equal texts tie whatever their places, and a tie is decided by the ids
            cosines = cosines.round(_COSINE_DIGITS)
            k = min(NEAR + _SPARE, cosines.shape[1])
            least = -np.partition(-cosines, k - 1, axis=1)[:, k - 1]
            for number, row_cosines in enumerate(cosines):
                places = np.flatnonzero((row_cosines >= least[number]) & np.isfinite(row_cosines))
                found = [
                    (-float(row_cosines[place]), ids[start + place], start + int(place))
                    for place in places
                ]
                best[number] = sorted(best[number] + found)[: NEAR + _SPARE]
        return [
            self._one_of(number, found, trial)
            for number, (found, trial) in enumerate(zip(best, trials, strict=True))
        ]

    def _one_of(self, number: int, found: list[tuple[float, str, int]], trial: _Trial) -> int:
        rows = np.array([row for _, _, row in found], dtype=np.int64)
        rows = rows[~self._is_same_work(rows, trial.row)][:NEAR]
        return int(rows[number % len(rows)]) if len(rows) else -1


_SPARE = 12
"""The article itself and its versions are among the nearest and do not count."""
_COSINE_DIGITS = 6
# sums of products differ in their last bits with the place of a row among others, and which of
# the nearest is taken must not


def _evidence(mode: Mode, cosines: Values, said: _Said) -> Values:
    words = said.shares if mode == "lexical" else said.words
    return evidence(mode, cosines, words, np.zeros(len(cosines), dtype=np.bool_))


def _fitted(mode: Mode, seen: _Observed, chance: float, least: float) -> Curve:
    start = DEFAULT_CURVES[mode]
    intercept, slope = fit_curve(_evidence(mode, seen.cosines, seen.said), seen.is_match, start)
    floor = SMALL_FLOORS[mode]
    by_chance = _evidence(mode, seen.chance_cosines, seen.chance_said)
    if len(by_chance):
        weight = len(by_chance) / (len(by_chance) + _FLOOR_WEIGHT)
        floor = weight * float(np.quantile(by_chance, 1 - chance)) + (1 - weight) * floor
    at_floor = Curve(intercept, slope, 0.0).probability(np.array([max(floor, least)]))
    return Curve(intercept, slope, float(at_floor[0]))


def _held_out(seen: _Observed) -> Predictions:
    """Fit on the even trials and try on the odd ones, and the other way round."""
    said = _evidence("hybrid", seen.cosines, seen.said)
    probabilities = np.zeros(len(said))
    for half in (0, 1):
        is_tried = seen.trial % 2 == half
        intercept, slope = fit_curve(
            said[~is_tried], seen.is_match[~is_tried], DEFAULT_CURVES["hybrid"]
        )
        probabilities[is_tried] = Curve(intercept, slope, 0.0).probability(said[is_tried])
    return Predictions(probabilities, seen.is_match)
