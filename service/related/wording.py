"""How a work is written out as a reference, in plain words."""

from index.article import Article
from service.wording import heading

_MOST_NAMES = 3


def to_reference(article: Article) -> str:
    """Give a reference: authors, year, title, where it appeared, and its address."""
    parts = [
        _authors(article),
        f"({article.year})" if article.year else "",
        _ended(heading(article)),
    ]
    parts += [_ended(article.journal) if article.journal else "", address(article) or ""]
    return " ".join(part for part in parts if part)


def address(article: Article) -> str | None:
    """Give the address of an article: that of its DOI, else its own."""
    return f"https://doi.org/{article.doi}" if article.doi else article.url


def _authors(article: Article) -> str:
    names = list(article.authors[:_MOST_NAMES])
    if max(article.n_authors, len(article.authors)) > _MOST_NAMES:
        return f"{names[0]} et al." if names else ""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _ended(text: str) -> str:
    return text if text[-1:] in ".?!" else f"{text}."
