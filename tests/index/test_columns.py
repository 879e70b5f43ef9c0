"""Columns select exactly the rows that a plain filter over the articles selects."""

import datetime
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.columns import FIELDS, NO_DAY, Columns, Field, Selection, day_number, write_columns

# the spellings of one name, however a source writes it
PEOPLE = [
    ["Jan-Peter Müller", "Müller, Jan-Peter", "JAN PETER MULLER"],
    ["Bo Chen", "Chen, Bo", "bo chen"],
    ["Ø. Ek", "O Ek"],
    ["李 明"],
]
JOURNALS = [["Nature", "NATURE"], ["Études Célestes", "Etudes celestes"], ["Cell"]]
TYPES = [["review"], ["preprint"], ["other"]]
LANGUAGES = [["en"], ["de"]]
DATES = ["1931", "1968-02", "1969-12-31", "2023", "2024-02", "2024-02-29", "2024-03-01", "2024-12"]
DAYS = ["1900-01-01", "1968-02-29", "2023-12-31", "2024-02-01", "2024-02-29", "2024-03-01"]

SPELLINGS = {"authors": PEOPLE, "journals": JOURNALS, "types": TYPES, "languages": LANGUAGES}


def spellings(names: list[list[str]]) -> st.SearchStrategy[str]:
    return st.sampled_from([spelling for same in names for spelling in same])


articles_without_ids = st.builds(
    Article,
    article_id=st.just(""),
    title=st.just("a title"),
    abstract=st.none() | st.just("an abstract"),
    authors=st.lists(spellings(PEOPLE), max_size=3).map(tuple),
    journal=st.none() | spellings(JOURNALS),
    type=spellings(TYPES),
    language=st.none() | spellings(LANGUAGES),
    published=st.none() | st.sampled_from(DATES),
)
corpora = st.lists(articles_without_ids, min_size=1, max_size=12)


@contextmanager
def opened(articles: Sequence[Article]) -> Iterator[Columns]:
    with TemporaryDirectory() as folder:
        write_columns(Path(folder) / "columns", articles)
        columns = Columns(Path(folder) / "columns")
        yield columns
        columns.close()


def rows_of(columns: Columns, selection: Selection) -> list[int]:
    mask = columns.mask(selection)
    return [*range(columns.n_articles)] if mask is None else np.flatnonzero(mask).tolist()


def names_in(article: Article, field: Field) -> tuple[str | None, ...]:
    return {
        "authors": article.authors,
        "journals": (article.journal,),
        "types": (article.type,),
        "languages": (article.language,),
    }[field]


def is_named(article: Article, field: Field, wanted: list[str]) -> bool:
    same = [
        spelling for names in SPELLINGS[field] if set(names) & set(wanted) for spelling in names
    ]
    return any(name in same for name in names_in(article, field))


def lies_within(published: str | None, first: str | None, last: str | None) -> bool:
    # ISO dates compare as text, and so does a day that a month does not have
    if published is None:
        return first is None and last is None
    begins, ends = (
        published + "-01-01"[len(published) - 4 :],
        published + "-12-31"[len(published) - 4 :],
    )
    return (first is None or ends >= first) and (last is None or begins <= last)


def day(text: str | None) -> int | None:
    return None if text is None else day_number(datetime.date.fromisoformat(text))


@pytest.mark.parametrize("field", FIELDS)
@given(articles=corpora, data=st.data())
@settings(deadline=None, max_examples=25)
def test_a_name_filter_selects_the_articles_that_bear_any_spelling_of_it(
    field: Field, articles: list[Article], data: st.DataObject
) -> None:
    wanted = data.draw(st.lists(spellings(SPELLINGS[field]), max_size=2))

    with opened(articles) as columns:
        codes = columns.codes(field, wanted)
        selection = Selection(**{field: codes})  # type: ignore[arg-type]  # one field by its name
        found = rows_of(columns, selection)

    assert found == [row for row, one in enumerate(articles) if is_named(one, field, wanted)]


