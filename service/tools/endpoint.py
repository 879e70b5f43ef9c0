"""MCP over HTTP: one path of the service, which keeps nothing between two requests.

The SDK is imported when the first client asks: a service that nobody asks by MCP starts without
it. Its session manager runs in the application's lifespan; each application has one of its own.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from anyio.abc import TaskGroup, TaskStatus
from anyio.to_thread import run_sync
from starlette.types import Receive, Scope, Send

from service.guards import allowed_hosts
from service.holder import EngineHolder, NotReadyError
from service.responses import error_response
from service.settings import Settings

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

MCP_PATH = "/mcp"


class McpEndpoint:
    """The application at `MCP_PATH`; it answers while `running`."""

    def __init__(self, holder: EngineHolder, settings: Settings) -> None:
        self._holder = holder
        self._settings = settings
        self._tasks: TaskGroup | None = None
        self._manager: StreamableHTTPSessionManager | None = None
        self._starting = anyio.Lock()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer for the length of an `async with`."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            try:
                yield
            finally:
                self._tasks, self._manager = None, None
                tasks.cancel_scope.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST":
            # a stream of what the server has to say by itself, or a session's end: there is neither
            response = error_response(
                405, "method_not_allowed", "this path answers POST only", headers={"Allow": "POST"}
            )
            await response(scope, receive, send)
            return
        manager = await self._started()
        await manager.handle_request(scope, receive, send)

    async def _started(self) -> "StreamableHTTPSessionManager":
        async with self._starting:
            if self._tasks is None:
                raise NotReadyError
            if self._manager is None:
                manager = await run_sync(_make_manager, self._holder, self._settings)
                await self._tasks.start(_run, manager)
                self._manager = manager
            return self._manager


async def _run(manager: "StreamableHTTPSessionManager", *, task_status: TaskStatus[None]) -> None:
    async with manager.run():
        task_status.started()
        await anyio.sleep_forever()


def _make_manager(holder: EngineHolder, settings: Settings) -> "StreamableHTTPSessionManager":
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings

    from service.tools.protocol import make_server

    hosts = allowed_hosts(settings)
    names = [name for host in hosts or () for name in (host, f"{host}:*")]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=hosts is not None,
        allowed_hosts=names,
        allowed_origins=[*(f"http://{name}" for name in names), *settings.cors_origins],
    )
    return StreamableHTTPSessionManager(
        make_server(holder),
        json_response=True,
        stateless=True,
        security_settings=security,
        max_request_body_size=settings.max_body_bytes,
    )
