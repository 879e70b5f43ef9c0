"""Laws of the calibration: probabilities that never fall, fits that exist, measures by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.calibration import (
    COVERED,
    COVERED_FROM,
    DEFAULT_CURVES,
    ENOUGH_WORDS,
    LEXICAL_SHARE,
    MODES,
    PARAGRAPH_UP_TO,
    QUERY_KINDS,
    SHORT_UP_TO,
    TITLE_ALONE,
    Bin,
    Calibration,
    Curve,
    Mode,
    evidence,
    fit_curve,
    quality,
    query_kind,
    reliability,
    word_evidence,
)

PRIOR = DEFAULT_CURVES["hybrid"]
ONE_OF_MANY = Curve(intercept=-6.0, slope=12.0, floor=0.1)
# of paragraphs the words of 183,690 articles said as little as this: a whole step of Newton's
# leads away from the lowest point
FEW_SHARED_WORDS = [*[(0.15, True)] * 100, *[(0.02, False)] * 2_100]

curves = st.builds(
    Curve,
    intercept=st.floats(-300, 300),
    slope=st.floats(1e-3, 300),
    floor=st.floats(0, 1),
)
observations = st.lists(st.tuples(st.floats(-1, 1.3), st.booleans()), max_size=60)


def values(*numbers: float) -> npt.NDArray[np.float64]:
    return np.array(numbers, dtype=np.float64)


def truths(*answers: bool) -> npt.NDArray[np.bool_]:
    return np.array(answers, dtype=np.bool_)


@given(curve=curves, said=st.lists(st.floats(-1, 1.3), min_size=1))
def test_the_probability_never_falls_with_evidence_and_is_never_certain(
    curve: Curve, said: list[float]
) -> None:
    probabilities = curve.probability(values(*sorted(said)))
    assert (np.diff(probabilities) >= 0).all()
    assert ((probabilities > 0) & (probabilities < 1)).all()


@given(
    intercept=st.floats(-30, 30), slope=st.floats(1e-3, 300), probability=st.floats(1e-12, 0.999)
)
def test_the_evidence_of_a_probability_has_that_probability(
    intercept: float, slope: float, probability: float
) -> None:
    curve = Curve(intercept, slope, 0.0)
    (again,) = curve.probability(values(curve.evidence(probability)))
    assert again == pytest.approx(probability)


@given(intercept=st.floats(-20, 0), slope=st.floats(1, 10), said=st.floats(-1, 1.3))
def test_the_probability_of_evidence_has_that_evidence(
    intercept: float, slope: float, said: float
) -> None:
    curve = Curve(intercept, slope, 0.0)
    (probability,) = curve.probability(values(said))
    assert curve.evidence(float(probability)) == pytest.approx(said, abs=1e-6)


@given(curve=curves, said=st.floats(-1, 1.3))
def test_what_has_a_probability_has_evidence_enough_for_it(curve: Curve, said: float) -> None:
    (probability,) = curve.probability(values(said))
    assert curve.evidence(float(probability)) <= said


@given(intercept=st.floats(-20, 0), slope=st.floats(1, 40), said=st.floats(-0.2, 1))
def test_a_little_less_has_not(intercept: float, slope: float, said: float) -> None:
    curve = Curve(intercept, slope, 0.0)
    (probability,) = curve.probability(values(said))
    if probability < 0.999_999:
        assert curve.evidence(float(probability)) > said - 1e-6


def test_no_evidence_is_needed_for_nothing_and_none_is_enough_for_certainty() -> None:
    assert PRIOR.evidence(0) == -np.inf
    assert PRIOR.evidence(1) == np.inf


def test_a_fit_recovers_the_curve_that_its_pairs_were_drawn_from() -> None:
    draw = np.random.default_rng(0)
    said = draw.uniform(0, 1, 50_000)
    is_match = draw.uniform(size=len(said)) < ONE_OF_MANY.probability(said)
    intercept, slope = fit_curve(said, is_match, PRIOR)
    assert intercept == pytest.approx(ONE_OF_MANY.intercept, rel=0.05)
    assert slope == pytest.approx(ONE_OF_MANY.slope, rel=0.05)


@pytest.mark.parametrize("mode", MODES)
def test_a_fit_of_nothing_is_what_it_starts_from(mode: Mode) -> None:
    prior = DEFAULT_CURVES[mode]
    assert fit_curve(values(), truths(), prior) == (prior.intercept, prior.slope)


@given(observed=observations, prior=st.sampled_from([*DEFAULT_CURVES.values()]))
@example(FEW_SHARED_WORDS, DEFAULT_CURVES["lexical"])
@example([(0.0, False)] * 50 + [(1.0, True)] * 50, PRIOR)
@example([(1.0, False)] * 50 + [(0.0, True)] * 50, PRIOR)
@example([(0.5, True)] * 50, PRIOR)
@example([(-1.0, True)] * 1_000 + [(-1.0, False)], PRIOR)
def test_a_fitted_curve_rises_and_says_on_average_what_is_true(
    observed: Sequence[tuple[float, bool]], prior: Curve
) -> None:
    said = values(*(one for one, _ in observed))
    is_match = truths(*(truth for _, truth in observed))
    intercept, slope = fit_curve(said, is_match, prior)
    assert slope > 0
    off_by = Curve(intercept, slope, 0.0).probability(said).sum() - is_match.sum()
    # where the fit stands still, the pull towards the prior is all that holds it off
    assert abs(off_by) <= 0.01 * abs(intercept - prior.intercept) + 1e-4


def test_where_evidence_speaks_against_a_match_only_the_share_of_matches_is_left() -> None:
    said = values(*np.linspace(0, 1, 300))
    is_match = said < 1 / 3
    intercept, slope = fit_curve(said, is_match, PRIOR)
    assert 0 < slope < 0.01
    expected = pytest.approx(is_match.mean(), abs=0.01)
    assert Curve(intercept, slope, 0.0).probability(values(0, 1)) == expected


def test_quality_of_two_predictions_is_counted_by_hand() -> None:
    measured = quality(values(0.25, 0.75), truths(False, True))
    assert measured == {
        "n": 2,
        "ece": (0.25 + 0.25) / 2,
        "auc": 1.0,
        "brier_skill": 1 - 0.25**2 / (0.5 * 0.5),
    }


def test_what_is_said_as_often_as_it_is_true_has_no_calibration_error() -> None:
    # fifteen groups of sixteen: k of sixteen match, and k/16 is said of each
    said = np.repeat(np.arange(1, 16) / 16, 16)
    is_match = np.concatenate([np.arange(16) < k for k in range(1, 16)])
    assert quality(said, is_match)["ece"] == 0
    # what is said without cause by all alike is off by as much
    assert quality(np.minimum(said + 1 / 32, 1), is_match)["ece"] == pytest.approx(1 / 32)


@pytest.mark.parametrize(
    ("said", "auc"),
    [
        ((0.1, 0.5, 0.5, 0.9), (1 + 0.5 + 2) / 4),
        ((0.5, 0.5, 0.5, 0.5), 2 / 4),
        ((0.1, 0.8, 0.2, 0.9), 4 / 4),
        ((0.9, 0.1, 0.8, 0.2), 0 / 4),
    ],
)
def test_a_tie_is_half_a_pair_in_right_order(said: tuple[float, ...], auc: float) -> None:
    assert quality(values(*said), truths(False, True, False, True))["auc"] == auc


def test_always_saying_the_base_rate_has_no_skill() -> None:
    is_match = truths(True, False, False, False)
    assert quality(np.full(4, 0.25), is_match)["brier_skill"] == 0
    assert quality(is_match.astype(np.float64), is_match)["brier_skill"] == 1


@pytest.mark.parametrize("is_match", [(), (True, True), (False, False, False)])
def test_there_is_no_quality_where_nothing_can_be_told_apart(is_match: tuple[bool, ...]) -> None:
    assert quality(np.full(len(is_match), 0.5), truths(*is_match)) == {"n": len(is_match)}


def test_bins_hold_equal_numbers_in_order_of_what_was_said() -> None:
    said = values(0.9, 0.1, 0.2, 0.8)
    bins = reliability(said, truths(True, False, True, True), n_bins=2)
    assert bins == [Bin(2, (0.1 + 0.2) / 2, 1 / 2), Bin(2, (0.8 + 0.9) / 2, 2 / 2)]
    assert [one.n for one in reliability(said, truths(True, False, True, True))] == [1] * 4


@pytest.mark.parametrize(
    ("n_words", "kind"),
    [
        (0, "short"),
        (1, "short"),
        (SHORT_UP_TO, "short"),
        (SHORT_UP_TO + 1, "paragraph"),
        (PARAGRAPH_UP_TO, "paragraph"),
        (PARAGRAPH_UP_TO + 1, "article"),
        (5_000, "article"),
    ],
)
def test_questions_are_told_apart_by_their_words(n_words: int, kind: str) -> None:
    assert query_kind("bees \n" * n_words) == kind


def test_each_mode_weighs_only_the_legs_it_asks() -> None:
    cosines, words, titles = values(0.5, 0.5), values(0.2, 3.0), truths(False, True)
    assert evidence("lexical", None, words, titles) == pytest.approx([0.2, 1.0])
    assert evidence("semantic", cosines, None, titles) == pytest.approx([0.5, 0.5 - TITLE_ALONE])
    assert evidence("hybrid", cosines, words, titles) == pytest.approx(
        [0.5 + 0.2, 0.5 - TITLE_ALONE + 3.0]
    )


def test_words_count_by_their_share_up_to_the_highest_there_could_be() -> None:
    shares = values(0, 0.2, 1, 3)
    assert word_evidence(shares, np.zeros(4), ENOUGH_WORDS) == pytest.approx(
        [0, 0.2 * LEXICAL_SHARE, LEXICAL_SHARE, LEXICAL_SHARE]
    )


def test_having_nearly_all_words_counts_beside_their_share() -> None:
    halfway = (COVERED_FROM + 1) / 2
    coverage = values(0, COVERED_FROM, halfway, 1, 1 + 1e-6)
    expected = pytest.approx([0, 0, COVERED / 2, COVERED, COVERED])
    for weight in (ENOUGH_WORDS, 5 * ENOUGH_WORDS):
        assert word_evidence(np.zeros(5), coverage, weight) == expected


def test_of_words_that_many_articles_have_it_is_little_to_have_all() -> None:
    shares, coverage = values(0.5, 0.5), values(0, 1)
    for part in (0, 1 / 4, 1):
        without, having = word_evidence(shares, coverage, part * ENOUGH_WORDS)
        assert having - without == pytest.approx(part * COVERED)


@given(
    shares=st.lists(st.floats(0, 2), min_size=2, max_size=2),
    coverage=st.lists(st.floats(0, 1), min_size=2, max_size=2),
    weight=st.floats(0, 100),
)
def test_more_words_are_never_less_evidence(
    shares: list[float], coverage: list[float], weight: float
) -> None:
    few, many = word_evidence(values(*sorted(shares)), values(*sorted(coverage)), weight)
    assert 0 <= few <= many <= LEXICAL_SHARE + COVERED


def test_a_calibration_read_back_is_the_same() -> None:
    steep = {mode: dict.fromkeys(QUERY_KINDS, ONE_OF_MANY) for mode in MODES}
    fitted = replace(
        Calibration.default(), n_articles=7, curves=steep, quality={"short": {"n": 3.0, "ece": 0.1}}
    )
    for calibration in (Calibration.default(), fitted):
        stored = orjson.loads(orjson.dumps(calibration.to_json()))
        assert Calibration.from_json(stored) == calibration


def test_a_question_is_answered_by_the_curve_of_its_kind() -> None:
    odd = {mode: dict.fromkeys(QUERY_KINDS, PRIOR) for mode in MODES}
    odd["lexical"]["paragraph"] = ONE_OF_MANY
    calibration = replace(Calibration.default(), curves=odd)
    paragraph = "bees " * (SHORT_UP_TO + 1)
    assert calibration.curve("lexical", paragraph) == ONE_OF_MANY
    assert calibration.curve("hybrid", paragraph) == PRIOR
    assert calibration.curve("lexical", "bees") == PRIOR
