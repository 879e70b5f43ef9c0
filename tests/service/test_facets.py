"""Facets count what a plain count over the articles counts, and each value can be sent back."""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.columns import Columns, Rows, Selection, day_number, write_columns
from index.identity import fold_name
from service.facets import VALUES_PER_FACET, count_facet, without_own
from service.query import FacetField, Filters
from service.results import FacetValue
from tests.building import all_new

FIELDS: tuple[FacetField, ...] = get_args(FacetField)
# several spellings of one name, and names that only begin alike
PEOPLE = ["Jan-Peter Müller", "Müller, Jan-Peter", "JAN PETER MULLER", "Jan Muller", "Ø. Ek"]
JOURNALS = ["Nature", "NATURE", "Études Célestes", "Etudes celestes", "Nature Physics"]
DATES = ["1968-02", "1969-12-31", "2023", "2024-02", "2024-02-29", "2024-12", "2025-01-01"]

articles_without_ids = st.builds(
    Article,
    article_id=st.just(""),
    title=st.just("a title"),
    abstract=st.none(),
    authors=st.lists(st.sampled_from(PEOPLE), max_size=3).map(tuple),
    journal=st.none() | st.sampled_from(JOURNALS),
    type=st.sampled_from(["review", "preprint", "other"]),
    published=st.none() | st.sampled_from(DATES),
)
corpora = st.lists(articles_without_ids, min_size=1, max_size=12)
filters = st.builds(
    Filters,
    authors=st.lists(st.sampled_from([*PEOPLE, "Nobody"]), max_size=2).map(tuple),
    journals=st.lists(st.sampled_from(JOURNALS), max_size=2).map(tuple),
    types=st.lists(st.sampled_from(["review", "other"]), max_size=2).map(tuple),
    published_from=st.none() | st.sampled_from(["1969", "2024-02-10", "2024-12"]),
    published_to=st.none() | st.sampled_from(["2025", "2026-01"]),
)


@contextmanager
def opened(articles: Sequence[Article]) -> Iterator[Columns]:
    with TemporaryDirectory() as folder:
        numbered = (replace(one, article_id=str(row)) for row, one in enumerate(articles))
        with all_new(numbered) as changes:
            write_columns(Path(folder) / "columns", changes)
        columns = Columns(Path(folder) / "columns")
        yield columns
        columns.close()


def selected(columns: Columns, asked: Filters) -> Selection:
    first, last = asked.first_date, asked.last_date
    return Selection(
        authors=columns.codes("authors", asked.authors) if asked.authors else None,
        journals=columns.codes("journals", asked.journals) if asked.journals else None,
        types=columns.codes("types", asked.types) if asked.types else None,
        first_day=None if first is None else day_number(first),
        last_day=None if last is None else day_number(last),
    )


def rows_of(columns: Columns, selection: Selection) -> Rows:
    mask = columns.mask(selection)
    return np.arange(columns.n_articles) if mask is None else np.flatnonzero(mask)


def facet(
    columns: Columns, field: FacetField, asked: Filters | None = None, beginning: str = ""
) -> tuple[FacetValue, ...]:
    selection = selected(columns, asked or Filters())
    rows = rows_of(columns, without_own(selection, field))
    return count_facet(columns, field, rows, selection=selection, beginning=beginning)


def only(field: FacetField, value: str, asked: Filters) -> Filters:
    """Give the filters with a value of a facet as the only one of its field."""
    if field == "years":
        return replace(asked, published_from=value, published_to=value)
    return replace(asked, **{field: (value,)})  # type: ignore[arg-type]  # one field by its name


def keys_of(article: Article, field: FacetField) -> set[str]:
    values: dict[FacetField, tuple[str | None, ...]] = {
        "authors": article.authors,
        "journals": (article.journal,),
        "types": (article.type,),
        "years": (str(article.year) if article.year else None,),
    }
    return {fold_name(value, is_person=field == "authors") for value in values[field] if value}


@pytest.mark.parametrize("field", FIELDS)
@given(articles=corpora, asked=filters)
@settings(deadline=None, max_examples=40)
def test_each_value_sent_back_finds_as_many_articles_as_its_count(
    field: FacetField, articles: list[Article], asked: Filters
) -> None:
    with opened(articles) as columns:
        for value in facet(columns, field, asked):
            sent_back = selected(columns, only(field, value.value, asked))
            assert len(rows_of(columns, sent_back)) == value.count


@pytest.mark.parametrize("field", FIELDS)
@given(articles=corpora, asked=filters)
@settings(deadline=None, max_examples=40)
def test_counts_are_those_of_a_plain_count_in_the_stated_order(
    field: FacetField, articles: list[Article], asked: Filters
) -> None:
    with opened(articles) as columns:
        values = facet(columns, field, asked)
        rows = rows_of(columns, without_own(selected(columns, asked), field))

    counts: dict[str, int] = {}
    for row in rows:
        for key in keys_of(articles[row], field):
            counts[key] = counts.get(key, 0) + 1
    keys = [fold_name(value.value, is_person=field == "authors") for value in values]
    found = {key: value.count for key, value in zip(keys, values, strict=True)}
    assert {key: count for key, count in found.items() if count} == counts
    assert keys == sorted(keys, key=lambda key: (-found[key], key))
    assert all(value.selected for value in values if not value.count)


