"""Spellings: what a question may have been meant to be, offered with what it finds."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lexical import LexicalIndex
from service.query import Filters, Limits, Query
from service.search import SearchEngine
from service.spelling import MORE_FREQUENT, RARE, Suggestion, spellings
from tests.building import open_snapshot
from tests.encoders import HashEncoder
from tests.service.library import build_library

TITLES = [
    "Machine translation of language by a transformer",
    "Machine translation of speech",
    "Translation of poems",
    "Brain signals of feelings",
    "Brain and BERT",
    "Coreference in novels",
    "Wheat, barley and soil",
    *["Semantic parsing of words"] * (MORE_FREQUENT * 2),
    *["Sematic parsing"] * 2,
    *["A bread of wheat"] * 3,
    "A broad view",
]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    records: list[dict[str, object]] = [
        {"id": f"m{number}", "title": title, "published": f"{2000 + number % 20}"}
        for number, title in enumerate(TITLES)
    ]
    return build_library(tmp_path_factory.mktemp("spelling"), records)


@pytest.fixture(scope="module")
def lexical(directory: Path) -> Iterator[LexicalIndex]:
    with closing(open_snapshot(directory)) as snapshot:
        yield snapshot.lexical


@pytest.fixture(scope="module")
def engine(directory: Path) -> Iterator[SearchEngine]:
    with closing(SearchEngine.open(directory, load_encoder=HashEncoder.load)) as engine:
        yield engine


def nobody(_: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a transfomrer of speech", ["a transformer of speech"]),  # one letter
        ("Trasnlatoin of poems", ["Translation of poems"]),  # two
        ("the trnasltoin", []),  # three
        ("BRET for speech", ["BERT for speech"]),  # in capitals
        ("broead", ["bread", "broad"]),  # several, the more frequent first
        ("brainsignals of wheat", ["brain signals of wheat"]),  # glued together
        ("wheatbarley", ["wheat barley"]),
        ("soilpoems", []),  # beside each other nowhere
        ("core ference of poems", ["coreference of poems"]),  # cut in two
        ("tranlsation of brian", ["translation of brain"]),  # all that is odd at once
        ("xyzzyx", []),
        ("brnx", []),
        ("brm", []),  # too short
        ("Übersetzung графы 神経", []),
        ("wxyz vwxy uvwx tuvw", []),  # another language
        ("brain signals", []),  # nothing odd
        ("semantic poems", []),
        ('"brian" tranlsation', ['"brian" translation']),  # what is quoted is meant
    ],
)
def test_a_word_that_no_article_has_is_offered_as_what_it_may_mean(
    lexical: LexicalIndex, text: str, meant: list[str]
) -> None:
    assert spellings(text, lexical, nobody, is_empty=False) == meant


def test_what_names_somebody_is_no_slip(lexical: LexicalIndex) -> None:
    assert spellings("transfomrer", lexical, "transfomrer".__eq__, is_empty=False) == []


def test_beside_a_slip_a_rare_word_is_one_too_where_another_is_far_more_frequent(
    lexical: LexicalIndex,
) -> None:
    assert 0 < lexical.n_written("sematic") <= RARE
    mended = ["semantic translation"]

    assert spellings("sematic tranlsation", lexical, nobody, is_empty=False)[:1] == mended
    assert spellings("sematic translation", lexical, nobody, is_empty=True) == mended
    assert spellings("sematic translation", lexical, nobody, is_empty=False) == []


def test_where_nothing_answers_neighbours_are_one_word_and_quotes_fall(
    lexical: LexicalIndex,
) -> None:
    assert spellings("co-reference", lexical, nobody, is_empty=True) == ["coreference"]
    assert spellings('"signals of wheat"', lexical, nobody, is_empty=True) == ["signals of wheat"]


@given(st.text(max_size=80), st.booleans())
@settings(deadline=None, max_examples=200)
def test_any_question_has_few_spellings_that_are_others(
    lexical: LexicalIndex, text: str, is_empty: bool
) -> None:
    others = spellings(text, lexical, nobody, is_empty=is_empty)

    assert text not in others
    assert len(set(others)) == len(others)


def test_suggestions_say_what_asking_them_finds(engine: SearchEngine) -> None:
    query = Query(
        text="Trasnlatoin of poems",
        filters=Filters(published_to="2002"),
        min_match=0.2,
        limit=2,
        facets=("years",),
    )
    (meant,) = engine.suggestions(query, engine.search(query))

    assert meant == Suggestion("Translation of poems", meant.total)
    assert meant.total == engine.search(replace(query, text=meant.text)).total > 0


def test_nothing_is_suggested_that_finds_nothing_or_was_asked_already(engine: SearchEngine) -> None:
    for asked in (
        Query(text="brain signals"),
        Query(),
        Query(text="Trasnlatoin of poems", filters=Filters(published_to="1990")),
    ):
        assert engine.suggestions(asked, engine.search(asked)) == ()
    respelled = Query(text="transfomer", mode="lexical")
    results = engine.search(respelled)
    assert results.respelled == "transformer"
    assert engine.suggestions(respelled, results) == ()


def test_three_are_suggested_at_most(tmp_path: Path) -> None:
    titles = ["Baker", "Bakes", "Baken", "Baked", "Bakew"]
    records: list[dict[str, object]] = [
        {"id": title, "title": f"{title} of bread"} for title in titles
    ]
    with closing(
        SearchEngine.open(build_library(tmp_path, records), load_encoder=HashEncoder.load)
    ) as engine:
        query = Query(text="bakeq", mode="lexical", min_match=0)
        suggested = engine.suggestions(query, engine.search(query))

        # the first of them, by the alphabet, is asked in place of the question
        assert [one.text for one in suggested] == ["baken", "baker", "bakes"]


def test_a_spelling_longer_than_a_question_may_be_is_not_suggested(directory: Path) -> None:
    text = "brainsignals of wheat"
    for most, n_suggested in ((len(text) + 1, 1), (len(text), 0)):
        limits = Limits(max_query_chars=most)
        with closing(SearchEngine.open(directory, limits, load_encoder=HashEncoder.load)) as engine:
            query = Query(text=text, min_match=0)
            assert len(engine.suggestions(query, engine.search(query))) == n_suggested
