"""The command that serves an index over HTTP."""

import argparse
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from index.progress import counted
from service.commands.given import named_index, say
from service.options import add_index

if TYPE_CHECKING:
    from socket import socket

    import uvicorn

_ESCAPED_BYTES = 12
"""The most that one character takes in an address: four bytes, each as `%F0`."""
_REQUEST_BYTES = 65_536
"""What the rest of a request's head may take, as uvicorn has it by default."""


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add it to the console command."""
    serve = commands.add_parser("serve", help="serve an index over HTTP, with a search page")
    add_index(serve)
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on (default 8000)")
    serve.add_argument("--public", action="store_true", help="serve other machines without a key")
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    from service.search import SearchEngine
    from service.settings import Settings

    environment = dict(os.environ)
    given = {"INDEX": options.index, "HOST": options.host, "PORT": options.port}
    environment |= {f"COGNATE_{name}": str(value) for name, value in given.items() if value}
    if options.public:
        environment["COGNATE_PUBLIC"] = "true"
    settings = Settings.from_env(environment)
    directory = named_index(options)
    # to be asked to end is no failure; uvicorn gives itself the signal again when it is done
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ThreadPoolExecutor(1) as opener:
        # the files are hashed and opened while the web framework, as slow, is imported
        opening = opener.submit(
            SearchEngine.open,
            directory,
            settings.limits,
            settings.reranking,
            n_cached=settings.cache,
        )
        import uvicorn

        from service.app import create_app
    # a damaged index, or none, is refused in one line before the server starts
    engine = opening.result()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    line = f"serving {counted(engine.n_articles, 'article')} on http://{host}:{settings.port}"
    config = uvicorn.Config(
        create_app(settings, engine),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=10,
        # the longest question has room in an address, also where each character is %-escaped
        h11_max_incomplete_event_size=_ESCAPED_BYTES * settings.max_query_chars + _REQUEST_BYTES,
    )
    return _run_server(config, line)


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
