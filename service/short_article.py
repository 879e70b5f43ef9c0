"""The short article: what an excerpt or a checked citation tells of the article it is of."""

from dataclasses import dataclass

from index.article import Article
from service.schemas import Wire

MOST_NAMED = 5
"""So many authors are named; `n_authors` says how many there are."""


@dataclass(frozen=True, slots=True)
class ShortArticle:
    """An article in so many words; `authors` are the first `MOST_NAMED` of `n_authors`."""

    article_id: str
    doi: str | None
    title: str | None
    authors: tuple[str, ...]
    n_authors: int
    journal: str | None
    year: int | None
    type: str
    is_retracted: bool

    @classmethod
    def of(cls, article: Article) -> "ShortArticle":
        """Shorten an article; one of which nobody says that it is retracted is not."""
        return cls(
            article_id=article.article_id,
            doi=article.doi,
            title=article.title,
            authors=article.authors[:MOST_NAMED],
            n_authors=max(article.n_authors, len(article.authors)),
            journal=article.journal,
            year=article.year,
            type=article.type,
            is_retracted=bool(article.retracted),
        )

    def to_wire(self) -> dict[str, object]:
        """Give the article as JSON values."""
        return {
            "article_id": self.article_id,
            "doi": self.doi,
            "title": self.title,
            "authors": list(self.authors),
            "n_authors": self.n_authors,
            "journal": self.journal,
            "year": self.year,
            "type": self.type,
            "is_retracted": self.is_retracted,
        }


class ShortArticleWire(Wire):
    """One article in short; null where the source does not say."""

    article_id: str
    doi: str | None
    title: str | None
    authors: list[str]
    n_authors: int
    journal: str | None
    year: int | None
    type: str
    is_retracted: bool
