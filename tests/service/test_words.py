"""The words' evidence is what the calibration says, and what reaches some is found by it."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.calibration import Floats, Mode, word_evidence
from index.lexical import WordMatches
from service.words import Words

shares = st.lists(
    st.tuples(st.sampled_from([0.0, 0.01, 0.2, 0.5, 1.0, 1.1]), st.sampled_from([0, 0.5, 0.8, 1])),
    min_size=1,
    max_size=30,
)
CEILING = 12.0


def words_of(found: list[tuple[float, float]], mode: Mode) -> Words:
    scores = np.array([share * CEILING for share, _ in found], np.float32)
    coverage = np.array([cover if share else 0 for share, cover in found], np.float32)
    return Words(mode, WordMatches(scores, coverage, 6.0, CEILING))


def whole_evidence(words: Words) -> Floats:
    of_all = words.matches.scores / np.float32(CEILING)
    if words.mode == "lexical":
        return np.asarray(np.minimum(of_all, 1))
    return np.asarray(word_evidence(of_all, words.matches.coverage, words.matches.weight))


@pytest.mark.parametrize("mode", [mode for mode in get_args(Mode) if mode != "semantic"])
@given(found=shares, least=st.sampled_from([-1.0, 0.0, 1e-7, 0.002, 0.06, 0.15, 0.3, 0.6, 2.0]))
@example(found=[(1.0, 1)], least=0.6)
@settings(deadline=None, max_examples=150)
def test_what_reaches_some_evidence_is_every_article_that_has_it(
    mode: Mode, found: list[tuple[float, float]], least: float
) -> None:
    words = words_of(found, mode)

    rows = words.reaching(least)

    expected = np.flatnonzero((whole_evidence(words) >= least) & (words.scores > 0))
    assert rows.tolist() == expected.tolist()
    assert words.evidence(rows).tolist() == whole_evidence(words)[rows].tolist()


@given(found=shares, k=st.integers(1, 10))
@settings(deadline=None, max_examples=80)
def test_the_best_are_those_of_most_evidence_and_their_equals(
    found: list[tuple[float, float]], k: int
) -> None:
    words = words_of(found, "hybrid")
    reaching = words.reaching(0)

    best = words.best(k, 0)

    assert len(best) >= min(k, len(reaching))
    assert set(best) <= set(reaching)
    others = np.setdiff1d(reaching, best)
    if len(others):
        assert words.evidence(others).max() < words.evidence(best).min()
        assert (words.evidence(best) > words.evidence(best).min()).sum() < k


def test_a_question_of_no_words_reaches_nothing() -> None:
    words = Words("hybrid", WordMatches(np.zeros(3, np.float32), np.zeros(3, np.float32), 0.0, 0.0))

    assert len(words.reaching(0)) == len(words.best(5, 0)) == 0