@given(
    articles=corpora,
    first=st.none() | st.sampled_from(DAYS),
    last=st.none() | st.sampled_from(DAYS),
    has_abstract=st.none() | st.booleans(),
)
@settings(deadline=None, max_examples=60)
def test_dates_and_abstracts_select_as_a_plain_filter_does(
    articles: list[Article], first: str | None, last: str | None, has_abstract: bool | None
) -> None:
    selection = Selection(first_day=day(first), last_day=day(last), has_abstract=has_abstract)

    with opened(articles) as columns:
        found = rows_of(columns, selection)

    assert found == [
        row
        for row, article in enumerate(articles)
        if lies_within(article.published, first, last)
        and has_abstract in (None, article.abstract is not None)
    ]


@given(articles=corpora)
@settings(deadline=None, max_examples=25)
def test_all_conditions_together_select_what_each_selects(articles: list[Article]) -> None:
    with opened(articles) as columns:
        parts = [
            Selection(authors=columns.codes("authors", ["Bo Chen", "O Ek"])),
            Selection(journals=columns.codes("journals", ["nature"])),
            Selection(first_day=day("1968-02-29"), has_abstract=True),
        ]
        together = Selection(
            authors=parts[0].authors,
            journals=parts[1].journals,
            first_day=parts[2].first_day,
            has_abstract=True,
        )

        in_each = set.intersection(*(set(rows_of(columns, part)) for part in parts))
        assert rows_of(columns, together) == sorted(in_each)


@given(articles=corpora)
@settings(deadline=None, max_examples=25)
def test_a_row_has_the_names_of_its_article_each_once(articles: list[Article]) -> None:
    with opened(articles) as columns:
        for row, article in enumerate(articles):
            codes = columns.row_codes("authors", row)
            assert codes == [*dict.fromkeys(columns.codes("authors", article.authors))]
            journal = [article.journal] if article.journal else []
            assert columns.row_codes("journals", row) == [*columns.codes("journals", journal)]


def article(**values: object) -> Article:
    return Article(**({"article_id": "x", "title": "a title"} | values))  # type: ignore[arg-type]


def test_the_usual_spelling_is_the_most_frequent_then_the_first_in_the_alphabet() -> None:
    spelled = ["Müller, Ana", "Ana Müller", "Ana Müller", "ana muller"]
    articles = [article(authors=(name,), journal="Cell") for name in spelled]
    articles[0] = article(authors=(spelled[0],), journal="CELL", language="en")
    articles[1] = article(authors=(spelled[1],), journal="CELL", language="de")

    with opened(articles) as columns:
        assert columns.names("authors", columns.codes("authors", ["A.N.A Muller"])) == [
            "Ana Müller"
        ]
        assert columns.names("journals", columns.codes("journals", ["cell"])) == ["CELL"]
        codes = columns.codes("languages", ["de", "en"])
        assert columns.names("languages", codes) == ["de", "en"]


def test_an_unknown_name_has_no_code_and_no_code_selects_nothing() -> None:
    with opened([article(authors=("Bo Chen",)), article()]) as columns:
        assert columns.codes("authors", ["Nobody", "", "Chen"]) == ()
        assert columns.codes("authors", ["Nobody", "Bo Chen"]) == columns.codes(
            "authors", ["Bo Chen"]
        )
        assert rows_of(columns, Selection(authors=())) == []
        assert rows_of(columns, Selection(journals=())) == []


def test_a_name_of_one_field_is_no_name_of_another() -> None:
    with opened([article(journal="Nature", language="en")]) as columns:
        assert columns.codes("authors", ["Nature"]) == columns.codes("types", ["en"]) == ()


def test_without_a_condition_there_is_no_mask() -> None:
    with opened([article()]) as columns:
        assert columns.mask(Selection()) is None


def test_a_date_is_kept_as_the_days_it_spans_and_no_date_as_none() -> None:
    with opened([article(published="2024-02"), article(published="1970"), article()]) as columns:
        assert columns.first_day.tolist() == [day("2024-02-01"), 0, NO_DAY]
        assert columns.last_day.tolist() == [day("2024-02-29"), 364, NO_DAY]


def test_many_threads_read_names_at_once() -> None:
    people = [f"Person {number}" for number in range(200)]
    with opened([article(authors=(name,)) for name in people]) as columns:

        def spelled(name: str) -> list[str]:
            return columns.names("authors", columns.codes("authors", [name.upper()]))

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(spelled, people)) == [[name] for name in people]
