"""The laws of the match set: pages, totals, facets and order agree, for any corpus and query.

Real FAISS, SQLite and tantivy, a snapshot on disk for each corpus, many queries of each.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.identity import fold_name
from service.examples import SimilarQuery
from service.query import FacetField, Filters, Query
from service.results import Hit, Results
from service.search import SearchEngine
from tests.service.corpora import (
    FACETS,
    WORDS,
    Corpus,
    Opened,
    corpora,
    filters,
    judge,
    opened,
    passes,
    queries,
    values_of,
    without_field,
)

N_QUERIES = 12
"""How many queries are drawn for each corpus: to build one costs as much as hundreds of them."""

law = settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


Asked = Query | SimilarQuery


def ask(engine: SearchEngine, query: Asked) -> Results:
    return engine.search(query) if isinstance(query, Query) else engine.similar(query)


def pages(engine: SearchEngine, query: Asked) -> Iterator[Results]:
    """Walk an answer to its end."""
    page = ask(engine, query)
    yield page
    while page.next_cursor is not None:
        page = ask(engine, replace(query, cursor=page.next_cursor))
        yield page


def walked(engine: SearchEngine, query: Asked) -> list[Hit]:
    return [hit for page in pages(engine, query) for hit in page.hits]


def ids(engine: SearchEngine, query: Asked) -> list[str]:
    return [hit.article.article_id for hit in walked(engine, query)]


def plain(hits: list[Hit]) -> list[tuple[object, ...]]:
    """Give what of hits does not change from build to build."""
    return [(hit.rank, hit.article.article_id, hit.score, hit.scores) for hit in hits]


@given(data=st.data())
@law
def test_the_pages_are_the_match_set_each_article_once_in_the_stated_order(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = data.draw(queries(lib.corpus))
            answers = list(pages(lib.engine, query))
            hits = [hit for page in answers for hit in page.hits]
            found = [hit.article.article_id for hit in hits]
            assert len(set(found)) == len(found)
            assert {page.total for page in answers} == {len(found)}
            assert all(page.total_is_exact for page in answers)
            assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
            assert {len(page.hits) for page in answers[:-1]} <= {query.limit}
            assert len(answers[-1].hits) <= query.limit
            assert hits == sorted(hits, key=stated_order(query))
            assert all(page.facets == answers[0].facets for page in answers)


def stated_order(query: Query) -> Callable[[Hit], tuple[float, str]]:
    """Give the key that hits rise by: score or date, then the id."""

    def key(hit: Hit) -> tuple[float, str]:
        if query.question is not None and query.sort == "relevance":
            assert hit.score is not None
            assert 0 <= hit.score <= 1
            return -hit.score, hit.article.article_id
        first = replace(Filters(), published_from=hit.article.published).first_date
        return -first.toordinal() if first else 0, hit.article.article_id

    return key


@given(data=st.data())
@law
def test_the_match_set_is_what_the_definition_says_of_each_article_alone(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = replace(data.draw(queries(lib.corpus)), explain=True)
            found = walked(lib.engine, query)
            if query.question is None:
                assert {hit.article.article_id for hit in found} == browsed(lib, query)
                continue
            members = judge(lib, query)
            found_ids = {hit.article.article_id for hit in found}
            assert members.certain <= found_ids <= members.certain | members.doubtful
            for hit in found:
                assert hit.explanation is not None
                assert hit.scores.match is not None
                by = hit.explanation.matched_by
                assert by
                if "match" in by:
                    assert hit.scores.match >= hit.explanation.evidence["floor"]


def browsed(lib: Opened, query: Query) -> set[str]:
    return judge(lib, replace(query, text="x", min_match=0.0, mode="semantic")).certain


@given(data=st.data())
@law
def test_membership_depends_neither_on_the_order_nor_on_the_page_nor_on_what_is_shown(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = data.draw(queries(lib.corpus))
            other = replace(
                query,
                sort="recency" if query.sort == "relevance" else "relevance",
                limit=data.draw(st.integers(1, 30)),
                facets=data.draw(st.sampled_from([(), FACETS])),
                explain=True,
                highlight=True,
            )
            assert sorted(ids(lib.engine, query)) == sorted(ids(lib.engine, other))


@given(data=st.data())
@law
def test_each_facet_counts_the_articles_that_its_own_filter_does_not_hide(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = replace(data.draw(queries(lib.corpus)), facets=FACETS)
            facets = lib.engine.search(query).facets
            for field in FACETS:
                shown = {
                    folded(field, value.value): value.count
                    for value in facets[field]
                    if value.count
                }
                assert shown == brute_counts(lib, query, field)


def folded(field: FacetField, value: str) -> str:
    return value if field == "years" else fold_name(value, is_person=field == "authors")


def brute_counts(lib: Opened, query: Query, field: FacetField) -> dict[str, int]:
    """Count over the articles that are returned when only the field's own filter is dropped."""
    counts: dict[str, int] = {}
    asked = replace(query, filters=without_field(query.filters, field))
    for hit in walked(lib.engine, asked):
        for value in values_of(hit.article, field):
            counts[value] = counts.get(value, 0) + 1
    return counts


@given(data=st.data())
@law
def test_a_filter_only_takes_away_and_every_hit_satisfies_it(data: st.DataObject) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = replace(data.draw(queries(lib.corpus)), filters=Filters())
            narrowed = replace(query, filters=data.draw(filters))
            whole = walked(lib.engine, query)
            kept = [hit for hit in whole if passes(hit.article, narrowed.filters)]
            found = walked(lib.engine, narrowed)
            # what is left keeps its order and its scores, too
            assert [row[1:] for row in plain(found)] == [row[1:] for row in plain(kept)]


