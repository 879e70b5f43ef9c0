"""Completions: which titles a few typed letters find, and which of them come first."""

from collections.abc import Iterator

import pytest

from index.build import decide_versions
from index.errors import QueryError
from service.search import SearchEngine
from tests.building import silent
from tests.encoders import HashEncoder
from tests.service.library import build_library, open_engine

TITLES = (
    "Wheat and soil",
    "Soil of wheat fields in the north",
    "Soil",
    "Soils",
    "On soil",
    "Čapek's wheat: soil",
    "Deep learning",
)
ARTICLES: list[dict[str, object]] = [
    {"id": "untitled", "abstract": "Soil has no title here."},
    {
        "id": "preprint",
        "title": "Whales sing",
        "type": "preprint",
        "journal": "arXiv",
        "published": "2020",
    },
    {"id": "journal", "title": "Songs of whales", "type": "research-article", "published": "2021"},
]
ARTICLES += [{"id": f"a{number}", "title": title} for number, title in enumerate(TITLES)]


@pytest.fixture(scope="module")
def titled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Open an index of a few titles."""
    directory = build_library(tmp_path_factory.mktemp("titled"), ARTICLES)
    decide_versions(
        ("preprint", "journal"), directory, same=True, encoder=HashEncoder(), say=silent, quiet=True
    )
    engine = open_engine(directory)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        # what begins so comes first, the shorter before the longer
        ("soi", ["a2", "a3", "a1", "a4", "a0", "a5"]),
        ("soil", ["a2", "a3", "a1", "a4", "a0", "a5"]),
        ("soils", ["a3"]),
        ("wheat", ["a0", "a5", "a1"]),
        ("wheat so", ["a5"]),
        ("wheat and s", ["a0"]),
        ("WHEAT: s", ["a5"]),
        ("capek", ["a5"]),
        ("soil wheat", []),
        ("xyzzy", []),
        (".*", []),
        ("s.il", []),
        ("?!", []),
        # a work has the title of the version that stands for it
        ("whales", ["journal"]),
        ("whales s", []),
    ],
)
def test_titles_are_found_by_words_in_a_row_the_last_of_them_begun(
    titled: SearchEngine, typed: str, expected: list[str]
) -> None:
    found = titled.completions(typed, 10)

    assert [one.article.article_id for one in found] == expected


def test_no_more_are_given_than_asked_for(titled: SearchEngine) -> None:
    found = titled.completions("soi", 2)

    assert [one.article.article_id for one in found] == ["a2", "a3"]


def test_a_beginning_may_be_as_long_as_a_question(titled: SearchEngine) -> None:
    longest = "s" * titled.limits.max_query_chars

    assert titled.completions(longest, 1) == []
    with pytest.raises(QueryError, match="the longest is 20000"):
        titled.completions(longest + "s", 1)
