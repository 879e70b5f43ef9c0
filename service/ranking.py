"""The order of an answer: two legs' scores made one, in numpy and nothing else.

The legs score on scales that cannot be added: cosines lie close together, BM25 grows with the
number of words. Each leg is therefore put on the scale of its own spread over the candidates
(z-scores) before the two are mixed. Measured on SciFact this ranks better than reciprocal
ranks or per-query min-max scores.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]

SEMANTIC_WEIGHT = 0.6
"""The embedding's share in the mix: of .4 to .7 the best on Cranfield and CISI; SciFact's training
claims would have less (scripts/results/ranking.md)."""
ENOUGH_EVIDENCE = 0.25
"""The lexical leg has its full say from this share of the highest score there could be. Beside a
full say always, nDCG@10 gains .002 on SciFact's training claims and loses .003 on CISI."""

HUBNESS_TAKEN = 0.4
"""How much of its hubness is taken off an article's cosine, for the order. On CISI, nDCG@10 gains
.022, on Cranfield .001; SciFact's training claims lose .001 (scripts/results/ranking.md)."""

_EVEN_SPREAD = 1e-9
"""A leg whose scores spread less than this says nothing about the order."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The mean and spread of a leg's scores over the candidates, and the leg's weight."""

    mean: float
    spread: float
    weight: float

    @classmethod
    def of(cls, scores: Scores, weight: float) -> "Scale":
        """Measure the scale of a leg's scores."""
        if not len(scores):
            return cls(0.0, 0.0, weight)
        return cls(float(scores.mean()), float(scores.std()), weight)

    def z_scores(self, scores: Scores) -> Scores:
        """Give each score's distance from the mean in standard deviations; 0 where all are even."""
        if self.spread < _EVEN_SPREAD:
            return np.zeros(len(scores))
        return np.asarray((scores - self.mean) / self.spread)


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the legs of one question are mixed; a leg that did not run has no scale."""

    semantic: Scale | None
    lexical: Scale | None

    @classmethod
    def of(cls, semantic: Scores | None, lexical: Scores | None, say: float = 1.0) -> "Fusion":
        """Measure the legs over the candidates of a question; `say` is what `lexical_say` gives."""
        if semantic is None and lexical is None:
            raise ValueError("at least one leg must have run")
        if semantic is None or lexical is None:
            return cls(
                None if semantic is None else Scale.of(semantic, 1.0),
                None if lexical is None else Scale.of(lexical, 1.0),
            )
        lexical_weight = (1 - SEMANTIC_WEIGHT) * say
        return cls(Scale.of(semantic, SEMANTIC_WEIGHT), Scale.of(lexical, lexical_weight))

    def fuse(self, semantic: Scores | None, lexical: Scores | None) -> Scores:
        """Mix the legs' scores of each article; any real number, higher is better."""
        parts = [
            scale.weight * scale.z_scores(scores)
            for scale, scores in ((self.semantic, semantic), (self.lexical, lexical))
            if scale is not None and scores is not None
        ]
        return np.asarray(sum(parts))


SOFTNESS = 0.25
"""How far the best of several examples decides: at 0 all count alike, beyond 5 the best alone."""


def soft_best(scores: Scores) -> Scores:
    """Mix what several examples say of each article, shape (examples, articles).

    Between their mean and their best: the logarithm of the mean of powers of e. The mean loses what
    is like one of examples that have little in common, the best what is like all of them.
    """
    if len(scores) == 1:
        return np.asarray(scores[0])
    powers = SOFTNESS * scores
    highest = powers.max(axis=0)
    return np.asarray((highest + np.log(np.exp(powers - highest).mean(axis=0))) / SOFTNESS)


def union_rows(*legs: npt.NDArray[np.int64]) -> Rows:
    """Give the rows that any leg found, each once, ascending."""
    if not legs:
        return np.empty(0, dtype=np.int64)
    # by sorting: np.unique hashes, which takes several times as long
    rows = np.sort(np.concatenate(legs))
    return rows[np.append(True, rows[1:] != rows[:-1])] if len(rows) else rows


def best_rows(scores: npt.NDArray[np.floating], k: int, least: float = 1e-9) -> Rows:
    """Give the rows of the `k` highest scores of at least `least`, ascending, and their equals."""
    rows = np.flatnonzero(scores >= _kth_of_sample(scores, k, least))
    if len(rows) < k:
        rows = np.flatnonzero(scores >= least)
    if len(rows) > k:
        found = scores[rows]
        rows = rows[found >= np.partition(found, len(rows) - k)[len(rows) - k]]
    return rows.astype(np.int64)


def _kth_of_sample(scores: npt.NDArray[np.floating], k: int, least: float) -> float:
    """Guess a score that rather more than `k` reach, from one in sixteen: to sort only those."""
    sample = scores[::_SAMPLED]
    wanted = 2 * k // _SAMPLED
    if wanted >= len(sample):
        return least
    return max(least, float(np.partition(sample, len(sample) - wanted - 1)[-wanted - 1]))


_SAMPLED = 16


def is_in(rows: npt.NDArray[np.int64], known: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which of `rows` are among the ascending `known` ones."""
    if not len(known):
        return np.zeros(len(rows), dtype=np.bool_)
    places = np.minimum(np.searchsorted(known, rows), len(known) - 1)
    return np.asarray(known[places] == rows)


def align_scores(
    rows: Rows, leg_rows: npt.NDArray[np.int64], leg_scores: npt.NDArray[np.float32]
) -> Scores:
    """Give a leg's score for each of the ascending `rows`; 0 where the leg has none."""
    aligned = np.zeros(len(rows), dtype=np.float64)
    is_wanted = is_in(leg_rows, rows)
    aligned[np.searchsorted(rows, leg_rows[is_wanted])] = leg_scores[is_wanted]
    return aligned


def lexical_say(best: float, ceiling: float) -> float:
    """Give how much of its weight the lexical leg has earned for this question, 0 to 1.

    `best` is its highest score, `ceiling` what an article of nothing but the question's words
    would reach. Where even the best article has few of the words, what they order is chance:
    in a small corpus the one word it knows would outweigh what the question means.
    """
    if ceiling <= 0:
        return 0.0
    # of a score that is numpy's own, too, a number that JSON knows
    return float(min(1.0, best / (ENOUGH_EVIDENCE * ceiling)) ** 2)


def to_unit(fused: Scores) -> Scores:
    """Map fused scores into [0, 1] by a logistic function, which keeps their order.

    One half is an average candidate of this question, so the result compares within one
    answer only.
    """
    # tanh does not overflow where exp(-x) would
    return 0.5 * (1 + np.tanh(fused / (2 * _UNIT)))


_UNIT = 4.0
# the best of an answer stand some ten standard deviations above an average candidate: at a
# width of 1 they would all be 1 to four digits


def order(values: npt.NDArray[np.float64 | np.int64], places: npt.NDArray[np.int32]) -> Rows:
    """Give positions by value, highest first; equal values by ascending `places`."""
    return np.lexsort((places, -values)).astype(np.int64)
