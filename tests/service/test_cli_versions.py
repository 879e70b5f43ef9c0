"""The console lists versions, and a person parts and joins them."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.cli import main
from tests.building import WHEAT, write_source
from tests.tiny_models import save_tiny_model

PREPRINT: dict[str, object] = {
    "id": "arxiv:2406.00001",
    "title": "Bees remember flowers and dance",
    "authors": [{"name": "Ana Müller"}],
    "type": "preprint",
}
PAPER = PREPRINT | {"id": "doi:10.5555/dance", "type": "conference-paper"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an index of two versions of one work and another work, by the console."""
    folder = tmp_path_factory.mktemp("versions")
    source = write_source(folder / "works.jsonl", PREPRINT, WHEAT, PAPER)
    model = save_tiny_model(folder)
    arguments = ["build", str(source), "--into", str(folder / "works"), "--model", str(model)]
    assert main([*arguments, "--quiet"]) == 0
    return folder / "works"


@pytest.fixture
def own(built: Path, tmp_path: Path) -> Path:
    """Copy the index, so that it may be changed."""
    return shutil.copytree(built, tmp_path / "works")


def run_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert main([*map(str, arguments), "--json"]) == 0
    return orjson.loads(capsys.readouterr().out)


def listed(capsys: pytest.CaptureFixture[str], directory: Path) -> list[list[str]]:
    """Give the ids of each work that the console lists."""
    described = run_json(capsys, "inspect", directory, "--versions")
    works = [[one["article_id"] for one in work["versions"]] for work in described["versions"]]
    assert described["n_works_of_several_versions"] == len(works)
    return works


def test_versions_are_listed_with_their_reasons(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(built), "--versions"]) == 0

    lines = capsys.readouterr().out.splitlines()
    at = lines.index("versions:")
    assert [line.split() for line in lines[at + 1 : at + 3]] == [
        ["preprint", "undated", PREPRINT["id"], *str(PREPRINT["title"]).split()],
        ["conference", "undated", PAPER["id"], *str(PAPER["title"]).split()],
    ]
    assert f"{PREPRINT['id']} = {PAPER['id']}: title (title 1.00" in lines[at + 3]


def test_versions_are_listed_only_where_asked_for(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "versions" not in run_json(capsys, "inspect", built)


def test_a_person_parts_versions_and_joins_them_again(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = [str(PREPRINT["id"]), str(PAPER["id"])]
    assert listed(capsys, own) == [pair]

    done = run_json(capsys, "split", "10.5555/dance", pair[0], "--index", own, "--quiet")
    assert (done["n_articles"], done["n_encoded"]) == (3, 0)
    assert listed(capsys, own) == []

    run_json(capsys, "join", *pair, "--index", own, "--quiet")
    assert listed(capsys, own) == [pair]


def test_an_unknown_article_is_refused_in_one_line(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["join", "nobody", str(PAPER["id"]), "--index", str(built)]) == 1

    assert capsys.readouterr().err.splitlines() == ["cognate: no article has the id 'nobody'"]
