"""Trials: what is asked of what, and that a corpus of any size, in any order, is fitted soundly."""

import json
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.calibration import DEFAULT_CURVES, MODES, QUERY_KINDS, Calibration, quality
from index.lexical import LexicalIndex, write_lexical
from index.trials import (
    CHANCE_BY_SIZE,
    LARGEST_CHANCE,
    LEAST_LEXICAL,
    N_RANDOM,
    PRIOR,
    SHARE_OF_CORPUS,
    SMALL_FLOORS,
    Predictions,
    fit_calibration,
    try_calibration,
)
from index.versions import ALONE
from tests.building import all_new
from tests.encoders import HashEncoder

Families = Sequence[int]


def article(number: int, twin: str = "") -> Article:
    """Give an article whose words no other has, but for its twin."""
    words = [f"{letter}{number}x" for letter in "abcdefgh"]
    sentences = [f"The {words[n]} of {words[n + 1]} and {words[n + 2]} is odd." for n in range(6)]
    return Article(
        article_id=f"x:{number}{twin}",
        title=f"On {words[0]} and {words[3]} of {words[5]}",
        abstract=" ".join(sentences),
    )


def articles(n_articles: int) -> list[Article]:
    return [article(number) for number in range(n_articles)]


def fit(corpus: Sequence[Article], families: Families = ()) -> Calibration:
    calibration, _ = fit_and_try(corpus, families)
    return calibration


def fit_and_try(
    corpus: Sequence[Article], families: Families = ()
) -> tuple[Calibration, dict[str, Predictions]]:
    """Fit the calibration of a corpus, and try it; without `families` every article is alone."""
    encoder = HashEncoder()
    encoded = [one.embedding for one in encoder.encode_passages(a.passage() for a in corpus)]
    embeddings = np.array(encoded, dtype=np.float16).reshape(len(corpus), encoder.spec.dimension)
    family = np.array(families or [ALONE] * len(corpus), dtype=np.int32)
    with tempfile.TemporaryDirectory() as folder:
        with all_new(corpus) as changes:
            write_lexical(Path(folder) / "lexical", changes)
        with closing(LexicalIndex(Path(folder) / "lexical")) as lexical:
            calibration = fit_calibration(corpus, embeddings, family, encoder, lexical)
            tried = try_calibration(corpus, embeddings, family, encoder, lexical)
    return calibration, {str(kind): of_kind for kind, of_kind in tried.items()}


@pytest.mark.parametrize("n_articles", [0, 1, 2, 10, 200])
def test_a_corpus_of_any_size_has_sound_curves(n_articles: int) -> None:
    calibration = fit(articles(n_articles))
    n_asked = min(n_articles, max(1, n_articles // SHARE_OF_CORPUS))
    assert (calibration.n_articles, calibration.n_pairs) == (n_articles, n_asked)
    assert calibration.prior == PRIOR == 1 / (2 + N_RANDOM)
    assert calibration.chance == min(LARGEST_CHANCE, CHANCE_BY_SIZE / max(1, n_articles) ** 0.5)
    for mode in MODES:
        assert calibration.curves[mode].keys() == set(QUERY_KINDS)
        for curve in calibration.curves[mode].values():
            assert curve.slope > 0
            assert 0 < curve.floor < 1
            assert np.isfinite(curve.evidence(curve.floor))
    assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration


def test_a_corpus_of_distinct_articles_is_told_apart() -> None:
    calibration = fit(articles(200))
    for measured in calibration.quality.values():
        assert measured["auc"] > 0.99
        assert measured["brier_skill"] > 0.5


@pytest.mark.parametrize(
    "corpus",
    [
        [Article(article_id=str(n), title=f"On the w{n} of bees and soil") for n in range(20)],
        [Article(article_id=str(n), abstract=article(n).abstract) for n in range(20)],
        [Article(article_id=str(n), title="On bees and soil", abstract="Few.") for n in range(20)],
    ],
    ids=["titles alone", "abstracts alone", "abstracts of one sentence"],
)
def test_where_no_article_can_be_asked_for_the_curves_are_the_default_ones(
    corpus: list[Article],
) -> None:
    calibration = fit(corpus)
    assert calibration.n_pairs == 0
    assert calibration.quality == {kind: {"n": 0} for kind in QUERY_KINDS}
    for mode in MODES:
        default = DEFAULT_CURVES[mode]
        for kind, curve in calibration.curves[mode].items():
            least = LEAST_LEXICAL if (mode, kind) == ("lexical", "short") else 0.0
            floor = curve.evidence(curve.floor)
            assert (curve.intercept, curve.slope) == (default.intercept, default.slope)
            assert floor == pytest.approx(max(SMALL_FLOORS[mode], least))


# among articles of the same few words many are equally near: which of them is taken as the
# neighbour must not depend on where it lies
SAID = ["Bees fly.", "Soil is wet.", "Wheat grows.", "It rains.", "Bees dance.", "Soil dries."]
ALIKE = [
    Article(
        article_id=f"x:{n}",
        title=f"Bees and {'soil' if n % 2 else 'wheat'} again",
        abstract=" ".join([*SAID[n % 6 :], f"Wheat is w{n}.", *SAID[: n % 4 + 1], "So it is."]),
    )
    for n in range(24)
]


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(len(ALIKE))))
def test_the_order_of_the_corpus_does_not_matter(order: list[int]) -> None:
    families = [n // 3 if n < 6 else ALONE for n in range(len(ALIKE))]
    shuffled = fit([ALIKE[n] for n in order], [families[n] for n in order])
    assert shuffled == fit(ALIKE, families)


def test_versions_of_the_asked_article_are_not_taken_as_what_does_not_match() -> None:
    twins = [article(number, twin) for number in range(40) for twin in "ab"]
    families = [number for number in range(40) for _ in "ab"]
    _, tried = fit_and_try(twins, families)
    _, as_strangers = fit_and_try(twins)
    for kind in QUERY_KINDS:
        # as strangers they match as well as the article that they stand beside
        assert (
            highest_of_no_match(tried[kind]) < 0.6 < 0.8 < highest_of_no_match(as_strangers[kind])
        )
        assert quality(*tried[kind])["auc"] > quality(*as_strangers[kind])["auc"]


def highest_of_no_match(tried: Predictions) -> float:
    return float(tried.probabilities[~tried.is_match].max())


def test_the_quality_of_a_calibration_is_that_of_what_is_said_of_unseen_pairs() -> None:
    calibration, tried = fit_and_try(articles(80))
    assert {kind: quality(*of_kind) for kind, of_kind in tried.items()} == calibration.quality
    for of_kind in tried.values():
        # each article is asked for once, beside a neighbour and others drawn at random
        assert of_kind.is_match.sum() == 80 // SHARE_OF_CORPUS
        assert of_kind.is_match.mean() == pytest.approx(PRIOR)
