"""What stands before every route: headers, names, the API key, and how much a body may hold.

Plain ASGI, so that they hold for pages, files and unknown routes alike, and nothing of a body
is read before its sender is known.
"""

import asyncio
import base64
import binascii
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api_keys import KeyRing
from service.faults import Fault
from service.refusals import answer_fault
from service.responses import SECURITY_HEADERS, left_response
from service.settings import Settings

MOST_BODIES = 64
"""So many of the largest bodies are held at once; more are refused until some are answered."""
OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""Answered without a key, by any name: those who start and watch the service have none."""
_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]", "testserver")
"""The last is what clients of tests call an application in their own process. It has no dot, so no
site of the web can have it."""


class SecurityHeaders:
    """Puts the headers that every answer carries on it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                # an answer may belong to one key, and changes with the next snapshot
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def allowed_hosts(settings: Settings) -> list[str] | None:
    """Give the names that a request may call the service by; None for any.

    A service without a key that is not public listens on this machine alone. There a page of
    another site could have its own name lead to this machine and ask in the reader's stead (DNS
    rebinding), so only this machine's names are taken. With a key, that page lacks it; a public
    service is open to everyone, under names that it cannot know.
    """
    if settings.needs_key or settings.public:
        return None
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return [*dict.fromkeys((*_LOCAL_NAMES, host))]


class HostNames:
    """Lets through who calls the service by one of its names, with any port."""

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        message = (
            f"this service answers to {', '.join(self._names)} alone; to serve it under another "
            "name, start it with an API key or with --public"
        )
        fault = Fault(421, "unknown_host", message)
        await answer_fault(scope, fault)(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        host = Headers(scope=scope).get("host", "").lower()
        name, _, port = host.rpartition(":")
        return host in self._names or (port.isdecimal() and name in self._names)


class ApiKey:
    """Lets through who carries a key: Bearer, X-API-Key, or the password a browser asks for."""

    def __init__(self, app: ASGIApp, keys: KeyRing) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        given = carried_key(Headers(scope=scope))
        if given is not None and self._keys.opens(given):
            await self._app(scope, receive, send)
            return
        message = "the API key is wrong" if given is not None else "an API key is needed"
        fault = Fault(
            401,
            "unauthorized",
            f"{message}; send it as Authorization: Bearer KEY or X-API-Key: KEY",
            headers={"WWW-Authenticate": 'Bearer realm="Cognate", Basic realm="Cognate"'},
        )
        await answer_fault(scope, fault)(scope, receive, send)


def carried_key(headers: Headers) -> bytes | None:
    """Give the key that a request carries, from whichever header has one."""
    if plain := headers.get("x-api-key"):
        return plain.encode("latin-1")
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode("latin-1")
    if scheme.lower() == "basic":
        try:
            _, _, password = base64.b64decode(value, validate=True).partition(b":")
        except (binascii.Error, ValueError):
            return b""
        return password
    return None


class BodyLimit:
    """Reads a body before anything is done for it: at most so many bytes, in so much time.

    What is behind it gets the whole body in one message. The bodies of all requests together
    hold at most `MOST_BODIES` times as much as one may.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, max_s: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._max_s = max_s
        self._n_held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self._max_bytes:
            await self._too_large(scope)(scope, receive, send)
            return
        body = bytearray()
        try:
            refusal = await self._read(scope, receive, body)
            if refusal is None:
                whole = {"type": "http.request", "body": bytes(body), "more_body": False}
                await self._app(scope, replayed(whole, receive), send)
            else:
                await refusal(scope, receive, send)
        finally:
            self._n_held -= len(body)

    async def _read(self, scope: Scope, receive: Receive, body: bytearray) -> Response | None:
        """Read the body; give what is answered instead of reading on."""
        try:
            async with asyncio.timeout(self._max_s):
                is_more = True
                while is_more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return left_response()
                    block = message.get("body", b"")
                    if len(body) + len(block) > self._max_bytes:
                        return self._too_large(scope)
                    if self._n_held + len(block) > MOST_BODIES * self._max_bytes:
                        return _too_many(scope)
                    body += block
                    self._n_held += len(block)
                    is_more = message.get("more_body", False)
        except TimeoutError:
            return self._too_late(scope)
        return None

    def _too_large(self, scope: Scope) -> Response:
        most = f"{self._max_bytes:,} bytes, the most that is read at once"
        fault = Fault(413, "body_too_large", f"what was sent is larger than {most}")
        return answer_fault(scope, fault)

    def _too_late(self, scope: Scope) -> Response:
        message = f"the body did not come within {self._max_s:g} seconds"
        return answer_fault(scope, Fault(408, "body_timeout", message))


def _too_many(scope: Scope) -> Response:
    message = "too many bodies are sent at once; ask again after the seconds in Retry-After"
    return answer_fault(scope, Fault(503, "overloaded", message, headers={"Retry-After": "1"}))


def replayed(body: Message, after: Receive) -> Receive:
    """Give the body that was read once more, then what comes after it."""
    is_given = False

    async def receive_again() -> Message:
        nonlocal is_given
        if is_given:
            return await after()
        is_given = True
        return body

    return receive_again
