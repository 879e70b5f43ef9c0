"""The measurement of overload: its arithmetic, and the whole of it, small, on a real process."""

import json
from pathlib import Path

import pytest

from scripts import overload, overload_table
from scripts.open_loop import Arrivals, Outcome
from scripts.soak import slope, soak
from service.cli import main as cognate
from tests.tiny_models import save_tiny_model

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "scripts/sample/library.jsonl"
RESULTS = ROOT / "scripts" / "results" / "overload.json"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the index of the sample library with a tiny random model."""
    folder = tmp_path_factory.mktemp("overloaded")
    model = save_tiny_model(folder)
    arguments = ["build", str(LIBRARY), "--into", str(folder / "index"), "--model", str(model)]
    assert cognate([*arguments, "--quiet"]) == 0
    return folder / "index"


def test_overload_is_measured_from_capacity_to_the_end_of_the_service(
    index: Path, tmp_path: Path
) -> None:
    results = tmp_path / "overload.json"
    command = ["--smoke", "--index", str(index), "--soak", "0.05", "--work", str(tmp_path)]

    assert overload.main([*command, "--results", str(results)]) == 0

    figures = json.loads(results.read_text())
    load = figures["overload"]["3 times"]
    assert load["served"]["n"] + load["refused"]["n"] == load["asked"]
    assert load["refused"]["with_retry_after"] == load["refused"]["n"]
    assert figures["slow_heads"]["closed"] == figures["slow_heads"]["clients"] == 20
    assert figures["slow_bodies"]["answered_408"] == figures["slow_bodies"]["clients"] == 5
    assert figures["long_body"]["answered"] == 413
    assert figures["sigterm"]["status"] == 0
    assert figures["sigterm"]["whole"] > 0
    assert figures["workers"]["workers"] == 2
    statuses = {kind.rpartition(": ")[2] for kind in figures["soak"]["answered"]}
    assert statuses <= {"0", "200", "400", "404", "413", "503", "504"}
    assert figures["soak"]["swaps"] > 0
    assert overload_table.main([str(results)]) == 0


@pytest.mark.slow
def test_minutes_of_all_that_clients_do_take_no_more_memory(index: Path, tmp_path: Path) -> None:
    questions = overload.draw_questions(index, 200)

    figures = soak(index, tmp_path, questions, minutes=5)

    # caches of pages that the kernel maps come and go; a leak grows with each request
    n_answered = sum(figures["answered"].values())
    grown_mb = figures["pss_mb_at_the_end"] - figures["pss_mb_after_warm_up"]
    assert n_answered > 1000
    assert grown_mb < 15, figures


def test_what_became_of_requests_is_summed_up() -> None:
    outcomes = [
        Outcome(0.0, 200, 10.0, False),
        Outcome(0.1, 200, 30.0, False),
        Outcome(0.2, 503, 5.0, True),
        Outcome(0.3, 503, 1200.0, True),
        Outcome(0.4, 0, 60_000.0, False),
    ]

    summed = overload.summary(Arrivals(3.0, 1.0, 2.0, 0.5, outcomes))

    assert (summed["asked"], summed["client_cpu_share"]) == (5, 0.25)
    assert (summed["served"]["per_s"], summed["served"]["p50_ms"]) == (1.0, 20.0)
    assert (summed["refused"]["with_retry_after"], summed["refused"]["after_waiting"]) == (2, 1)
    assert summed["other_statuses"] == {"0": 1}


def test_a_line_through_memory_says_how_much_an_hour_adds() -> None:
    found = slope([(second, 100 + second / 36) for second in range(0, 360, 10)])

    assert found["mb_per_hour"] == 100.0
    assert found["pss_mb_after_warm_up"] == 100.0
    assert found["pss_mb_medians"] == pytest.approx([101, 103, 105, 107, 108.7], abs=0.3)


def test_the_results_are_in_the_documentation_and_what_was_wanted_was_reached() -> None:
    figures = json.loads(RESULTS.read_text())
    load = figures["overload"]["3 times"]

    assert overload_table.to_table(figures) in (ROOT / "docs" / "reliability.md").read_text()
    assert load["goodput_share_of_capacity"] >= 0.9
    assert load["served"]["p99_ms"] <= 2 * figures["max_wait_ms"]
    assert figures["slow_heads"]["closed"] == 200
    assert figures["long_body"]["pss_mb_more_at_most"] < 20
