"""Ranking: one order from two scales, whatever the scales are."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from service.ranking import (
    ENOUGH_EVIDENCE,
    SEMANTIC_WEIGHT,
    Fusion,
    Scale,
    align_scores,
    best_rows,
    lexical_say,
    order,
    to_unit,
    union_rows,
)

Values = npt.NDArray[np.float64]
SCORES = arrays.arrays(np.float64, st.integers(0, 40), elements=st.floats(-1e3, 1e3, width=32))


def z_scores(scores: Values) -> Values:
    return Scale.of(scores, 1.0).z_scores(scores)


def fuse(semantic: Values | None, lexical: Values | None, say: float = 1.0) -> Values:
    return Fusion.of(semantic, lexical, say).fuse(semantic, lexical)


def test_rows_of_both_legs_come_once_each_ascending() -> None:
    rows = union_rows(np.array([7, 2], np.int64), np.array([2, 5], np.int64))

    assert rows.tolist() == [2, 5, 7]


def test_no_leg_has_no_rows() -> None:
    assert union_rows().tolist() == []


def test_a_leg_has_zero_where_it_found_nothing_and_unasked_rows_are_left_out() -> None:
    aligned = align_scores(
        np.array([2, 5, 7]), np.array([7, 9, 2, 1]), np.array([3, 4, 1, 2], np.float32)
    )

    assert aligned.tolist() == [1, 0, 3]


def test_z_scores_measure_from_the_mean_in_standard_deviations() -> None:
    assert z_scores(np.array([1.0, 3.0])).tolist() == [-1, 1]


def test_a_leg_without_spread_says_nothing() -> None:
    assert z_scores(np.full(3, 0.7)).tolist() == [0, 0, 0]
    assert z_scores(np.empty(0)).tolist() == []


def test_a_scale_once_measured_is_that_of_any_other_scores() -> None:
    scale = Scale.of(np.array([1.0, 3.0]), 0.5)

    assert (scale.mean, scale.spread, scale.weight) == (2.0, 1.0, 0.5)
    assert scale.z_scores(np.array([5.0, 2.0])).tolist() == [3, 0]


def test_both_legs_count_by_their_weights_whatever_their_scales() -> None:
    semantic, lexical = np.array([0.1, 0.3, 0.2]), np.array([0.0, 10.0, 80.0])

    fused = fuse(semantic, lexical)

    expected = SEMANTIC_WEIGHT * z_scores(semantic) + (1 - SEMANTIC_WEIGHT) * z_scores(lexical)
    assert fused.tolist() == expected.tolist()
    assert np.allclose(fused, fuse(semantic * 5 + 2, lexical / 100))


@pytest.mark.parametrize("is_semantic", [True, False])
def test_one_leg_alone_keeps_its_own_order(is_semantic: bool) -> None:
    scores = np.array([0.1, 0.3, 0.2])

    fused = fuse(scores, None) if is_semantic else fuse(None, scores)

    assert np.argsort(fused).tolist() == [0, 2, 1]


def test_no_leg_cannot_be_ranked() -> None:
    with pytest.raises(ValueError, match="at least one leg"):
        fuse(None, None)


@given(SCORES)
def test_unit_scores_lie_in_the_unit_interval_and_keep_the_order(fused: Values) -> None:
    units = to_unit(fused)

    assert ((units >= 0) & (units <= 1)).all()
    assert (np.diff(units[np.argsort(fused)]) >= 0).all()


def test_an_average_article_has_one_half_and_far_ones_still_differ() -> None:
    fused = np.array([0.0, 1, 10, 20, 21])

    units = to_unit(fused)

    assert units[0] == 0.5
    assert to_unit(-fused) == pytest.approx(1 - units)
    # also as they are written, with six digits
    assert (np.diff(units.round(6)) > 0).all()


@given(
    scores=arrays.arrays(
        np.float32, st.integers(0, 300), elements=st.sampled_from([0.0, 1e-6, 0.5, 0.75, 1, 2, -1])
    )
    | arrays.arrays(np.float64, st.integers(0, 300), elements=st.floats(-2, 2)),
    k=st.integers(1, 310),
    least=st.sampled_from([1e-9, 0.5, 0.7, 5]),
)
def test_the_best_rows_are_those_that_at_most_k_are_better_than(
    scores: Values, k: int, least: float
) -> None:
    rows = best_rows(scores, k, least)

    reaching = [score for score in scores if score >= least]
    last = sorted(reaching)[-min(k, len(reaching))] if reaching else np.inf
    assert rows.tolist() == [row for row, score in enumerate(scores) if score >= last]
    assert rows.dtype == np.int64


@pytest.mark.parametrize("n", [1, 15, 16, 1_000, 50_000])
@pytest.mark.parametrize("k", [1, 10, 1_000])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 1.0])
def test_the_best_rows_of_many_are_those_of_sorting_them_all(n: int, k: int, share: float) -> None:
    draw = np.random.default_rng(n)
    scores = np.where(draw.random(n) < share, draw.random(n), 0).astype(np.float32)

    rows = best_rows(scores, k)

    by_score = np.argsort(-scores, kind="stable")[:k]
    assert rows.tolist() == sorted(row for row in by_score.tolist() if scores[row] > 0)


def test_scores_that_lie_where_a_sample_does_not_look_are_found() -> None:
    scores = np.zeros(5_000)
    scores[1::16] = np.arange(1, 314)
    scores[::16] = 0.5

    assert best_rows(scores, 3).tolist() == [1 + 16 * number for number in (310, 311, 312)]


@given(SCORES, st.permutations(range(40)))
def test_order_is_by_value_then_by_place(values: Values, places: list[int]) -> None:
    positions = order(values, np.array(places[: len(values)], dtype=np.int32))

    keys = [(-values[position], places[position]) for position in positions]
    assert keys == sorted(keys)
    assert sorted(positions) == list(range(len(values)))


@given(SCORES, st.data())
def test_what_is_left_of_an_answer_keeps_its_fused_scores(
    values: Values, data: st.DataObject
) -> None:
    lexical = values[::-1].copy()
    fusion = Fusion.of(values, lexical)
    kept = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))), np.bool_
    )

    assert (
        fusion.fuse(values, lexical)[kept].tolist()
        == fusion.fuse(values[kept], lexical[kept]).tolist()
    )


def test_a_lexical_leg_with_little_evidence_has_little_say() -> None:
    semantic, lexical = np.array([0.9, 0.1]), np.array([0.0, 5.0])
    say = lexical_say(best=1.0, ceiling=8.0)
    assert say == (1 / 8 / ENOUGH_EVIDENCE) ** 2
    expected = SEMANTIC_WEIGHT * np.array([1, -1]) + (1 - SEMANTIC_WEIGHT) * say * np.array([-1, 1])
    np.testing.assert_allclose(fuse(semantic, lexical, say), expected)


@pytest.mark.parametrize(("best", "ceiling", "say"), [(0, 0, 0), (0, 9, 0), (9, 9, 1), (3, 9, 1)])
def test_the_lexical_leg_has_its_full_say_from_a_quarter_of_the_ceiling_on(
    best: float, ceiling: float, say: float
) -> None:
    assert lexical_say(best, ceiling) == say


def test_what_the_words_have_earned_is_a_number_that_json_knows() -> None:
    assert type(lexical_say(np.float64(0), 1.0)) is float
