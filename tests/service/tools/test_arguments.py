"""Arguments: their bounds, what stands for what, and faults that say how to mend them."""

from typing import Any

import pytest

from service.context.bundle import LONGEST_BUNDLE_ID
from service.query import Query
from service.tools.arguments import (
    DEFAULT_TOKENS,
    LEAST_TOKENS,
    LONGEST_DRAFT,
    LONGEST_ID,
    LONGEST_TEXT,
    MOST_EXAMPLES,
    MOST_HITS,
    MOST_TOKENS,
)
from service.tools.catalogue import TOOLS, tool_named
from service.tools.tool import ArgumentError

REQUIRED: dict[str, dict[str, Any]] = {
    "search": {"query": "bees"},
    "fetch": {"id": "10.5555/bees.1"},
    "related_work": {"text": "Bees dance."},
    "get_context": {"query": "bees"},
    "verify_citations": {"text": "Bees dance."},
}

BOUNDS: list[tuple[str, str, Any, Any]] = [
    ("search", "query", "x", ""),
    ("search", "query", "x" * LONGEST_TEXT, "x" * (LONGEST_TEXT + 1)),
    ("fetch", "id", "x", ""),
    ("fetch", "id", "x" * LONGEST_ID, "x" * (LONGEST_ID + 1)),
    ("search_articles", "query", "x" * LONGEST_TEXT, "x" * (LONGEST_TEXT + 1)),
    ("search_articles", "limit", 1, 0),
    ("search_articles", "limit", MOST_HITS, MOST_HITS + 1),
    ("search_articles", "min_match", 0, -0.1),
    ("search_articles", "min_match", 1, 1.1),
    ("search_articles", "max_tokens", LEAST_TOKENS, LEAST_TOKENS - 1),
    ("search_articles", "max_tokens", MOST_TOKENS, MOST_TOKENS + 1),
    ("search_articles", "detail", "ids", "id"),
    ("search_articles", "sort", "recency", "newest"),
    ("search_articles", "filters", {"authors": ["x"] * 20}, {"authors": ["x"] * 21}),
    ("search_articles", "filters", {"types": ["review"]}, {"types": ["paper"]}),
    ("similar_articles", "limit", MOST_HITS, MOST_HITS + 1),
    (
        "similar_articles",
        "positive",
        [{"text": "x"}] * MOST_EXAMPLES,
        [{"text": "x"}] * (MOST_EXAMPLES + 1),
    ),
    ("similar_articles", "negative", [{"text": "x"}], [{"text": "x", "article_id": "x"}]),
    ("similar_articles", "negative", [{"article_id": "x"}], [{}]),
    ("related_work", "text", "x" * LONGEST_DRAFT, "x" * (LONGEST_DRAFT + 1)),
    ("related_work", "bibliography", "x" * LONGEST_DRAFT, "x" * (LONGEST_DRAFT + 1)),
    ("related_work", "limit", 10, 11),
    ("related_work", "neighbours", 0, -1),
    ("related_work", "neighbours", 20, 21),
    ("related_work", "start", 0, -1),
    ("verify_citations", "text", "x" * LONGEST_DRAFT, "x" * (LONGEST_DRAFT + 1)),
    ("verify_citations", "text", "x", ""),
    ("verify_citations", "start", 0, -1),
    (
        "verify_citations",
        "bundle_id",
        "x" * LONGEST_BUNDLE_ID,
        "x" * (LONGEST_BUNDLE_ID + 1),
    ),
    ("get_context", "query", "x", ""),
    ("get_context", "query", "x" * LONGEST_TEXT, "x" * (LONGEST_TEXT + 1)),
    ("get_context", "max_excerpts", 1, 0),
    ("get_context", "max_excerpts", 50, 51),
    ("get_context", "max_tokens", LEAST_TOKENS, LEAST_TOKENS - 1),
    ("get_context", "max_tokens", MOST_TOKENS, MOST_TOKENS + 1),
]


