"""Fixtures: an index of the papers, a client over raw HTTP, and a server that listens."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn

from service.app import create_app
from service.search import SearchEngine
from service.settings import Settings
from tests.service.library import build_library, open_engine
from tests.service.local_client import LocalClient
from tests.service.semantic_scholar.papers import KEY, PAPERS


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Open the index of the papers once."""
    engine = open_engine(build_library(tmp_path_factory.mktemp("papers"), PAPERS))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def http(papers: SearchEngine) -> LocalClient:
    """Give a client that sees failures as an outsider does."""
    return LocalClient(create_app(Settings(), papers), raise_server_exceptions=False)


@contextmanager
def served(engine: SearchEngine, settings: Settings) -> Iterator[str]:
    """Serve an engine on a free port, and give the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_app(settings, engine)
    # without its lifespan, which would close the engine that others have too
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="warning"))
    thread = threading.Thread(target=server.run, name="semantic-scholar")
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def address(papers: SearchEngine) -> Iterator[str]:
    """Serve the papers to whoever asks."""
    with served(papers, Settings()) as address:
        yield address


@pytest.fixture(scope="session")
def locked_address(papers: SearchEngine) -> Iterator[str]:
    """Serve the papers to who has the key."""
    with served(papers, Settings(api_key=KEY)) as address:
        yield address
