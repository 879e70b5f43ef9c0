"""Columns select exactly the rows that a plain filter over the articles selects."""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.changes import Changes
from index.columns import (
    FIELDS,
    NO_DAY,
    NO_YEAR,
    Columns,
    CountedField,
    Field,
    Selection,
    day_number,
    write_columns,
)
from index.identity import fold_name
from index.store import STORE, ArticleStore
from tests.building import all_new, write_store

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
        ids = {article.article_id for article in articles}
        if len(ids) < len(articles):
            articles = [replace(one, article_id=f"id {row}") for row, one in enumerate(articles)]
        with all_new(articles) as changes:
            write_columns(Path(folder) / "columns", changes)
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


def values_of(article: Article, field: CountedField) -> set[str]:
    """Give the values an article has in a field, as keys that do not depend on the spelling."""
    if field == "years":
        return {str(article.year)} if article.year else set()
    names = (name for name in names_in(article, field) if name)
    return {fold_name(name, is_person=field == "authors") for name in names}


@pytest.mark.parametrize("field", [*FIELDS, "years"])
@given(articles=corpora, data=st.data())
@settings(deadline=None, max_examples=25)
def test_a_value_is_counted_once_for_each_article_that_has_it(
    field: CountedField, articles: list[Article], data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(articles) - 1), unique=True))

    with opened(articles) as columns:
        codes, counts = columns.count_codes(field, np.array(rows, dtype=np.int64))
        names = columns.names(field, codes)

    keys = [fold_name(name, is_person=field == "authors") for name in names]
    expected = Counter(value for row in rows for value in values_of(articles[row], field))
    assert dict(zip(keys, counts.tolist(), strict=True)) == expected


@pytest.mark.parametrize("field", FIELDS)
@given(articles=corpora, data=st.data())
@settings(deadline=None, max_examples=15)
def test_spellings_and_their_order_do_not_depend_on_the_order_of_the_corpus(
    field: Field, articles: list[Article], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(articles))

    with opened(articles) as columns, opened(shuffled) as others:
        names = in_alphabet(columns, field)
        assert in_alphabet(others, field) == names
        assert len(others.codes(field, names)) == len(names)

    keys = [fold_name(name, is_person=field == "authors") for name in names]
    assert keys == sorted(keys)


def in_alphabet(columns: Columns, field: Field) -> list[str]:
    """Give all names of a field in the order of their places."""
    codes, _ = columns.count_codes(field, np.arange(columns.n_articles))
    places = columns.places(field)
    assert places is not None
    return columns.names(field, codes[np.argsort(places[codes])])


@given(
    articles=st.lists(articles_without_ids, max_size=9),
    cut=st.integers(0, 9),
    old=st.none() | articles_without_ids,
)
@settings(deadline=None, max_examples=60)
def test_columns_that_are_added_to_are_those_that_are_written_at_once(
    articles: list[Article], cut: int, old: Article | None
) -> None:
    articles = [
        replace(one, article_id=f"id {row * 7 % 10}", title=f"title {row % 3}")
        for row, one in enumerate(articles)
    ]
    before = articles[:cut]
    if old is not None and before:
        before = [replace(old, article_id="old"), *before[1:]]
    with TemporaryDirectory() as name, opened(articles) as at_once:
        write_store(Path(name) / STORE, before)
        with closing(ArticleStore(Path(name) / STORE)) as store:
            write_columns(Path(name) / "columns", Changes(store))
        with all_new(articles) as new:
            replaced = (0,) if before and before[0] is not articles[0] else ()
            changes = Changes(new.store, Path(name), len(before), replaced)
            write_columns(Path(name) / "added" / "columns", changes)
        added = Columns(Path(name) / "added" / "columns")
        for array in at_once.single:
            if array not in FIELDS:
                assert added.single[array].tolist() == at_once.single[array].tolist()
        assert added.id_places.tolist() == at_once.id_places.tolist()
        for title in ("title 0", "title 1", "title 2", "a title"):
            assert added.titles.rows(title).tolist() == at_once.titles.rows(title).tolist()
        for field in FIELDS:
            assert in_alphabet(added, field) == in_alphabet(at_once, field)
            for row in range(len(articles)):
                names = [
                    one.names(field, one.count_codes(field, np.array([row]))[0])
                    for one in (added, at_once)
                ]
                assert sorted(names[0]) == sorted(names[1])
            assert {*found(at_once, field, "c")} == {*found(added, field, "c")}
        added.close()


