"""Requests become queries: GET and POST ask the same, and what is wrong is named."""

import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from index.errors import QueryError
from service.cursor import Cursor
from service.parameters import (
    SearchBody,
    SearchParameters,
    SimilarBody,
    SimilarParameters,
    parse_facet_queries,
    wire_name,
)
from service.query import Filters, Query

ALL_PARAMETERS: dict[str, Any] = {
    "q": "a question",
    "author": ["A", "B"],
    "journal": ["J"],
    "type": ["review"],
    "language": ["en"],
    "from": "2020",
    "to": "2021",
    "has_abstract": "true",
    "mode": "lexical",
    "sort": "recency",
    "limit": "7",
    "cursor": "abc",
    "min_match": "0.25",
    "facet": ["years", "types", "years"],
    "facet_query": ["journals:pat", "types:re:view"],
    "prefer": "newest",
    "highlight": "false",
    "explain": "true",
}
WHOLE_BODY: dict[str, Any] = {
    "query": "a question",
    "filters": {
        "authors": ["A", "B"],
        "journals": ["J"],
        "types": ["review"],
        "languages": ["en"],
        "published_from": "2020",
        "published_to": "2021",
        "has_abstract": True,
    },
    "mode": "lexical",
    "sort": "recency",
    "limit": 7,
    "cursor": "abc",
    "min_match": 0.25,
    "facets": ["years", "types", "years"],
    "facet_query": {"journals": "pat", "types": "re:view"},
    "prefer": "newest",
    "highlight": False,
    "explain": True,
}


def test_parameters_and_body_ask_the_same() -> None:
    parameters = SearchParameters.model_validate(ALL_PARAMETERS)
    body = SearchBody.model_validate(WHOLE_BODY)

    expected = Query(
        text="a question",
        filters=Filters(
            authors=("A", "B"),
            journals=("J",),
            types=("review",),
            languages=("en",),
            published_from="2020",
            published_to="2021",
            has_abstract=True,
        ),
        mode="lexical",
        sort="recency",
        limit=7,
        cursor="abc",
        min_match=0.25,
        facets=("years", "types", "journals"),
        facet_queries={"journals": "pat", "types": "re:view"},
        prefer="newest",
        highlight=False,
        explain=True,
    )
    assert parameters.to_query() == body.to_query() == expected


def test_nothing_asked_is_the_query_of_nothing() -> None:
    parameters, body = SearchParameters(), SearchBody()

    assert parameters.to_query() == body.to_query() == Query()


def test_similar_articles_are_asked_for_alike_by_a_path_and_by_a_body() -> None:
    parameters = SimilarParameters.model_validate(
        {
            "author": ["A"],
            "from": "2024",
            "facet": ["years"],
            "facet_query": ["journals:pat"],
            "sort": "relevance",
            "prefer": "newest",
            "min_match": 0.5,
            "limit": 7,
            "diversity": 0.25,
        }
    )
    body = SimilarBody.model_validate(
        {
            "positive": [{"article_id": "x"}],
            "filters": {"authors": ["A"], "published_from": "2024"},
            "facets": ["years"],
            "facet_query": {"journals": "pat"},
            "prefer": "newest",
            "min_match": 0.5,
            "limit": 7,
            "diversity": 0.25,
        }
    )

    assert parameters.to_query("x") == body.to_query()


@pytest.mark.parametrize("example", [{}, {"doi": "10.1/x", "text": "x"}])
def test_an_example_is_exactly_one_thing(example: dict[str, str]) -> None:
    body = SimilarBody.model_validate({"positive": [{"text": "x"}, example]})

    with pytest.raises(QueryError, match=r"positive\.1: has \d of article_id, .* exactly one"):
        body.to_query()


def test_later_pages_count_back_from_the_first_page_s_day() -> None:
    day = datetime.date(2024, 3, 31)
    cursor = Cursor("name", "0" * 32, 0.5, "x", 1, asked_on=day).to_text()

    got = SearchParameters.model_validate({"from": "-P1M", "cursor": cursor}).to_query()
    posted = SearchBody.model_validate({"filters": {"published_from": "-P1M"}, "cursor": cursor})

    assert (got.filters.published_from, got.filters.asked_on) == ("2024-02-29", day)
    assert posted.to_query().filters == got.filters


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], {}),
        (["journals:pat"], {"journals": "pat"}),
        (["authors:o: b", "years:20"], {"authors": "o: b", "years": "20"}),
        (["types:"], {"types": ""}),
    ],
)
def test_a_facet_query_names_its_facet_before_the_colon(
    texts: list[str], expected: dict[str, str]
) -> None:
    assert parse_facet_queries(texts) == expected


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["pat"], "facet_query: 'pat' names no facet; write it like journals:pat"),
        ([""], "facet_query: '' names no facet; write it like journals:pat"),
        (
            ["journal:pat"],
            "facet_query: 'journal', before the colon, is none of authors, journals, years, types",
        ),
        (["years:1", "years:2"], "facet_query: is given for years more than once"),
    ],
)
def test_a_facet_query_that_cannot_be_read_says_how_to_write_it(
    texts: list[str], message: str
) -> None:
    with pytest.raises(QueryError) as refused:
        parse_facet_queries(texts)

    assert str(refused.value) == message


@pytest.mark.parametrize("value", ["-0.1", "1.1", "nan", "inf", "half", ""])
def test_a_probability_is_between_0_and_1(value: str) -> None:
    with pytest.raises(ValidationError):
        SearchParameters.model_validate({"min_match": value})


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "0.5", True])
def test_a_probability_in_a_body_is_a_number(value: object) -> None:
    with pytest.raises(ValidationError):
        SearchBody.model_validate({"min_match": value})


@pytest.mark.parametrize("value", [0, 1, 0.5, None])
def test_any_probability_may_be_the_least(value: float | None) -> None:
    assert SearchBody.model_validate({"min_match": value}).to_query().min_match == value


@pytest.mark.parametrize(
    ("method", "field", "name"),
    [
        ("GET", "text", "q"),
        ("GET", "published_from", "from"),
        ("GET", "authors", "author"),
        ("GET", "facets", "facet"),
        ("HEAD", "types", "type"),
        ("POST", "text", "query"),
        ("POST", "published_from", "filters.published_from"),
        ("POST", "limit", "limit"),
        ("POST", "facets", "facets"),
    ],
)
def test_a_fault_names_the_field_as_the_request_spells_it(
    method: str, field: str, name: str
) -> None:
    assert wire_name(method, field) == name
