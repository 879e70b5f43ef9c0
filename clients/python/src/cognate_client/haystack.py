"""Cognate as a retriever of Haystack; needs the extra `haystack`."""

import asyncio
from typing import Any

from haystack import Document, component, default_from_dict, default_to_dict
from haystack.document_stores.types import FilterPolicy, apply_filter_policy
from haystack.utils import Secret

from cognate_client.client import Cognate
from cognate_client.conditions import Condition, Joined, to_filters
from cognate_client.errors import FilterError
from cognate_client.found import Asked, find


@component
class CognateRetriever:
    """Retrieve articles, best first, each with the probability of a match as its score.

        CognateRetriever("http://127.0.0.1:8000", top_k=5)

    Filters are Haystack's, over `meta.authors`, `meta.journal`, `meta.type`, `meta.language`,
    `meta.year`, `meta.published` and `meta.has_abstract`; those of a run replace the retriever's,
    or are merged with them, as `filter_policy` says. With `max_tokens` documents are excerpts
    that have so many together, and know their `bundle_id`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        api_key: Secret | None = None,
        top_k: int = 10,
        filters: dict[str, Any] | None = None,
        filter_policy: FilterPolicy = FilterPolicy.REPLACE,
        min_match: float | None = None,
        max_tokens: int | None = None,
    ) -> None:
        self.base_url = base_url
        self.api_key = api_key
        self.top_k = top_k
        self.filters = filters
        self.filter_policy = filter_policy
        self.min_match = min_match
        self.max_tokens = max_tokens
        key = None if api_key is None else api_key.resolve_value()
        self._cognate = Cognate(base_url, api_key=key)

    def close(self) -> None:
        """Let go of the connection; the pipeline asks for it when it is closed."""
        self._cognate.close()

    def to_dict(self) -> dict[str, Any]:
        """Give what `from_dict` makes the retriever of again; of the key only its variable."""
        return default_to_dict(
            self,
            base_url=self.base_url,
            api_key=self.api_key,
            top_k=self.top_k,
            filters=self.filters,
            filter_policy=self.filter_policy.value,
            min_match=self.min_match,
            max_tokens=self.max_tokens,
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "CognateRetriever":
        """Make the retriever of what `to_dict` gave."""
        given = dict(data.get("init_parameters", {}))
        if "filter_policy" in given:
            given["filter_policy"] = FilterPolicy.from_str(given["filter_policy"])
        return default_from_dict(cls, {**data, "init_parameters": given})

    @component.output_types(documents=list[Document])
    def run(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, list[Document]]:
        """Give the documents that answer a question."""
        wanted = apply_filter_policy(self.filter_policy, self.filters, filters)
        asked = Asked(
            limit=self.top_k if top_k is None else top_k,
            filters=to_filters(_condition(wanted)) if wanted else None,
            min_match=self.min_match,
            max_tokens=self.max_tokens,
        )
        documents = [
            Document(
                id=found.article_id, content=found.text, meta=found.metadata, score=found.match
            )
            for found in find(self._cognate, query, asked)
        ]
        return {"documents": documents}

    @component.output_types(documents=list[Document])
    async def run_async(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, list[Document]]:
        """Do what `run` does, in a thread of its own."""
        answer: dict[str, list[Document]] = await asyncio.to_thread(self.run, query, filters, top_k)
        return answer


def _condition(filters: dict[str, Any]) -> Condition | Joined:
    try:
        if "field" in filters:
            field = str(filters["field"]).removeprefix("meta.")
            return Condition(field, str(filters["operator"]), filters["value"])
        conditions = tuple(_condition(one) for one in filters["conditions"])
        return Joined(str(filters["operator"]).lower(), conditions)
    except KeyError as error:
        raise FilterError(f"the filter {filters!r} lacks {error}") from error
