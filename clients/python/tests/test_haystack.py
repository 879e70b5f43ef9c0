"""The retriever of Haystack: in pipelines, serialised, with filters of the run."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers import MultiRetriever
from haystack.document_stores.types import FilterPolicy
from haystack.tools import ComponentTool
from haystack.utils import Secret

from cognate_client import Cognate, FilterError, Filters
from cognate_client.haystack import CognateRetriever

SLEEP = "can poor sleep harm memory"
REVIEWS: dict[str, Any] = {"field": "meta.type", "operator": "==", "value": "review"}
RECENT: dict[str, Any] = {"field": "meta.year", "operator": ">=", "value": 2016}


Retriever = Callable[..., CognateRetriever]


@pytest.fixture
def make(url: str) -> Iterator[Retriever]:
    """Give what makes retrievers, and close them at the end."""
    with contextlib.ExitStack() as made:

        def make(**options: Any) -> CognateRetriever:
            return made.enter_context(contextlib.closing(CognateRetriever(url, **options)))

        yield make


def ids(answer: dict[str, Any]) -> list[str]:
    documents: list[Document] = answer["documents"]
    return [document.id for document in documents]


def expected(cognate: Cognate, filters: Filters) -> list[str]:
    hits = cognate.search(SLEEP, filters=filters, min_match=0, limit=10).hits
    return [hit.article.article_id for hit in hits]


def test_documents_are_the_hits_with_their_probability(make: Retriever, cognate: Cognate) -> None:
    documents = make(top_k=3).run(SLEEP)["documents"]
    hits = cognate.search(SLEEP, limit=3).hits

    assert [one.score for one in documents] == [hit.scores.match for hit in hits]
    assert documents[0].meta["doi"] == "10.5555/cognate.neuro.01"
    assert documents[0].content is not None
    assert documents[0].content.startswith("Sleep spindles nested")


def test_it_runs_in_a_pipeline_beside_others_and_without_waiting(make: Retriever) -> None:
    pipeline = Pipeline()
    pipeline.add_component("articles", make(top_k=2))
    pipeline.add_component("reviews", make(filters=REVIEWS, min_match=0.0))
    pipeline.add_component("all", DocumentJoiner())
    pipeline.connect("articles", "all")
    pipeline.connect("reviews", "all")
    asked = {"articles": {"query": SLEEP}, "reviews": {"query": SLEEP, "top_k": 1}}

    answer = pipeline.run(asked)
    at_once = asyncio.run(pipeline.run_async(asked))
    pipeline.close()

    assert len(ids(answer["all"])) == 3
    assert ids(at_once["all"]) == ids(answer["all"])


@pytest.mark.filterwarnings("ignore:'MultiRetriever' is an experimental")
def test_it_stands_beside_other_text_retrievers(make: Retriever) -> None:
    both = MultiRetriever(
        retrievers={
            "articles": make(),
            "reviews": make(filters=REVIEWS),
        }
    )

    assert ids(both.run(SLEEP))


def test_a_pipeline_is_written_to_yaml_and_read_back(
    make: Retriever, cognate: Cognate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIBRARY_KEY", "a key that this service does not ask for")
    retriever = make(
        api_key=Secret.from_env_var("LIBRARY_KEY"),
        filters=REVIEWS,
        filter_policy=FilterPolicy.MERGE,
        min_match=0.0,
        max_tokens=None,
    )
    pipeline = Pipeline()
    pipeline.add_component("retriever", retriever)

    text = pipeline.dumps()
    again = Pipeline.loads(text, allowed_modules=["cognate_client.*"])

    assert "a key that" not in text
    assert again.to_dict() == pipeline.to_dict()
    answer = again.run({"retriever": {"query": SLEEP, "filters": RECENT}})
    again.close()
    both = Filters(types=("review",), published_from="2016")
    assert ids(answer["retriever"]) == expected(cognate, both)


def test_a_key_that_is_no_variable_is_not_written(make: Retriever) -> None:
    with pytest.raises(ValueError, match="serialize"):
        make(api_key=Secret.from_token("a key")).to_dict()


@pytest.mark.parametrize(
    ("policy", "filters"),
    [
        (FilterPolicy.REPLACE, Filters(published_from="2016")),
        (FilterPolicy.MERGE, Filters(published_from="2016", types=("review",))),
    ],
)
def test_filters_of_a_run_replace_or_join_those_of_the_retriever(
    make: Retriever, cognate: Cognate, policy: FilterPolicy, filters: Filters
) -> None:
    retriever = make(filters=REVIEWS, filter_policy=policy, min_match=0.0)

    assert ids(retriever.run(SLEEP, filters=RECENT)) == expected(cognate, filters)
    assert ids(retriever.run(SLEEP)) == expected(cognate, Filters(types=("review",)))


def test_conditions_are_joined_as_haystack_writes_them(make: Retriever, cognate: Cognate) -> None:
    kinds = {"operator": "OR", "conditions": [REVIEWS, {**REVIEWS, "value": "preprint"}]}
    wanted = {"operator": "AND", "conditions": [kinds, RECENT]}

    found = ids(make(min_match=0.0).run(SLEEP, filters=wanted))

    assert found == expected(cognate, Filters(types=("review", "preprint"), published_from="2016"))


@pytest.mark.parametrize(
    "filters",
    [
        {"operator": "NOT", "conditions": [REVIEWS]},
        {"operator": "OR", "conditions": [REVIEWS, RECENT]},
        {"field": "meta.citations", "operator": ">", "value": 5},
        {"field": "meta.type", "operator": "not in", "value": ["review"]},
        {"field": "meta.type", "value": "review"},
        {"operator": "AND"},
    ],
)
def test_what_cognate_has_no_filter_for_is_refused(
    make: Retriever, filters: dict[str, Any]
) -> None:
    with pytest.raises(FilterError):
        make().run(SLEEP, filters=filters)


def test_it_is_a_tool(make: Retriever) -> None:
    tool = ComponentTool(component=make(top_k=1), name="articles", description="Finds articles.")

    assert set(tool.parameters["properties"]) == {"query", "filters", "top_k"}
    assert ids(tool.invoke(query=SLEEP)) == ["doi:10.5555/cognate.neuro.01"]
