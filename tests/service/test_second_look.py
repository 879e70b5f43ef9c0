"""The second look: the order of the first articles by its formula, and nothing else changed."""

import random
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import pairwise
from math import exp
from pathlib import Path
from statistics import fmean, pstdev
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.snapshot import Snapshot
from index.vectors import EMBEDDINGS
from service.match import Matcher, MatchSet
from service.naming import IDENTIFIER
from service.query import Filters, Limits, Mode, Query
from service.ranking import HUBNESS_TAKEN, SEMANTIC_WEIGHT
from service.search import SearchEngine
from service.second_look import (
    FED_BACK,
    FEEDBACK,
    LOOKED_AT,
    PIECE_HUBNESS_TAKEN,
    PIECE_SHARPNESS,
    PIECE_WEIGHT,
)
from tests.building import current_folder, open_snapshot
from tests.service.library import build_library

BOUND = Limits().max_matches
ROUNDING = 1e-5
N_ARTICLES = 60
TYPES = ["research-article", "review", "preprint"]
WORDS = """
bees flowers wheat soil moisture brain signals graph networks feelings moss rain corals reefs
tides moon moths light emus desert rivers salt stone forest lichen owls mice snow
"""
VOCABULARY = WORDS.split()
QUESTIONS = [
    "bees flowers in the rain",
    "moss",
    "the moon and the tides of rivers, salt and stone",
    "brain signals graph networks feelings",
]
NO_WORDS = "qqq"


def _written(number: int) -> dict[str, object]:
    """Write an article of words drawn by its number; one in five is a title alone."""
    draw = random.Random(number)
    sentences = [" ".join(draw.choices(VOCABULARY, k=draw.randint(3, 7))) for _ in range(4)]
    abstract = " ".join(f"{one.capitalize()}." for one in sentences[: draw.randint(1, 4)])
    return {
        "id": f"a{number:02}",
        "title": " ".join(draw.choices(VOCABULARY, k=4)).capitalize() if number % 7 else None,
        "abstract": abstract if number % 5 or not number % 7 else None,
        "type": TYPES[number % 3],
    }


ARTICLES = [
    {key: value for key, value in _written(number).items() if value is not None}
    for number in range(N_ARTICLES)
]


class Opened(NamedTuple):
    """A snapshot and what asks it."""

    snapshot: Snapshot
    matcher: Matcher
    embeddings: list[list[float]]

    def ask(
        self, text: str, mode: Mode = "hybrid", *, looked_at: int = LOOKED_AT, bound: int = BOUND
    ) -> MatchSet:
        question = self.matcher.question(text, mode, 0.0, bound)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("service.match.LOOKED_AT", looked_at)
            return self.matcher.match_set(question, "published")

    def ids(self, rows: npt.NDArray[np.int64]) -> list[str]:
        return self.snapshot.store.article_ids([int(row) for row in rows])

    def in_order(self, found: MatchSet) -> list[int]:
        """Give the rows of a match set, best first, equal ones by their ids."""
        places = self.snapshot.columns.id_places[found.rows]
        return [int(row) for row in found.rows[np.lexsort((places, -found.fused))]]


