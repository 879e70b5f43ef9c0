"""Fixtures: the service that all tests ask, which is started once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognate_client import Cognate
from tests.live import COMMAND, build, serve

# read when Haystack is imported: tests tell nobody that they run
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "false"


@pytest.fixture(scope="session")
def command() -> str:
    """Give the console command `cognate`; where there is none, say how to have it."""
    command = os.environ.get(COMMAND)
    if command:
        return command
    reason = f"{COMMAND} names no `cognate` command; run scripts/test at the root of the project"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def index(command: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the index of the sample library once."""
    return build(command, tmp_path_factory.mktemp("index") / "sample")


@pytest.fixture(scope="session")
def url(command: str, index: Path) -> Iterator[str]:
    """Serve the sample library once."""
    with serve(command, index) as url:
        yield url


@pytest.fixture(scope="session")
def cognate(url: str) -> Iterator[Cognate]:
    """Give a client of the service."""
    with Cognate(url) as cognate:
        yield cognate
