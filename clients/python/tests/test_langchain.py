"""The retriever of LangChain, by what its base class does with it."""

import asyncio

import pytest
from langchain_core.documents import Document
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import create_retriever_tool

from cognate_client import Cognate, Filters, RefusedError
from cognate_client.langchain import CognateRetriever

SLEEP = "can poor sleep harm memory"
STROKE = "rehabilitation after stroke"


@pytest.fixture
def retriever(cognate: Cognate) -> CognateRetriever:
    return CognateRetriever(cognate=cognate, k=3, min_match=0)


def ids(documents: list[Document]) -> list[str | None]:
    return [document.id for document in documents]


def test_documents_are_the_hits_of_a_search(retriever: CognateRetriever, cognate: Cognate) -> None:
    documents = retriever.invoke(SLEEP)
    hits = cognate.search(SLEEP, limit=3, min_match=0).hits

    assert ids(documents) == [hit.article.article_id for hit in hits]
    for document, hit in zip(documents, hits, strict=True):
        article = hit.article
        assert document.page_content == f"{article.title}\n\n{article.abstract}"
        assert document.metadata["score"] == hit.scores.match
        assert document.metadata["doi"] == article.doi
        assert document.metadata["authors"] == [author.name for author in article.authors[:5]]
        assert document.metadata["n_authors"] == article.n_authors


def test_a_question_may_bring_its_own_filters_and_number(
    retriever: CognateRetriever, cognate: Cognate
) -> None:
    narrow = CognateRetriever(cognate=cognate, filters=Filters(types=("review",)), min_match=0)
    reviews = narrow.invoke(SLEEP)
    of_one = narrow.invoke(SLEEP, filters=Filters(journals=("Neural Rhythms",)), k=1)

    assert {document.metadata["type"] for document in reviews} == {"review"}
    assert [document.metadata["journal"] for document in of_one] == ["Neural Rhythms"]
    assert of_one[0].metadata["type"] != "review"


def test_it_answers_many_questions_and_without_waiting(retriever: CognateRetriever) -> None:
    single = [retriever.invoke(question) for question in (SLEEP, STROKE)]

    async def both() -> tuple[list[Document], list[list[Document]]]:
        return await retriever.ainvoke(SLEEP, k=2), await retriever.abatch([SLEEP, STROKE])

    first, many = asyncio.run(both())
    assert retriever.batch([SLEEP, STROKE]) == single == many
    assert first == single[0][:2]


def test_it_is_a_link_of_a_chain(retriever: CognateRetriever) -> None:
    def count(documents: list[Document]) -> int:
        return len(documents)

    assert (retriever | RunnableLambda(count)).invoke(SLEEP) == 3


def test_it_is_a_tool(retriever: CognateRetriever) -> None:
    tool = create_retriever_tool(
        retriever, "articles", "Finds articles.", response_format="content_and_artifact"
    )
    call = {"name": "articles", "args": {"query": SLEEP}, "id": "1", "type": "tool_call"}

    message = tool.invoke(call)

    assert set(tool.args) == {"query"}
    assert ids(message.artifact) == ids(retriever.invoke(SLEEP))
    assert "spindles" in message.content


def test_a_blank_question_has_no_answer(retriever: CognateRetriever) -> None:
    assert retriever.invoke(" ") == []


def test_what_the_service_refuses_is_raised(retriever: CognateRetriever) -> None:
    with pytest.raises(RefusedError, match="limit"):
        retriever.invoke(SLEEP, k=0)


def test_an_argument_it_does_not_know_is_refused(retriever: CognateRetriever) -> None:
    with pytest.raises(TypeError, match="filter"):
        retriever.invoke(SLEEP, filter={"type": "review"})
