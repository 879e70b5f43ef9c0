"""A whole title finds all articles that bear it, and nothing but a whole one does."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.identity import fold_name
from index.titles import Titles, write_titles

TITLES = [
    "Editorial",
    None,
    "To be or not to be",
    "Über die Sätze: ein Überblick",
    "editorial.",
    "?!",
    "Key-phrase extraction",
]


@pytest.fixture(scope="module")
def titles(tmp_path_factory: pytest.TempPathFactory) -> Titles:
    """Write and read the titles above."""
    folder = tmp_path_factory.mktemp("titles")
    write_titles(folder, enumerate(TITLES))
    return Titles(folder)


@pytest.mark.parametrize(
    ("title", "rows"),
    [
        ("Editorial", [0, 4]),
        ("“EDITORIAL”.", [0, 4]),
        ("to be, or not to be?", [2]),
        ("uber die satze ein uberblick", [3]),
        ("Keyphrase  extraction\n", [6]),
        ("?!", [5]),
        ("Editorials", []),
        ("To be or not", []),
        ("", []),
    ],
)
def test_case_accents_punctuation_and_white_space_are_no_part_of_a_title(
    titles: Titles, title: str, rows: list[int]
) -> None:
    assert titles.rows(title).tolist() == rows


@given(st.lists(st.none() | st.sampled_from(["a", "A.", "b b", "bb", "é", "e"]) | st.text()))
def test_every_title_finds_all_that_fold_to_the_same(corpus: list[str | None]) -> None:
    with TemporaryDirectory() as folder:
        write_titles(Path(folder), enumerate(corpus))
        titles = Titles(Path(folder))

        folded = [fold_name(title, is_person=False) if title else None for title in corpus]
        for title, key in zip(corpus, folded, strict=True):
            if title:
                same = [row for row, other in enumerate(folded) if other == key]
                assert titles.rows(title).tolist() == same
