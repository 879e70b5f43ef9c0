"""Filters by Semantic Scholar's names: what dates, types and venues mean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import QueryError
from service.query import Filters
from service.semantic_scholar.paper import TYPES
from service.semantic_scholar.parameters import PaperFilters


def filters(**asked: Any) -> Filters:
    return PaperFilters.model_validate(asked).to_filters()


def test_nothing_asked_for_is_no_filter() -> None:
    assert filters() == Filters()


@pytest.mark.parametrize(
    ("year", "first", "last"),
    [
        ("2019", "2019", "2019"),
        ("2016-2020", "2016", "2020"),
        ("2010-", "2010", None),
        ("-2015", None, "2015"),
    ],
)
def test_years_are_one_or_a_range_open_at_either_end(
    year: str, first: str | None, last: str | None
) -> None:
    assert filters(year=year) == Filters(published_from=first, published_to=last)


@pytest.mark.parametrize(
    ("dates", "first", "last"),
    [
        ("2019-03-05", "2019-03-05", "2019-03-05"),
        ("2019-03", "2019-03", "2019-03"),
        ("2019", "2019", "2019"),
        ("2016-03-05:2020-06-06", "2016-03-05", "2020-06-06"),
        ("1981-08-25:", "1981-08-25", None),
        (":2015-01", None, "2015-01"),
        ("2015:2020-02", "2015", "2020-02"),
    ],
)
def test_dates_are_partial_and_a_range_is_inclusive(
    dates: str, first: str | None, last: str | None
) -> None:
    wanted = Filters(published_from=first, published_to=last)

    assert filters(publicationDateOrYear=dates) == wanted


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"year": "19"}, "year"),
        ({"year": "2020-2019"}, "year"),
        ({"year": "-"}, "year"),
        ({"year": ""}, "year"),
        ({"year": "0000"}, "year"),
        ({"year": "2019", "publicationDateOrYear": "2019"}, "year"),
        ({"publicationDateOrYear": ":"}, "publicationDateOrYear"),
        ({"publicationDateOrYear": ""}, "publicationDateOrYear"),
        ({"publicationDateOrYear": "2019-02-30"}, "publicationDateOrYear"),
        ({"publicationDateOrYear": "2020:2019"}, "publicationDateOrYear"),
        ({"publicationDateOrYear": "a:b:c"}, "publicationDateOrYear"),
        ({"publicationTypes": "JournalArticle,Editorial"}, "publicationTypes"),
        ({"publicationTypes": ""}, "publicationTypes"),
        ({"fieldsOfStudy": "Physics"}, "fieldsOfStudy"),
        ({"minCitationCount": "0"}, "minCitationCount"),
        ({"openAccessPdf": ""}, "openAccessPdf"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_its_own_name(
    asked: dict[str, str], field: str
) -> None:
    with pytest.raises(QueryError) as error:
        filters(**asked)

    assert error.value.field == field


def test_types_are_those_that_papers_show() -> None:
    assert filters(publicationTypes="Review, Dataset").types == ("review", "dataset")
    assert len(set(TYPES.values())) == len(TYPES)


def test_venues_are_names_and_the_whole_may_be_one_too() -> None:
    assert filters(venue="Nature").journals == ("Nature",)
    assert filters(venue="Nature, Bees").journals == ("Nature", "Bees", "Nature, Bees")


@given(first=st.integers(1, 9999), last=st.integers(1, 9999))
def test_a_range_is_refused_exactly_where_it_ends_before_it_begins(first: int, last: int) -> None:
    year = f"{first:04}-{last:04}"
    if first <= last:
        assert filters(year=year).published_to == f"{last:04}"
        return
    with pytest.raises(QueryError):
        filters(year=year)
