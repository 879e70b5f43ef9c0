"""The service on a real socket, in a thread of the tests, and the browser that asks it."""

import shutil
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from index.build import build_index
from service.app import create_app
from service.settings import Settings
from tests.encoders import HashEncoder
from tests.service.library import open_engine

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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


@contextmanager
def open_browser(executable: str) -> Iterator[Browser]:
    """Start the browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()
