"""Cognate as a retriever of LangChain; needs the extra `langchain`."""

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import run_in_executor

from cognate_client.client import Cognate
from cognate_client.filters import Filters
from cognate_client.found import Asked, find


class CognateRetriever(BaseRetriever):
    """Retrieve articles, best first; `metadata["score"]` is the probability of a match.

        CognateRetriever(cognate=Cognate("http://127.0.0.1:8000"), k=5)

    `k` and `filters` may be given anew with each question, in place of those of the retriever:
    `retriever.invoke(question, filters=Filters(types=("review",)))`. With `max_tokens` documents
    are excerpts that have so many together, and know their `bundle_id`.
    """

    cognate: Cognate
    k: int = 10
    filters: Filters | None = None
    min_match: float | None = None
    max_tokens: int | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        filters: Filters | None = None,
    ) -> list[Document]:
        asked = Asked(
            limit=self.k if k is None else k,
            filters=self.filters if filters is None else filters,
            min_match=self.min_match,
            max_tokens=self.max_tokens,
        )
        return [
            Document(
                id=found.article_id,
                page_content=found.text,
                metadata={**found.metadata, "score": found.match},
            )
            for found in find(self.cognate, query, asked)
        ]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
        filters: Filters | None = None,
    ) -> list[Document]:
        # the base class's own takes no arguments but the question
        return await run_in_executor(
            None,
            self._get_relevant_documents,
            query,
            run_manager=run_manager.get_sync(),
            k=k,
            filters=filters,
        )
