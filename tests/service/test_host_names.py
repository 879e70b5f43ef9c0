"""A service that is for its own machine alone answers to that machine's names alone."""

import pytest

from service.app import create_app
from service.guards import OPEN_PATHS, allowed_hosts
from service.search import SearchEngine
from service.settings import Settings
from tests.service.local_client import LocalClient

KEY = "a-key-of-more-than-sixteen"
PAGE = {"accept": "text/html"}


@pytest.mark.parametrize(
    "settings",
    [Settings(api_key=KEY), Settings(public=True), Settings(host="0.0.0.0", public=True)],
)
def test_what_is_open_or_has_a_key_answers_to_any_name(
    settings: Settings, engine: SearchEngine
) -> None:
    client = LocalClient(create_app(settings, engine))

    assert allowed_hosts(settings) is None
    found = client.get("/v1/search?q=bees", headers={"host": "papers.example", "x-api-key": KEY})
    assert found.status_code == 200


@pytest.mark.parametrize(
    ("listening", "name"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "localhost"),
        ("127.0.0.1", "LocalHost:8000"),
        ("127.0.0.1", "[::1]"),
        ("127.0.0.1", "[::1]:8000"),
        ("127.0.0.1", "testserver"),
        ("127.0.0.5", "127.0.0.5:1"),
        ("::1", "[::1]:65535"),
    ],
)
def test_its_own_names_are_known_with_any_port(
    listening: str, name: str, engine: SearchEngine
) -> None:
    client = LocalClient(create_app(Settings(host=listening), engine))

    assert client.get("/v1/search?q=bees", headers={"host": name}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/v1/search?q=bees", "/metrics", "/static/page.css", "/no"])
@pytest.mark.parametrize(
    "name",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "evil.example#localhost",
        "localhost:80:80",
        "localhost:",
        "127.0.0.5",
        "",
    ],
)
def test_any_other_name_is_refused_whatever_is_asked(
    client: LocalClient, name: str, path: str
) -> None:
    refused = client.get(path, headers={"host": name})

    assert refused.status_code == 421
    assert refused.json()["error"]["code"] == "unknown_host"
    assert "--public" in refused.json()["error"]["message"]
    page = client.get("/", headers={"host": name} | PAGE)
    assert (page.status_code, page.headers["content-type"]) == (421, "text/html; charset=utf-8")


@pytest.mark.parametrize("path", sorted(OPEN_PATHS))
def test_who_watches_the_service_may_call_it_anything(client: LocalClient, path: str) -> None:
    assert client.get(path, headers={"host": "pod-7.internal"}).status_code == 200
