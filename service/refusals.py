"""Refusals: every error in the shape that its asker reads, a page for people, JSON for programs.

A browser that goes to an address of the page gets a sentence, and what to do now. All else, and
all of the API whoever asks, gets the one shape of errors that the API has.
"""

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from service.faults import Fault
from service.page.rendering import render
from service.responses import clean_message, error_response
from service.semantic_scholar.errors import is_in_place, paper_error

_PROGRAMS = ("/v1", "/feed.", "/openapi.json", "/healthz", "/readyz", "/metrics", "/static")
"""What the paths begin with that are no pages."""
_CURES = {
    "body_too_large": "Send the draft in parts, or without what is not its text, such as tables "
    "and figures. Who runs the service can raise COGNATE_MAX_BODY_BYTES.",
    "internal_error": "Go back, and try again or ask otherwise.",
}
_AGAIN = frozenset({"not_ready", "overloaded", "timeout", "internal_error"})
"""What may be gone when the same is asked again."""


def is_asked_by_a_person(scope: Scope) -> bool:
    """Tell whether a browser went to an address of the page."""
    accepted = Headers(scope=scope).get("accept", "")
    return "text/html" in accepted.lower() and not scope["path"].startswith(_PROGRAMS)


def answer_fault(scope: Scope, fault: Fault) -> Response:
    """Give the answer to a request that failed."""
    response: Response
    if is_in_place(scope["path"]):
        return paper_error(fault.status, fault.message, fault.headers)
    if is_asked_by_a_person(scope):
        again = _address(scope) if fault.code in _AGAIN else None
        response = fault_page(fault.status, fault.message, _CURES.get(fault.code), again)
        response.headers.update(fault.headers or {})
    else:
        response = error_response(
            fault.status, fault.code, fault.message, fault.field, fault.headers
        )
    response.headers["Vary"] = "Accept"
    return response


def fault_page(
    status: int, message: str, cure: str | None = None, again: str | None = None
) -> HTMLResponse:
    """Say what went wrong as a page; `again` is the address to try once more."""
    return render("fault.html", status, said=_sentence(message), cure=cure, again=again)


def _sentence(message: str) -> str:
    """Write a message as a sentence."""
    text = clean_message(message)
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _address(scope: Scope) -> str:
    """Give the address that was asked for; what was sent to it is not sent again."""
    query = scope.get("query_string", b"").decode("latin-1")
    return quote(scope["path"]) + (f"?{query}" if query else "")
