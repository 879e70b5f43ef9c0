"""The power is cut: what was not synced is lost, in every way that a disk can lose it."""

import re

import pytest

from tests.faults.campaigns import cut_power, recorded, sampled
from tests.faults.conftest import GiveBench
from tests.faults.disk import Operation
from tests.faults.trial import COMMANDS, Command

SEED = 12
N_LAST = 12
"""So many of the last operations of a first build are those that make it durable, and after."""


@pytest.mark.parametrize(("command", "n"), [("make", 2), ("build", 3), ("add", 1)])
def test_after_a_power_cut_the_index_is_the_one_before_or_after_and_can_go_on(
    bench: GiveBench, command: Command, n: int
) -> None:
    operations = recorded(bench(command))
    places = sampled(n, len(operations), SEED)

    tally = cut_power(bench(command), operations, places, share_going_on=0.1, seed=SEED)

    assert tally.problems == []


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_after_a_power_cut_at_any_operation_nothing_is_lost(
    bench: GiveBench, command: Command
) -> None:
    operations = recorded(bench(command))
    places = range(1, len(operations) + 1)

    tally = cut_power(bench(command), operations, places, share_going_on=0.1, seed=SEED)

    assert tally.problems == []


@pytest.mark.parametrize(
    "synced",
    [
        r"index/building/snapshot-\d+/.+",  # the files of the snapshot, and its folders
        r"index/building/snapshot-\d+",
        r"index/snapshots",
        r"index/CURRENT\.new",
        r"index",
        r"\.",  # the folder that the index is made in
    ],
)
def test_each_sync_is_needed_without_it_something_is_lost(bench: GiveBench, synced: str) -> None:
    operations = recorded(bench("make"))

    def is_left_out(operation: Operation) -> bool:
        return operation.name == "sync" and re.fullmatch(synced, operation.path) is not None

    left = [operation for operation in operations if not is_left_out(operation)]
    assert len(left) < len(operations)

    end = len(left)

    def is_lost_at(place: int) -> bool:
        return bool(cut_power(bench("make"), left, [place], share_going_on=0, seed=SEED).problems)

    assert any(is_lost_at(place) for place in range(end, end - N_LAST, -1))
