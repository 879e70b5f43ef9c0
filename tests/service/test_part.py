"""Parts of an answer: however they are cut, they are of the one list that the pages are of."""

import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import QueryError
from service.cli import main
from service.examples import SimilarQuery
from service.part import Part, PartOrder
from service.query import Filters, Limits, Query
from service.reranking import Reranking
from service.results import Hit
from service.search import SearchEngine
from tests.service.corpora import corpora, opened, queries
from tests.service.library import write_library
from tests.service.likes import like
from tests.service.test_laws import law, plain, walked
from tests.service.test_similar_laws import wished
from tests.tiny_models import save_tiny_cross_encoder

Asked = Query | SimilarQuery


def cut(engine: SearchEngine, asked: Asked, starts: list[int]) -> list[Hit]:
    """Ask for every part between the starts, in any order, and put them together."""
    parts = [Part(start, end - start) for start, end in pairwise(starts)]
    mixed = random.Random(len(parts)).sample(parts, len(parts))
    answers = {part.start: engine.part(asked, part) for part in mixed}
    assert len({answer.total for answer in answers.values()}) == 1
    return [hit for part in parts for hit in answers[part.start].hits]


@given(data=st.data())
@law
def test_parts_put_together_are_the_pages_put_together(data: st.DataObject) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(6):
            asked: Asked = data.draw(queries(lib.corpus) | wished(lib.corpus))
            hits = walked(lib.engine, asked)
            starts = sorted(data.draw(st.sets(st.integers(1, 12), max_size=4)) | {0, 20})

            parts = cut(lib.engine, asked, starts)

            assert plain(parts) == plain(hits)
            assert all(hit.because is None and hit.despite is None for hit in parts)
            assert lib.engine.part(asked, Part(0, 1)).total == len(hits)


@given(data=st.data())
@law
def test_a_part_in_another_order_is_of_the_same_articles_in_that_order(
    data: st.DataObject,
) -> None:
    with opened(data.draw(corpora())) as lib:
        for _ in range(6):
            asked: Asked = data.draw(queries(lib.corpus) | wished(lib.corpus))
            order = data.draw(st.sampled_from(get_args(PartOrder)[1:]))

            hits = lib.engine.part(asked, Part(0, 20, order)).hits

            ids = [hit.article.article_id for hit in hits]
            assert sorted(ids) == sorted(
                hit.article.article_id for hit in walked(lib.engine, asked)
            )
            assert ids == [hit.article.article_id for hit in sorted(hits, key=stated(order))]
            later = lib.engine.part(asked, Part(3, 2, order)).hits
            assert [hit.article.article_id for hit in later] == ids[3:5]


def stated(order: PartOrder) -> Callable[[Hit], tuple[float, tuple[int, ...] | str]]:
    """Give the key that hits of an order rise by."""

    def key(hit: Hit) -> tuple[float, tuple[int, ...] | str]:
        article_id = hit.article.article_id
        if order == "id":
            return 0, article_id
        if order == "id_backwards":
            return 0, tuple(-ord(sign) for sign in article_id)
        first = replace(Filters(), published_from=hit.article.published).first_date
        if first is None:
            return float("inf"), article_id
        return first.toordinal() * (1 if order == "oldest" else -1), article_id

    return key


def test_a_part_has_a_length_of_its_own_whatever_the_most_of_a_page(
    engine: SearchEngine,
) -> None:
    narrow = SearchEngine(engine._snapshot, Limits(max_limit=1))
    asked = Query(text="wheat", min_match=0.0)

    assert len(narrow.part(asked, Part(0, 1_000)).hits) == narrow.part(asked, Part()).total > 1


def test_parts_of_a_reranked_answer_agree_where_they_are_cut_among_the_reranked(
    tiny_model: Path, tmp_path: Path
) -> None:
    source = write_library(tmp_path / "library.jsonl")
    reranker = save_tiny_cross_encoder(tmp_path / "reranker")
    arguments = ["build", str(source), "--into", str(tmp_path / "index"), "--quiet"]
    assert main([*arguments, "--model", str(tiny_model), "--reranker", str(reranker)]) == 0
    asked = Query(text="wheat and odd signals", min_match=0.0)

    # no time for a single pair: pages would keep the order of the legs
    for budget_s in (0.0, 60.0):
        reranking = Reranking(n_articles=4, budget_s=budget_s)
        with closing(SearchEngine.open(tmp_path / "index", None, reranking)) as engine:
            whole = engine.part(asked, Part()).hits
            parts = cut(engine, asked, [0, 1, 3, 5, 9])
            page = engine.search(asked).hits
        assert plain(parts) == plain(list(whole))
        assert len(whole) == 6
    ids = [hit.article.article_id for hit in whole]
    assert ids == [hit.article.article_id for hit in page]


def test_a_question_that_is_too_long_is_refused_in_parts_too(engine: SearchEngine) -> None:
    longest = "wheat " * (engine.limits.max_query_chars // 6)

    engine.part(Query(text=longest), Part())
    with pytest.raises(QueryError, match="the longest is"):
        engine.part(Query(text=longest + "and soil"), Part())


def test_a_part_behind_the_last_hit_is_empty_and_knows_the_total(engine: SearchEngine) -> None:
    asked = like("doi:10.5555/eeg.1", min_match=0)
    whole = engine.part(asked, Part())

    behind = engine.part(asked, Part(whole.total, 10))

    assert (behind.hits, behind.total) == ((), len(whole.hits))
