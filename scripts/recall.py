"""How many of the truly nearest articles an answer holds, against brute force."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

DEPTH = 10
_TIE = 2e-5
"""Cosines that differ by less are equal: half-precision embeddings are that exact."""

Matrix = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


def recall_at(
    found: Sequence[Sequence[int]],
    questions: Matrix,
    embeddings: Matrix,
    *,
    depth: int = DEPTH,
    passing: Mask | None = None,
) -> float:
    """Give the mean share of the `depth` nearest articles that were found, of those `passing`.

    `found` are rows, best first, for each of the unit embeddings `questions`. As in ANN
    benchmarks, an article counts that is as near as the last of the nearest, whichever it is.
    """
    shares = []
    for rows, question in zip(found, questions, strict=True):
        cosines = embeddings @ question
        if passing is not None:
            cosines[~passing] = -np.inf
        n_nearest = min(depth, int(np.isfinite(cosines).sum()))
        least = np.partition(cosines, -n_nearest)[-n_nearest] - _TIE
        n_right = int((cosines[list(rows[:depth])] >= least).sum())
        shares.append(n_right / n_nearest)
    return float(np.mean(shares))
