"""A build that is killed, at any instant: nothing is lost, and next to nothing made twice."""

import pytest

from tests.faults.campaigns import kill_at_instants
from tests.faults.conftest import GiveBench
from tests.faults.trial import Command

SEED = 13


@pytest.mark.parametrize(("command", "n_kills"), [("make", 40), ("build", 12), ("add", 8)])
def test_a_build_killed_at_a_random_instant_leaves_the_index_before_or_after(
    bench: GiveBench, command: Command, n_kills: int
) -> None:
    tally = kill_at_instants(bench(command), n_kills, SEED)

    assert tally.problems == []
    assert tally.n_tries == n_kills


@pytest.mark.slow
@pytest.mark.parametrize("command", ["make", "build", "add", "remove"])
def test_a_thousand_kills_lose_nothing(bench: GiveBench, command: Command) -> None:
    tally = kill_at_instants(bench(command), 250, SEED)

    assert tally.problems == []