def found(columns: Columns, field: CountedField, text: str) -> list[str]:
    codes, _ = columns.count_codes(field, np.arange(columns.n_articles))
    return columns.names(field, codes[columns.begins(field, codes, text)])


@pytest.mark.parametrize(
    ("text", "journals"),
    [
        ("pat", ["Journal of Pattern Analysis", "Pattern Recognition"]),
        ("PATTERN RE", ["Pattern Recognition"]),
        ("patternrec", ["Pattern Recognition"]),
        ("analysis of journ", ["Journal of Pattern Analysis"]),
        ("analysis and journ", []),
        ("analysis journ", ["Journal of Pattern Analysis"]),
        ("tern", []),
        ("etudes c", ["Études Célestes"]),
        ("ÉTUD", ["Études Célestes"]),
        ("100", ["100% Cotton_Science"]),
        ("100%", ["100% Cotton_Science"]),
        ("science", ["100% Cotton_Science"]),
        ("cotton-s", ["100% Cotton_Science"]),
        ("%", ["% & %"]),
        ("_", []),
        ("*", []),
        ("pattern -", ["Journal of Pattern Analysis", "Pattern Recognition"]),
    ],
)
def test_a_journal_is_found_by_the_beginnings_of_its_words(text: str, journals: list[str]) -> None:
    names = ["Pattern Recognition", "Journal of Pattern Analysis", "Études Célestes"]
    names += ["100% Cotton_Science", "% & %"]

    with opened([article(journal=name) for name in names]) as columns:
        assert sorted(found(columns, "journals", text)) == sorted(journals)


@pytest.mark.parametrize(
    "text",
    ["sch", "Jürgen", "jurgen sch", "Schmidhuber, J", "j. schm", "jurgenschmid", "  schmidhuber "],
)
def test_an_author_is_found_by_either_name(text: str) -> None:
    people = ("Schmidhuber, Jürgen", "Ludwig Eschner", "Sean O'Brien", "Jean-Pierre Mu")

    with opened([article(authors=people)]) as columns:
        assert found(columns, "authors", text) == ["Schmidhuber, Jürgen"]


@pytest.mark.parametrize("text", ["o'b", "obr", "bri", "O’Brien"])
def test_a_name_with_a_mark_in_it_is_found_with_it_and_by_its_parts(text: str) -> None:
    with opened([article(authors=("Sean O'Brien", "Bo Chen"))]) as columns:
        assert found(columns, "authors", text) == ["Sean O'Brien"]


def test_a_name_in_another_script_is_found_by_its_beginning() -> None:
    with opened([article(authors=("李 明", "मीरा शर्मा"))]) as columns:
        assert found(columns, "authors", "明") == ["李 明"]
        assert found(columns, "authors", "शर्") == ["मीरा शर्मा"]


def test_a_year_is_found_by_its_first_digits_and_blank_text_finds_all() -> None:
    dates = ["1999", "2019-02", "2020-01-31", "2024"]

    with opened([*(article(published=date) for date in dates), article()]) as columns:
        assert found(columns, "years", "20") == ["2019", "2020", "2024"]
        assert found(columns, "years", " 202 ") == ["2020", "2024"]
        assert found(columns, "years", "%") == []
        assert found(columns, "years", " ") == ["1999", "2019", "2020", "2024"]
        assert columns.single["years"].tolist() == [1999, 2019, 2020, 2024, NO_YEAR]


@given(articles=corpora, text=st.text(max_size=6))
@settings(deadline=None, max_examples=60)
def test_any_text_may_be_the_beginning_of_a_name(articles: list[Article], text: str) -> None:
    with opened(articles) as columns:
        codes, _ = columns.count_codes("authors", np.arange(len(articles)))
        begins = columns.begins("authors", codes, text)
        names = columns.names("authors", codes)

    key = fold_name(text, is_person=False)
    for name, is_found in zip(names, begins, strict=True):
        if fold_name(name, is_person=True).startswith(key):
            assert is_found


def test_the_place_of_an_id_is_that_among_all_ids() -> None:
    ids = ["b", "a/2", "é", "a", "B"]

    with opened([article(article_id=article_id) for article_id in ids]) as columns:
        assert columns.id_places.tolist() == [sorted(ids).index(one) for one in ids]


def test_many_names_are_spelled_in_the_order_asked() -> None:
    people = tuple(f"Person {number}" for number in range(1_200))

    with opened([article(authors=people)]) as columns:
        codes = columns.codes("authors", people)
        assert columns.names("authors", codes[::-1]) == [*people[::-1]]
