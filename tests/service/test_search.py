"""The search engine: ranks, filters, dates and neighbours of a real, tiny snapshot."""

from pathlib import Path

import pytest

from index.errors import QueryError, UnknownArticleError
from service.query import Filters, Limits, Mode, Query
from service.results import Results
from service.search import SearchEngine
from tests.encoders import HashEncoder
from tests.service.library import LIBRARY, build_library, open_engine

EEG, SURVEY, SOIL = "doi:10.5555/eeg.1", "doi:10.5555/eeg.2", "doi:10.5555/soil.1"
BEES, ODD_SIMILAR, ODD = "doi:10.5555/bees.1", "doi:10.5555/odd/similar", "doi:10.5555/odd"
NEWEST_FIRST = [EEG, BEES, ODD, SURVEY, SOIL, ODD_SIMILAR]
QUESTION = "brain signals for recognising feelings"


def ids(results: Results) -> list[str]:
    return [hit.article.article_id for hit in results.hits]


def test_the_article_a_question_describes_comes_first(engine: SearchEngine) -> None:
    results = engine.search(Query(text=QUESTION))

    assert ids(results)[0] == EEG
    assert [hit.rank for hit in results.hits] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_scores_never_increase_down_the_list(engine: SearchEngine, mode: Mode) -> None:
    scores = [hit.score for hit in engine.search(Query(text=QUESTION, mode=mode)).hits]

    assert scores
    assert all(score is not None and 0 <= score <= 1 for score in scores)
    assert scores == sorted(scores, key=lambda score: -(score or 0))


@pytest.mark.parametrize(
    ("mode", "semantic_ran", "lexical_ran"),
    [("hybrid", True, True), ("semantic", True, False), ("lexical", False, True)],
)
def test_a_leg_that_did_not_run_has_no_score(
    engine: SearchEngine, mode: Mode, semantic_ran: bool, lexical_ran: bool
) -> None:
    scores = engine.search(Query(text=QUESTION, mode=mode)).hits[0].scores

    assert (scores.semantic is not None, scores.lexical is not None) == (semantic_ran, lexical_ran)


def test_the_semantic_score_is_the_cosine_of_question_and_passage(engine: SearchEngine) -> None:
    encoder = HashEncoder()

    for hit in engine.search(Query(text=QUESTION)).hits:
        passage = next(encoder.encode_passages([hit.article.passage()])).embedding
        cosine = float(encoder.encode_query(QUESTION) @ passage)
        assert hit.scores.semantic == pytest.approx(cosine, abs=2e-3)


def test_words_alone_find_only_articles_that_hold_one(engine: SearchEngine) -> None:
    assert sorted(ids(engine.search(Query(text="wheat", mode="lexical")))) == [ODD, SOIL]
    assert ids(engine.search(Query(text="zebra", mode="lexical"))) == []


def test_an_article_without_the_words_scores_no_words(engine: SearchEngine) -> None:
    hits = engine.search(Query(text="wheat")).hits

    lexical = {hit.article.article_id: hit.scores.lexical for hit in hits}
    assert lexical[EEG] == 0
    assert (lexical[SOIL] or 0) > 0


@pytest.mark.parametrize(
    "text", ["?!", "the of and", "a:b AND (", '"', "*", "x" * Limits().max_query_chars]
)
def test_whatever_people_type_is_answered(engine: SearchEngine, text: str) -> None:
    assert len(engine.search(Query(text=text)).hits) == len(LIBRARY)


def test_without_a_question_the_newest_come_first_and_are_counted(engine: SearchEngine) -> None:
    results = engine.search(Query(text=" ", limit=3))

    assert ids(results) == NEWEST_FIRST[:3]
    assert results.total == len(LIBRARY)
    assert {hit.score for hit in results.hits} == {None}


def test_recency_puts_the_best_in_order_of_date_with_the_undated_last(
    engine: SearchEngine,
) -> None:
    results = engine.search(Query(text=QUESTION, sort="recency"))

    assert ids(results) == NEWEST_FIRST
    assert results.total is None


def test_recency_dates_the_best_only(engine: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.search.RECENCY_DEPTH", 2)

    dated = ids(engine.search(Query(text="wheat", sort="recency")))

    assert dated == [ODD, SOIL]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(authors=("Bo Chen",)), {EEG, SURVEY}),
        (Filters(authors=("chen, bo",)), {EEG, SURVEY}),
        (Filters(authors=("Muller, Ana", "dora ek")), {EEG, SOIL}),
        (Filters(journals=("journal of SIGNALS",)), {EEG}),
        (Filters(journals=("Journal of",)), set()),
        (Filters(types=("review", "dataset")), {SURVEY, ODD}),
        (Filters(types=("research-article",), authors=("Dora Ek",)), {SOIL}),
        (Filters(languages=("DE",)), {BEES}),
        (Filters(has_abstract=False), {SOIL}),
        (Filters(published_from="2025"), {EEG}),
        (Filters(published_to="2024"), {SURVEY, SOIL, BEES, ODD}),
        (Filters(published_from="2024-06", published_to="2024-06"), {SURVEY, BEES, ODD}),
        (Filters(published_from="2023-11-30", published_to="2023-12"), {SOIL}),
        (Filters(authors=("Nobody",)), set()),
        (Filters(authors=("Nobody", "Dora Ek")), {SOIL}),
    ],
)
@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(text=QUESTION),
        Query(text=QUESTION, sort="recency"),
        Query(text=QUESTION, mode="semantic"),
    ],
)
def test_a_filter_lets_pass_exactly_what_it_names(
    engine: SearchEngine, query: Query, filters: Filters, expected: set[str]
) -> None:
    filtered = Query(text=query.text, mode=query.mode, sort=query.sort, filters=filters)

    results = engine.search(filtered)

    assert set(ids(results)) == expected
    assert results.total in (None, len(expected))


