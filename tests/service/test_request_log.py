"""Every request has an id, and a line in the log that does not say what was asked."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.request_log import REQUEST_ID, Logged
from service.search import SearchEngine
from service.settings import Settings
from tests.service.library import open_engine
from tests.service.local_client import LocalClient

SECRET = "what nobody is to know"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [
        json.loads(record.getMessage())
        for record in caplog.records
        if record.name == "cognate.requests"
    ]


def client_of(engine: SearchEngine, logged: Logged) -> LocalClient:
    return LocalClient(create_app(Settings(log=logged), engine), raise_server_exceptions=False)


def test_a_request_is_logged_without_what_was_asked(
    engine: SearchEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cognate.requests")
    client = client_of(engine, "requests")

    response = client.get("/v1/search", params={"q": SECRET})
    posted = client.post("/v1/search", json={"query": SECRET})
    client.get("/v1/articles/doi:10.1000/secret")
    client.get(f"/{SECRET}")

    first, second, third, fourth = lines(caplog)
    assert first.pop("time") > 0
    assert first.pop("ms") > 0
    assert first == {
        "request_id": response.headers[REQUEST_ID],
        "method": "GET",
        "route": "/v1/search",
        "status": 200,
        "bytes": len(response.content),
    }
    assert second["request_id"] == posted.headers[REQUEST_ID] != response.headers[REQUEST_ID]
    assert (third["route"], third["status"]) == ("/v1/articles/{article_id:path}", 404)
    assert (fourth["route"], fourth["status"]) == (None, 404)
    assert "secret" not in caplog.text
    assert SECRET not in caplog.text


def test_paths_and_questions_are_logged_where_that_is_wanted(
    engine: SearchEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cognate.requests")

    client_of(engine, "questions").get("/v1/search?q=moths&limit=1")

    (line,) = lines(caplog)
    assert (line["path"], line["query"]) == ("/v1/search", "q=moths&limit=1")


def test_nothing_is_logged_by_default(
    engine: SearchEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cognate.requests")

    client_of(engine, "none").get("/v1/search")

    assert lines(caplog) == []


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("a-Z_0.9:x", True), ("x" * 64, True), ("x" * 65, False), ("x y", False), ("", False)],
)
def test_the_id_that_a_client_sends_is_repeated_where_that_is_safe(
    engine: SearchEngine, given: str, is_kept: bool
) -> None:
    response = client_of(engine, "none").get("/healthz", headers={REQUEST_ID: given})

    assert (response.headers[REQUEST_ID] == given) is is_kept
    assert response.headers[REQUEST_ID]


def test_a_failure_has_the_id_of_its_line(library: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cognate.requests")
    closed = open_engine(library)
    closed.close()

    response = client_of(closed, "requests").get("/v1/search?q=x")

    (line,) = lines(caplog)
    assert (line["status"], response.status_code) == (500, 500)
    assert line["request_id"] == response.headers[REQUEST_ID]


def test_a_route_below_a_mount_is_named_whole(
    engine: SearchEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cognate.requests")
    client = client_of(engine, "requests")

    client.get("/graph/v1/paper/doi:10.5555/eeg.1")
    client.get("/graph/v1/nothing")
    client.get("/static/style.css")

    assert [line["route"] for line in lines(caplog)] == [
        "/graph/v1/paper/{given:path}",
        None,
        None,
    ]
