"""The client says all that the API takes and reads all that it gives, by its own description."""

import dataclasses
import inspect
from typing import Any, get_type_hints

import httpx
import pytest

from cognate_client import Cognate, Filters, answers, context, options, related
from tests.scripted import Answer, scripted

NOT_WRAPPED = {
    "/feed.atom": "read by feed readers",
    "/feed.json": "read by feed readers",
    "/healthz": "asked by what watches the process",
    "/v1/health/corpus": "asked by who looks after the index",
    "/v1/tools": "asked by loops of language models",
    "/v1/tools/{name}": "asked by loops of language models",
    "/v1/articles/{article_id}/similar": "POST /v1/similar with one example",
}


@pytest.fixture(scope="module")
def described(url: str) -> dict[str, Any]:
    """Give the description of the running service."""
    description: dict[str, Any] = httpx.get(f"{url}/openapi.json").json()
    return description


def test_every_path_has_a_method(described: dict[str, Any]) -> None:
    with scripted([Answer(500)]) as server, Cognate(server.url) as cognate:
        calls = (
            cognate.ready,
            cognate.search,
            lambda: cognate.similar([]),
            lambda: cognate.article("ID"),
            lambda: cognate.articles([]),
            lambda: cognate.cite("ID"),
            lambda: list(cognate.export("ris")),
            lambda: cognate.related_work(""),
            lambda: cognate.context(""),
            lambda: cognate.verify(""),
        )
        for call in calls:
            with pytest.raises(ValueError, match="another form"):
                call()
    asked = {path.partition("?")[0].replace("/ID", "/{article_id}") for _, path, *_ in server.asked}

    ours = {path for path in described["paths"] if path.startswith(("/v1/", "/readyz"))}
    assert asked == ours - NOT_WRAPPED.keys()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("SearchBody", options.Search),
        ("SimilarBody", options.Similar),
        ("ExampleBody", options.Example),
        ("FilterBody", Filters),
        ("ExportBody", options.ExportOptions),
        ("RelatedBody", options.RelatedOptions),
        ("ContextBody", options.ContextOptions),
    ],
)
def test_every_option_can_be_said(described: dict[str, Any], body: str, said: type) -> None:
    taken = set(described["components"]["schemas"][body]["properties"])
    # what a method takes as an argument of its own, or nobody serves yet
    arguments = {"timeout_ms", "format", "text", "query", "messages"}

    assert taken - arguments == set(get_type_hints(said)) - arguments


def test_what_an_answer_is_checked_by_can_be_said(described: dict[str, Any]) -> None:
    taken = [*described["components"]["schemas"]["VerifyBody"]["properties"]]
    # the client has a time limit of its own
    taken.remove("timeout_ms")

    assert taken == [*inspect.signature(Cognate.verify).parameters][1:]


@pytest.mark.parametrize("module", [answers, related, context])
def test_every_field_of_an_answer_is_read(described: dict[str, Any], module: Any) -> None:
    schemas = described["components"]["schemas"]
    compared = 0
    for name, kind in vars(module).items():
        if not dataclasses.is_dataclass(kind) or kind.__module__ != module.__name__:
            continue
        wire = WIRE_NAMES.get(name, f"{name}Wire")
        schema = schemas.get(wire) or schemas.get(f"{name}Answer")
        assert schema, f"{name} is no answer of the API"
        given = set(schema["properties"]) - UNREAD.get(name, set())
        assert {field.name for field in dataclasses.fields(kind)} == given, name
        compared += 1
    assert compared


WIRE_NAMES = {
    "Articles": "BatchAnswer",
    "Results": "SearchAnswer",
    "SimilarResults": "SimilarAnswer",
    "Ready": "ReadyAnswer",
    "DraftSentence": "SentenceWire",
    "RelatedWork": "RelatedAnswer",
    "Verification": "VerifyAnswer",
}
UNREAD = {"Results": {"query"}, "SimilarResults": {"article_id"}, "Ready": {"status"}}
"""What the caller said, or what goes without saying."""
