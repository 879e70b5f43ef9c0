"""Errors as Semantic Scholar gives them: `{"error": …}`, with the statuses that clients know.

Its clients take any other status for an empty answer, and so would lie to whoever asks: what is
401, 410 or 503 elsewhere is told here by the nearest status that they raise an error for.
"""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from index.errors import CognateError, CursorExpiredError, QueryError, UnknownArticleError
from service.deadline import AbandonedError, OutOfTimeError
from service.faults import UNREADABLE, fault_of
from service.holder import NotReadyError
from service.responses import JsonResponse, clean_message, left_response

PATHS = ("/graph/v1", "/recommendations/v1", "/datasets/v1")
"""Where Semantic Scholar's APIs lie below the address that a client is given."""

_STATUSES = {401: 403, 405: 400, 410: 400, 413: 400, 415: 400, 503: 504}
_WITH_MESSAGE = frozenset({403, 500, 504})
"""Of these the originals say `{"message": …}`, and clients read that."""

_NAMES = {
    "text": "query",
    "journals": "venue",
    "types": "publicationTypes",
    "cursor": "token",
    "positive": "positivePaperIds",
    "negative": "negativePaperIds",
}


class NoTitleMatchError(CognateError, LookupError):
    """No article has a title that is near enough to the one asked for."""

    def __init__(self) -> None:
        super().__init__("Title match not found")


def is_in_place(path: str) -> bool:
    """Tell whether a path is one of Semantic Scholar's."""
    return any(path.startswith(f"{prefix}/") for prefix in PATHS)


def paper_error(
    status: int, message: str, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """Give an error; `status` is what it would be elsewhere."""
    status = _STATUSES.get(status, status)
    message = clean_message(message)
    body = {"error": message}
    if status in _WITH_MESSAGE:
        body["message"] = message
    return JsonResponse(body, status_code=status, headers=headers)


def answer_errors(app: FastAPI) -> None:
    """Give every error of an application this shape."""
    ours = (QueryError, UnknownArticleError, CursorExpiredError, NotReadyError, NoTitleMatchError)
    for kind in (*ours, OutOfTimeError):
        app.add_exception_handler(kind, _answer_ours)
    app.add_exception_handler(AbandonedError, lambda _, __: left_response())
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_failure)


def _answer_ours(_: Request, error: Exception) -> Response:
    if isinstance(error, QueryError):
        first, dot, rest = (error.field or "").partition(".")
        name = f"{_NAMES.get(first, first)}{dot}{rest}" or None
        return paper_error(400, str(QueryError(name, error.reason)))
    if isinstance(error, UnknownArticleError):
        return paper_error(404, f"Paper with id {error.article_id} not found")
    if isinstance(error, CursorExpiredError):
        return paper_error(410, f"token: {error}".replace("cursor", "token"))
    if isinstance(error, NotReadyError):
        return paper_error(503, str(error), {"Retry-After": "1"})
    if isinstance(error, OutOfTimeError):
        return paper_error(504, str(error))
    return paper_error(404, str(error))


def _answer_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return paper_error(400, fault_of(error).message)


def _answer_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    ours = {400: UNREADABLE, 404: "nothing is served at this path"}
    message = ours.get(error.status_code, error.detail)
    return paper_error(error.status_code, message, error.headers)


def _answer_failure(_: Request, __: Exception) -> Response:
    return paper_error(500, "the service failed; its log says why")
