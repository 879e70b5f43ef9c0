"""The tools by plain HTTP, for a chat loop of one's own; and the console's print of them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from service.app import create_app
from service.cli import main
from service.holder import EngineHolder
from service.search import SearchEngine
from service.settings import Settings
from service.tools.catalogue import TOOLS, tool_named
from service.tools.schemas import FORMS, to_form
from tests.service.local_client import LocalClient
from tests.service.tools.calling import CALLS


@pytest.fixture(scope="module")
def web(odd_engine: SearchEngine) -> LocalClient:
    return LocalClient(create_app(Settings(), odd_engine), raise_server_exceptions=False)


def post(web: LocalClient, name: str, arguments: Mapping[str, object]) -> Any:
    return web.post(f"/v1/tools/{name}", json=arguments)


@pytest.mark.parametrize("name", [*CALLS])
def test_a_tool_answers_as_over_mcp(web: LocalClient, holder: EngineHolder, name: str) -> None:
    _, right = CALLS[name]
    answer = post(web, name, right)

    expected = tool_named(name).call(holder, right)
    assert answer.status_code == 200
    assert answer.json() == {"text": expected.text, "data": expected.data}


@pytest.mark.parametrize(
    ("name", "arguments", "status", "code", "field"),
    [
        ("search", {"query": ""}, 400, "invalid_value", "query"),
        ("search_articles", {"limit": 51}, 400, "invalid_value", "limit"),
        ("related_work", {}, 400, "invalid_value", "text"),
        ("related_work", {"text": " "}, 400, "invalid_value", "text"),
        (
            "search_articles",
            {"filters": {"authors": [" "]}},
            400,
            "invalid_value",
            "filters.authors",
        ),
        ("fetch", {"id": "10.1/none"}, 404, "unknown_article", "id"),
        (
            "similar_articles",
            {"positive": [{"article_id": "10.1/none"}]},
            404,
            "unknown_article",
            "positive.0.article_id",
        ),
        ("fetsh", {"id": "10.1/none"}, 400, "invalid_value", "tool"),
    ],
)
def test_a_refusal_has_the_one_shape_of_errors(
    web: LocalClient,
    name: str,
    arguments: dict[str, object],
    status: int,
    code: str,
    field: str,
) -> None:
    answer = post(web, name, arguments)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (status, code, field)
    assert error["message"]


def test_a_body_that_is_no_object_is_refused(web: LocalClient) -> None:
    assert web.post("/v1/tools/search", json=["bees"]).status_code == 400
    assert web.post("/v1/tools/search", content=b"{").status_code == 415
    assert web.post("/v1/tools/search?query=bees", json={}).status_code == 400


@pytest.mark.parametrize("form", FORMS)
def test_the_schemas_are_those_that_the_console_prints(
    web: LocalClient, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tools", "--form", form]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert printed == web.get("/v1/tools", params={"form": form}).json()["tools"]
    assert len(printed) == len(TOOLS)


def test_the_console_prints_the_form_of_chat_completions_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["tools"]) == 0

    assert json.loads(capsys.readouterr().out) == to_form(TOOLS, "chat")


def test_a_chat_loop_of_three_lines_works_with_the_printed_schemas(web: LocalClient) -> None:
    tools = web.get("/v1/tools").json()["tools"]
    # what a model answers: a function's name and its arguments as JSON
    asked = {"query": "bees and wheat", **dict.fromkeys(_optional(tools, "search_articles"))}
    called = {"name": "search_articles", "arguments": json.dumps(asked)}

    answer = web.post(
        f"/v1/tools/{called['name']}",
        content=called["arguments"],
        headers={"content-type": "application/json"},
    )

    assert answer.json()["data"]["hits"]


def _optional(tools: list[Any], name: str) -> list[str]:
    (tool,) = [one["function"] for one in tools if one["function"]["name"] == name]
    return [one for one in tool["parameters"]["required"] if one != "query"]


def test_an_unknown_form_is_refused(web: LocalClient) -> None:
    assert web.get("/v1/tools?form=xml").status_code == 400
    assert web.get("/v1/tools?forms=chat").status_code == 400
