"""The time for an answer: honoured by every route that asks the engine, and bounded."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from service.app import create_app
from service.deadline import Deadline
from service.search import SearchEngine
from service.settings import Settings
from tests.service.local_client import LocalClient

LIKE: dict[str, Any] = {"positive": [{"text": "brain signals"}]}
TIMED: dict[str, dict[str, Any] | None] = {
    "/v1/search?q=brain&": None,
    "/v1/articles/10.5555/odd/similar?": None,
    "/v1/export?format=ris&": None,
    "/v1/export?format=ris&id=10.5555/odd&": None,
    "/feed.json?q=brain&": None,
    "/v1/search": {"query": "brain"},
    "/v1/similar": LIKE,
    "/v1/related-work": {"text": "Others show that brain signals tell feelings."},
    "/v1/context": {"query": "brain"},
}


def timed(client: LocalClient, path: str, timeout_ms: int) -> Any:
    body = TIMED[path]
    if body is None:
        return client.get(f"{path}timeout_ms={timeout_ms}")
    return client.post(path, json=body | {"timeout_ms": timeout_ms})


@pytest.mark.parametrize("path", TIMED)
def test_the_time_for_an_answer_is_honoured_up_to_the_most_there_is(
    client: LocalClient, path: str
) -> None:
    most = Settings().max_timeout_ms

    assert timed(client, path, most).status_code == 200
    for wrong in (0, most + 1):
        refused = timed(client, path, wrong)
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, "timeout_ms")


class CameAnHourAgo:
    """Lets every request have waited for an hour."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        came: Deadline = scope["state"]["deadline"]
        scope["state"]["deadline"] = replace(came, came=came.came - 3600, due=came.due - 3600)
        await self._app(scope, receive, send)


@pytest.mark.parametrize("path", TIMED)
def test_an_answer_that_takes_longer_than_it_may_is_504(engine: SearchEngine, path: str) -> None:
    app = create_app(Settings(), engine)
    app.user_middleware.append(Middleware(CameAnHourAgo))  # the innermost

    answer = timed(LocalClient(app), path, 50)

    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timeout")