@pytest.mark.parametrize("field", FIELDS)
@given(articles=corpora, asked=filters, data=st.data())
@settings(deadline=None, max_examples=20)
def test_the_order_of_the_corpus_changes_nothing(
    field: FacetField, articles: list[Article], asked: Filters, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(articles))

    with opened(articles) as columns, opened(shuffled) as others:
        assert facet(columns, field, asked) == facet(others, field, asked)


def article(**values: object) -> Article:
    return Article(**({"article_id": "x", "title": "a title"} | values))  # type: ignore[arg-type]


def test_a_facet_counts_past_its_own_filter_but_not_past_the_others() -> None:
    corpus = [
        article(journal="Cell", type="review"),
        article(journal="Nature", type="review"),
        article(journal="Nature", type="other"),
    ]

    with opened(corpus) as columns:
        asked = Filters(journals=("cell",), types=("review",))
        assert facet(columns, "journals", asked) == (
            FacetValue("Cell", 1, selected=True),
            FacetValue("Nature", 1, selected=False),
        )
        assert facet(columns, "types", asked) == (FacetValue("review", 1, selected=True),)


def test_a_selected_value_is_listed_with_no_article_and_past_the_limit() -> None:
    crowd = tuple(f"Author {letter}" for letter in "abcdefghijklmnopqrstuvw")
    corpus = [article(authors=crowd, type="review"), article(authors=("Zed",), type="other")]

    with opened(corpus) as columns:
        asked = Filters(authors=("author w", "zed", "nobody"), types=("review",))
        values = facet(columns, "authors", asked)

    assert [value.value for value in values[:-2]] == [*crowd[:VALUES_PER_FACET]]
    assert values[-2:] == (
        FacetValue("Author w", 1, selected=True),
        FacetValue("Zed", 0, selected=True),
    )


def test_all_years_and_types_are_listed_and_only_the_first_journals() -> None:
    corpus = [
        article(journal=f"Journal {number:02}", published=str(1900 + number))
        for number in range(60)
    ]

    with opened(corpus) as columns:
        assert [value.value for value in facet(columns, "years")] == [
            str(1900 + number) for number in range(60)
        ]
        assert [value.value for value in facet(columns, "journals")] == [
            f"Journal {number:02}" for number in range(VALUES_PER_FACET)
        ]


def test_values_past_the_limit_are_found_by_their_beginning() -> None:
    corpus = [article(authors=(f"Person {number:02}",)) for number in range(60)]

    with opened(corpus) as columns:
        asked = Filters(authors=("person 07",))
        found = facet(columns, "authors", asked, beginning="person 5")

    assert [(value.value, value.selected) for value in found] == [
        ("Person 07", True),
        *((f"Person {number}", False) for number in range(50, 60)),
    ]


@pytest.mark.parametrize(
    ("first", "last", "years"),
    [
        (None, None, []),
        ("2024", None, ["2024", "2025"]),
        ("2023-12-31", "2024-01", ["2023", "2024"]),
        (None, "2023-05", ["2021", "2023"]),
        ("2022", "2022", []),
    ],
)
def test_a_year_is_selected_where_the_dates_asked_for_touch_it(
    first: str | None, last: str | None, years: list[str]
) -> None:
    dates = ["2021", "2023-11", "2024-03-01", "2025", None]

    with opened([article(published=date) for date in dates]) as columns:
        values = facet(columns, "years", Filters(published_from=first, published_to=last))

    assert [value.value for value in values] == ["2021", "2023", "2024", "2025"]
    assert [value.value for value in values if value.selected] == years


def test_a_value_is_spelled_as_most_articles_of_the_whole_corpus_spell_it() -> None:
    names = ["Ana Müller", "Ana Müller", "Müller, Ana"]
    corpus = [article(authors=(name,), published=str(2020 + n)) for n, name in enumerate(names)]

    with opened(corpus) as columns:
        assert facet(columns, "authors", Filters(published_from="2022")) == (
            FacetValue("Ana Müller", 1, selected=False),
        )


def test_no_article_has_no_value() -> None:
    with opened([article()]) as columns:
        nobody = np.empty(0, dtype=np.int64)
        for field in FIELDS:
            assert count_facet(columns, field, nobody, selection=Selection()) == ()


def test_the_own_condition_of_years_is_the_dates() -> None:
    everything = Selection((1,), (2,), (3,), (4,), 5, 6, has_abstract=True)

    assert without_own(everything, "years") == replace(everything, first_day=None, last_day=None)
    assert without_own(everything, "authors") == replace(everything, authors=None)
    assert without_own(everything, "journals") == replace(everything, journals=None)
    assert without_own(everything, "types") == replace(everything, types=None)


def test_the_first_and_the_last_year_of_the_calendar_can_be_asked_for() -> None:
    with opened([article(published="2024")]) as columns:
        asked = Filters(published_from="0001", published_to="9999")
        assert asked.first_date == datetime.date.min
        assert facet(columns, "years", asked) == (FacetValue("2024", 1, selected=True),)
