"""What the tests of MCP share: every tool called by the official client, however it is reached."""

import json
import re
from typing import Any

from mcp import Client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from service.tools.catalogue import TOOLS
from tests.service.tools.oddities import SICI, SLASHES

CALLS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "search": ({"query": ""}, {"query": "bees and wheat"}),
    "fetch": ({"id": "10.5555/none"}, {"id": SICI}),
    "search_articles": ({"query": "bees", "limit": 500}, {"query": "bees", "limit": 50}),
    "similar_articles": (
        {"positive": [{"doi": SLASHES}]},
        {"positive": [{"article_id": SLASHES}]},
    ),
    "related_work": ({"draft": "Bees dance at home."}, {"text": "Bees dance at home."}),
    "get_context": ({"query": "bees", "max_tokens": 5}, {"query": "bees", "max_tokens": 500}),
    "verify_citations": (
        {"text": "Bees dance (10.5555/bees.1).", "bundle_id": "x"},
        {"text": "Bees dance (10.5555/bees.1)."},
    ),
}
"""Of each tool arguments that it refuses, and the same corrected."""


def text_of(result: CallToolResult) -> str:
    """Give the one text of a result."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def call_every_tool(client: Client) -> None:
    """Call each tool wrongly, read what is wrong, and call it rightly."""
    listed = [tool.name for tool in (await client.list_tools()).tools]
    assert listed == [tool.name for tool in TOOLS] == [*CALLS]
    for name, (wrong, right) in CALLS.items():
        refused = await client.call_tool(name, wrong)
        assert refused.is_error, name
        (fault,) = text_of(refused).splitlines()
        assert len(fault) < 300
        answer = await client.call_tool(name, right)
        assert not answer.is_error, text_of(answer)
        assert text_of(answer)


async def fetch_odd_ids(client: Client) -> None:
    """Fetch DOIs with slashes, parentheses and semicolons, as tool and as resource."""
    for doi in (SICI, SLASHES):
        answer = json.loads(text_of(await client.call_tool("fetch", {"id": f"doi:{doi}"})))
        read = await client.read_resource(f"cognate://article/doi:{doi}")
        (content,) = read.contents
        assert isinstance(content, TextResourceContents)
        article = json.loads(content.text)
        assert article["doi"] == answer["metadata"]["doi"] == doi.lower()
        assert article["title"] == answer["title"]


async def correct_by_the_message(client: Client) -> None:
    """Mend a call by nothing but what the refusal says."""
    wrong: dict[str, Any] = {"qery": "bees", "limit": 500}
    first = text_of(await client.call_tool("search_articles", wrong))
    named = re.search(r"(\w+): unknown name; the nearest known one is '(\w+)'", first)
    assert named is not None
    wrong[named[2]] = wrong.pop(named[1])
    second = text_of(await client.call_tool("search_articles", wrong))
    bound = re.search(r"(\w+): Input should be less than or equal to (\d+)", second)
    assert bound is not None
    wrong[bound[1]] = int(bound[2])
    assert not (await client.call_tool("search_articles", wrong)).is_error
