"""Articles and answers in words, as the page and the console show them."""

from dataclasses import replace

import pytest

from index.article import Article
from index.versions import Version, VersionKind
from service.results import Exactness, Highlight, Results
from service.wording import (
    heading,
    marked,
    per_cent,
    short_authors,
    total_words,
    version_words,
)

RESULTS = Results(
    hits=(),
    total=599,
    total_is_exact=True,
    answerable=True,
    respelled=None,
    facets={},
    next_cursor=None,
    snapshot="name",
    exactness=Exactness("exact", 6, 10_000, bound_reached=False),
    took_ms=1.0,
)


@pytest.mark.parametrize(
    ("authors", "n_authors", "expected"),
    [((), 0, ""), (("A",), 1, "A"), (("A", "B"), 2, "A + 1 more"), (("A",), 9, "A + 8 more")],
)
def test_authors_are_the_first_and_a_count(
    authors: tuple[str, ...], n_authors: int, expected: str
) -> None:
    article = Article(article_id="x", authors=authors, n_authors=n_authors)

    assert short_authors(article) == expected


def test_an_abstract_begins_in_place_of_an_unknown_title() -> None:
    assert heading(Article(article_id="x", title="T", abstract="Few words.")) == "T"
    assert heading(Article(article_id="x", abstract="Few words.")) == "[Few words.]"
    assert heading(Article(article_id="x", abstract="w " * 15)) == f"[{'w ' * 14}…]"
    assert heading(Article(article_id="x", abstract="神経回路" * 100)) == f"[{'神経回路' * 50} …]"


@pytest.mark.parametrize(
    ("article_id", "kind", "published", "doi", "expected"),
    [
        ("arxiv:2401.00001", "preprint", "2024-01-02", None, "preprint arXiv:2401.00001 (2024)"),
        ("arxiv:2401.1", "preprint", None, "10.48550/arXiv.2401.1", "preprint arXiv:2401.1"),
        ("doi:10.1/a", "journal", "2024", "10.1/a", "journal article 10.1/a (2024)"),
        ("acl:P19-1", "conference", "2019-07", None, "conference paper acl:P19-1 (2019)"),
        ("sha:0", "other", None, None, "another version sha:0"),
    ],
)
def test_a_version_is_its_kind_its_identifier_and_its_year(
    article_id: str, kind: VersionKind, published: str | None, doi: str | None, expected: str
) -> None:
    assert version_words(Version(article_id, kind, published, doi, None)) == expected


@pytest.mark.parametrize(
    ("total", "total_is_exact", "expected"),
    [
        (0, True, "0 articles"),
        (1, True, "1 article"),
        (599, True, "599 articles"),
        (10_000, True, "10,000 articles"),
        (10_000, False, "more than 10,000 articles"),
    ],
)
def test_a_total_that_is_not_exact_is_a_least_one(
    total: int, total_is_exact: bool, expected: str
) -> None:
    results = replace(RESULTS, total=total, total_is_exact=total_is_exact)

    assert total_words(results) == expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (0.0, "< 1 %"),
        (0.004, "< 1 %"),
        (0.01, "1 %"),
        (0.5, "50 %"),
        (0.99, "99 %"),
        (0.996, "> 99 %"),
        (1.0, "> 99 %"),
    ],
)
def test_no_probability_is_shown_as_certain(match: float, expected: str) -> None:
    assert per_cent(match) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), [("a b c", False)]),
        (((10, 11),), [("a", True), (" b c", False)]),
        (((12, 13),), [("a ", False), ("b", True), (" c", False)]),
        (((10, 11), (14, 15)), [("a", True), (" b ", False), ("c", True)]),
        (((10, 15),), [("a b c", True)]),
        (((10, 12), (12, 15)), [("a ", True), ("b c", True)]),
    ],
)
def test_a_highlight_comes_in_pieces_that_are_the_whole(
    words: tuple[tuple[int, int], ...], expected: list[tuple[str, bool]]
) -> None:
    pieces = list(marked(Highlight("abstract", "a b c", 10, 15, 1.0, words)))

    assert pieces == expected
    assert "".join(text for text, _ in pieces) == "a b c"
