"""The script that asks with Semantic Scholar's client runs, checks and counts."""

import json
from pathlib import Path

import pytest

from scripts.semantic_scholar import SMOKE, main
from service.cli import main as cognate
from tests.tiny_models import save_tiny_model


def test_the_client_s_calls_are_asked_of_a_live_service_and_all_checks_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = save_tiny_model(tmp_path / "model")
    source = Path("scripts/sample/library.jsonl")
    arguments = ["build", str(source), "--into", str(tmp_path / "index")]
    assert cognate([*arguments, "--model", str(model), "--quiet"]) == 0
    results = tmp_path / "results.json"
    capsys.readouterr()

    status = main(["--index", str(tmp_path / "index"), "--smoke", "--results", str(results)])

    figures = json.loads(results.read_text())
    assert (status, figures["failures"], figures["n_failed"]) == (0, {}, 0)
    assert figures["n_checks"] == sum(figures["checks"].values()) > 50
    assert figures["n_requests"] >= sum(
        one["n"] for kind, one in figures["calls"].items() if "walk" not in kind
    )
    assert figures["calls"]["search"]["n"] == SMOKE.n_questions
    assert json.loads(capsys.readouterr().out)["n_articles"] == figures["n_articles"]
