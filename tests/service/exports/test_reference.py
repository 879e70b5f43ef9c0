"""A formatted reference says what is known of an article, and makes nothing up."""

from dataclasses import replace

import pytest
from hypothesis import given

from index.article import Article
from service.exports.reference import reference, reference_pieces
from tests.service.exports.drawing import drawn_articles

ARTICLE = Article(
    article_id="x",
    title="Bees remember flowers",
    authors=("Ann-Marie B. Ray", "van der Öberg, Åsa"),
    n_authors=2,
    journal="Journal of Bees",
    published="2020-05",
    doi="10.5555/a(b)",
    type="research-article",
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {},
            "Ray, A.-M. B., & van der Öberg, Å. (2020). Bees remember flowers. Journal of Bees. "
            "https://doi.org/10.5555/a(b)",
        ),
        (
            {"doi": None, "url": "https://example.org/x", "published": None},
            "Ray, A.-M. B., & van der Öberg, Å. (n.d.). Bees remember flowers. Journal of Bees. "
            "https://example.org/x",
        ),
        (
            {"doi": None, "url": "javascript:alert(1)", "identifiers": ("arxiv:2101.00001",)},
            "Ray, A.-M. B., & van der Öberg, Å. (2020). Bees remember flowers. Journal of Bees. "
            "arXiv:2101.00001",
        ),
        (
            {"n_authors": 5, "type": "conference-paper", "retracted": True, "doi": None},
            "Ray, A.-M. B., van der Öberg, Å., et al. (2020). Bees remember flowers "
            "[Conference paper; Retracted]. In Journal of Bees.",
        ),
        (
            {"authors": (), "n_authors": 0, "title": "Why?", "journal": None, "doi": None},
            "Why? (2020).",
        ),
        (
            {"title": None, "abstract": "Bees dance.", "type": "preprint", "doi": None},
            "Ray, A.-M. B., & van der Öberg, Å. (2020). [Bees dance.] [Preprint; Title unknown]. "
            "Journal of Bees.",
        ),
        (
            {"authors": ("Vision Group",), "doi": None, "journal": None},
            "Vision Group. (2020). Bees remember flowers.",
        ),
        (
            {"authors": ("Martin King Jr.", "J.R. Poe", "中村", "伟 李"), "doi": None},
            "King, M., Jr., Poe, J. R., 中村, & 李, 伟. (2020). Bees remember flowers. "
            "Journal of Bees.",
        ),
    ],
)
def test_a_reference_looks_as_the_manual_has_it(changes: dict[str, object], expected: str) -> None:
    changed = replace(ARTICLE, **changes)  # type: ignore[arg-type]  # fields of an article
    n_authors = max(changed.n_authors, len(changed.authors))
    if "n_authors" not in changes:
        n_authors = len(changed.authors)
    assert reference(replace(changed, n_authors=n_authors)) == expected


@pytest.mark.parametrize(("n_authors", "n_named"), [(20, 20), (21, 20), (300, 20)])
def test_of_more_than_twenty_authors_nineteen_and_the_last_are_named(
    n_authors: int, n_named: int
) -> None:
    names = tuple(f"Ann Number{'o' * number}" for number in range(n_authors))
    text = reference(replace(ARTICLE, authors=names, n_authors=n_authors))

    assert text.count("Number") == n_named
    assert f" Number{'o' * (n_authors - 1)}, A. (2020)" in text
    assert ("…" in text) == (n_authors > 20)


def test_pieces_say_what_is_set_in_italics_and_where_a_link_leads() -> None:
    pieces = reference_pieces(ARTICLE)

    assert [piece.text for piece in pieces if piece.is_italic] == ["Journal of Bees"]
    assert [piece.url for piece in pieces if piece.url] == ["https://doi.org/10.5555/a(b)"]
    alone = reference_pieces(replace(ARTICLE, journal=None))
    assert [piece.text for piece in alone if piece.is_italic] == ["Bees remember flowers"]


@given(article=drawn_articles())
def test_the_pieces_are_the_text_and_lead_to_the_web_only(article: Article) -> None:
    pieces = reference_pieces(article)

    assert "".join(piece.text for piece in pieces) == reference(article)
    assert all(piece.url is None or piece.url.startswith("http") for piece in pieces)
    assert "\n" not in reference(article)
