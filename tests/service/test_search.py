"""The search engine: ranks, filters, dates and neighbours of a real, tiny snapshot."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import CursorExpiredError, QueryError, UnknownArticleError
from index.vectors import Embedding
from service.query import Filters, Limits, Mode, Query
from service.results import Exactness, Results
from service.search import SearchEngine
from tests.encoders import HashEncoder
from tests.service.library import LIBRARY, build_library, open_engine
from tests.service.likes import like

EEG, SURVEY, SOIL = "doi:10.5555/eeg.1", "doi:10.5555/eeg.2", "doi:10.5555/soil.1"
BEES, ODD_SIMILAR, ODD = "doi:10.5555/bees.1", "doi:10.5555/odd/similar", "doi:10.5555/odd"
NEWEST_FIRST = [EEG, BEES, ODD, SURVEY, SOIL, ODD_SIMILAR]
QUESTION = "brain signals for recognising feelings"


def ids(results: Results) -> list[str]:
    return [hit.article.article_id for hit in results.hits]


def test_the_article_a_question_describes_is_the_answer(engine: SearchEngine) -> None:
    results = engine.search(Query(text=QUESTION))

    # the survey of the same subject comes after it, what is about something else not at all
    assert ids(results) == [EEG, "doi:10.5555/eeg.2"]
    assert (results.total, results.total_is_exact, results.answerable) == (2, True, True)


def test_with_no_floor_every_article_is_ranked_the_best_first(engine: SearchEngine) -> None:
    results = engine.search(Query(text=QUESTION, min_match=0))

    assert ids(results)[0] == EEG
    assert [hit.rank for hit in results.hits] == [1, 2, 3, 4, 5, 6]
    assert results.total == len(LIBRARY)


def test_a_question_about_nothing_here_has_no_hits_and_says_so(engine: SearchEngine) -> None:
    results = engine.search(Query(text="zebra crossings"))
    misses = engine.search(Query(text="zebra crossings", min_match=0))

    assert (results.hits, results.total, results.answerable) == ((), 0, False)
    assert (misses.total, misses.answerable) == (len(LIBRARY), False)


def test_a_filter_that_leaves_no_match_does_not_make_a_question_unanswerable(
    engine: SearchEngine,
) -> None:
    results = engine.search(Query(text=QUESTION, filters=Filters(types=("dataset",))))

    assert (results.total, results.answerable) == (0, True)


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
def test_scores_never_increase_down_the_list(engine: SearchEngine, mode: Mode) -> None:
    hits = engine.search(Query(text=QUESTION, mode=mode, min_match=0)).hits
    scores = [hit.score for hit in hits]

    assert len(scores) > 1
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

    for hit in engine.search(Query(text=QUESTION, min_match=0)).hits:
        passage = next(encoder.encode_passages([hit.article.passage()])).embedding
        cosine = float(encoder.encode_query(QUESTION) @ passage)
        assert hit.scores.semantic == pytest.approx(cosine, abs=2e-3)


def test_words_alone_find_only_articles_that_hold_one(engine: SearchEngine) -> None:
    for min_match in (None, 0.0):
        wheat = Query(text="wheat", mode="lexical", min_match=min_match)
        zebra = Query(text="zebra", mode="lexical", min_match=min_match)
        assert sorted(ids(engine.search(wheat))) == [ODD, SOIL]
        assert ids(engine.search(zebra)) == []


def test_an_article_without_the_words_scores_no_words(engine: SearchEngine) -> None:
    hits = engine.search(Query(text="wheat", min_match=0)).hits

    lexical = {hit.article.article_id: hit.scores.lexical for hit in hits}
    assert lexical[EEG] == 0
    assert (lexical[SOIL] or 0) > 0


@pytest.mark.parametrize(
    "text", ["?!", "the of and", "a:b AND (", '"', "*", "x" * Limits().max_query_chars]
)
def test_whatever_people_type_is_answered(engine: SearchEngine, text: str) -> None:
    assert len(engine.search(Query(text=text, min_match=0)).hits) == len(LIBRARY)


def test_without_a_question_the_newest_come_first_and_are_counted(engine: SearchEngine) -> None:
    results = engine.search(Query(text=" ", limit=3))

    assert ids(results) == NEWEST_FIRST[:3]
    assert results.total == len(LIBRARY)
    assert {hit.score for hit in results.hits} == {None}


def test_recency_puts_the_whole_match_set_in_order_of_date_with_the_undated_last(
    engine: SearchEngine,
) -> None:
    results = engine.search(Query(text=QUESTION, sort="recency", min_match=0))

    assert ids(results) == NEWEST_FIRST
    assert results.total == len(LIBRARY)
    # a page of the newest is cut from all that match, not from the best of them
    first = engine.search(Query(text=QUESTION, sort="recency", min_match=0, limit=2))
    assert ids(first) == NEWEST_FIRST[:2]


def test_recency_dates_what_matches_only(engine: SearchEngine) -> None:
    assert ids(engine.search(Query(text="wheat", sort="recency"))) == [ODD, SOIL]


def test_the_score_of_a_hit_is_that_of_relevance_also_where_dates_order(
    engine: SearchEngine,
) -> None:
    by_date = engine.search(Query(text=QUESTION, sort="recency", min_match=0)).hits
    by_score = engine.search(Query(text=QUESTION, min_match=0)).hits

    assert {hit.article.article_id: (hit.score, hit.scores) for hit in by_date} == {
        hit.article.article_id: (hit.score, hit.scores) for hit in by_score
    }


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
        Query(text=QUESTION, min_match=0),
        Query(text=QUESTION, min_match=0, sort="recency"),
        Query(text=QUESTION, min_match=0, mode="semantic"),
    ],
)
def test_a_filter_lets_pass_exactly_what_it_names(
    engine: SearchEngine, query: Query, filters: Filters, expected: set[str]
) -> None:
    results = engine.search(replace(query, filters=filters))

    assert set(ids(results)) == expected
    assert results.total == len(expected)


def test_the_order_of_the_corpus_orders_no_answer(engine: SearchEngine, tmp_path: Path) -> None:
    turned = open_engine(build_library(tmp_path, LIBRARY[::-1]))

    for query in (
        Query(),
        Query(text=QUESTION),
        Query(text="wheat", mode="lexical"),
        Query(text="?", sort="recency", min_match=0),
        Query(text="?", min_match=0),
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
    results = engine.similar(like("10.5555/EEG.1", min_match=0))

    assert ids(results)[0] == SURVEY
    assert EEG not in ids(results)
    assert len(results.hits) == len(LIBRARY) - 1
    assert (results.total, results.total_is_exact) == (len(LIBRARY) - 1, True)


def test_similar_articles_are_filtered_and_limited(engine: SearchEngine) -> None:
    filters = Filters(types=("dataset", "preprint"))

    assert set(ids(engine.similar(like(EEG, filters=filters, min_match=0)))) == {ODD, BEES}
    assert len(engine.similar(like(EEG, limit=1)).hits) == 1


@pytest.mark.parametrize(
    "form", [EEG, "10.5555/eeg.1", "DOI:10.5555/EEG.1", "https://doi.org/10.5555/eeg.1"]
)
def test_an_article_is_found_by_any_form_of_its_id(engine: SearchEngine, form: str) -> None:
    assert engine.article(form).article.article_id == EEG


@pytest.mark.parametrize("text", ["doi:10.5555/none", "", "x"])
def test_an_unknown_id_is_an_error(engine: SearchEngine, text: str) -> None:
    with pytest.raises(UnknownArticleError):
        engine.article(text)


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
        lambda: engine.similar(like(EEG, limit=6)),
        lambda: engine.similar(like(EEG, limit=0)),
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
    asked = Query(text=question, min_match=0.0001)
    cosines = {hit.article.article_id: hit.scores.semantic for hit in engine.search(asked).hits}
    assert len(cosines) > 1
    # the embeddings propose one article at first: of another they say what it is asked for
    monkeypatch.setattr("service.match.FIRST_LOOK", 1)

    hits = engine.search(asked).hits

    assert {hit.article.article_id: hit.scores.semantic for hit in hits} == cosines


# Pages


def test_pages_follow_each_other_to_the_end_of_the_match_set(engine: SearchEngine) -> None:
    query = Query(text=QUESTION, min_match=0, limit=4)

    first = engine.search(query)
    second = engine.search(replace(query, cursor=first.next_cursor))

    assert [hit.rank for hit in (*first.hits, *second.hits)] == [1, 2, 3, 4, 5, 6]
    assert ids(first) + ids(second) == ids(engine.search(replace(query, limit=20)))
    assert second.next_cursor is None


def test_a_page_that_ends_with_the_match_set_is_the_last(engine: SearchEngine) -> None:
    assert engine.search(Query(limit=len(LIBRARY))).next_cursor is None
    assert engine.search(Query(limit=len(LIBRARY) - 1)).next_cursor is not None


def test_the_cursor_of_another_query_or_snapshot_is_refused(
    engine: SearchEngine, tmp_path: Path
) -> None:
    cursor = engine.search(Query(text="wheat", limit=1)).next_cursor
    other = open_engine(build_library(tmp_path))

    with pytest.raises(QueryError):
        engine.search(Query(text="soil", cursor=cursor))
    with pytest.raises(CursorExpiredError):
        other.search(Query(text="wheat", cursor=cursor))
    other.close()


def test_the_size_of_a_page_and_what_is_shown_may_change_on_the_way(engine: SearchEngine) -> None:
    query = Query(text=QUESTION, min_match=0, limit=1)
    cursor = engine.search(query).next_cursor

    rest = engine.search(
        replace(query, cursor=cursor, limit=9, facets=("types",), explain=True, highlight=False)
    )

    assert [hit.rank for hit in rest.hits] == [2, 3, 4, 5, 6]


# The bound


def test_an_answer_says_what_was_scanned_and_that_nothing_was_left_out(
    engine: SearchEngine,
) -> None:
    exactness = engine.search(Query(text=QUESTION)).exactness

    assert exactness == Exactness("exact", len(LIBRARY), Limits().max_matches, bound_reached=False)


@pytest.mark.parametrize(
    ("bound", "total", "is_exact"), [(5, 5, False), (6, 6, True), (7, 6, True)]
)
def test_where_more_match_than_the_bound_the_strongest_are_left_and_it_is_said(
    library: Path, bound: int, total: int, is_exact: bool
) -> None:
    engine = SearchEngine.open(library, Limits(max_matches=bound), load_encoder=HashEncoder.load)

    results = engine.search(Query(text=QUESTION, min_match=0))

    assert (results.total, results.total_is_exact) == (total, is_exact)
    assert results.exactness.bound_reached is not is_exact
    assert ids(results)[0] == EEG
    engine.close()


class CountingEncoder(HashEncoder):
    """Counts the questions it is asked."""

    n_asked = 0

    def encode_query(self, text: str) -> Embedding:
        type(self).n_asked += 1
        return super().encode_query(text)


@pytest.mark.parametrize(("n_cached", "n_asked"), [(0, 4), (1, 3), (2, 2)])
def test_who_asks_the_same_again_gets_the_kept_answer(
    library: Path, n_cached: int, n_asked: int
) -> None:
    engine = SearchEngine.open(library, n_cached=n_cached, load_encoder=CountingEncoder.load)
    first, other = Query(text=QUESTION, facets=("years",)), Query(text="soil and wheat")
    before = CountingEncoder.n_asked

    answers = [engine.search(query) for query in (first, first, other, first)]
    engine.close()

    assert CountingEncoder.n_asked - before == n_asked
    assert ids(answers[0]) == ids(answers[1]) == ids(answers[3]) == [EEG, SURVEY]
    assert replace(answers[3], took_ms=0) == replace(answers[0], took_ms=0)
    assert ids(answers[2])[0] == SOIL


@pytest.mark.parametrize(
    "change", [{"limit": 1}, {"mode": "lexical"}, {"facet_queries": {"years": "2"}}]
)
def test_a_kept_answer_is_none_to_another_query(library: Path, change: dict[str, object]) -> None:
    engine = SearchEngine.open(library, n_cached=5, load_encoder=HashEncoder.load)
    query = Query(text=QUESTION)
    other = replace(query, **change)  # type: ignore[arg-type]  # of every type

    kept, answer = engine.search(query), engine.search(other)
    fresh = open_engine(library)

    assert replace(answer, took_ms=0) == replace(fresh.search(other), took_ms=0)
    assert replace(answer, took_ms=0) != replace(kept, took_ms=0)
    fresh.close()
    engine.close()
