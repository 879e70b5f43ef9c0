"""The form: what its fields ask."""

from dataclasses import replace

import pytest
from starlette.datastructures import QueryParams

from service.cursor import Cursor
from service.examples import Example
from service.page.form import (
    FACETS,
    FormDates,
    form_dates,
    form_to_query,
    form_to_similar_query,
    given,
)
from service.query import Filters, Query, parse_since

CURSOR = Cursor("20260101T000000000Z-0123456789abcdef", "0" * 32, 0.5, "a", 1).to_text()


def test_a_blank_form_asks_for_everything() -> None:
    form = QueryParams("q=&sort=&author=&journal=+&type=&from=&to=&limit=")

    assert replace(form_to_query(form), counted=()) == Query(text="", facets=FACETS)


def test_a_form_asks_what_it_says() -> None:
    asked = "q=x&author=+A+&author=B&journal=J&type=review&from=2020&to=2021&limit=5&"
    form = QueryParams(asked + f"min_match=0.5&cursor={CURSOR}")

    assert replace(form_to_query(form), counted=()) == Query(
        text="x",
        filters=Filters(
            authors=("A", "B"),
            journals=("J",),
            types=("review",),
            published_from="2020",
            published_to="2021",
        ),
        limit=5,
        min_match=0.5,
        cursor=CURSOR,
        facets=FACETS,
    )


@pytest.mark.parametrize(
    ("form", "dates"),
    [
        ("", FormDates("any", None, None)),
        ("duration=&from=&to=", FormDates("any", None, None)),
        ("duration=any&from=2020&to=2021", FormDates("any", None, None)),
        ("duration=-P3M&from=&to=", FormDates("-P3M", "-P3M", None)),
        ("duration=-P3M&from=2020&to=2021", FormDates("-P3M", "-P3M", None)),
        ("duration=custom&from=2020&to=", FormDates("custom", "2020", None)),
        ("from=2020&to=2021-05", FormDates("custom", "2020", "2021-05")),
        ("to=2021", FormDates("custom", None, "2021")),
        ("from=-P1Y", FormDates("-P1Y", "-P1Y", None)),
        ("from=-P1Y&to=2025", FormDates("custom", "-P1Y", "2025")),
        ("from=-P2W", FormDates("custom", "-P2W", None)),
        ("from=any", FormDates("custom", "any", None)),
    ],
)
def test_the_duration_chosen_decides_and_typed_dates_count_where_it_is_custom(
    form: str, dates: FormDates
) -> None:
    assert form_dates(QueryParams(form)) == dates


def test_a_duration_filters_from_a_day_counted_back_from_today() -> None:
    filters = form_to_query(QueryParams("q=a&duration=-P5Y&from=1999")).filters

    assert filters.asked_on is not None
    assert filters.published_from == parse_since("from", "-P5Y", filters.asked_on)
    assert filters.published_to is None


def test_the_beginnings_of_names_are_looked_for_among_their_facets() -> None:
    form = QueryParams("find_author=+m%C3%BCl+&find_journal=")

    assert form_to_query(form).facet_queries == {"authors": "mül"}


def test_a_form_without_examples_asks_nothing() -> None:
    assert form_to_similar_query(QueryParams("like=+&text=&journal=J")) is None


def test_examples_are_ids_and_texts_on_two_sides() -> None:
    form = QueryParams("like=doi:10.1/a&like=+&text=bees+dance&unlike=doi:10.1/b&diversity=0.3")
    query = form_to_similar_query(form)

    assert query is not None
    assert query.positive == (Example("article_id", "doi:10.1/a"), Example("text", "bees dance"))
    assert query.negative == (Example("article_id", "doi:10.1/b"),)
    assert (query.diversity, query.facets) == (0.3, FACETS)


def test_a_value_that_is_given_twice_counts_once() -> None:
    assert given(QueryParams("author=A&author=+A+&author=&author=B"), "author") == ("A", "B")
