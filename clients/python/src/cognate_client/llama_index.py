"""Cognate as a retriever of LlamaIndex; needs the extra `llama-index`."""

import asyncio

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from llama_index.core.vector_stores import MetadataFilters

from cognate_client.client import Cognate
from cognate_client.conditions import Condition, Joined, to_filters
from cognate_client.filters import Filters
from cognate_client.found import Asked, Found, find

_FOR_THE_MODEL = {"doi", "authors", "journal", "year", "key", "number"}
"""What a model is shown beside the text; a program reads the rest."""


class CognateRetriever(BaseRetriever):
    """Retrieve articles, best first, each with the probability of a match as its score.

        CognateRetriever(Cognate("http://127.0.0.1:8000"), top_k=5)

    Filters are Cognate's, or LlamaIndex's over the metadata of the nodes. With `max_tokens` nodes
    are excerpts that have so many together, and know their `bundle_id`. Cognate embeds the question
    itself: embeddings that a query brings are passed over.
    """

    def __init__(
        self,
        cognate: Cognate,
        *,
        top_k: int = 10,
        filters: Filters | MetadataFilters | None = None,
        min_match: float | None = None,
        max_tokens: int | None = None,
    ) -> None:
        super().__init__()
        self._cognate = cognate
        self._asked = Asked(
            limit=top_k,
            filters=to_filters(_condition(filters))
            if isinstance(filters, MetadataFilters)
            else filters,
            min_match=min_match,
            max_tokens=max_tokens,
        )

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_to_node(one) for one in find(self._cognate, query_bundle.query_str, self._asked)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


def _to_node(found: Found) -> NodeWithScore:
    node = TextNode(
        id_=found.article_id,
        text=found.text,
        metadata=found.metadata,
        excluded_llm_metadata_keys=sorted(found.metadata.keys() - _FOR_THE_MODEL),
        excluded_embed_metadata_keys=sorted(found.metadata),
    )
    return NodeWithScore(node=node, score=found.match)


_OPERATORS = {"any": "in", "contains": "=="}
"""What LlamaIndex calls otherwise; a list is among the metadata for authors only."""


def _condition(filters: MetadataFilters) -> Joined:
    conditions = tuple(
        _condition(one)
        if isinstance(one, MetadataFilters)
        else Condition(one.key, _OPERATORS.get(one.operator, one.operator.value), one.value)
        for one in filters.filters
    )
    return Joined("and" if filters.condition is None else filters.condition.value, conditions)
