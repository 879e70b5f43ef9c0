"""The composition root: builds the web application, opens and closes what it serves."""

import importlib.metadata
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
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
from index.machine import keep_memory_together, n_cores
from service.admission import Admission, Gate, Gates
from service.api import probes, router
from service.api_keys import KeyRing
from service.deadline import AbandonedError, OutOfTimeError
from service.exports.routes import export_routes
from service.fallback import open_whole
from service.faults import UNREADABLE, Fault, fault_of
from service.feeds.routes import feed_routes
from service.guards import ApiKey, BodyLimit, HostNames, SecurityHeaders, allowed_hosts
from service.holder import EngineHolder, NotReadyError
from service.metrics import Metrics
from service.opening import kept_current, older_snapshots, open_engine
from service.page.article import article_pages
from service.page.assets import Assets
from service.page.export import export_pages
from service.page.related import related_pages
from service.page.search import search_pages
from service.page.similar import similar_pages
from service.parameters import wire_name
from service.refusals import answer_fault
from service.request_log import REQUEST_ID, RequestLog, log_to_stderr
from service.responses import SECURITY_HEADERS
from service.search import SearchEngine
from service.semantic_scholar.drop_in import drop_ins
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
    OutOfTimeError: (504, "timeout"),
    # as nginx has it; nobody reads it
    AbandonedError: (499, "client_left"),
}
"""What each of our errors is on the wire; any other is 500 and says nothing."""

EXPORTS_AT_ONCE = 8
"""So many exports are streamed at once: each holds an engine until its client has read it."""
_SPARE_THREADS = 4
"""For what never waits for a turn, as files that pages load."""

_ROUTERS = (
    # before the articles: an id, which may hold slashes, would take their paths too
    export_routes,
    router,
    probes,
    search_pages,
    export_pages,
    similar_pages,
    related_pages,
    article_pages,
    feed_routes,
    tool_routes,
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
    for path, part in drop_ins(holder).items():
        app.mount(path, part)
    app.router.routes.append(Route(MCP_PATH, endpoint=mcp, include_in_schema=False))
    _answer_errors(app)
    # the last one added stands first
    gates = _gates(settings)
    app.add_middleware(
        Admission,
        gates=gates,
        timeout_s=settings.timeout_ms / 1000,
        longest_s=settings.max_timeout_ms / 1000,
    )
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, max_s=settings.body_s)
    if settings.needs_key:
        keys = KeyRing(settings.api_key, settings.api_keys, _log.warning)
        app.add_middleware(ApiKey, keys=keys)
    if names := allowed_hosts(settings):
        app.add_middleware(HostNames, names=names)
    if settings.cors_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.cors_origins, **_CORS)
    app.add_middleware(SecurityHeaders)
    metrics = Metrics(holder, gates.all)
    app.state.metrics = metrics
    app.add_middleware(RequestLog, logged=settings.log, observe=metrics.observe)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's own way
    return app


def create_app_of_environment() -> FastAPI:
    """Build the application of a worker, which is a process of its own."""
    keep_memory_together()
    settings = Settings.from_env(os.environ)
    if settings.log != "none":
        log_to_stderr()
    return create_app(settings)


def _n_at_once(settings: Settings) -> int:
    """Give how many requests run at once: more would only wait for the cores."""
    return max(1, n_cores() // settings.workers) + 1


def _gates(settings: Settings) -> Gates:
    """Give the gate of all requests, and those of exports and of drafts, which take long."""
    max_wait_s, n_at_once = settings.max_wait_ms / 1000, _n_at_once(settings)
    exports, drafts = Gate(EXPORTS_AT_ONCE, max_wait_s), Gate(n_at_once // 2, max_wait_s)
    narrow = {("GET", "/v1/export"): exports, ("POST", "/v1/export"): exports} | {
        ("POST", path): drafts
        for path in ("/v1/related-work", "/related-work", "/v1/tools/related_work")
    }
    return Gates(Gate(n_at_once, max_wait_s), narrow)


def _lifespan(
    settings: Settings, holder: EngineHolder, mcp: McpEndpoint
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if not holder.is_ready:
            if settings.index is None:
                raise SnapshotError("no index is named; set COGNATE_INDEX to its folder")
            holder.replace(open_whole(settings.index, partial(open_engine, settings)))
        # who waits, waits for a turn: with one, a request or a block of an export has a thread
        current_default_thread_limiter().total_tokens = (
            _n_at_once(settings) + EXPORTS_AT_ONCE + _SPARE_THREADS
        )
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
    message, field, headers = str(error), None, None
    if isinstance(error, ArgumentError):
        field = error.field
    elif isinstance(error, QueryError):
        field = error.field and wire_name(request.method, error.field)
        message = str(QueryError(field, error.reason))
    elif isinstance(error, UnknownArticleError):
        field = wire_name(request.method, error.field)
        message = str(UnknownArticleError(error.article_id, field))
    elif isinstance(error, CursorExpiredError):
        field = "cursor"
    elif status == 503:
        headers = {"Retry-After": "1"}
    return answer_fault(request.scope, Fault(status, code, message, field, headers))


def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer_fault(request.scope, fault_of(error))


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, message, headers = error.status_code, error.detail, error.headers
    if status == 404:
        message = "nothing is served at this path"
    if status == 405:
        allowed = ", ".join(allowed_methods(request.scope["path"])) or "GET, HEAD"
        message, headers = f"this path answers {allowed} only", {"Allow": allowed}
    if status == 400:
        message = UNREADABLE
    code = _HTTP_CODES.get(status, "error")
    return answer_fault(request.scope, Fault(status, code, message, headers=headers))


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
    fault = Fault(500, "internal_error", message, headers=headers)
    return answer_fault(request.scope, fault)


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