def test_the_order_of_the_corpus_orders_no_answer(engine: SearchEngine, tmp_path: Path) -> None:
    turned = open_engine(build_library(tmp_path, LIBRARY[::-1]))

    for query in (
        Query(),
        Query(text=QUESTION),
        Query(text="wheat", mode="lexical"),
        Query(text="?", sort="recency"),
        Query(text="?"),
    ):
        assert ids(turned.search(query)) == ids(engine.search(query))
    turned.close()


def test_equal_scores_are_in_order_of_id(tmp_path: Path) -> None:
    twins: list[dict[str, object]] = [
        {"doi": f"10.5555/twin.{i}", "title": f"Twins {word}"}
        for i, word in ((3, "alike"), (1, "alike"), (2, "other"))
    ]
    engine = open_engine(build_library(tmp_path, twins))

    assert ids(engine.search(Query(text="alike", limit=1))) == ["doi:10.5555/twin.1"]
    assert ids(engine.search(Query(limit=2))) == ["doi:10.5555/twin.1", "doi:10.5555/twin.2"]
    engine.close()


def test_similar_articles_leave_the_article_itself_out(engine: SearchEngine) -> None:
    results = engine.similar("10.5555/EEG.1")

    assert ids(results)[0] == SURVEY
    assert EEG not in ids(results)
    assert len(results.hits) == len(LIBRARY) - 1


def test_similar_articles_are_filtered_and_limited(engine: SearchEngine) -> None:
    filters = Filters(types=("dataset", "preprint"))

    assert set(ids(engine.similar(EEG, filters))) == {ODD, BEES}
    assert len(engine.similar(EEG, limit=1).hits) == 1


@pytest.mark.parametrize(
    "form", [EEG, "10.5555/eeg.1", "DOI:10.5555/EEG.1", "https://doi.org/10.5555/eeg.1"]
)
def test_an_article_is_found_by_any_form_of_its_id(engine: SearchEngine, form: str) -> None:
    assert engine.article(form).article.article_id == EEG


@pytest.mark.parametrize("text", ["doi:10.5555/none", "", "x"])
def test_an_unknown_id_is_an_error(engine: SearchEngine, text: str) -> None:
    with pytest.raises(UnknownArticleError):
        engine.article(text)
    with pytest.raises(UnknownArticleError):
        engine.similar(text)


def test_articles_come_in_the_order_asked_with_none_for_the_unknown(engine: SearchEngine) -> None:
    stored = engine.articles([ODD, "nope", EEG, ODD])

    found = [None if one is None else one.article.article_id for one in stored]
    assert found == [ODD, None, EEG, ODD]
    assert engine.articles([]) == []


def test_more_than_the_limits_allow_is_refused(library: Path) -> None:
    limits = Limits(max_query_chars=20, max_limit=5, max_batch_ids=1)
    engine = SearchEngine.open(library, limits, load_encoder=HashEncoder.load)

    for ask in (
        lambda: engine.search(Query(text="x" * 21)),
        lambda: engine.search(Query(limit=6)),
        lambda: engine.similar(EEG, limit=6),
        lambda: engine.similar(EEG, limit=0),
        lambda: engine.articles([EEG, ODD]),
    ):
        with pytest.raises(QueryError):
            ask()
    engine.close()


def test_a_longer_text_than_the_encoder_reads_is_marked(engine: SearchEngine) -> None:
    marks = {hit.article.article_id: hit.truncated for hit in engine.search(Query()).hits}

    assert [article_id for article_id, mark in marks.items() if mark] == [BEES]


def test_an_answer_says_what_gave_it(engine: SearchEngine) -> None:
    results = engine.search(Query())

    assert results.snapshot == engine.snapshot_name
    assert results.took_ms >= 0
    assert engine.n_articles == len(LIBRARY)


def test_an_article_that_only_words_found_has_its_true_cosine(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "flowers of the and the of"  # the words of one, the stop words of another
    cosines = {
        hit.article.article_id: hit.scores.semantic
        for hit in engine.search(Query(text=question)).hits
    }
    # with one candidate from each leg, one of the two is known to the words only
    monkeypatch.setattr("service.search.CANDIDATES", 1)

    hits = engine.search(Query(text=question)).hits

    assert len(hits) == 2
    assert all(hit.scores.semantic == cosines[hit.article.article_id] for hit in hits)