@contextmanager
def opened(directory: Path) -> Iterator[Opened]:
    snapshot = open_snapshot(directory)
    with closing(snapshot), closing(Matcher(snapshot)) as matcher:
        stored = np.load(current_folder(directory) / "vectors" / EMBEDDINGS)
        yield Opened(snapshot, matcher, stored.astype(np.float64).tolist())


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an index of articles that share words."""
    return build_library(tmp_path_factory.mktemp("looked"), ARTICLES)


@pytest.fixture(scope="module")
def lib(directory: Path) -> Iterator[Opened]:
    """Open a matcher of the articles that share words."""
    with opened(directory) as lib:
        yield lib


# The formula, in plain Python


def _z_scores(values: Sequence[float]) -> list[float]:
    mean, spread = fmean(values), pstdev(values)
    return [(value - mean) / spread if spread > 1e-9 else 0.0 for value in values]


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _unit(vector: Sequence[float]) -> list[float]:
    length = _dot(vector, vector) ** 0.5
    return [value / length for value in vector]


def _best_piece(lib: Opened, question: Sequence[float], row: int, otherwise: float) -> float:
    coded = lib.snapshot.pieces.of(row)
    cosines = []
    for codes, scale in zip(coded.codes.tolist(), coded.scales.tolist(), strict=True):
        levels = [half for code in codes for half in (code % 16 - 8, code // 16 - 8)]
        cosines.append(scale * _dot(levels, question))
    return max(cosines, default=otherwise)


def recomputed(lib: Opened, text: str, mode: Mode, looked_at: int) -> dict[int, float]:
    """Give the value of each article that is looked at again, by row."""
    before = lib.ask(text, mode, looked_at=0)
    first = lib.in_order(before)[:looked_at]
    fused = dict(zip(before.rows.tolist(), before.fused.tolist(), strict=True))
    question: list[float] = lib.snapshot.encoder.encode_query(text).tolist()
    hubness = [float(lib.snapshot.hubness[row]) for row in first]
    taken_as_right = [_unit(lib.embeddings[row]) for row in first[:FED_BACK]]
    mean = [fmean(column) for column in zip(*taken_as_right, strict=True)]
    widened = _unit([one + FEEDBACK * other for one, other in zip(question, mean, strict=True)])
    nearness = [
        _dot(widened, lib.embeddings[row]) - HUBNESS_TAKEN * hub
        for row, hub in zip(first, hubness, strict=True)
    ]
    pieces = [
        _best_piece(lib, question, row, otherwise=_dot(question, lib.embeddings[row]))
        for row in first
    ]
    standing_out = [
        exp(PIECE_SHARPNESS * (piece - PIECE_HUBNESS_TAKEN * hub))
        for piece, hub in zip(pieces, hubness, strict=True)
    ]
    bm25 = lib.snapshot.lexical.scores(text)
    lexical = _z_scores([float(bm25[row]) for row in first])
    lexical_weight = before.fusion.lexical.weight if before.fusion.lexical else 0.0
    semantic_weight = 1.0 if mode == "semantic" else SEMANTIC_WEIGHT
    scores = [
        semantic_weight * near + lexical_weight * words + PIECE_WEIGHT * piece
        for near, words, piece in zip(
            _z_scores(nearness), lexical, _z_scores(standing_out), strict=True
        )
    ]
    return {
        row: score - min(scores) + fused[first[-1]]
        for row, score in zip(first, scores, strict=True)
    }


@pytest.mark.parametrize("mode", ["hybrid", "semantic"])
@pytest.mark.parametrize("text", QUESTIONS)
@pytest.mark.parametrize("looked_at", [1, 2, 10, LOOKED_AT])
def test_the_first_articles_stand_by_the_formula(
    lib: Opened, text: str, mode: Mode, looked_at: int
) -> None:
    found = lib.ask(text, mode, looked_at=looked_at)

    wanted = recomputed(lib, text, mode, looked_at)
    fused = dict(zip(found.rows.tolist(), found.fused.tolist(), strict=True))
    assert {row: fused[row] for row in wanted} == pytest.approx(wanted, abs=ROUNDING)
    in_order = lib.in_order(found)
    assert set(in_order[: len(wanted)]) == set(wanted)
    values = [wanted[row] for row in in_order[: len(wanted)]]
    assert all(one >= other - ROUNDING for one, other in pairwise(values))


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_order_is_another_than_before(lib: Opened, text: str) -> None:
    assert lib.in_order(lib.ask(text)) != lib.in_order(lib.ask(text, looked_at=0))


# What it leaves as it was


questions = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=6).map(" ".join)


@settings(deadline=None)
@given(
    text=questions,
    mode=st.sampled_from(["hybrid", "semantic"]),
    looked_at=st.integers(1, N_ARTICLES + 3),
)
def test_members_and_what_lies_behind_stay_as_they_were(
    lib: Opened, text: str, mode: Mode, looked_at: int
) -> None:
    before = lib.ask(text, mode, looked_at=0)

    after = lib.ask(text, mode, looked_at=looked_at)

    assert after.rows.tolist() == before.rows.tolist()
    assert after.match.tolist() == before.match.tolist()
    assert (after.is_cut, after.n_scanned) == (before.is_cut, before.n_scanned)
    in_order = lib.in_order(before)
    named = int((before.marks >= IDENTIFIER).sum())
    assert lib.in_order(after)[:named] == in_order[:named]
    assert lib.in_order(after)[named + looked_at :] == in_order[named + looked_at :]
    assert np.isfinite(after.fused).all()
    assert after.look is not None
    for values in (after.look.keys, after.look.nearness, after.look.piece):
        assert len(values) == min(looked_at, len(after) - named)
        assert np.isfinite(values).all()


def test_what_is_equal_stays_behind_what_is_looked_at(tmp_path: Path) -> None:
    # of four articles of one text any number may be among those that are looked at again
    twins = [
        ARTICLES[number // 4] | {"id": f"a{number * 37 % N_ARTICLES:02}"}
        for number in range(N_ARTICLES)
    ]
    with opened(build_library(tmp_path, twins)) as lib:
        before = lib.in_order(lib.ask(QUESTIONS[0], looked_at=0))
        for looked_at in range(1, N_ARTICLES):
            after = lib.in_order(lib.ask(QUESTIONS[0], looked_at=looked_at))
            assert after[looked_at:] == before[looked_at:]


def test_equal_texts_are_equal_and_come_by_their_ids(tmp_path: Path) -> None:
    twins = [ARTICLES[3] | {"id": name} for name in ("m", "c", "x", "a")]
    with opened(build_library(tmp_path, [*twins[:2], *ARTICLES[:30], *twins[2:]])) as lib:
        for text in (QUESTIONS[0], str(ARTICLES[3]["title"]) + " again"):
            found = lib.ask(text)

            ids = lib.ids(np.array(lib.in_order(found)))
            place = ids.index("a")
            assert ids[place : place + 5] == ["a", "a03", "c", "m", "x"]
            fused = dict(zip(lib.ids(found.rows), found.fused.tolist(), strict=True))
            assert len({fused[name] for name in ("a", "a03", "c", "m", "x")}) == 1


def test_what_is_found_by_name_is_not_looked_at_and_stays_first(lib: Opened) -> None:
    found = lib.ask("a13")

    assert lib.ids(np.array(lib.in_order(found)[:1])) == ["a13"]
    assert found.look is not None
    assert lib.in_order(found)[0] not in found.look.rows
    assert len(found.look.rows) == len(found) - 1


@pytest.mark.parametrize("text", [f"{NO_WORDS} {NO_WORDS}", "a13"])
def test_an_answer_of_nothing_but_what_is_named_has_no_second_look(lib: Opened, text: str) -> None:
    question = lib.matcher.question(text, "hybrid", 1.0, BOUND)

    found = lib.matcher.match_set(question, "published")

    assert (len(found), found.look) == (int(text == "a13"), None)


def test_words_alone_are_not_looked_at_again(lib: Opened) -> None:
    found = lib.ask(QUESTIONS[0], "lexical")

    assert found.look is None
    assert found.fused.tolist() == lib.ask(QUESTIONS[0], "lexical", looked_at=0).fused.tolist()


@pytest.mark.parametrize("n_articles", [1, 2, FED_BACK])
@pytest.mark.parametrize("mode", ["hybrid", "semantic"])
def test_few_articles_are_looked_at_too(tmp_path: Path, n_articles: int, mode: Mode) -> None:
    with opened(build_library(tmp_path, ARTICLES[:n_articles])) as lib:
        found = lib.ask(QUESTIONS[1], mode)

        assert len(found) == n_articles
        fused = dict(zip(found.rows.tolist(), found.fused.tolist(), strict=True))
        assert fused == pytest.approx(recomputed(lib, QUESTIONS[1], mode, LOOKED_AT), abs=ROUNDING)


# The engine


def _hits(engine: SearchEngine, query: Query) -> list[tuple[str, float | None]]:
    found: list[tuple[str, float | None]] = []
    while True:
        results = engine.search(query)
        found += [(hit.article.article_id, hit.score) for hit in results.hits]
        if results.next_cursor is None:
            assert len(found) == results.total
            return found
        query = replace(query, cursor=results.next_cursor)


@pytest.mark.parametrize("looked_at", [0, 7, LOOKED_AT])
@pytest.mark.parametrize("bound", [12, BOUND])
@pytest.mark.parametrize("mode", ["hybrid", "semantic"])
def test_a_filter_and_pages_change_neither_order_nor_score(
    directory: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode, bound: int, looked_at: int
) -> None:
    monkeypatch.setattr("service.match.LOOKED_AT", looked_at)
    query = Query(text=QUESTIONS[0], mode=mode, min_match=0.0, limit=5, highlight=False)
    reviews = {one["id"] for one in ARTICLES if one["type"] == "review"}
    with closing(SearchEngine(open_snapshot(directory), Limits(max_matches=bound))) as engine:
        whole = _hits(engine, query)
        filtered = _hits(engine, replace(query, filters=Filters(types=("review",))))

    known = {article_id for article_id, _ in whole}
    assert [hit for hit in filtered if hit[0] in known] == [
        hit for hit in whole if hit[0] in reviews
    ]
    assert len(whole) == min(bound, N_ARTICLES)
