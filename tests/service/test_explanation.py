"""An explanation's numbers add up: to the hit's score, to its match probability."""

import math

import numpy as np
import pytest

from index.calibration import COVERED
from service.query import Filters, Mode, Query
from service.ranking import to_unit
from service.results import Explanation, Hit
from service.search import SearchEngine
from service.second_look import LOOKED_AT
from tests.service.library import LIBRARY

QUESTION = "brain signals for recognising feelings"


def explained(engine: SearchEngine, query: Query) -> list[tuple[Hit, Explanation]]:
    pairs = [(hit, hit.explanation) for hit in engine.search(query).hits]
    return [(hit, explanation) for hit, explanation in pairs if explanation is not None]


def asked(mode: Mode = "hybrid") -> Query:
    return Query(text=QUESTION, mode=mode, min_match=0, explain=True)


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_the_fused_score_is_the_weighted_sum_of_the_legs_without_a_second_look(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    monkeypatch.setattr("service.match.LOOKED_AT", 0)

    for _, explanation in explained(engine, asked(mode)):
        legs = [leg for leg in (explanation.semantic, explanation.lexical) if leg is not None]
        assert explanation.fused == pytest.approx(sum(leg.weight * leg.z_score for leg in legs))
        assert explanation.second_look is None


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_the_fused_score_orders_the_list(engine: SearchEngine, mode: Mode) -> None:
    pairs = explained(engine, asked(mode))

    fused = [explanation.fused for _, explanation in pairs]
    assert fused == sorted(fused, reverse=True)
    for hit, explanation in pairs:
        (unit,) = to_unit(np.array([explanation.fused]))
        assert hit.score == pytest.approx(unit, abs=1e-8)


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_the_match_probability_is_that_of_the_evidence_on_the_curve(
    engine: SearchEngine, mode: Mode
) -> None:
    for hit, explanation in explained(engine, asked(mode)):
        numbers = explanation.evidence
        odds = numbers["intercept"] + numbers["slope"] * numbers["evidence"]
        assert hit.scores.match == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-6)


@pytest.mark.parametrize("looked_at", [0, 1, 3, LOOKED_AT])
def test_the_second_look_is_explained_of_those_it_looked_at(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch, looked_at: int
) -> None:
    monkeypatch.setattr("service.match.LOOKED_AT", looked_at)

    pairs = explained(engine, asked())

    looks = [explanation.second_look for _, explanation in pairs]
    n_looked_at = min(looked_at, len(LIBRARY))
    assert [look is not None for look in looks] == [
        place < n_looked_at for place in range(len(LIBRARY))
    ]
    for hit, explanation in pairs[:n_looked_at]:
        assert explanation.second_look is not None
        assert explanation.second_look.keys() == {"nearness", "best_sentence"}
        assert all(-1.01 <= value <= 1.01 for value in explanation.second_look.values())
        if hit.article.abstract is None:
            # all one piece
            assert explanation.second_look["best_sentence"] == hit.scores.semantic


def test_the_best_sentence_is_as_near_as_it_is_to_itself(engine: SearchEngine) -> None:
    query = Query(text="Bees remember flowers.", min_match=0, explain=True)

    bees = {hit.article.article_id: one for hit, one in explained(engine, query)}[
        "doi:10.5555/bees.1"
    ]

    assert bees.second_look is not None
    # it has 4 bits a dimension
    assert bees.second_look["best_sentence"] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("mode", ["semantic", "lexical"])
def test_with_one_leg_the_evidence_is_its_own(engine: SearchEngine, mode: Mode) -> None:
    for hit, explanation in explained(engine, asked(mode)):
        numbers = explanation.evidence
        if mode == "lexical":
            assert numbers["words"] == pytest.approx(numbers["lexical_share"])
            assert numbers["evidence"] == pytest.approx(numbers["words"], abs=1e-6)
        elif hit.article.abstract is not None:
            assert numbers["words"] == 0
            assert numbers["evidence"] == pytest.approx(hit.scores.semantic)


