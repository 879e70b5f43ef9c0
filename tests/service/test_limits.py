"""Every limit of a request: one table, which the README shows; each is tried at it and past it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from service.app import create_app
from service.context.bundle import LONGEST_BUNDLE_ID
from service.context.query import (
    MOST_EXCERPTS,
    MOST_MESSAGE_CHARS,
    MOST_MESSAGES,
    MOST_TOKENS,
)
from service.cursor import LONGEST_CURSOR
from service.feeds.parameters import MOST_ENTRIES
from service.query import MOST_NAMES
from service.related.query import MOST_CANDIDATES
from service.semantic_scholar.parameters import (
    MOST_A_PAGE,
    MOST_IN_BATCH,
    MOST_RANKED,
    MOST_RECOMMENDED,
)
from service.settings import Settings
from service.tools.arguments import MOST_TOKENS as MOST_TOOL_TOKENS
from service.tools.endpoint import MCP_PATH
from tests.service.library import open_engine
from tests.service.local_client import LocalClient
from tests.service.test_openapi import GOLDEN

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SETTINGS = Settings()
ID = "doi:10.5555/eeg.1"
JSON = {"content-type": "application/json"}

Ask = Callable[[LocalClient, int], httpx2.Response]


class Limit(NamedTuple):
    """What is limited, to how much, by which setting if one can change it, and how it is asked."""

    what: str
    most: int
    setting: str | None
    ask: Ask


def posting(path: str, body: Callable[[int], Any]) -> Ask:
    return lambda client, n: client.post(path, json=body(n))


def getting(path: Callable[[int], str]) -> Ask:
    return lambda client, n: client.get(path(n))


def record(n: int) -> str:
    """Write a record of BibTeX of so many characters."""
    entry = "@misc{{a, title = {{{}}}}}"
    return entry.format("a" * (n - len(entry.format(""))))


def body_of(n: int) -> bytes:
    """Write a body of so many bytes: blanks may stand around JSON."""
    return b'{"query": "bees"}'.ljust(n)


LIMITS = [
    Limit("characters of a question", SETTINGS.max_query_chars, "MAX_QUERY_CHARS",
          posting("/v1/search", lambda n: {"query": "x" * n})),
    Limit("hits of a page", SETTINGS.max_limit, "MAX_LIMIT",
          getting(lambda n: f"/v1/search?limit={n}")),
    Limit("characters of a cursor", LONGEST_CURSOR, None,
          posting("/v1/search", lambda n: {"query": "bees", "cursor": "A" * n})),
    Limit("names in one field of the filters", MOST_NAMES, None,
          posting("/v1/search", lambda n: {"filters": {"authors": ["a"] * n}})),
    Limit("milliseconds of `timeout_ms`", SETTINGS.max_timeout_ms, "MAX_TIMEOUT_MS",
          getting(lambda n: f"/v1/search?q=bees&timeout_ms={n}")),
    Limit("ids in a batch", SETTINGS.max_batch_ids, "MAX_BATCH_IDS",
          posting("/v1/articles:batch", lambda n: {"ids": [ID] * n})),
    Limit("ids of an export", SETTINGS.max_matches, "MAX_MATCHES",
          posting("/v1/export", lambda n: {"format": "ris", "ids": [ID] * n})),
    Limit("examples a side", SETTINGS.limits.max_examples, None,
          posting("/v1/similar", lambda n: {"positive": [{"text": "bees"}] * n})),
    Limit("characters of a pasted list of records", SETTINGS.limits.max_pasted_chars, None,
          posting("/v1/similar", lambda n: {"positive": [{"bibtex": record(n)}]})),
    Limit("characters of a draft", SETTINGS.limits.max_draft_chars, None,
          posting("/v1/related-work", lambda n: {"text": "x" * n})),
    Limit("candidates of a sentence", MOST_CANDIDATES, None,
          posting("/v1/related-work", lambda n: {"text": "Bees fly.", "limit": n})),
    Limit("neighbours of a draft", SETTINGS.max_limit, "MAX_LIMIT",
          posting("/v1/related-work", lambda n: {"text": "Bees fly.", "neighbours": n})),
    Limit("tokens of a context", MOST_TOKENS, None,
          posting("/v1/context", lambda n: {"query": "bees", "max_tokens": n})),
    Limit("excerpts of a context", MOST_EXCERPTS, None,
          posting("/v1/context", lambda n: {"query": "bees", "max_excerpts": n})),
    Limit("messages of a conversation", MOST_MESSAGES, None,
          posting("/v1/context", lambda n: {"messages": [{"role": "user", "content": "a"}] * n})),
    Limit("characters of a conversation", MOST_MESSAGE_CHARS, None,
          posting("/v1/context", lambda n: {"messages": [
              {"role": "tool", "content": "x" * (n - 4)}, {"role": "user", "content": "bees"}]})),
    Limit("characters of an answer to check", SETTINGS.limits.max_draft_chars, None,
          posting("/v1/verify", lambda n: {"text": "x" * n})),
    Limit("characters of a bundle id", LONGEST_BUNDLE_ID, None,
          posting("/v1/verify", lambda n: {"text": "Bees.", "bundle_id": "A" * n})),
    Limit("entries of a feed", MOST_ENTRIES, None,
          getting(lambda n: f"/feed.json?limit={n}")),
    Limit("tokens of a tool's answer", MOST_TOOL_TOKENS, None,
          posting("/v1/tools/search_articles", lambda n: {"query": "bees", "max_tokens": n})),
    Limit("papers of a page, in place of Semantic Scholar", MOST_A_PAGE, None,
          getting(lambda n: f"/graph/v1/paper/search?query=bees&limit={n}")),
    Limit("the last of the ranked papers there", MOST_RANKED, None,
          getting(lambda n: f"/graph/v1/paper/search?query=bees&limit=1&offset={n - 1}")),
    Limit("ids in a batch there", MOST_IN_BATCH, None,
          posting("/graph/v1/paper/batch", lambda n: {"ids": [ID] * n})),
    Limit("recommended papers there", MOST_RECOMMENDED, None,
          getting(lambda n: f"/recommendations/v1/papers/forpaper/{ID}?limit={n}")),
    Limit("bytes of a body", SETTINGS.max_body_bytes, "MAX_BODY_BYTES",
          lambda client, n: client.post("/v1/search", content=body_of(n), headers=JSON)),
]  # fmt: skip
IDS = [limit.what for limit in LIMITS]
NO_VALUES = {"characters of a cursor", "characters of a bundle id"}
"""Of so many characters there is no right one here, but it is read before it is refused."""


@pytest.mark.parametrize("limit", LIMITS, ids=IDS)
def test_what_is_asked_at_a_limit_is_answered_and_past_it_refused_with_the_limit(
    client: LocalClient, limit: Limit
) -> None:
    at, past = limit.ask(client, limit.most), limit.ask(client, limit.most + 1)

    if limit.what in NO_VALUES:
        assert (at.status_code, past.status_code) == (400, 400)
        assert str(limit.most) not in at.text
    else:
        assert at.status_code == 200, at.text[:300]
    assert past.status_code in (400, 413)
    assert str(limit.most) in past.text.replace(",", "")


def test_the_readme_has_the_table() -> None:
    lines = ["| most | | may be changed by |", "|---|---|---|"]
    for limit in LIMITS:
        setting = f"`COGNATE_{limit.setting}`" if limit.setting else ""
        lines.append(f"| {limit.most:,} | {limit.what} | {setting} |".replace("|  |", "| |"))
    assert "\n".join(lines) in README


TAKES_JSON = [
    path for path, methods in json.loads(GOLDEN.read_bytes())["paths"].items() if "post" in methods
]


@pytest.mark.parametrize("path", [*TAKES_JSON, "/graph/v1/paper/batch", MCP_PATH])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"query":', "}")])
@pytest.mark.parametrize("depth", [100, 1_000, 100_000])
def test_a_body_may_be_nested_as_deep_as_it_is_long_and_is_refused_as_any_other(
    library: Path, path: str, opening: str, closing: str, depth: int
) -> None:
    body = opening * depth + "1" + closing * depth
    headers = JSON | {"accept": "application/json, text/event-stream"}
    with LocalClient(create_app(Settings(), open_engine(library))) as client:
        refused = client.post(path.format(name="search"), content=body, headers=headers)

    # what is called by MCP may be no request at all
    assert refused.status_code in {400, 413}, refused.text
