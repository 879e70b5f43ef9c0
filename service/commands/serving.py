"""The command that serves an index over HTTP."""

import argparse
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from index.machine import keep_memory_together
from index.progress import counted
from service.commands.given import named_index, say
from service.options import add_index

if TYPE_CHECKING:
    from socket import socket

    import uvicorn
    from fastapi import FastAPI

    from service.connections import PatientConfig
    from service.settings import Settings

_ESCAPED_BYTES = 12
"""The most that one character takes in an address: four bytes, each as `%F0`."""
_PASTED_BYTES = 2
"""What a character of pasted BibTeX or RIS takes on average, at most: few of them are escaped."""
_REQUEST_BYTES = 65_536
"""What the rest of a request's head may take, as uvicorn has it by default."""
_STUCK_S = 60
"""A worker that does not answer its supervisor for so long is replaced."""


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add it to the console command."""
    serve = commands.add_parser("serve", help="serve an index over HTTP, with a search page")
    add_index(serve)
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on (default 8000)")
    serve.add_argument("--public", action="store_true", help="serve other machines without a key")
    serve.add_argument("--workers", help="how many processes serve (default 1)")
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    from service.settings import Settings

    environment = dict(os.environ)
    given = {
        "INDEX": options.index,
        "HOST": options.host,
        "PORT": options.port,
        "WORKERS": options.workers,
    }
    environment |= {f"COGNATE_{name}": str(value) for name, value in given.items() if value}
    if options.public:
        environment["COGNATE_PUBLIC"] = "true"
    settings = Settings.from_env(environment)
    directory = named_index(options)
    if settings.workers > 1:
        return _serve_in_workers(settings, directory, environment)
    return _serve_here(settings, directory)


def _serve_here(settings: "Settings", directory: Path) -> int:
    from service.fallback import open_whole
    from service.opening import open_engine

    keep_memory_together()
    # to be asked to end is no failure; uvicorn gives itself the signal again when it is done
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ThreadPoolExecutor(1) as opener:
        # the files are hashed and opened while the web framework, as slow, is imported
        opening = opener.submit(open_whole, directory, partial(open_engine, settings))

        from service.app import create_app
        from service.request_log import log_to_stderr
    # an index without a whole snapshot, or none, is refused in one line before the server starts
    engine = opening.result()
    if settings.log != "none":
        log_to_stderr()
    line = _line(settings, engine.n_articles)
    return _run_server(_config(settings, create_app(settings, engine)), line)


def _serve_in_workers(settings: "Settings", directory: Path, environment: dict[str, str]) -> int:
    from service.fallback import manifest_to_serve
    from service.workers import Workers

    # what is no index, or has no whole snapshot, is refused in one line before any worker starts
    manifest = manifest_to_serve(directory)
    line = f"{_line(settings, manifest.n_articles)}, {counted(settings.workers, 'worker')}"
    # workers are new processes: what the console was told reaches them so
    os.environ.update(environment)
    config = _config(settings, "service.app:create_app_of_environment")
    try:
        return Workers(config, lambda: say(line), settings.stop_s).serve()
    except SystemExit:
        # uvicorn has said why it cannot have the port; its own status means nothing here
        return 1


def _line(settings: "Settings", n_articles: int) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"serving {counted(n_articles, 'article')} on http://{host}:{settings.port}"


def _config(settings: "Settings", app: "FastAPI | str") -> "PatientConfig":
    from service.connections import Patience, PatientConfig

    return PatientConfig(
        app,
        Patience(header_s=settings.header_s, stall_s=settings.stall_s, stream_s=settings.stream_s),
        factory=isinstance(app, str),
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_level="warning",
        limit_concurrency=settings.max_connections,
        timeout_keep_alive=settings.idle_s,
        timeout_graceful_shutdown=settings.stop_s,
        timeout_worker_healthcheck=_STUCK_S,
        h11_max_incomplete_event_size=_head_bytes(settings),
    )


def _head_bytes(settings: "Settings") -> int:
    """Give the room for an address: the longest question fits, also where all of it is %-escaped.

    So do the records that may be pasted as examples.
    """
    longest_question = _ESCAPED_BYTES * settings.max_query_chars
    most_pasted = _PASTED_BYTES * settings.limits.max_pasted_chars
    return longest_question + most_pasted + _REQUEST_BYTES


def _run_server(config: "uvicorn.Config", line: str) -> int:
    """Serve until asked to end; say `line` when the port is ours."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: "list[socket] | None" = None) -> None:
            await super().startup(sockets)
            say(line)

    try:
        Server(config).run()
    except KeyboardInterrupt:
        return 0
    except SystemExit as error:
        # uvicorn has said why it could not start; its own status means nothing here
        return 1 if error.code else 0
    return 0
