"""Bulk search: which queries are plain, and where a token may go on."""

import pytest

from index.errors import QueryError
from service.part import Part
from service.query import Filters, Query
from service.search import SearchEngine
from service.semantic_scholar.bulk_query import check_plain, part_order, read_token, token_after


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        'a "quoted - phrase | with (signs)* ~2" and words',
        "“+curly”",
        "state-of-the-art C++ and F1*F2 - a survey",
        "long short-term memory (LSTM)",
        "a~b",
        "",
    ],
)
def test_plain_words_and_phrases_pass(text: str) -> None:
    check_plain(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fish | ladder", "'|' at character 6"),
        ("fish|ladder", "'|' at character 5"),
        ("+fish", "'+' at character 1"),
        ("fish + ladder", "'+' at character 6"),
        ('"a phrase" -not', "'-' at character 12"),
        ("neuro*", "'*' at character 6"),
        ("bugs~3", "'~3' at character 5"),
        ('"fish ladder"~3', "'~3' at character 14"),
        ('an open "quote -not', "'-' at character 16"),
    ],
)
def test_an_operator_is_refused_with_its_place(text: str, shown: str) -> None:
    with pytest.raises(QueryError, match="is an operator") as error:
        check_plain(text)

    assert error.value.field == "query"
    assert error.value.reason.startswith(shown)


def test_orders_are_those_of_the_original_but_for_citations() -> None:
    assert part_order("paperId") == part_order("paperId:asc") == "id"
    assert part_order("publicationDate") == part_order("publicationDate:asc") == "oldest"
    assert part_order("publicationDate:desc") == "newest"
    for sort in ("citationCount:desc", "citationCount"):
        with pytest.raises(QueryError, match="citations are not counted here"):
            part_order(sort)
    for sort in ("year", "paperId:up", ""):
        with pytest.raises(QueryError, match="is none of"):
            part_order(sort)


def test_a_token_goes_on_behind_its_page_in_its_snapshot(papers: SearchEngine) -> None:
    query, part = Query(text="latent", min_match=0.0), Part(0, 3, "id")
    results = papers.part(query, part)

    token = token_after(results, query, part)

    assert read_token(token, query, "id") == (papers.snapshot_name, 3)
    assert read_token(None, query, "id") == (None, 0)
    rest = Part(3, results.total - 3, "id")
    assert token_after(papers.part(query, rest), query, rest) is None
    behind = Part(results.total, 5, "id")
    assert token_after(papers.part(query, behind), query, behind) is None


def test_a_token_is_of_one_query_and_one_order(papers: SearchEngine) -> None:
    query, part = Query(text="latent", min_match=0.0), Part(0, 3, "id")
    token = token_after(papers.part(query, part), query, part)

    for other, order in (
        (Query(text="other", min_match=0.0), "id"),
        (Query(text="latent", min_match=0.0, filters=Filters(types=("review",))), "id"),
        (query, "newest"),
    ):
        with pytest.raises(QueryError, match="belongs to another query"):
            read_token(token, other, order)  # type: ignore[arg-type]  # one of the orders
    with pytest.raises(QueryError, match="no cursor of this version"):
        read_token("nonsense", query, "id")
