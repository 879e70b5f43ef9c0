"""What retrievers of every framework give: texts, their probabilities, where they are from."""

from dataclasses import dataclass

from cognate_client.answers import Hit
from cognate_client.client import Cognate
from cognate_client.context import Context, Excerpt
from cognate_client.filters import Filters

_SHOWN_AUTHORS = 5
"""As many as a context names: a work can have thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the service beside the question.

    With `max_tokens` the texts are the excerpts of `Cognate.context`, which together have no more;
    without, title and abstract of each article.
    """

    limit: int
    filters: Filters | None = None
    min_match: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A text to hand to a language model, and where it is from; `match` is its probability."""

    article_id: str
    text: str
    match: float | None
    metadata: dict[str, object]


def find(cognate: Cognate, query: str, asked: Asked) -> list[Found]:
    """Give what answers a question, best first; a blank question has no answer."""
    if not query.strip():
        return []
    if asked.max_tokens is not None:
        context = cognate.context(
            query,
            max_tokens=asked.max_tokens,
            max_excerpts=asked.limit,
            filters=asked.filters,
            min_match=asked.min_match,
        )
        return [_of_excerpt(excerpt, context) for excerpt in context.excerpts]
    results = cognate.search(
        query,
        limit=asked.limit,
        filters=asked.filters,
        min_match=asked.min_match,
        highlight=False,
    )
    return [_of_hit(hit) for hit in results.hits]


def _of_hit(hit: Hit) -> Found:
    article = hit.article
    metadata: dict[str, object] = {
        "article_id": article.article_id,
        "doi": article.doi,
        "title": article.title,
        "authors": [author.name for author in article.authors[:_SHOWN_AUTHORS]],
        "n_authors": article.n_authors,
        "journal": article.journal,
        "published": article.published,
        "year": article.year,
        "type": article.type,
        "language": article.language,
        "url": article.url,
        "is_retracted": article.retracted is True,
    }
    text = "\n\n".join(part for part in (article.title, article.abstract) if part)
    return Found(
        article_id=article.article_id, text=text, match=hit.scores.match, metadata=metadata
    )


def _of_excerpt(excerpt: Excerpt, context: Context) -> Found:
    article = excerpt.article
    metadata: dict[str, object] = {
        "article_id": article.article_id,
        "doi": article.doi,
        "title": article.title,
        "authors": list(article.authors),
        "n_authors": article.n_authors,
        "journal": article.journal,
        "year": article.year,
        "type": article.type,
        "is_retracted": article.is_retracted,
        "number": excerpt.number,
        "key": excerpt.key,
        "field": excerpt.field,
        "spans": [[span.start, span.end] for span in excerpt.spans],
        "sha256": excerpt.sha256,
        "bundle_id": context.bundle_id,
    }
    return Found(
        article_id=article.article_id, text=excerpt.text, match=excerpt.match, metadata=metadata
    )
