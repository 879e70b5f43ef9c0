"""The composition root: builds the web application, opens and closes what it serves."""

import importlib.metadata
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Route

from index.errors import CursorExpiredError, QueryError, SnapshotError, UnknownArticleError
from index.machine import n_cores
from service.api import probes, router
from service.api_keys import KeyRing
from service.exports.routes import export_routes
from service.feeds.routes import feed_routes
from service.guards import ApiKey, BodyLimit, SecurityHeaders
from service.holder import EngineHolder, NotReadyError
from service.metrics import Metrics
from service.opening import kept_current, older_snapshots, open_engine
from service.page.article import article_pages
from service.page.assets import Assets
from service.page.related import related_pages
from service.page.search import search_pages
from service.page.similar import similar_pages
from service.parameters import wire_name
from service.request_log import REQUEST_ID, RequestLog
from service.responses import SECURITY_HEADERS, error_response
from service.search import SearchEngine
from service.settings import Settings
from service.tools.endpoint import MCP_PATH, McpEndpoint
from service.tools.routes import tool_routes
from service.tools.tool import ArgumentError

STATUSES: dict[type[Exception], tuple[int, str]] = {
    QueryError: (400, "invalid_value"),
    ArgumentError: (400, "invalid_value"),
    UnknownArticleError: (404, "unknown_article"),
    CursorExpiredError: (410, "cursor_expired"),
    NotReadyError: (503, "not_ready"),
}
"""What each of our errors is on the wire; any other is 500 and says nothing."""

_ROUTERS = (
    # before the articles: an id, which may hold slashes, would take their paths too
    export_routes,
    router,
    probes,
    search_pages,
    similar_pages,
    related_pages,
    article_pages,
    feed_routes,
    tool_routes,
)
_LONGEST_QUOTE = 60
_UNREADABLE = (
    "the body cannot be read as JSON in UTF-8: it is in another encoding, nested too deeply, or "
    "holds a number of thousands of digits"
)
_CORS: dict[str, Any] = {
    "allow_methods": ["GET", "POST"],
    "allow_headers": ["Authorization", "Content-Type", "X-API-Key", REQUEST_ID],
    "expose_headers": [REQUEST_ID, "Retry-After"],
}
_log = logging.getLogger(__name__)
_HTTP_CODES = {
    400: "malformed_body",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


def create_app(settings: Settings, engine: SearchEngine | None = None) -> FastAPI:
    """Build the application that serves `settings.index`.

    An `engine` given is served from the start, and is the application's to close. Without one
    the index is opened when the application starts.
    """
    holder = EngineHolder(engine, older_snapshots(settings))
    mcp = McpEndpoint(holder, settings)
    app = FastAPI(
        title="Cognate",
        version=importlib.metadata.version("cognate"),
        summary="Semantic search over scholarly articles.",
        lifespan=_lifespan(settings, holder, mcp),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.holder = holder
    for routes in _ROUTERS:
        app.include_router(routes)
    app.mount("/static", Assets(), name="static")
    app.router.routes.append(Route(MCP_PATH, endpoint=mcp, include_in_schema=False))
    _answer_errors(app)
    # the last one added stands first
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    if settings.needs_key:
        keys = KeyRing(settings.api_key, settings.api_keys, _log.warning)
        app.add_middleware(ApiKey, keys=keys)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, **_CORS)
    app.add_middleware(SecurityHeaders)
    metrics = Metrics(holder)
    app.state.metrics = metrics
    app.add_middleware(RequestLog, logged=settings.log, observe=metrics.observe)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's own way
    return app


def _lifespan(
    settings: Settings, holder: EngineHolder, mcp: McpEndpoint
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if not holder.is_ready:
            if settings.index is None:
                raise SnapshotError("no index is named; set COGNATE_INDEX to its folder")
            holder.replace(open_engine(settings, settings.index))
        # more at once would only wait for the cores, each with arrays of its own
        current_default_thread_limiter().total_tokens = n_cores() + 1
        with kept_current(holder, settings):
            async with mcp.running():
                yield

    return lifespan


def _answer_errors(app: FastAPI) -> None:
    """Give every error the one shape; `STATUSES` says which status each of ours has."""
    for kind in STATUSES:
        app.add_exception_handler(kind, _answer_ours)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_failure)


def _answer_ours(request: Request, error: Exception) -> Response:
    status, code = STATUSES[type(error)]
    if isinstance(error, ArgumentError):
        return error_response(status, code, str(error), error.field)
    if isinstance(error, QueryError):
        field = error.field and wire_name(request.method, error.field)
        return error_response(status, code, str(QueryError(field, error.reason)), field)
    if isinstance(error, UnknownArticleError):
        name = wire_name(request.method, error.field)
        message = str(UnknownArticleError(error.article_id, name))
        return error_response(status, code, message, name)
    if isinstance(error, CursorExpiredError):
        return error_response(status, code, str(error), "cursor")
    return error_response(status, code, str(error), headers={"Retry-After": "1"})


def _answer_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fault = error.errors()[0]
    # a repeated parameter has no number in an address, as an item of a list has in a body
    is_listed = fault["loc"][0] == "query"
    place = [str(part) for part in fault["loc"][1:] if not (is_listed and isinstance(part, int))]
    if fault["type"] == "json_invalid":
        message = f"the body is not JSON: {fault['ctx']['error']} at character {place[0]}"
        return error_response(400, "malformed_json", message)
    code = "invalid_value"
    if fault["type"] == "unknown_parameter":
        code = fault["type"]
        place.append(fault["ctx"]["name"])
    field = ".".join(place) or None
    given = fault.get("input")
    message = f"{field or 'the body'}: {fault['msg']}"
    if isinstance(given, str | int | float) and len(str(given)) <= _LONGEST_QUOTE:
        message += f", not {given!r}"
    return error_response(400, code, message, field)


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _HTTP_CODES.get(error.status_code, "error")
    if error.status_code == 404:
        return error_response(404, code, "nothing is served at this path")
    if error.status_code == 405:
        allowed = ", ".join(allowed_methods(request.scope["path"])) or "GET, HEAD"
        return error_response(
            405, code, f"this path answers {allowed} only", headers={"Allow": allowed}
        )
    detail = _UNREADABLE if error.status_code == 400 else error.detail
    return error_response(error.status_code, code, detail, headers=error.headers)


def allowed_methods(path: str) -> list[str]:
    """List the methods that some route answers at a path; the framework names one route's."""
    methods: set[str] = set()
    for route in (route for routes in _ROUTERS for route in routes.routes):
        if isinstance(route, APIRoute) and route.path_regex.fullmatch(path):
            methods |= route.methods or set()
    return sorted(methods)


def _answer_failure(request: Request, _: Exception) -> Response:
    # written outside of all middleware; the server logs the traceback
    message = "the service failed; its log says why"
    headers = {**SECURITY_HEADERS, REQUEST_ID: request.state.request_id}
    return error_response(500, "internal_error", message, headers=headers)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Describe the API as it answers: faults of a request are 400 in our shape, never 422."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes
        )
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        models = schema["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            models.pop(name, None)
        schema["components"]["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        # an empty one: a service on this machine alone needs no key
        schema["security"] = [{"bearer": []}, {"header": []}, {}]
        app.openapi_schema = schema
    return app.openapi_schema
