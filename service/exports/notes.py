"""What an export says in words, where its format has no field for it."""

from collections.abc import Iterator

from index.article import Article
from index.sources.own_notes import RETRACTED, UNTITLED


def to_notes(article: Article) -> Iterator[str]:
    """Give the sentences that have to stand beside an article."""
    if article.retracted:
        yield RETRACTED
    if not article.title:
        yield UNTITLED
