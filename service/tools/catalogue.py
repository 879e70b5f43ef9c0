"""The tools there are."""

from difflib import get_close_matches
from typing import Any

from service.tools.checking import VERIFY_CITATIONS
from service.tools.drafting import RELATED_WORK
from service.tools.excerpting import GET_CONTEXT
from service.tools.fetching import FETCH
from service.tools.finding import SEARCH, SEARCH_ARTICLES, SIMILAR_ARTICLES
from service.tools.tool import ArgumentError, Tool

TOOLS: tuple[Tool[Any], ...] = (
    SEARCH,
    FETCH,
    SEARCH_ARTICLES,
    SIMILAR_ARTICLES,
    RELATED_WORK,
    GET_CONTEXT,
    VERIFY_CITATIONS,
)
"""At most eight, in the order in which they are listed."""

_BY_NAME = {tool.name: tool for tool in TOOLS}


def tool_named(name: str) -> Tool[Any]:
    """Give a tool; ArgumentError, with the nearest name, where there is none."""
    tool = _BY_NAME.get(name)
    if tool is None:
        (near,) = get_close_matches(name, _BY_NAME, n=1, cutoff=0)
        reason = f"{name[:60]!r} is none of {', '.join(_BY_NAME)}; the nearest is {near!r}"
        raise ArgumentError("tool", reason)
    return tool
