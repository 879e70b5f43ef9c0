"""Fixtures of the faults: the shim, where it can be had, and an index for each command."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.bench import Bench
from tests.faults.shim import compile_shim, why_none
from tests.faults.trial import Command, Laboratory

GiveBench = Callable[[Command], Bench]


@pytest.fixture(scope="session")
def memory_folder() -> Iterator[Path]:
    """Give a folder in memory where there is one: what is synced there costs nothing."""
    memory = Path("/dev/shm")
    parent = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="cognate-faults-", dir=parent) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def laboratory(memory_folder: Path) -> Laboratory:
    """Give the laboratory; skip where there is none, but fail in continuous integration."""
    reason = why_none()
    if reason is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch:
        # the server that is forked is not to count lines: it would take twice the time
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        patch.delenv("COVERAGE_PROCESS_START", raising=False)
        laboratory = Laboratory(compile_shim(memory_folder))
        laboratory.warm_up()
    return laboratory


@pytest.fixture(scope="session")
def bench(laboratory: Laboratory, memory_folder: Path) -> GiveBench:
    """Give the bench of a command; each is made once."""
    made: dict[Command, Bench] = {}

    def give(command: Command) -> Bench:
        if command not in made:
            made[command] = Bench.prepare(laboratory, memory_folder, command)
        return made[command]

    return give
