"""A reranker's scores order the places they are for, and nothing else."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reranking import rerank_first

ROWS = np.array([40, 10, 30, 20])


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ([], [40, 10, 30, 20]),
        ([5.0], [40, 10, 30, 20]),
        ([1.0, 2.0], [10, 40, 30, 20]),
        ([1.0, -3.0, 2.0], [30, 40, 10, 20]),
        ([-1.0, 0.0, 0.0, 0.0], [10, 30, 20, 40]),
        ([0.0, 0.0, 0.0, 0.0], [40, 10, 30, 20]),
        ([math.nan, -9.0, math.nan], [10, 40, 30, 20]),
        ([-math.inf, math.inf], [10, 40, 30, 20]),
    ],
)
def test_the_first_places_are_ordered_by_their_logits(
    logits: list[float], expected: list[int]
) -> None:
    assert rerank_first(ROWS, logits).tolist() == expected


@given(logits=st.lists(st.floats(allow_nan=True), max_size=12), n_more=st.integers(0, 5))
def test_no_article_is_lost_or_moved_across_the_last_place(
    logits: list[float], n_more: int
) -> None:
    before = np.arange(len(logits) + n_more)[::-1].astype(np.int64)

    after = rerank_first(before, logits)

    n = len(logits)
    assert sorted(after[:n]) == sorted(before[:n])
    assert after[n:].tolist() == before[n:].tolist()
    known = dict(zip(before.tolist(), logits, strict=False))
    ordered = [known[row] for row in after[:n].tolist() if not math.isnan(known[row])]
    assert ordered == sorted(ordered, reverse=True)
