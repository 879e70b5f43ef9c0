"""Spreading the first articles of an answer: laws, and one list that can be read."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from service.diversity import spread_first

Lists = tuple[npt.NDArray[np.float64], npt.NDArray[np.float32]]


@st.composite
def lists(draw: st.DrawFn) -> Lists:
    """Draw keys, highest first, and unit vectors of few directions, so that some are equal."""
    n = draw(st.integers(0, 12))
    keys = sorted(draw(st.lists(st.floats(-5, 5), min_size=n, max_size=n)), reverse=True)
    directions = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    return np.array(keys), np.eye(5, dtype=np.float32)[directions].reshape(n, 5)


@given(listed=lists(), diversity=st.floats(0, 1))
def test_all_are_there_once_and_the_best_is_first(listed: Lists, diversity: float) -> None:
    places = spread_first(*listed, diversity)

    assert sorted(places) == list(range(len(listed[0])))
    assert list(places[:1]) == [0][: len(places)]


@given(listed=lists())
def test_no_diversity_is_the_plain_order(listed: Lists) -> None:
    assert list(spread_first(*listed, 0)) == list(range(len(listed[0])))


@given(listed=lists())
def test_full_diversity_shows_every_direction_before_one_comes_twice(listed: Lists) -> None:
    keys, embeddings = listed
    directions = embeddings.argmax(axis=1) if len(keys) else np.empty(0, np.int64)
    n_different = len(set(directions.tolist()))

    first = directions[spread_first(keys, embeddings, 1)[:n_different]]

    assert len(set(first.tolist())) == n_different


def test_a_nearly_equal_article_makes_place_for_another_subject() -> None:
    keys = np.array([1.0, 0.9, 0.8, 0.0])
    embeddings = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)

    assert list(spread_first(keys, embeddings, 0.05)) == [0, 1, 2, 3]
    assert list(spread_first(keys, embeddings, 0.5)) == [0, 2, 1, 3]
