"""Whether two configurations differ, by what each reached on the same queries."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

SEED = 20261122
N_RESAMPLES = 9_999
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of one configuration less that of another.

    `low` and `high` bound its 95 % bootstrap interval. `p` is how often chance alone, which of
    the two reached which of a query's values, makes a difference as large in either direction;
    not less than 2 / (N_RESAMPLES + 1).
    """

    mean: float
    low: float
    high: float
    p: float


def compare_pairs(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Compare values query by query; ValueError unless there are two queries or more.

    The same values always give the same answer: what is drawn at random is seeded. Of few
    queries every way to swap their values is tried.
    """
    if len(first) != len(second) or len(first) < 2:
        message = f"{len(first)} and {len(second)} values; a paired test needs pairs, two or more"
        raise ValueError(message)
    differences = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    # of one sample, to swap a pair is to turn the sign of its difference
    test = stats.permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=N_RESAMPLES,
        batch=_AT_ONCE,
        rng=np.random.default_rng(SEED),
    )
    # percentiles, since BCa has no interval where all differences are the same
    interval = stats.bootstrap(
        (differences,),
        np.mean,
        n_resamples=N_RESAMPLES,
        batch=_AT_ONCE,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Difference(
        float(differences.mean()), float(interval.low), float(interval.high), float(test.pvalue)
    )
