"""Fixtures of the read side: one tiny index, its engine, and a client of the application."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.app import create_app
from service.cli import main
from service.search import SearchEngine
from service.settings import Settings
from tests.service.library import build_library, open_engine, write_library
from tests.service.local_client import LocalClient
from tests.tiny_models import save_tiny_model


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the index of the small library once."""
    return build_library(tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="session")
def engine(library: Path) -> Iterator[SearchEngine]:
    """Open the engine of the small library once."""
    engine = open_engine(library)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a tiny model once."""
    return save_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def tiny_index(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the index of the small library with the tiny model once, by the console."""
    folder = tmp_path_factory.mktemp("tiny")
    source = write_library(folder / "library.jsonl")
    arguments = ["build", str(source), "--into", str(folder / "library")]
    assert main([*arguments, "--model", str(tiny_model), "--quiet"]) == 0
    return folder / "library"


@pytest.fixture(scope="session")
def client(engine: SearchEngine) -> LocalClient:
    """Give a client that sees failures as an outsider does."""
    # not entered as a context, so that the shared engine is not closed at its end
    return LocalClient(create_app(Settings(), engine), raise_server_exceptions=False)
