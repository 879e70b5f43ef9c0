"""Queries by example, as tests ask them."""

from typing import Any

from service.examples import Example, SimilarQuery


def ids_of(*article_ids: str) -> tuple[Example, ...]:
    """Give articles as examples."""
    return tuple(Example("article_id", article_id) for article_id in article_ids)


def like(*article_ids: str, **wanted: Any) -> SimilarQuery:
    """Ask for what is like some articles."""
    return SimilarQuery(positive=ids_of(*article_ids), **wanted)
