"""The words' evidence is what the calibration says, and what reaches some is found by it."""

from collections.abc import Iterator
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.calibration import Floats, Mode, word_evidence
from index.lexical import LexicalIndex, WordMatches, write_lexical
from service.words import ALL_SCORED_UP_TO, PROPOSED, AllScored, RareFirst, words_of
from tests.building import all_new

shares = st.lists(
    st.tuples(st.sampled_from([0.0, 0.01, 0.2, 0.5, 1.0, 1.1]), st.sampled_from([0, 0.5, 0.8, 1])),
    min_size=1,
    max_size=30,
)
CEILING = 12.0


def said(found: list[tuple[float, float]], mode: Mode) -> tuple[AllScored, Floats]:
    scores = np.array([share * CEILING for share, _ in found], np.float32)
    coverage = np.array([cover if share else 0 for share, cover in found], np.float32)
    shares = scores / np.float32(CEILING)
    evidence = np.minimum(shares, 1) if mode == "lexical" else word_evidence(shares, coverage, 6.0)
    return AllScored(mode, WordMatches(scores, coverage, 6.0, CEILING)), np.asarray(evidence)


@pytest.mark.parametrize("mode", [mode for mode in get_args(Mode) if mode != "semantic"])
@given(found=shares, least=st.sampled_from([-1.0, 0.0, 1e-7, 0.002, 0.06, 0.15, 0.3, 0.6, 2.0]))
@example(found=[(1.0, 1)], least=0.6)
@settings(deadline=None, max_examples=150)
def test_what_reaches_some_evidence_is_every_article_that_has_it(
    mode: Mode, found: list[tuple[float, float]], least: float
) -> None:
    words, evidence = said(found, mode)

    rows = words.reaching(least)

    has_word = words.scores(np.arange(len(found))) > 0
    assert rows.tolist() == np.flatnonzero((evidence >= least) & has_word).tolist()
    assert words.evidence(rows).tolist() == evidence[rows].tolist()


@given(found=shares, k=st.integers(1, 10))
@settings(deadline=None, max_examples=80)
def test_the_best_are_those_of_most_evidence_and_their_equals(
    found: list[tuple[float, float]], k: int
) -> None:
    words, _ = said(found, "hybrid")
    reaching = words.reaching(0)

    best = words.best(k, 0)

    assert len(best) >= min(k, len(reaching))
    assert set(best) <= set(reaching)
    others = np.setdiff1d(reaching, best)
    if len(others):
        assert words.evidence(others).max() < words.evidence(best).min()
        assert (words.evidence(best) > words.evidence(best).min()).sum() < k


def test_a_question_of_no_words_reaches_nothing() -> None:
    nothing = np.zeros(3, np.float32)
    words = AllScored("hybrid", WordMatches(nothing, nothing, 0.0, 0.0))

    assert len(words.reaching(0)) == len(words.best(5, 0)) == len(words.top(5)) == 0
    assert words.rank(0) is None


# Words of a large corpus

TITLES = [
    f"{subject} {verb} {place}"
    for subject in ("bees", "wasps", "emus", "moths", "reefs")
    for verb in ("dance", "sleep", "grow")
    for place in ("at home", "by the sea", "in the soil of the farm", "with the bees of the farm")
]


@pytest.fixture(scope="module")
def lexical(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LexicalIndex]:
    """Index some titles of few words."""
    folder = tmp_path_factory.mktemp("words") / "lexical"
    articles = [Article(article_id=str(row), title=title) for row, title in enumerate(TITLES)]
    with all_new(articles) as changes:
        write_lexical(folder, changes)
    index = LexicalIndex(folder)
    yield index
    index.close()


@pytest.mark.parametrize("mode", [mode for mode in get_args(Mode) if mode != "semantic"])
@given(question=st.lists(st.sampled_from(" ".join(TITLES).split()), min_size=1, max_size=8))
@settings(deadline=None, max_examples=40)
def test_of_what_rare_words_propose_all_is_said_that_is_said_of_every_article(
    lexical: LexicalIndex, mode: Mode, question: list[str]
) -> None:
    text = " ".join(question)
    every = np.arange(len(TITLES))
    whole = AllScored(mode, lexical.matches(text))
    rare = RareFirst(mode, lexical, lexical.terms(text))
    rare.expect(every[::3])

    # so few articles that all with a rare word are proposed
    assert set(rare.reaching(0)) <= set(whole.reaching(0))
    proposed = rare.reaching(0)
    np.testing.assert_allclose(rare.scores(proposed), whole.scores(proposed), rtol=1e-5)
    np.testing.assert_allclose(rare.evidence(every), whole.evidence(every), rtol=1e-5, atol=1e-6)
    assert rare.ceiling == whole.ceiling
    # by now of every article
    assert rare.reaching(0.1).tolist() == whole.reaching(0.1).tolist()
    assert rare.best(5, 0.0).tolist() == whole.best(5, 0.0).tolist()
    assert set(whole.top(3)) <= set(rare.top(60))
    assert [rare.rank(row) for row in range(len(TITLES))] == [
        whole.rank(row) for row in range(len(TITLES))
    ]


def test_the_rarest_words_propose(lexical: LexicalIndex) -> None:
    question = "emus dance in the soil of the farm"

    rare = RareFirst("hybrid", lexical, lexical.terms(question))

    whole = AllScored("hybrid", lexical.matches(question))
    assert rare.best(3, 0.2).tolist() == whole.best(3, 0.2).tolist()
    assert not rare.is_whole
    assert whole.is_whole


def test_the_size_of_the_corpus_decides(
    lexical: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(words_of("bees", "hybrid", lexical), AllScored)
    monkeypatch.setattr("service.words.ALL_SCORED_UP_TO", len(TITLES))
    assert isinstance(words_of("bees", "hybrid", lexical), AllScored)
    monkeypatch.setattr("service.words.ALL_SCORED_UP_TO", len(TITLES) - 1)
    assert isinstance(words_of("bees", "hybrid", lexical), RareFirst)
    assert ALL_SCORED_UP_TO > PROPOSED


def test_no_more_are_proposed_than_the_stated_number_and_equals(
    lexical: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.words.PROPOSED", 4)

    rare = RareFirst("hybrid", lexical, lexical.terms("emus grow"))

    assert [TITLES[row] for row in rare.best(9, 0)] == [
        title for title in TITLES if title.startswith("emus grow")
    ]
