"""The library of the citation guard's tests, built once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.search import SearchEngine
from tests.service.library import build_library, open_engine
from tests.service.verification.answering import ARTICLES


@pytest.fixture(scope="session")
def cited_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it."""
    return build_library(tmp_path_factory.mktemp("cited"), ARTICLES)


@pytest.fixture(scope="session")
def guard(cited_library: Path) -> Iterator[SearchEngine]:
    """Open its engine."""
    engine = open_engine(cited_library)
    yield engine
    engine.close()
