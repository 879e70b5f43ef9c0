"""Dates: what sources write, and the days that a partial date names."""

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import EARLIEST_YEAR, LATEST_YEAR, date_span, parse_date, parse_moment

READ = [
    ("2025-12-23", "2025-12-23"),
    ("2025-12", "2025-12"),
    ("2025", "2025"),
    ("2025-12-23T10:00:00Z", "2025-12-23"),
    ("2025-12-23 10:00:00", "2025-12-23"),
    ("2019-00-00", "2019"),
    ("2019-05-00", "2019-05"),
    ("Dec 25, 2025", "2025-12-25"),
    ("25 Dec 2025", "2025-12-25"),
    ("25th December 2025", "2025-12-25"),
    ("2019 Jan 5", "2019-01-05"),
    ("Jan 2019", "2019-01"),
    ("JAN 15 2019", "2019-01-15"),
    ("2019 Jan-Feb", "2019"),
    ("OCT-DEC 2018", "2018"),
    ("2012 Oct 5-8", "2012-10"),
    ("2020 Spring", "2020"),
    ("Winter 2019", "2019"),
    ("2006/03//", "2006-03"),
    ("2006///", "2006"),
    ("2019//", "2019"),
    ("2020///nan", "2020"),
    ("2019/10//undefined", "2019-10"),
    ("1999/12/31", "1999-12-31"),
    ("1999/12/31/Winter", "1999-12-31"),
    ("2025.12.23", "2025-12-23"),
    ("20121008", "2012-10-08"),
    ("202010", "2020-10"),
    ("31/12/1999", "1999-12-31"),
    ("12/31/1999", "1999-12-31"),
    ("01/02/1999", "1999"),
    ("01.02.1999", "1999-02-01"),
    ("3/2020", "2020-03"),
    ("12.2021", "2021-12"),
    ("c2001", "2001"),
    ("[2001?]", "2001"),
    ("©2001", "2001"),
    ("2019-2020", "2019"),
    ("1. März 2010", "2010-03-01"),
    ("1er août 2010", "2010-08-01"),
    ("Date of Publication: 25 Aug 2004", "2004-08-25"),
    ("Epub 2019 Jan 5", "2019-01-05"),
    ("", None),
    ("  ", None),
]


@pytest.mark.parametrize(("raw", "published"), READ)
def test_dates_are_read_as_exactly_as_they_are_written(raw: str, published: str | None) -> None:
    assert parse_date(raw) == (published, None)


MENDED = [
    ("2021-02-30", "2021-02", "no day of its month"),
    ("2018 Dec 45", "2018-12", "no day of its month"),
    ("2021-13-01", "2021", "no month"),
    ("2019-20", "2019", "no month"),
    ("n.d.", None, "no year"),
    ("in press", None, "no year"),
    ("Publication Year", None, "no year"),
    ("0", None, "no year"),
    ("0000", None, "the year 0, which"),
    ("9999", None, "the year 9999, which"),
    ("1066-10-14", None, "the year 1066, which"),
]


@pytest.mark.parametrize(("raw", "published", "reason"), MENDED)
def test_impossible_dates_keep_what_is_possible_and_say_so(
    raw: str, published: str | None, reason: str
) -> None:
    parsed, repair = parse_date(raw)
    assert parsed == published
    assert repair is not None
    assert raw in repair
    assert reason in repair


@given(st.text(alphabet="0123456789/-. JanFebMayMärz,T:٣"))
def test_a_parsed_date_is_an_iso_date_whose_span_exists(raw: str) -> None:
    published, _ = parse_date(raw)
    if published is not None:
        assert re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", published)
        first, last = date_span(published)
        assert first <= last
        assert EARLIEST_YEAR <= first.year == last.year <= LATEST_YEAR


@given(st.text())
def test_no_text_breaks_the_parser(raw: str) -> None:
    parse_date(raw)


@given(st.dates(datetime.date(EARLIEST_YEAR, 1, 1), datetime.date(LATEST_YEAR, 12, 31)))
def test_every_exact_date_is_read_back_and_spans_one_day(day: datetime.date) -> None:
    assert parse_date(day.isoformat()) == (day.isoformat(), None)
    assert date_span(day.isoformat()) == (day, day)


@pytest.mark.parametrize(
    ("published", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2023-12", "2023-12-01", "2023-12-31"),
    ],
)
def test_a_partial_date_spans_all_the_days_it_names(published: str, first: str, last: str) -> None:
    span = date_span(published)
    assert span == (datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-11-22T10:00:00.000Z", "2026-11-22T10:00:00.000Z"),
        (" 2026-11-22T10:00:00Z ", "2026-11-22T10:00:00.000Z"),
        ("2026-11-22T12:00:00.1239+02:00", "2026-11-22T10:00:00.123Z"),
        ("2026-11-22T10:00", "2026-11-22T10:00:00.000Z"),
        ("2026-11-22", "2026-11-22T00:00:00.000Z"),
        ("yesterday", None),
        ("2026-13-01", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
    ],
)
def test_a_time_is_written_as_every_index_writes_it(raw: str, expected: str | None) -> None:
    assert parse_moment(raw) == expected
