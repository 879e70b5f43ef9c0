"""The log of requests: one JSON object a line, without what was asked unless it is wanted.

Every answer carries `X-Request-ID`: the client's own where it sent one that is safe to repeat, so
that a line here can be found from there.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Logged = Literal["none", "requests", "questions"]
REQUEST_ID = "X-Request-ID"

_SAFE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_FAILED = 500
_log = logging.getLogger("cognate.requests")


@dataclass(frozen=True, slots=True)
class Answered:
    """One request as it was answered; `route` is the pattern of its path, None where none fits."""

    method: str
    route: str | None
    status: int
    seconds: float


class RequestLog:
    """Gives each request an id, tells `observe` how it was answered, and writes its line."""

    def __init__(self, app: ASGIApp, logged: Logged, observe: Callable[[Answered], None]) -> None:
        self._app = app
        self._logged = logged
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        started, status, n_bytes = time.perf_counter(), _FAILED, 0

        async def send_noted(message: Message) -> None:
            nonlocal status, n_bytes
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            n_bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            route = _route(scope)
            seconds = time.perf_counter() - started
            answered = Answered(scope["method"], route, status, seconds)
            self._observe(answered)
            if self._logged != "none":
                _log.info("%s", self._line(scope, answered, n_bytes))

    def _line(self, scope: Scope, answered: Answered, n_bytes: int) -> str:
        line: dict[str, object] = {
            "time": time.time(),
            "request_id": scope["state"]["request_id"],
            "method": answered.method,
            "route": answered.route,
            "status": answered.status,
            "ms": round(answered.seconds * 1000, 2),
            "bytes": n_bytes,
        }
        if self._logged == "questions":
            asked = scope.get("query_string", b"").decode("latin-1")
            line |= {"path": scope["path"].encode("utf-8", "replace").decode(), "query": asked}
        return orjson.dumps(line).decode()


def log_to_stderr() -> None:
    """Let the lines be written, as they are, to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


def _route(scope: Scope) -> str | None:
    """Give the pattern of the path asked for; one that lies below a mount is given whole."""
    path: str | None = getattr(scope.get("route"), "path", None)
    below = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
    return None if path is None else f"{below}{path}"


def _request_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID, "")
    return given if _SAFE_ID.fullmatch(given) else secrets.token_hex(8)
