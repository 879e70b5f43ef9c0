"""The service on a real socket, in a thread of the tests."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from index.build import build_index
from service.app import create_app
from service.settings import Settings
from tests.encoders import HashEncoder
from tests.service.library import open_engine


@contextmanager
def serve(sources: Sequence[Path], folder: Path) -> Iterator[str]:
    """Build an index of sources inside a folder, serve it, and give the address."""
    directory = folder / "cognate"
    build_index(list(sources), directory, encoder=HashEncoder(), say=lambda _: None, quiet=True)
    app = create_app(Settings(), open_engine(directory))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
