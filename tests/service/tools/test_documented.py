"""The README says of the tools what the code does."""

import json
import re
from pathlib import Path

from service.tools.arguments import (
    DEFAULT_CONTEXT_TOKENS,
    DEFAULT_TOKENS,
    LEAST_TOKENS,
    MOST_TOKENS,
)
from service.tools.catalogue import TOOLS
from service.tools.endpoint import MCP_PATH
from service.tools.finding import MOST_RESULTS
from service.tools.resources import ARTICLE_TEMPLATE, CORPUS

README = " ".join((Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8").split())


def test_every_tool_has_its_row() -> None:
    rows = README[README.index("| tool | what it gives |") : README.index("They only read")]

    assert all(f"`{tool.name}`" in rows for tool in TOOLS)


def test_the_limits_named_are_those_of_the_code() -> None:
    assert (
        f"({LEAST_TOKENS} to {MOST_TOKENS:,}; {DEFAULT_TOKENS:,} where nothing is said, "
        f"{DEFAULT_CONTEXT_TOKENS:,} for `get_context`)"
    ) in README
    assert f"the {MOST_RESULTS} best articles for a `query`" in README


def test_the_addresses_named_are_those_of_the_code() -> None:
    assert all(f"`{address}`" in README for address in (ARTICLE_TEMPLATE, CORPUS, MCP_PATH))


def test_the_configurations_are_json() -> None:
    snippets = re.findall(r'\{"mcpServers": .*?\}\}\}\}?(?= )', README)

    by_command, by_address = (json.loads(one)["mcpServers"]["cognate"] for one in snippets)
    assert by_command["args"][:2] == ["mcp", "--index"]
    assert by_address["url"].endswith(MCP_PATH)
