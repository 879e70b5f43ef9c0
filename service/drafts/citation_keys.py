"""Citation keys for articles that the bibliography does not have, and their BibTeX entries."""

from collections.abc import Iterable, Sequence

from index.article import Article


def new_keys(articles: Sequence[Article], existing: Iterable[str] = ()) -> tuple[str, ...]:
    """Give a key for each article, in the style of the existing ones, unlike them and each other.

    Where they have no style it is `familyYEARword`; ASCII, and valid in BibTeX.
    """
    raise NotImplementedError


def to_bibtex(article: Article, key: str) -> str:
    """Give an article as a BibTeX entry; Cognate's own reader gives the same article back."""
    raise NotImplementedError
