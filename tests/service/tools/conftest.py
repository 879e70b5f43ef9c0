"""Fixtures of the tools: an index of oddities, its holder, and its files for other processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.cli import main
from service.holder import EngineHolder
from service.search import SearchEngine
from tests.service.library import open_engine, write_library
from tests.service.tools.oddities import ODDITIES, build_oddities


@pytest.fixture(scope="session")
def odd_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Open the engine of the oddities once."""
    engine = open_engine(build_oddities(tmp_path_factory.mktemp("oddities")))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def holder(odd_engine: SearchEngine) -> EngineHolder:
    """Lend that engine."""
    return EngineHolder(odd_engine)


@pytest.fixture(scope="session")
def odd_index(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an index of the oddities that any process can open."""
    folder = tmp_path_factory.mktemp("odd")
    source = write_library(folder / "library.jsonl", ODDITIES)
    arguments = ["build", str(source), "--into", str(folder / "library")]
    assert main([*arguments, "--model", str(tiny_model), "--quiet"]) == 0
    return folder / "library"
