"""The retriever of LlamaIndex, by what its base class and its engines do with it."""

import asyncio
import json

import pytest
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.schema import MetadataMode, QueryBundle
from llama_index.core.tools import RetrieverTool
from llama_index.core.vector_stores import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
)

from cognate_client import Cognate, FilterError, Filters
from cognate_client.llama_index import CognateRetriever
from tests.scripted import Answer, scripted
from tests.test_reading import ARTICLE

SLEEP = "can poor sleep harm memory"


def condition(key: str, operator: FilterOperator, value: object) -> MetadataFilter:
    return MetadataFilter.model_validate({"key": key, "operator": operator, "value": value})


def test_nodes_are_the_hits_with_their_probability(cognate: Cognate) -> None:
    nodes = CognateRetriever(cognate, top_k=3).retrieve(SLEEP)
    hits = cognate.search(SLEEP, limit=3).hits

    assert [one.score for one in nodes] == [hit.scores.match for hit in hits]
    assert [one.node.node_id for one in nodes] == [hit.article.article_id for hit in hits]
    best = nodes[0].node
    assert best.metadata["doi"] == "10.5555/cognate.neuro.01"
    assert best.get_content(MetadataMode.NONE).startswith("Sleep spindles nested")


def test_a_model_is_shown_the_text_and_what_it_needs_to_cite(cognate: Cognate) -> None:
    (found,) = CognateRetriever(cognate, top_k=1).retrieve(SLEEP)
    shown = found.node.get_content(MetadataMode.LLM)

    assert "doi: 10.5555/cognate.neuro.01" in shown
    assert "year: 2017" in shown
    assert "article_id" not in shown
    assert found.node.get_content(MetadataMode.EMBED) == found.node.get_content(MetadataMode.NONE)


def test_it_answers_without_waiting_and_bundles_with_embeddings_too(cognate: Cognate) -> None:
    retriever = CognateRetriever(cognate, top_k=2)
    bundle = QueryBundle(SLEEP, embedding=[0.5, 0.5])

    assert asyncio.run(retriever.aretrieve(bundle)) == retriever.retrieve(SLEEP)


def test_a_probability_of_nothing_stays_nothing() -> None:
    scores = {"semantic": 0.0, "lexical": 0.0, "match": 0.0}
    hit = {"rank": 1, "score": 0.0, "scores": scores, "article": ARTICLE, "highlights": []}
    answer = {
        **{"total": 1, "total_is_exact": True, "answerable": True, "respelled": None},
        **{"hits": [hit], "facets": {}, "next_cursor": None, "snapshot": "s", "warnings": []},
        "exactness": {"mode": "exact", "n_scanned": 1, "bound": 1, "bound_reached": False},
        "took_ms": 1,
    }
    with scripted([Answer(body=json.dumps(answer).encode())]) as server, Cognate(server.url) as one:
        (found,) = CognateRetriever(one).retrieve("anything")

    assert found.score == 0.0
    assert SimilarityPostprocessor(similarity_cutoff=0.1).postprocess_nodes([found]) == []


@pytest.mark.parametrize(
    "filters",
    [
        Filters(types=("review",), published_from="2016"),
        MetadataFilters(
            filters=[
                condition("type", FilterOperator.EQ, "review"),
                condition("year", FilterOperator.GT, 2015),
            ]
        ),
        MetadataFilters(
            filters=[
                MetadataFilters(
                    filters=[
                        condition("type", FilterOperator.IN, ["review"]),
                        condition("type", FilterOperator.EQ, "review"),
                    ],
                    condition=FilterCondition.OR,
                ),
                condition("published", FilterOperator.GTE, "2016"),
            ],
            condition=None,
        ),
    ],
)
def test_filters_of_either_kind_narrow(
    cognate: Cognate, filters: Filters | MetadataFilters
) -> None:
    nodes = CognateRetriever(cognate, filters=filters, min_match=0).retrieve(SLEEP)

    same = Filters(types=("review",), published_from="2016")
    hits = cognate.search(SLEEP, filters=same, min_match=0, limit=10).hits
    assert nodes
    assert [one.node.node_id for one in nodes] == [hit.article.article_id for hit in hits]


@pytest.mark.parametrize("operator", [FilterOperator.ANY, FilterOperator.CONTAINS])
def test_authors_are_asked_for_as_members_of_a_list(
    cognate: Cognate, operator: FilterOperator
) -> None:
    value: object = ["Zoë Mørk"] if operator is FilterOperator.ANY else "Zoë Mørk"
    filters = MetadataFilters(filters=[condition("authors", operator, value)])
    nodes = CognateRetriever(cognate, filters=filters, min_match=0).retrieve(SLEEP)

    assert nodes
    assert all("Zoë Mørk" in one.node.metadata["authors"] for one in nodes)


def test_filters_that_cognate_does_not_have_are_refused(cognate: Cognate) -> None:
    absent = MetadataFilters(filters=[condition("type", FilterOperator.IS_EMPTY, None)])

    with pytest.raises(FilterError, match="type is_empty None"):
        CognateRetriever(cognate, filters=absent)


def test_it_is_a_tool(cognate: Cognate) -> None:
    tool = RetrieverTool.from_defaults(CognateRetriever(cognate, top_k=1), description="Articles.")

    answer = tool.call(SLEEP)

    assert "Sleep spindles nested" in str(answer)
