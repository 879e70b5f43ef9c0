"""Calibration: from what the legs say of an article to the probability that it matches.

The evidence for an article is its cosine and what the words say: a share of the highest BM25
score there could be, and whether it has nearly all words of the question. A logistic curve,
which never falls, makes a probability of it. One is fitted for each way of asking and each
length of question, by `index.trials`, from questions whose answer is known: an article's own
title (three sentences of it, or half of them) asked of the rest of it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, Self, get_args

import numpy as np
import numpy.typing as npt

Mode = Literal["hybrid", "semantic", "lexical"]
QueryKind = Literal["short", "paragraph", "article"]
Values = npt.NDArray[np.float64]
Floats = npt.NDArray[np.floating[Any]]

MODES: tuple[Mode, ...] = get_args(Mode)
QUERY_KINDS: tuple[QueryKind, ...] = get_args(QueryKind)

SHORT_UP_TO = 30
"""Words of the longest short question: a title or a sentence."""
PARAGRAPH_UP_TO = 70
"""Words of the longest paragraph; what is longer is asked like a whole article."""

LEXICAL_SHARE = 0.3
"""What a question found word for word adds to a cosine."""
COVERED = 0.4
"""What having all words of the question adds: a sentence from past the encoder's window, or a rare
acronym, is found by them alone."""
COVERED_FROM = 0.7
"""The share of the words, weighed by their rarity, from which this begins to count."""
ENOUGH_WORDS = 8.0
"""The rarity of all words together from which it counts in full: two of medium rarity, or one that
a few articles have."""
TITLE_ALONE = 0.04
"""What is taken off where the title is all that is known of an article: so few words come near a
question by chance more easily."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve over the evidence, and the floor below which nothing is a match.

    `probability = 1 / (1 + exp(-(intercept + slope * evidence)))`; `floor` is a probability.
    """

    intercept: float
    slope: float
    floor: float

    def probability(self, evidence: Values) -> Values:
        """Give the probability of a match for each evidence, in (0, 1)."""
        return _logistic(self.intercept + self.slope * evidence)

    def evidence(self, probability: float) -> float:
        """Give the least evidence that has this probability; infinite close to 0 and at 1.

        What `probability` said of some evidence is never less than what is given here, so
        that an article reaches the very probability that is shown for it.
        """
        if probability <= _LEAST_PROBABILITY:
            return -np.inf
        if probability >= 1:
            return np.inf
        logit = float(np.log(probability / (1 - probability)))
        rounding = _ROUNDING * (1 / (1 - probability) + abs(logit) + abs(self.intercept))
        return (logit - rounding - self.intercept) / self.slope


DEFAULT_CURVES: dict[Mode, Curve] = {
    "hybrid": Curve(-10.7, 13.9, 0.03),
    "semantic": Curve(-9.8, 14.8, 0.06),
    "lexical": Curve(-7.5, 18.3, 0.05),
}
"""The curves of short questions in a corpus of 183,690 articles: what every fit starts from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The curves of a snapshot, by mode and kind of question, and how they were fitted.

    `n_pairs` articles were asked for by their own words, each among one of its `near`est
    neighbours and `n_random` articles drawn at random, so that the probabilities assume the
    `prior` that one of so many matches. `chance` is the share of random articles that passes
    the floors. `n_articles` is the size of the corpus the curves were fitted on. `quality`
    holds, by kind of question, what held-out pairs gave in hybrid mode (`n`, `ece`, `auc`,
    `brier_skill`), from two fits, each tested on the half that the other was fitted on.
    """

    n_articles: int
    n_pairs: int
    near: int
    n_random: int
    prior: float
    chance: float
    curves: Mapping[Mode, Mapping[QueryKind, Curve]]
    quality: Mapping[QueryKind, Mapping[str, float]]

    @classmethod
    def default(cls) -> Self:
        """Give what holds where nothing could be fitted: the curves of a large corpus."""
        curves = {mode: dict.fromkeys(QUERY_KINDS, DEFAULT_CURVES[mode]) for mode in MODES}
        return cls(
            n_articles=0, n_pairs=0, near=0, n_random=0, prior=0.0, chance=0.0, curves=curves,
            quality={},
        )  # fmt: skip

    def curve(self, mode: Mode, question: str) -> Curve:
        """Give the curve for a question asked in a mode."""
        return self.curves[mode][query_kind(question)]

    def to_json(self) -> dict[str, object]:
        """Give the calibration as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read a calibration back from its JSON object."""
        curves = {
            mode: {kind: Curve(**curve) for kind, curve in of_mode.items()}
            for mode, of_mode in value["curves"].items()
        }
        return cls(**(value | {"curves": curves}))


def query_kind(question: str) -> QueryKind:
    """Tell a short question from a paragraph and from a whole article, by its words."""
    n_words = len(question.split())
    if n_words <= SHORT_UP_TO:
        return "short"
    return "paragraph" if n_words <= PARAGRAPH_UP_TO else "article"


def word_evidence(shares: Floats, coverage: Floats, weight: float) -> Floats:
    """Weigh what the words of a question say of articles, beside a cosine.

    `shares` are BM25 scores as shares of the highest there could be; above 1 counts as 1.
    `coverage` is the share of the question's words, by rarity, that an article has; `weight`
    is the rarity of all its words.
    """
    covered = np.clip((coverage - COVERED_FROM) / (1 - COVERED_FROM), 0, 1)
    full = COVERED * min(1.0, weight / ENOUGH_WORDS)
    return np.asarray(LEXICAL_SHARE * np.minimum(shares, 1) + full * covered)


def evidence(
    mode: Mode, cosines: Values | None, words: Values | None, is_title_alone: npt.NDArray[np.bool_]
) -> Values:
    """Weigh what the legs say of each article; a leg that `mode` does not ask is not needed.

    `words` is `word_evidence`; in lexical mode the share of the highest BM25 score alone.
    """
    if mode == "lexical":
        assert words is not None
        return np.minimum(words, 1.0)
    assert cosines is not None
    weighed = cosines - TITLE_ALONE * is_title_alone
    if mode == "semantic":
        return np.asarray(weighed)
    assert words is not None
    return np.asarray(weighed + words)


def fit_curve(
    evidence: Values, is_match: npt.NDArray[np.bool_], prior: Curve
) -> tuple[float, float]:
    """Fit intercept and slope of a logistic curve by Newton's method, and give both.

    The fit is pulled towards `prior` as by a few observations, so that it exists, and is
    sound, for any number of pairs. The slope is never negative: where more evidence does not
    make a match likelier, the curve is nearly level, at the share of matches.
    """
    both = np.column_stack([np.ones_like(evidence), evidence])
    start = np.array([prior.intercept, prior.slope])
    intercept, slope = _minimised(both, np.zeros_like(evidence), is_match, start)
    if slope >= _LEAST_SLOPE:
        return float(intercept), float(slope)
    (intercept,) = _minimised(both[:, :1], _LEAST_SLOPE * evidence, is_match, start[:1])
    return float(intercept), _LEAST_SLOPE


def _minimised(
    design: Values, offset: Values, is_match: npt.NDArray[np.bool_], start: Values
) -> Values:
    """Give the weights of highest likelihood, pulled towards `start`."""

    def loss(weights: Values) -> float:
        logits = offset + design @ weights
        misfit = np.logaddexp(0, logits).sum() - logits[is_match].sum()
        return float(misfit + _PRIOR_PRECISION * ((weights - start) ** 2).sum() / 2)

    weights, lost = start, loss(start)
    for _ in range(_MOST_STEPS):
        p = _logistic(offset + design @ weights)
        gradient = design.T @ (p - is_match) + _PRIOR_PRECISION * (weights - start)
        hessian = (design * (p * (1 - p))[:, None]).T @ design
        step = np.linalg.solve(hessian + _PRIOR_PRECISION * np.eye(len(start)), gradient)
        # far from the lowest point a whole step can lead away from it, and the next further yet
        while (nearer := loss(weights - step)) > lost and float(np.abs(step).max()) > _CONVERGED:
            step = step / 2
        weights, lost = weights - step, nearer
        if float(np.abs(step).max()) <= _CONVERGED:
            break
    return np.asarray(weights)


def _logistic(logits: Values) -> Values:
    # beyond the largest logit a float could only say 0 or 1
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -_LARGEST_LOGIT, _LARGEST_LOGIT))))


_LARGEST_LOGIT = 35.0
_LEAST_PROBABILITY = float(_logistic(np.array(-_LARGEST_LOGIT)))
_ROUNDING = 8 * float(np.finfo(np.float64).eps)
_PRIOR_PRECISION = 0.01
_CONVERGED = 1e-9
_MOST_STEPS = 200
_LEAST_SLOPE = 1e-3


class Bin(NamedTuple):
    """Some predictions: how many, what they said on average, and the share that was true."""

    n: int
    said: float
    true: float


def reliability(
    probabilities: Values, is_match: npt.NDArray[np.bool_], n_bins: int = 15
) -> list[Bin]:
    """Part predictions, by what they say, into bins of equal mass; an empty one is left out."""
    order = np.argsort(probabilities, kind="stable")
    return [
        Bin(len(places), float(probabilities[places].mean()), float(is_match[places].mean()))
        for places in np.array_split(order, n_bins)
        if len(places)
    ]


def quality(probabilities: Values, is_match: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Measure probabilities against what was true: ECE of 15 equal masses, AUC, Brier skill.

    The skill is over always saying the base rate: 1 is perfect, 0 no better. Where all or none
    are matches there is nothing to tell apart, and only `n` is given.
    """
    base = float(is_match.mean()) if len(is_match) else 0.0
    if base in (0.0, 1.0):
        return {"n": float(len(is_match))}
    bins = reliability(probabilities, is_match)
    ece = sum(one.n * abs(one.said - one.true) for one in bins)
    brier = float(((probabilities - is_match) ** 2).mean())
    return {
        "n": float(len(is_match)),
        "ece": ece / len(is_match),
        "auc": _auc(probabilities, is_match),
        "brier_skill": 1 - brier / (base * (1 - base)),
    }


def _auc(scores: Values, is_match: npt.NDArray[np.bool_]) -> float:
    # the share of pairs in right order, ties half: the rank-sum form (Mann and Whitney 1947)
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    n_true = int(is_match.sum())
    n_false = len(is_match) - n_true
    return float((ranks[is_match].sum() - n_true * (n_true + 1) / 2) / (n_true * n_false))