def test_the_evidence_is_the_cosine_and_that_of_the_words(engine: SearchEngine) -> None:
    pairs = explained(engine, asked())

    assert len(pairs) == len(LIBRARY)
    for hit, explanation in pairs:
        numbers = explanation.evidence
        share = numbers["lexical_weight"] * numbers["lexical_share"]
        # having nearly all of the words counts beside
        assert share - 1e-6 <= numbers["words"] <= share + COVERED + 1e-6
        off = (hit.scores.semantic or 0) + numbers["words"] - numbers["evidence"]
        # of a title alone something is taken off
        assert (off > 1e-3) == (hit.article.abstract is None)
        assert off >= -1e-6


@pytest.mark.parametrize(
    ("mode", "semantic", "lexical"),
    [("hybrid", True, True), ("semantic", True, False), ("lexical", False, True)],
)
def test_a_leg_that_did_not_run_is_not_explained(
    engine: SearchEngine, mode: Mode, semantic: bool, lexical: bool
) -> None:
    for _, explanation in explained(engine, asked(mode)):
        assert (explanation.semantic is not None) is semantic
        assert (explanation.lexical is not None) is lexical


def test_ranks_are_those_of_the_legs_and_none_where_a_leg_found_nothing(
    engine: SearchEngine,
) -> None:
    pairs = explained(engine, asked())

    by_cosine = sorted(pairs, key=lambda pair: -(pair[0].scores.semantic or 0))
    assert [one.semantic.rank for _, one in by_cosine if one.semantic] == [1, 2, 3, 4, 5, 6]
    by_words = sorted(pairs, key=lambda pair: -(pair[0].scores.lexical or 0))
    assert [one.lexical.rank for _, one in by_words if one.lexical] == [1, 2, *[None] * 4]


@pytest.mark.parametrize(("min_match", "floor"), [(0.0, 0.0), (0.25, 0.25), (1.0, 1.0)])
def test_the_floor_is_the_one_that_was_asked_for(
    engine: SearchEngine, min_match: float, floor: float
) -> None:
    query = Query(text="Odd articles and wheat", min_match=min_match, explain=True)

    assert {one.evidence["floor"] for _, one in explained(engine, query)} == {floor}


@pytest.mark.parametrize(
    ("text", "by"),
    [
        (QUESTION, ("match",)),
        ("10.5555/eeg.1", ("identifier",)),
        ("Odd articles and wheat", ("match", "title")),
        ('“odd articles” and "wheat"', ("match", "phrase", "title")),
    ],
)
def test_it_is_said_what_makes_a_hit_a_match(
    engine: SearchEngine, text: str, by: tuple[str, ...]
) -> None:
    (_, explanation), *_ = explained(engine, Query(text=text, explain=True))

    assert explanation.matched_by == by


@pytest.mark.parametrize(
    ("filters", "selectivity"),
    [(Filters(), 1.0), (Filters(types=("research-article", "review")), 3 / len(LIBRARY))],
)
def test_selectivity_is_the_share_of_all_articles_that_pass_the_filters(
    engine: SearchEngine, filters: Filters, selectivity: float
) -> None:
    query = Query(text=QUESTION, filters=filters, explain=True)

    assert {one.selectivity for _, one in explained(engine, query)} == {selectivity}


@pytest.mark.parametrize(("n_words", "kind"), [(3, "short"), (50, "paragraph"), (200, "article")])
def test_the_calibration_goes_by_the_length_of_the_question(
    engine: SearchEngine, n_words: int, kind: str
) -> None:
    query = Query(text="signals " * n_words, min_match=0, explain=True)

    assert {one.query_kind for _, one in explained(engine, query)} == {kind}


@pytest.mark.parametrize("query", [Query(text=QUESTION), Query(explain=True)])
def test_nothing_is_explained_unasked_or_without_a_question(
    engine: SearchEngine, query: Query
) -> None:
    hits = engine.search(query).hits

    assert hits
    assert all(hit.explanation is None for hit in hits)
