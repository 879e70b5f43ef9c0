"""Queries and filters: which values can be answered, and what a partial date means."""

import datetime

import pytest

from index.errors import QueryError
from service.query import Filters, Limits, Query, is_time_back, parse_since


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", (2024, 1, 1), (2024, 12, 31)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2023-02", (2023, 2, 1), (2023, 2, 28)),
        ("2024-02-10", (2024, 2, 10), (2024, 2, 10)),
        ("9999", (9999, 1, 1), (9999, 12, 31)),
    ],
)
def test_a_partial_date_begins_on_its_first_day_and_ends_on_its_last(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    filters = Filters(published_from=text, published_to=text)

    assert filters.first_date == datetime.date(*first)
    assert filters.last_date == datetime.date(*last)


def test_no_date_leaves_both_ends_open() -> None:
    assert (Filters().first_date, Filters().last_date) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "24",
        "2024-13",
        "2024-00",
        "2024-1",
        "2024-02-30",
        "2024-01-00",
        "0000",
        "2024-01-01T00",
        "２０２４",
        " 2024",
        "2024\n",
        "yesterday",
    ],
)
@pytest.mark.parametrize("field", ["published_from", "published_to"])
def test_what_is_no_date_is_refused(field: str, text: str) -> None:
    with pytest.raises(QueryError) as caught:
        Filters(**{field: text})  # type: ignore[arg-type]  # a table of fields

    assert caught.value.field == field


def test_a_filter_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(QueryError, match="2025 is after 2024"):
        Filters(published_from="2025", published_to="2024")


def test_a_filter_may_begin_within_the_span_it_ends_in() -> None:
    assert Filters(published_from="2024-06", published_to="2024").last_date is not None


@pytest.mark.parametrize("value", ["", "  ", "\ud800"])
def test_a_name_that_is_empty_or_no_text_is_refused(value: str) -> None:
    with pytest.raises(QueryError) as caught:
        Filters(journals=("Nature", value))

    assert caught.value.field == "journals"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": "half a character \udc00"}, "text"),
        ({"mode": "magic"}, "mode"),
        ({"sort": "random"}, "sort"),
        ({"limit": 0}, "limit"),
    ],
)
def test_a_value_that_cannot_be_answered_names_its_field(
    values: dict[str, object], field: str
) -> None:
    with pytest.raises(QueryError) as caught:
        Query(**values)  # type: ignore[arg-type]  # a table of values

    assert caught.value.field == field


@pytest.mark.parametrize("text", [None, "", " \n "])
def test_blank_text_asks_nothing(text: str | None) -> None:
    assert Query(text=text).question is None


def test_the_question_is_the_text_without_space_around_it() -> None:
    assert Query(text=" brain signals\n").question == "brain signals"


@pytest.mark.parametrize(
    ("query", "field"), [(Query(text="four"), "text"), (Query(limit=11), "limit")]
)
def test_a_query_beyond_the_limits_is_refused(query: Query, field: str) -> None:
    with pytest.raises(QueryError) as caught:
        query.check(Limits(max_query_chars=3, max_limit=10))

    assert caught.value.field == field


def test_a_query_at_the_limits_is_answered() -> None:
    Query(text="abc", limit=10).check(Limits(max_query_chars=3, max_limit=10))


@pytest.mark.parametrize(
    ("text", "today", "since"),
    [
        ("-P1M", "2026-11-22", "2026-10-22"),
        ("-P3M", "2026-02-10", "2025-11-10"),
        ("-P12M", "2026-01-31", "2025-01-31"),
        ("-P1M", "2026-03-31", "2026-02-28"),
        ("-P1M", "2024-03-30", "2024-02-29"),
        ("-P1Y", "2024-02-29", "2023-02-28"),
        ("-P5Y", "2026-11-22", "2021-11-22"),
        ("-P2W", "2026-01-10", "2025-12-27"),
        ("-P0D", "2026-01-10", "2026-01-10"),
        ("-P30D", "2026-01-10", "2025-12-11"),
        ("-P2025Y", "2026-11-22", "0001-11-22"),
    ],
)
def test_a_time_back_is_counted_from_today(text: str, today: str, since: str) -> None:
    assert is_time_back(text)
    assert parse_since("published_from", text, datetime.date.fromisoformat(today)) == since


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-P", "no time back"),
        ("-P1", "no time back"),
        ("-PM", "no time back"),
        ("-P1.5M", "no time back"),
        ("-P1Y6M", "no time back"),
        ("-P-1M", "no time back"),
        ("-P²M", "no time back"),
        ("-PT5H", "no time back"),
        ("-P2026Y", "before the calendar"),
        ("-P99999M", "before the calendar"),
        ("-P999999W", "before the calendar"),
        ("-P999999D", "before the calendar"),
        ("-P1000000D", "no time back"),
    ],
)
def test_what_is_no_time_back_is_refused(text: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason) as refused:
        parse_since("published_from", text, datetime.date(2026, 11, 22))

    assert refused.value.field == "published_from"


@pytest.mark.parametrize("text", ["2024", "P1M", "-1", ""])
def test_a_date_is_no_time_back(text: str) -> None:
    assert not is_time_back(text)