def parse(name: str, **arguments: object) -> Any:
    return tool_named(name).parse(REQUIRED.get(name, {}) | arguments)


@pytest.mark.parametrize(("name", "field", "good", "bad"), BOUNDS)
def test_a_bound_holds_at_it_and_refuses_just_past_it(
    name: str, field: str, good: object, bad: object
) -> None:
    parse(name, **{field: good})

    with pytest.raises(ArgumentError) as refused:
        parse(name, **{field: bad})
    assert (refused.value.field or "").startswith(field)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("search_articles", {"limit": 500}, "limit: Input should be less than or equal to 50, not"),
        ("search_articles", {"limt": 5}, "limt: unknown name; the nearest known one is 'limit'"),
        (
            "search_articles",
            {"filters": {"author": ["x"]}},
            "filters.author: unknown name; the nearest known one is 'authors'",
        ),
        (
            "search_articles",
            {"filters": {"types": ["paper"]}},
            "filters.types: 'paper' is none of research-article, review, ",
        ),
        ("search_articles", {"sort": "best"}, "sort: Input should be 'relevance' or 'recency', no"),
        ("search_articles", {"filters": "types"}, "filters: Input should be a valid dict"),
        (
            "similar_articles",
            {"positive": [{"text": "x"}, {}]},
            "positive.1: give exactly one of article_id and text",
        ),
        (
            "search_articles",
            {"limit": 0, "detail": "all"},
            "limit: Input should be greater than or equal to 1, not 0; detail: Input should be 'id",
        ),
    ],
)
def test_a_fault_names_the_place_the_value_and_the_cure(
    name: str, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ArgumentError) as refused:
        parse(name, **arguments)

    assert str(refused.value).startswith(message)


def test_a_missing_argument_is_named_and_nothing_is_quoted() -> None:
    with pytest.raises(ArgumentError) as refused:
        tool_named("fetch").parse({})

    assert str(refused.value) == "id: Field required"


def test_of_many_faults_five_are_named_and_the_rest_counted() -> None:
    with pytest.raises(ArgumentError) as refused:
        parse("search_articles", filters={"authors": [1] * 7})

    said = [f"filters.authors.{n}: Input should be a valid string, not 1" for n in range(5)]
    assert str(refused.value) == "; ".join([*said, "and 2 more"])
    assert refused.value.field is None


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_null_stands_for_the_default(tool: Any) -> None:
    required = REQUIRED.get(tool.name, {})
    nulls = {name: None for name in tool.arguments.model_fields if name not in required}

    assert tool.parse(required | nulls) == tool.parse(required)


def test_null_stands_for_the_default_within_filters_and_examples() -> None:
    filters = {"authors": None, "types": None, "published_from": None, "has_abstract": None}
    examples = [{"article_id": "10.1/x", "text": None}]

    assert parse("search_articles", filters=filters) == parse("search_articles")
    assert parse("similar_articles", positive=examples) == parse(
        "similar_articles", positive=[{"article_id": "10.1/x"}]
    )


def test_lists_and_objects_within_strings_are_read_as_some_clients_send_them() -> None:
    parsed = parse("search_articles", filters='{"authors": ["Bo Chen"]}', limit="3")
    nested = parse("search_articles", filters={"authors": '["Bo Chen"]'}, limit=3)

    assert parsed == nested
    assert (parsed.filters.authors, parsed.limit) == (["Bo Chen"], 3)
    with pytest.raises(ArgumentError, match="Input should be a valid list"):
        parse("search_articles", filters={"authors": "[Bo Chen"})


def test_defaults_are_well_below_what_clients_take() -> None:
    parsed = parse("search_articles", query="bees")

    assert parsed.max_tokens == DEFAULT_TOKENS < MOST_TOKENS < 25_000
    assert parsed.to_query(5) == Query(text="bees", limit=5)
