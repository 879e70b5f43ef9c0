"""Context over HTTP."""

from typing import Any

import pytest

from service.context.bundle import Bundle
from service.context.wire import ContextAnswer, context_to_wire
from service.search import SearchEngine
from tests.service.context.conversing import FEELINGS, ask
from tests.service.local_client import LocalClient


def post(client: LocalClient, **body: object) -> Any:
    response = client.post("/v1/context", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_answer_is_as_it_is_described_and_as_the_engine_gives_it(
    client: LocalClient, engine: SearchEngine
) -> None:
    answer = post(client, query=FEELINGS, min_match=0)
    ContextAnswer.model_validate(answer)
    expected = context_to_wire(ask(engine))
    assert answer | {"took_ms": 0} == expected | {"took_ms": 0}
    assert answer["answerable"]
    assert answer["tokens"] <= answer["max_tokens"] == 2_000
    assert Bundle.from_id(answer["bundle_id"]).snapshot == answer["snapshot"]
    first = answer["excerpts"][0]
    assert answer["text"].startswith(f"[1] {first['key']}. {first['article']['title']}. ")
    assert "abstract" not in first["article"]


def test_what_nothing_matches_is_not_answerable(client: LocalClient) -> None:
    answer = post(client, query="xyzzy qqq")
    ContextAnswer.model_validate(answer)
    assert (answer["answerable"], answer["excerpts"], answer["text"], answer["bundle_id"]) == (
        False, [], "", None,
    )  # fmt: skip


def test_a_conversation_is_resolved(client: LocalClient) -> None:
    messages = [
        {"role": "user", "content": "Which brain signals tell of feelings?"},
        {"role": "assistant", "content": "Electroencephalography."},
        {"role": "user", "content": "and voices?"},
    ]
    answer = post(client, messages=messages, min_match=0)
    assert answer["query"] == "Which brain signals tell of feelings? and voices?"


def test_everything_that_can_be_wished_is_passed_on(client: LocalClient) -> None:
    answer = post(
        client,
        query="wheat",
        max_tokens=100,
        max_excerpts=1,
        filters={"authors": ["Dora Ek"], "published_from": "2020"},
        mode="lexical",
        min_match=0.0,
        prefer="newest",
        include_retracted=True,
    )
    (only,) = answer["excerpts"]
    assert only["article"]["is_retracted"]
    assert only["field"] == "title"
    assert f"[1] {only['key']}. RETRACTED. Dora Ek et al." in answer["text"]
    assert not post(client, query="wheat", filters={"authors": ["Dora Ek"]}, min_match=0)[
        "excerpts"
    ]


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "query", "give a question or the messages of a conversation; there are neither"),
        ({"query": " "}, "query", "is empty; write what is asked"),
        ({"query": "a", "max_tokens": 99}, "max_tokens", "greater than or equal to 100"),
        ({"query": "a", "max_tokens": 32_001}, "max_tokens", "less than or equal to 32000"),
        ({"query": "a", "max_excerpts": 51}, "max_excerpts", "less than or equal to 50"),
        ({"query": "a", "max_tokens": "many"}, "max_tokens", "valid integer"),
        ({"messages": [{"role": "bot", "content": "a"}]}, "messages.0.role", "'user'"),
        (
            {"messages": [{"role": "user", "content": "a"}, {"role": "tool", "content": "b"}]},
            "messages.1.role",
            "send the conversation up to what the user asks",
        ),
        ({"query": "a", "filters": {"journals": [" "]}}, "filters.journals", "a name is empty"),
        ({"question": "a"}, "question", "the nearest known one is 'query'"),
    ],
)
def test_a_bad_request_is_told_where_and_why(
    client: LocalClient, body: dict[str, object], field: str, message: str
) -> None:
    response = client.post("/v1/context", json=body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["field"] == field
    assert message in error["message"]
