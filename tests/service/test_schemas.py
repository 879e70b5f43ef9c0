"""The wire: an article and an answer are written exactly as others rely on."""

import pytest

from index.article import Article
from service.parameters import SearchBody, SearchParameters, wire_name
from service.query import Filters, Query
from service.results import Hit, Results, Scores
from service.schemas import ArticleWire, article_to_wire, results_to_wire, stored_to_wire

FULL = Article(
    article_id="doi:10.1145/3786343",
    title="A title",
    abstract="An abstract.",
    authors=("Ana Müller",),
    n_authors=6,
    doi="10.1145/3786343",
    journal="A Journal",
    published="2025-12-23",
    type="research-article",
    url="https://example.org",
    language="en",
    is_new=True,
    retracted=False,
    citation_key="key",
    identifiers=("doi:10.1145/3786343",),
    first_indexed="2026-11-22T10:00:00Z",
    source="a.bib",
    line=3,
)


def test_an_article_is_written_with_exactly_these_keys_in_this_order() -> None:
    wire = article_to_wire(FULL, truncated=False)

    assert list(wire.items()) == [
        ("article_id", "doi:10.1145/3786343"),
        ("doi", "10.1145/3786343"),
        ("title", "A title"),
        ("abstract", "An abstract."),
        ("authors", [{"name": "Ana Müller"}]),
        ("n_authors", 6),
        ("journal", "A Journal"),
        ("published", "2025-12-23"),
        ("year", 2025),
        ("type", "research-article"),
        ("url", "https://example.org"),
        ("language", "en"),
        ("is_new", True),
        ("first_indexed", "2026-11-22T10:00:00Z"),
        ("evidence", "title+abstract"),
        ("truncated", False),
        ("retracted", False),
    ]
    ArticleWire.model_validate(wire)


def test_what_is_not_known_is_null_and_an_absent_badge_absent() -> None:
    wire = article_to_wire(Article(article_id="sha:0", abstract="Only this."), truncated=True)

    assert "is_new" not in wire
    assert wire["evidence"] == "abstract"
    unknown = {"doi", "title", "journal", "published", "year", "url", "language"}
    unknown |= {"first_indexed", "retracted"}
    assert {key for key, value in wire.items() if value is None} == unknown
    ArticleWire.model_validate(wire)


def test_no_article_is_null() -> None:
    assert stored_to_wire(None) is None


def test_a_total_is_absent_where_it_is_not_known() -> None:
    hit = Hit(1, 0.123456789, Scores(0.5, None), FULL, False)
    wire = results_to_wire(Results((hit,), "name", 1.5), ["a warning"])

    assert list(wire) == ["hits", "snapshot", "warnings", "took_ms"]
    assert wire["hits"] == [
        {
            "rank": 1,
            "score": 0.123457,
            "scores": {"semantic": 0.5, "lexical": None},
            "article": article_to_wire(FULL, truncated=False),
        }
    ]


def test_a_known_total_is_said_to_be_exact() -> None:
    wire = results_to_wire(Results((), "name", 1.5, total=0), [])

    assert (wire["total"], wire["total_is_exact"]) == (0, True)


def test_parameters_and_body_ask_the_same() -> None:
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
    )

    parameters = SearchParameters.model_validate(
        {
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
        }
    )
    body = SearchBody.model_validate(
        {
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
        }
    )

    assert parameters.to_query() == body.to_query() == expected


@pytest.mark.parametrize(
    ("method", "field", "name"),
    [
        ("GET", "text", "q"),
        ("GET", "published_from", "from"),
        ("GET", "authors", "author"),
        ("HEAD", "types", "type"),
        ("POST", "text", "query"),
        ("POST", "published_from", "filters.published_from"),
        ("POST", "limit", "limit"),
    ],
)
def test_a_fault_names_the_field_as_the_request_spells_it(
    method: str, field: str, name: str
) -> None:
    assert wire_name(method, field) == name
