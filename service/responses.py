"""Responses that every part of the HTTP side gives: JSON, and the one shape of an error."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

_LONGEST_MESSAGE = 400
"""A message may quote a megabyte of what was asked; its beginning says enough."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class JsonResponse(Response):
    """A JSON response, written by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold
        """Give the bytes of the body."""
        return orjson.dumps(content)


def error_response(
    status: int,
    code: str,
    message: str,
    field: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """Give an error in the shape all errors have; `field` is the parameter it is about."""
    error = {
        "code": code,
        "message": clean_message(message),
        "field": field and clean_message(field),
    }
    return JsonResponse({"error": error}, status_code=status, headers=headers)


def clean_message(text: str) -> str:
    """Give a message that JSON can carry and a person can read."""
    # a message may quote half a character out of a request, which no JSON can carry
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + " …"


def left_response() -> JsonResponse:
    """Give what answers a client that has left: nobody reads it, but it is counted."""
    return error_response(499, "client_left", "the client has left")
