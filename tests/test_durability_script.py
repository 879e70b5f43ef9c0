"""Trying every fault runs, small, as it does in full; the documentation shows what came of it."""

import json
import os
from pathlib import Path

import pytest

from scripts import durability
from tests.faults.shim import why_none

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "scripts" / "results" / "reliability_durability.json"
NEEDED = pytest.mark.skipif(
    why_none() is not None and os.environ.get("CI") != "true", reason=why_none() or ""
)


@NEEDED
def test_a_few_faults_of_each_kind_lose_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    arguments = ["damage", "readers", "--smoke", "--results", str(results)]

    assert durability.main(arguments) == 0
    assert durability.main(["readers", "--smoke", "--results", str(results)]) == 0

    subjects = json.loads(results.read_text())["subjects"]
    assert list(subjects) == ["damage", "readers"]
    rows = [row for part in subjects.values() for row in part["rows"]]
    assert [row["n_lost"] for row in rows] == [0] * len(rows)
    assert all(row["tries"] > 0 for row in rows)
    capsys.readouterr()
    assert durability.main(["--table", str(results)]) == 0
    assert capsys.readouterr().out.count("| nothing |") == len(rows)


def test_the_results_are_in_the_documentation() -> None:
    results = json.loads(RESULTS.read_text())

    assert [*results["subjects"]] == [*durability.SUBJECTS]
    assert durability.to_table(results) in (ROOT / "docs" / "reliability.md").read_text()


def test_nothing_was_lost_in_a_thousand_kills_and_in_any_other_try_but_one_that_hung() -> None:
    subjects = json.loads(RESULTS.read_text())["subjects"]
    lost = [line for part in subjects.values() for row in part["rows"] for line in row["lost"]]

    # docs/reliability.md tells of it; its place is written before each of its problems
    assert len({line.partition(": ")[0] for line in lost}) == 1
    assert lost[0].endswith("the same command again: it did not end in 120 s")
    assert sum(row["tries"] for row in subjects["kills"]["rows"]) >= 1000
