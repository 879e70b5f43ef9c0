"""What may be asked by example, at the limits and just past them."""

from typing import Any

import pytest

from index.errors import QueryError
from service.cursor import hash_query
from service.examples import Example, SimilarQuery, recognised
from service.query import Limits
from tests.service.likes import ids_of, like

LIMITS = Limits(max_query_chars=5, max_examples=2, max_pasted_chars=10, max_limit=3)


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        ((Example("text", "x" * 5),) * 2, (Example("article_id", "x" * 5),) * 2),
        ((Example("bibtex", "x" * 5),), (Example("ris", "x" * 5),)),
    ],
)
def test_as_much_as_the_limits_allow_is_taken(
    positive: tuple[Example, ...], negative: tuple[Example, ...]
) -> None:
    SimilarQuery(positive=positive, negative=negative, limit=3).check(LIMITS)


@pytest.mark.parametrize(
    ("positive", "negative", "field"),
    [
        ((Example("text", "x" * 6),), (), "positive.0.text"),
        (ids_of("x"), ids_of("x", "x" * 6), "negative.1.article_id"),
        (ids_of("x", "y", "z"), (), "positive"),
        ((), ids_of("x", "y", "z"), "negative"),
        ((Example("bibtex", "x" * 11),), (), "positive.0.bibtex"),
        # both sides together
        ((Example("bibtex", "x" * 5),), (Example("ris", "x" * 6),), "negative.0.ris"),
    ],
)
def test_more_than_the_limits_allow_is_refused_with_its_place(
    positive: tuple[Example, ...], negative: tuple[Example, ...], field: str
) -> None:
    query = SimilarQuery(positive=positive, negative=negative, limit=1)

    with pytest.raises(QueryError) as refused:
        query.check(LIMITS)
    assert refused.value.field == field


def test_too_many_hits_are_refused() -> None:
    with pytest.raises(QueryError, match="limit: 4 is not between 1 and 3"):
        like("x", limit=4).check(LIMITS)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "positive"),
        ({"positive": (Example("text", " "),)}, "positive.0.text"),
        ({"negative": (Example("text", "\ud800"),)}, "negative.0.text"),
        ({"positive": (Example("url", "x"),)}, "positive.0"),  # type: ignore[arg-type]
        ({"positive": ids_of("x"), "diversity": 1.01}, "diversity"),
        ({"positive": ids_of("x"), "diversity": float("nan")}, "diversity"),
        ({"positive": ids_of("x"), "diversity": 0.1, "sort": "recency"}, "diversity"),
        ({"positive": ids_of("x"), "sort": "size"}, "sort"),
        ({"positive": ids_of("x"), "limit": 0}, "limit"),
        ({"negative": ids_of("x"), "min_match": 0.1}, "min_match"),
    ],
)
def test_what_cannot_be_answered_is_refused(wanted: dict[str, Any], field: str) -> None:
    with pytest.raises(QueryError) as refused:
        SimilarQuery(**wanted)
    assert refused.value.field == field


def test_pasted_records_are_told_from_text_by_their_content() -> None:
    assert recognised("@article{x, title={Bees}}").kind == "bibtex"
    assert recognised("TY  - JOUR\nTI  - Bees\nER  - ").kind == "ris"
    assert recognised("how do bees fly @ night").kind == "text"


def test_a_cursor_is_of_these_examples_on_these_sides() -> None:
    asked = like("x", min_match=0)
    others = [
        like("y", min_match=0),
        like("x", "y", min_match=0),
        SimilarQuery(positive=ids_of("x"), negative=ids_of("y"), min_match=0),
        SimilarQuery(positive=(Example("text", "x"),), min_match=0),
        like("x", min_match=0, diversity=0.5),
        like("x", min_match=0.1),
        like("x", min_match=0, prefer="newest"),
    ]

    assert len({hash_query(query) for query in [asked, *others]}) == len(others) + 1
    assert hash_query(like("x", min_match=0, limit=1, facets=("years",))) == hash_query(asked)
