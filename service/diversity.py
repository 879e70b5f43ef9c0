"""Diversity: the first articles of an answer spread over what they are about.

Maximal marginal relevance (Carbonell and Goldstein 1998): the next article is the one that is
good and unlike all that stand before it. The best stays first, and what is not among the first
keeps its place, so pages and cursors walk the same articles as without it.
"""

import numpy as np

from index.vectors import Embeddings
from service.ranking import Rows
from service.ranking import Scores as Values
from service.reranking import MOST_RERANKED

SPREAD = MOST_RERANKED
"""So many of the first articles are spread: as many as a cursor can tell of."""


def spread_first(keys: Values, embeddings: Embeddings, diversity: float) -> Rows:
    """Give the places of the first articles, in their new order.

    `keys` are what orders them, highest first, `embeddings` theirs. With a `diversity` of 0 the
    order stays, with 1 nothing counts but how unlike the next is to those before it.
    """
    n = len(keys)
    if n < 2 or diversity == 0:
        return np.arange(n)
    relevance = _to_unit_range(keys)
    cosines = (embeddings @ embeddings.T).astype(np.float64).round(_DIGITS)
    chosen = [0]
    nearest = cosines[0].copy()
    is_left = np.ones(n, dtype=np.bool_)
    is_left[0] = False
    for _ in range(n - 1):
        gain = (1 - diversity) * relevance - diversity * nearest
        following = int(np.argmax(np.where(is_left, gain, -np.inf)))
        chosen.append(following)
        is_left[following] = False
        nearest = np.maximum(nearest, cosines[following])
    return np.array(chosen, dtype=np.int64)


def _to_unit_range(keys: Values) -> Values:
    """Put keys between 0 and 1, as cosines are; where all are equal, all are 1."""
    lowest, highest = float(keys.min()), float(keys.max())
    if highest == lowest:
        return np.ones(len(keys))
    return np.asarray((keys - lowest) / (highest - lowest))


_DIGITS = 6
# sums of products differ in their last bits with the place of a row: equals must stay equals
