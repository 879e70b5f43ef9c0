"""What stands before every route: headers, the API key, and how much a body may hold.

Plain ASGI, so that they hold for pages, files and unknown routes alike, and nothing of a body
is read before its sender is known.
"""

import base64
import binascii

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api_keys import KeyRing
from service.responses import SECURITY_HEADERS, error_response

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""Answered without a key: those who start and watch the service have none."""


class BodyTooLargeError(HTTPException):
    """A request body holds more bytes than are read."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(413, f"the body is larger than {max_bytes} bytes")


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
        response = error_response(
            401,
            "unauthorized",
            f"{message}; send it as Authorization: Bearer KEY or X-API-Key: KEY",
            headers={"WWW-Authenticate": 'Bearer realm="Cognate", Basic realm="Cognate"'},
        )
        await response(scope, receive, send)


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
    """Stops reading a body that grows too large, also where no length was announced."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        n_bytes = 0

        async def receive_counted() -> Message:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if n_bytes > self._max_bytes:
                raise BodyTooLargeError(self._max_bytes)
            return message

        announced = Headers(scope=scope).get("content-length", "") if "headers" in scope else ""
        if announced.isdecimal() and int(announced) > self._max_bytes:
            error = BodyTooLargeError(self._max_bytes)
            response = error_response(413, "body_too_large", error.detail)
            await response(scope, receive, send)
            return
        await self._app(scope, receive_counted, send)
