"""The laws of the match set hold of examples, too: for any corpus, any examples, any wish.

Real FAISS, SQLite and tantivy, a snapshot on disk for each corpus, many queries of each.
"""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.versions import Prefer
from service.examples import Example, SimilarQuery
from service.query import FacetField, Filters, Sort
from service.results import Hit
from tests.service.corpora import (
    FACETS,
    Corpus,
    Opened,
    corpora,
    filters,
    opened,
    passes,
    values_of,
    without_field,
    work_of,
)
from tests.service.test_laws import folded, ids, law, pages, plain, walked

N_QUERIES = 8


def examples(corpus: Corpus) -> st.SearchStrategy[tuple[Example, ...]]:
    ids = st.sampled_from([str(record["id"]) for record in corpus.records])
    named = ids.map(lambda article_id: Example("article_id", article_id))
    texts = st.sampled_from([*corpus.texts, "wheat soil", "xyzzy"])
    written = texts.map(lambda text: Example("text", text))
    return st.lists(named | written, max_size=3).map(tuple)


@st.composite
def wished(draw: st.DrawFn, corpus: Corpus) -> SimilarQuery:
    """Draw whole queries by example."""
    positive, negative = draw(st.tuples(examples(corpus), examples(corpus)).filter(any))
    sort = draw(st.sampled_from(get_args(Sort)))
    min_match = draw(st.sampled_from([None, 0.0, 0.0, 0.01, 1.0]))
    diversity = draw(st.sampled_from([0.0, 0.0, 0.3, 1.0]))
    return SimilarQuery(
        positive=positive,
        negative=negative,
        filters=draw(st.just(Filters()) | filters),
        sort=sort,
        limit=draw(st.integers(1, 4)),
        min_match=min_match if positive else None,
        prefer=draw(st.sampled_from(get_args(Prefer))),
        diversity=0.0 if sort == "recency" else diversity,
    )


def works_of(lib: Opened, query: SimilarQuery) -> set[str]:
    """Give the ids of all versions of the articles that are named as examples."""
    rows = [
        lib.snapshot.store.find(one.value)
        for one in (*query.positive, *query.negative)
        if one.kind == "article_id"
    ]
    members = [lib.snapshot.versions.members(row) for row in rows if row is not None]
    return {lib.articles[row].article_id for of_one in members for row in of_one}


@given(data=st.data())
@law
def test_the_pages_are_one_set_of_works_without_the_examples(data: st.DataObject) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = data.draw(wished(lib.corpus))
            answers = list(pages(lib.engine, query))
            hits = [hit for page in answers for hit in page.hits]
            found = [hit.article.article_id for hit in hits]
            assert len(set(found)) == len(found)
            assert {page.total for page in answers} == {len(found)}
            assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
            assert not works_of(lib, query) & set(found)
            assert set(found) <= {
                lib.articles[work_of(lib, row, query.prefer)].article_id
                for row in range(len(lib.articles))
            }
            assert {hit.because is None for hit in hits} <= {not query.positive}
            if query.diversity == 0 and query.sort == "relevance":
                in_order = [(-(hit.score or 0.0), hit.article.article_id) for hit in hits]
                assert in_order == sorted(in_order)


@given(data=st.data())
@law
def test_a_filter_only_takes_away_and_changes_no_order(data: st.DataObject) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = replace(data.draw(wished(lib.corpus)), filters=Filters(), diversity=0.0)
            narrowed = replace(query, filters=data.draw(filters))
            whole = walked(lib.engine, query)
            kept = [hit for hit in whole if passes(hit.article, narrowed.filters)]
            found = walked(lib.engine, narrowed)
            assert [row[1:] for row in plain(found)] == [row[1:] for row in plain(kept)]


@given(data=st.data())
@law
def test_facets_count_what_paging_walks(data: st.DataObject) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = replace(data.draw(wished(lib.corpus)), facets=FACETS)
            facets = lib.engine.similar(query).facets
            for field in FACETS:
                counted = [value for value in facets[field] if value.count]
                shown = {folded(field, value.value): value.count for value in counted}
                assert shown == brute_counts(lib, query, field)


def brute_counts(lib: Opened, query: SimilarQuery, field: FacetField) -> dict[str, int]:
    counts: dict[str, int] = {}
    asked = replace(query, filters=without_field(query.filters, field))
    for hit in walked(lib.engine, asked):
        for value in values_of(hit.article, field):
            counts[value] = counts.get(value, 0) + 1
    return counts


@given(data=st.data())
@law
def test_diversity_changes_the_order_behind_the_first_and_nothing_else(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            query = replace(data.draw(wished(lib.corpus)), sort="relevance", diversity=0.0)
            spread = replace(query, diversity=data.draw(st.floats(0.01, 1)))
            as_they_are, spread_out = ids(lib.engine, query), ids(lib.engine, spread)
            assert sorted(as_they_are) == sorted(spread_out)
            assert as_they_are[:1] == spread_out[:1]


@given(data=st.data())
@law
def test_a_positive_example_only_adds_and_a_negative_one_only_takes_away(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            drawn = data.draw(wished(lib.corpus).filter(lambda query: bool(query.positive)))
            query = replace(drawn, negative=(), filters=Filters())
            more = data.draw(examples(lib.corpus))
            before = set(ids(lib.engine, query))
            wider = replace(query, positive=(*query.positive, *more))
            found_as_text = {example.article_id for example in lib.engine.similar(wider).positive}
            assert before - works_of(lib, wider) - found_as_text <= set(ids(lib.engine, wider))
            assert set(ids(lib.engine, replace(query, negative=more))) <= before


@given(data=st.data())
@law
def test_a_permuted_corpus_has_the_same_match_sets(data: st.DataObject) -> None:
    corpus = data.draw(corpora())
    turned = Corpus(tuple(data.draw(st.permutations(corpus.records))), corpus.decisions)
    with opened(corpus) as lib, opened(turned) as other:
        for _ in range(N_QUERIES):
            # a text may be that of several articles, and becomes the first of them
            named = data.draw(examples(corpus).map(_named).filter(bool))
            query = replace(data.draw(wished(corpus)), positive=named, negative=())
            ours, theirs = walked(lib.engine, query), walked(other.engine, query)
            assert matches(ours) == matches(theirs)


def _named(given: tuple[Example, ...]) -> tuple[Example, ...]:
    return tuple(example for example in given if example.kind == "article_id")


def matches(hits: list[Hit]) -> dict[str, float | None]:
    return {hit.article.article_id: hit.scores.match for hit in hits}


@pytest.mark.parametrize("spread", [0.0, 0.5])
@given(data=st.data())
@settings(law, max_examples=6)
def test_at_the_bound_the_answer_says_so_and_still_walks_each_article_once(
    spread: float, data: st.DataObject
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(N_QUERIES):
            drawn = data.draw(wished(lib.corpus).filter(lambda query: bool(query.positive)))
            query = replace(drawn, sort="relevance", filters=Filters(), diversity=spread)
            whole = ids(lib.engine, query)
            for bound in {max(1, len(whole) + step) for step in (-1, 0)}:
                engine = lib.bounded(bound)
                answers = list(pages(engine, query))
                found = [hit.article.article_id for page in answers for hit in page.hits]
                assert len(set(found)) == len(found) == answers[0].total
                assert len(found) == min(bound, len(whole))
                assert answers[0].total_is_exact is (len(whole) <= bound)
                narrowed = replace(query, filters=data.draw(filters))
                left = set(ids(lib.engine, narrowed))
                if len(left) <= bound:
                    assert set(ids(engine, narrowed)) == left