@given(data=st.data())
@law
def test_a_question_is_answerable_where_anything_matches_without_the_filters(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = data.draw(queries(lib.corpus))
            results = lib.engine.search(query)
            by_the_floor = replace(query, filters=Filters(), min_match=None)
            whole = lib.engine.search(replace(query, filters=Filters()))
            assert whole.answerable or whole.total == 0 or query.min_match is not None
            if query.min_match is None:
                assert results.answerable == (whole.total > 0)
            elif query.min_match == 0:
                # the nearest misses are shown, and said to be none
                assert results.answerable == (lib.engine.search(by_the_floor).total > 0)


@given(data=st.data())
@law
def test_a_permuted_corpus_gives_the_same_answers_and_the_same_calibration(
    data: st.DataObject,
) -> None:
    corpus = data.draw(corpora())
    turned = Corpus(tuple(data.draw(st.permutations(corpus.records))), corpus.decisions)
    with opened(corpus) as lib, opened(turned) as other:
        assert other.snapshot.manifest.calibration == lib.snapshot.manifest.calibration
        for _ in range(N_QUERIES):
            query = data.draw(queries(corpus))
            ours, theirs = list(pages(lib.engine, query)), list(pages(other.engine, query))
            assert [plain(list(page.hits)) for page in ours] == [
                plain(list(page.hits)) for page in theirs
            ]
            assert [(page.total, page.answerable, page.facets) for page in ours] == [
                (page.total, page.answerable, page.facets) for page in theirs
            ]


def test_the_calibration_of_a_corpus_with_many_equal_texts_does_not_depend_on_its_order() -> None:
    choose = random.Random(3)
    beginning = "Wheat soil brain signal graph protein. " * 7
    # equal embeddings, of more articles than neighbours are looked at, but other words in them
    records: list[dict[str, object]] = [
        {
            "id": f"a{number:03}",
            "title": "Wheat soil brain",
            "abstract": beginning + " ".join(choose.choices(WORDS, k=30)),
            "authors": [{"name": f"Person {number}"}],
        }
        for number in range(160)
    ]
    turned = choose.sample(records, len(records))

    with opened(Corpus(tuple(records), ())) as lib, opened(Corpus(tuple(turned), ())) as other:
        calibration = lib.snapshot.manifest.calibration
        assert calibration.n_pairs > 1
        assert other.snapshot.manifest.calibration == calibration


@given(data=st.data())
@law
def test_a_hit_is_kept_where_its_own_probability_is_the_least_asked_for(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = replace(data.draw(queries(lib.corpus)), filters=Filters(), min_match=0.0)
            for hit in walked(lib.engine, query):
                if hit.scores.match is not None:
                    least = replace(query, min_match=hit.scores.match)
                    assert hit.article.article_id in ids(lib.engine, least)


# The bound


@given(data=st.data())
@law
def test_at_the_bound_the_answer_says_so_and_still_walks_each_article_once(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            drawn = data.draw(queries(lib.corpus).filter(lambda query: query.question is not None))
            query = replace(drawn, filters=Filters(), sort="relevance")
            whole = plain(walked(lib.engine, query))
            for bound in {max(1, len(whole) + step) for step in (-1, 0, 1)} | {1}:
                engine = lib.bounded(bound)
                answers = list(pages(engine, query))
                found = plain([hit for page in answers for hit in page.hits])
                is_cut = len(whole) > bound
                assert len({row[1] for row in found}) == len(found)
                assert {page.total for page in answers} == {min(bound, len(whole))}
                for page in answers:
                    assert page.total_is_exact is not is_cut
                    assert page.exactness.bound_reached is is_cut
                    assert page.exactness.bound == bound
                if not is_cut:
                    assert found == whole
                else:
                    assert {row[1] for row in found} < {row[1] for row in whole}


@given(data=st.data())
@law
def test_a_filter_that_leaves_less_than_the_bound_gives_all_it_leaves(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = replace(data.draw(queries(lib.corpus)), filters=data.draw(filters))
            filtered = plain(walked(lib.engine, query))
            engine = lib.bounded(max(1, len(filtered)))
            results = engine.search(query)
            assert plain(walked(engine, query)) == filtered
            assert results.total == len(filtered)
            assert results.total_is_exact


@pytest.mark.parametrize("first_look", [1, 3])
@given(data=st.data())
@settings(law, max_examples=6)
def test_how_many_articles_the_legs_propose_at_first_changes_no_answer(
    first_look: int, data: st.DataObject
) -> None:
    with opened(data.draw(corpora())) as lib, pytest.MonkeyPatch.context() as patch:
        drawn = [data.draw(queries(lib.corpus)) for _ in range(N_QUERIES)]
        everything = [walked(lib.engine, query) for query in drawn]
        patch.setattr("service.match.FIRST_LOOK", first_look)
        for query, expected in zip(drawn, everything, strict=True):
            found = walked(lib.engine, query)
            assert {hit.article.article_id: hit.scores for hit in found} == {
                hit.article.article_id: hit.scores for hit in expected
            }


@pytest.mark.parametrize(
    "one",
    [
        test_the_pages_are_the_match_set_each_article_once_in_the_stated_order,
        test_each_facet_counts_the_articles_that_its_own_filter_does_not_hide,
        test_a_filter_only_takes_away_and_every_hit_satisfies_it,
    ],
)
def test_the_laws_hold_too_where_only_rare_words_propose(
    one: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.words.ALL_SCORED_UP_TO", 0)
    # of so few articles all are proposed
    monkeypatch.setattr("service.words.RareFirst.is_whole", True)
    one()
