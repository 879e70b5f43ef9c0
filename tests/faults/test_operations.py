"""Every operation of a build can fail: the error is ours, and what was served stays whole."""

import pytest

from tests.faults.bench import Tally
from tests.faults.campaigns import FAILURES, fail_operations, n_operations, sampled
from tests.faults.conftest import GiveBench
from tests.faults.shim import Fault, Kind
from tests.faults.trial import COMMANDS, Command

SEED = 11
SAMPLES: list[tuple[Command, str, int]] = [
    ("make", "error", 4),
    ("build", "error", 6),
    ("add", "error", 4),
    ("remove", "error", 1),
    ("build", "no room", 1),
    ("make", "half", 1),
    ("add", "full", 2),
    ("build", "kill", 2),
]


def check(tally: Tally) -> None:
    assert tally.problems == []
    assert tally.n_tries > 0


@pytest.mark.parametrize(("command", "failure", "n"), SAMPLES)
def test_an_operation_that_fails_leaves_the_index_before_or_after_and_the_way_on(
    bench: GiveBench, command: Command, failure: str, n: int
) -> None:
    fault = FAILURES[failure]
    total = n_operations(bench(command), fault.kinds)

    check(fail_operations(bench(command), fault, sampled(n, total, SEED)))


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("failure", FAILURES)
def test_every_operation_failed_once_loses_nothing(
    bench: GiveBench, command: Command, failure: str
) -> None:
    check(fail_operations(bench(command), FAILURES[failure]))


def test_the_shim_sees_what_python_sqlite_and_tantivy_do(bench: GiveBench) -> None:
    tried = bench("make")
    trial = tried.trial()
    journal = trial.folder / "journal"

    tried.laboratory.run(trial, Fault(), journal)

    # a list of segments is renamed by Rust past libc, a store written by SQLite
    lines = journal.read_text(errors="replace")
    assert "rename\t0\t" in lines
    assert "words/.managed.json\t" in lines
    assert "building/articles.sqlite\t" in lines
    assert n_operations(tried, Kind.WRITE) > len(Kind)
