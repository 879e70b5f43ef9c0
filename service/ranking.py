"""The order of an answer: two legs' scores made one, in numpy and nothing else.

The legs score on scales that cannot be added: cosines lie close together, BM25 grows with the
number of words. Each leg is therefore put on the scale of its own spread over the candidates
(z-scores) before the two are mixed. Measured on SciFact this ranks better than reciprocal
ranks or per-query min-max scores.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]

SEMANTIC_WEIGHT = 0.6
"""The embedding's share in the mix, the best of .4 to .7 on SciFact's training claims and CISI, and
as good as any on Cranfield (scripts/results/tuning_fusion.json)."""
ENOUGH_EVIDENCE = 0.25
"""The lexical leg has its full say from this share of the highest score there could be. Beside a
full say always, nDCG@10 gains .002 on SciFact's training claims and loses .003 on CISI."""

_EVEN_SPREAD = 1e-9
"""A leg whose scores spread less than this says nothing about the order."""


def union_rows(*legs: npt.NDArray[np.int64]) -> Rows:
    """Give the rows that any leg found, each once, ascending."""
    return np.unique(np.concatenate(legs)) if legs else np.empty(0, dtype=np.int64)


def align_scores(
    rows: Rows, leg_rows: npt.NDArray[np.int64], leg_scores: npt.NDArray[np.float32]
) -> Scores:
    """Give a leg's score for each of the ascending `rows`; 0 where the leg has none."""
    aligned = np.zeros(len(rows), dtype=np.float64)
    positions = np.searchsorted(rows, leg_rows)
    is_wanted = positions < len(rows)
    is_wanted[is_wanted] = rows[positions[is_wanted]] == leg_rows[is_wanted]
    aligned[positions[is_wanted]] = leg_scores[is_wanted]
    return aligned


def z_scores(scores: Scores) -> Scores:
    """Give each score's distance from the mean in standard deviations; 0 where all are even."""
    if not len(scores):
        return scores
    spread = float(scores.std())
    if spread < _EVEN_SPREAD:
        return np.zeros_like(scores)
    return np.asarray((scores - scores.mean()) / spread)


def lexical_say(best: float, ceiling: float) -> float:
    """Give how much of its weight the lexical leg has earned for this question, 0 to 1.

    `best` is its highest score, `ceiling` what an article of nothing but the question's words
    would reach. Where even the best article has few of the words, what they order is chance:
    in a small corpus the one word it knows would outweigh what the question means.
    """
    if ceiling <= 0:
        return 0.0
    return min(1.0, best / (ENOUGH_EVIDENCE * ceiling)) ** 2


def fuse(semantic: Scores | None, lexical: Scores | None, say: float = 1.0) -> Scores:
    """Mix the legs that ran into one score per candidate; any real number, higher is better.

    `say` is what `lexical_say` gives.
    """
    if semantic is None and lexical is None:
        raise ValueError("at least one leg must have run")
    if semantic is None or lexical is None:
        only = semantic if lexical is None else lexical
        assert only is not None
        return z_scores(only)
    lexical_weight = (1 - SEMANTIC_WEIGHT) * say
    return SEMANTIC_WEIGHT * z_scores(semantic) + lexical_weight * z_scores(lexical)


def to_unit(fused: Scores) -> Scores:
    """Map fused scores into [0, 1] by the logistic function, which keeps their order.

    One half is an average candidate of this question, so the result compares within one
    answer only.
    """
    # tanh does not overflow where exp(-x) would
    return 0.5 * (1 + np.tanh(fused / 2))


def leaders(values: npt.NDArray[np.float64 | np.int64], limit: int) -> Rows:
    """Give the positions of the `limit` highest values and of all that equal the last of them."""
    if len(values) <= limit:
        return np.arange(len(values), dtype=np.int64)
    threshold = np.partition(values, len(values) - limit)[len(values) - limit]
    return np.flatnonzero(values >= threshold).astype(np.int64)


def order(values: npt.NDArray[np.float64 | np.int64], article_ids: Sequence[str]) -> list[int]:
    """Give positions by value, highest first; equal values by article id."""
    given = values.tolist()
    return sorted(range(len(given)), key=lambda position: (-given[position], article_ids[position]))
