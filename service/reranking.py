"""Reranking: a cross-encoder's scores put the first articles of an answer into a new order.

Time decides how many the first page can rescore. That number goes into the cursor, so that
every later page rescores the same ones, however long that takes, and none is skipped or shown
twice. Nothing here scores: `index.reranker` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from service.ranking import Rows

MOST_RERANKED = 100
"""The most articles that can be asked for, and so the most that a cursor can make us rescore."""


@dataclass(frozen=True, slots=True)
class Reranking:
    """How many of the first articles a reranker rescores, and in how much time."""

    n_articles: int = 20
    budget_s: float = 0.15


def rerank_first(in_order: Rows, logits: Sequence[float]) -> Rows:
    """Give an order with its first `len(logits)` places anew, the highest logit first.

    `logits` are those of the articles at these places. Equals, and what has no number, keep
    the order they had; all other places stay as they are.
    """
    scores = np.nan_to_num(np.asarray(logits, dtype=np.float64), nan=-np.inf)
    first = np.argsort(-scores, kind="stable")
    return np.concatenate((in_order[first], in_order[len(first) :]))
