"""Queries that were sent with a bare "&" in them, put together again.

The client writes what is asked for into the address as it is: of "Q&A about wheat" it sends
`query=Q` and a parameter `A about wheat` without a value. The original answers for "Q" then.
"""

from collections.abc import Container
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send


class WholeQuery:
    """Takes names without a value behind `query` that no request has for the rest of it."""

    def __init__(self, app: ASGIApp, known: Container[str]) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            scope["query_string"] = whole(scope["query_string"], self._known)
        await self._app(scope, receive, send)


def whole(query_string: bytes, known: Container[str]) -> bytes:
    """Give the parameters with the parts of a query that are no names of parameters in it."""
    pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)
    joined: list[tuple[str, str]] = []
    for name, value in pairs:
        if value or name in known or not joined or joined[-1][0] != "query":
            joined.append((name, value))
        else:
            joined[-1] = ("query", f"{joined[-1][1]}&{name}")
    return query_string if len(joined) == len(pairs) else urlencode(joined).encode()
