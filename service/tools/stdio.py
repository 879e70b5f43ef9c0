"""MCP over stdin and stdout: the process that a desktop client starts.

Nothing but the protocol may reach stdout. So its descriptor is taken before anything else is
imported or opened, and whatever else writes there, in Python or in a library of C, goes to
stderr. The process ends when stdin does, or on SIGTERM or SIGINT.
"""

import io
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import anyio
from anyio.to_thread import current_default_thread_limiter

from index.errors import CognateError
from index.machine import n_cores
from service.holder import EngineHolder
from service.opening import kept_current
from service.settings import Settings

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

_BLOCK = 65_536


@contextmanager
def own_stdout() -> Iterator[int]:
    """Give a descriptor of stdout for the length of a `with`; stdout itself leads to stderr."""
    # one that was closed before we began (`>&-`) is None
    if sys.stdout is None or sys.stdin is None or sys.stderr is None:
        message = "mcp speaks over stdin and stdout, and one of them, or stderr, is closed"
        raise CognateError(message)
    sys.stdout.flush()
    wire = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        yield wire
    finally:
        sys.stdout.flush()
        os.dup2(wire, sys.stdout.fileno())
        os.close(wire)


def serve_stdio(holder: EngineHolder, settings: Settings, wire: int) -> None:
    """Answer what comes by stdin on `wire` until either ends."""
    from service.tools.protocol import make_server

    with kept_current(holder, settings):
        try:
            anyio.run(_serve, make_server(holder), sys.stdin.fileno(), wire)
        except* BrokenPipeError:
            # the client has gone; there is nobody to tell
            pass


async def _serve(server: "Server", stdin: int, wire: int) -> None:
    # more at once would only wait for the cores
    current_default_thread_limiter().total_tokens = n_cores() + 1
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_end_on_signal, tasks.cancel_scope)
        await _speak(server, stdin, wire)
        tasks.cancel_scope.cancel()


async def _end_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            scope.cancel()


async def _speak(server: "Server", stdin: int, wire: int) -> None:
    from mcp.server.stdio import stdio_server

    # the SDK reads lines in a thread, which no signal ends; all it needs of a file is its lines
    lines = cast("anyio.AsyncFile[str]", _Lines(stdin))
    out = io.TextIOWrapper(os.fdopen(wire, "wb", closefd=False), encoding="utf-8")
    async with stdio_server(lines, anyio.wrap_file(out)) as (received, sent):
        await server.run(received, sent, server.create_initialization_options())


class _Lines:
    """The lines of a descriptor, waited for without a thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_waited_for = True

    async def __aiter__(self) -> AsyncIterator[str]:
        begun = b""
        while block := await self._read():
            *lines, begun = (begun + block).split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace")
        if begun:
            yield begun.decode("utf-8", "replace")

    async def _read(self) -> bytes:
        if self._is_waited_for:
            try:
                await anyio.wait_readable(self._descriptor)
            except PermissionError:
                # a file, or /dev/null: always ready, so there is nothing to wait for
                self._is_waited_for = False
        return os.read(self._descriptor, _BLOCK)
