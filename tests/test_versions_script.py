"""The measuring of versions runs, small, as it does on the real corpora."""

import json
from pathlib import Path

import pytest

from index.build import build_index
from scripts import versions
from tests.building import WHEAT, silent, write_source
from tests.encoders import HashEncoder

PREPRINT: dict[str, object] = {
    "id": "arxiv:2406.00001",
    "title": "Bees remember flowers and dance",
    "authors": [{"name": "Ana Müller"}],
    "type": "preprint",
}
PAPER = PREPRINT | {"id": "doi:10.5555/dance", "type": "conference-paper"}
JOURNAL = PREPRINT | {"id": "doi:10.5555/journal", "type": "research-article"}
HEADER = "id_a\tid_b\tverdict\n"


def write_judgements(folder: Path) -> None:
    """Judge two of the three pairs of the three versions, and one that is none."""
    for name, lines in (
        (versions.PRECISION, ["doi:10.5555/dance\tarxiv:2406.00001\tsame"]),
        (
            versions.RECALL,
            [
                "arxiv:2406.00001\tdoi:10.5555/dance\tsame",
                "arxiv:2406.00001\tdoi:10.5555/wheat\tsame",
            ],
        ),
        (versions.TUNING, ["doi:10.5555/dance\tdoi:10.5555/journal\tdifferent"]),
    ):
        (folder / name).write_text(HEADER + "".join(f"{line}\n" for line in lines))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write three versions of one work, and another work."""
    return write_source(tmp_path / "works.jsonl", PREPRINT, WHEAT, PAPER, JOURNAL)


def test_the_measures_are_counts_of_the_judgements(source: Path, tmp_path: Path) -> None:
    write_judgements(tmp_path)

    measured = versions.measure(versions.find_in_sources([source]), tmp_path)

    assert measured.pop("seconds") is not None
    assert measured == {
        "n_articles": 4,
        "n_works_of_several_versions": 1,
        "n_pairs": 3,
        "n_pairs_never_judged": 1,
        "rules": {"title": 2},
        "kinds": {"conference + journal + preprint": 1},
        "precision": {"n_drawn": 1, "n_still_proposed": 1, "n_same": 1, "value": 1.0},
        "recall": {"n_looked_up": 2, "n_found": 1, "value": 0.5},
        "judged_different_but_proposed": [["doi:10.5555/dance", "doi:10.5555/journal"]],
    }


def test_an_index_is_measured_by_the_versions_it_holds(source: Path, tmp_path: Path) -> None:
    build_index([source], tmp_path / "index", encoder=HashEncoder(), say=silent, quiet=True)
    write_judgements(tmp_path)

    measured = versions.measure(versions.find_in_index(tmp_path / "index"), tmp_path)

    assert (measured["n_pairs"], measured["seconds"]) == (3, None)


def test_the_results_say_where_they_come_from(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "versions.json"

    assert versions.main([str(source), "--results", str(results)]) == 0

    written = json.loads(results.read_text())
    assert {"commit", "command", "n_pairs", "recall"} <= written.keys()
    assert json.loads(capsys.readouterr().out)["n_pairs"] == written["n_pairs"]


def test_either_sources_or_an_index_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        versions.main([])
    assert "name either sources or an index" in capsys.readouterr().err


def test_a_verdict_is_same_or_different(tmp_path: Path) -> None:
    path = tmp_path / "judged.tsv"
    path.write_text(HEADER + "x:1\tx:2\tmaybe\n")

    with pytest.raises(ValueError, match=r"line 2: 'maybe'"):
        versions.read_judgements(path)


def test_the_committed_judgements_can_be_read_and_agree() -> None:
    """No pair is judged one way in one file and the other way in another."""
    known: dict[versions.Pair, bool] = {}
    for name in (versions.PRECISION, versions.RECALL, versions.TUNING):
        judged = versions.read_judgements(versions.JUDGEMENTS / name)
        assert judged
        for pair, is_same in judged.items():
            assert known.setdefault(pair, is_same) == is_same
