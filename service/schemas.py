"""Answers on the wire: how articles, hits and errors are written as JSON.

They are plain dictionaries made by the `…_to_wire` functions, since absent and null mean
different things; the models describe those dictionaries in OpenAPI, and tests hold the two
together.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from index.article import Article, Evidence
from index.store import StoredArticle
from service.results import Hit, Results

_SCORE_DIGITS = 6


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AuthorWire(_Answer):
    """One author, as the source names them."""

    name: str


class ArticleWire(_Answer):
    """One article; null where the source does not say."""

    article_id: str
    doi: str | None
    title: str | None = Field(description="Null where the source shows only the abstract.")
    abstract: str | None
    authors: list[AuthorWire]
    n_authors: int = Field(description="How many there are; the source may not name them all.")
    journal: str | None
    published: str | None = Field(description="`2025-12-23`, `2025-12` or `2025`.")
    year: int | None
    type: str
    url: str | None
    language: str | None
    is_new: Literal[True] = Field(
        default=True, description="The source's own badge; absent without it."
    )
    first_indexed: str | None
    evidence: Evidence = Field(description="What of title and abstract is known.")
    truncated: bool = Field(description="Whether the text is longer than the encoder reads.")
    retracted: bool | None


class ScoresWire(_Answer):
    """What each leg says; null where it did not run."""

    semantic: float | None = Field(description="The cosine of question and article.")
    lexical: float | None = Field(
        description="The BM25 score; 0 where the article is not among the leg's best 1,000."
    )


class HitWire(_Answer):
    """One article of an answer."""

    rank: int
    score: float | None = Field(
        description="In [0, 1], what orders by relevance; compares within one answer only. Null "
        "where nothing was asked."
    )
    scores: ScoresWire
    article: ArticleWire


class _ResultsWire(_Answer):
    hits: list[HitWire]
    snapshot: str = Field(description="The name of the snapshot that answered.")
    warnings: list[str]
    took_ms: float


class SearchAnswer(_ResultsWire):
    """The answer to a search."""

    query: str | None = Field(description="The question, as it was asked.")
    total: int = Field(default=0, description="How many answer; absent where that is not known.")
    total_is_exact: bool = Field(default=True, description="Absent where `total` is.")


class SimilarAnswer(_ResultsWire):
    """The articles nearest to one article."""

    article_id: str


class BatchAnswer(_Answer):
    """Articles in the order of their ids, null where an id is unknown."""

    articles: list[ArticleWire | None]


class HealthAnswer(_Answer):
    """The process lives."""

    status: Literal["ok"]


class ReadyAnswer(_Answer):
    """A snapshot is open."""

    status: Literal["ready"]
    snapshot: str
    n_articles: int


class ErrorDetail(_Answer):
    """What is wrong: a code to branch on, a sentence to read, the parameter it is about."""

    code: str
    message: str
    field: str | None


class ErrorAnswer(_Answer):
    """The one shape of every error."""

    error: ErrorDetail


def article_to_wire(article: Article, *, truncated: bool) -> dict[str, object]:
    """Give an article as it goes over the wire."""
    wire: dict[str, object] = {
        "article_id": article.article_id,
        "doi": article.doi,
        "title": article.title,
        "abstract": article.abstract,
        "authors": [{"name": name} for name in article.authors],
        "n_authors": article.n_authors,
        "journal": article.journal,
        "published": article.published,
        "year": article.year,
        "type": article.type,
        "url": article.url,
        "language": article.language,
    }
    if article.is_new:
        wire["is_new"] = True
    return wire | {
        "first_indexed": article.first_indexed,
        "evidence": article.evidence,
        "truncated": truncated,
        "retracted": article.retracted,
    }


def stored_to_wire(stored: StoredArticle | None) -> dict[str, object] | None:
    """Give a stored article as it goes over the wire; null for none."""
    return None if stored is None else article_to_wire(stored.article, truncated=stored.truncated)


def hit_to_wire(hit: Hit) -> dict[str, object]:
    """Give a hit as it goes over the wire."""
    return {
        "rank": hit.rank,
        "score": _rounded(hit.score),
        "scores": {
            "semantic": _rounded(hit.scores.semantic),
            "lexical": _rounded(hit.scores.lexical),
        },
        "article": article_to_wire(hit.article, truncated=hit.truncated),
    }


def results_to_wire(results: Results, warnings: list[str]) -> dict[str, object]:
    """Give what every answer with hits holds; `total` only where it is known."""
    wire: dict[str, object] = {}
    if results.total is not None:
        wire |= {"total": results.total, "total_is_exact": True}
    return wire | {
        "hits": [hit_to_wire(hit) for hit in results.hits],
        "snapshot": results.snapshot,
        "warnings": warnings,
        "took_ms": results.took_ms,
    }


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, _SCORE_DIGITS)
