"""Related work in the console."""

import json
import subprocess
from pathlib import Path

import pytest

from service.cli import main
from tests.service.related.drafting import BIBLIOGRAPHY, DRAFT


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """Write the draft, with line ends of another system."""
    (tmp_path / "refs.bib").write_text(BIBLIOGRAPHY)
    path = tmp_path / "draft.tex"
    path.write_bytes(DRAFT.replace("\n", "\r\n").encode())
    return path


def run(*arguments: object) -> int:
    return main(["related", *map(str, arguments)])


def test_a_report_is_printed(
    tiny_index: Path, draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(draft, "--bib", draft.with_name("refs.bib"), "--index", tiny_index) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("# Related work for Feelings in the field\n")
    assert "## The bibliography" in printed


def test_files_are_written_where_they_are_asked_for(
    tiny_index: Path, draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = draft.parent
    wanted = ("--report", folder / "r.html", "--bibtex", folder / "n.bib", "--patch", folder / "p")
    arguments = (draft, "--index", tiny_index, "--insert-from", "0.001", "--min-match", "0.001")

    assert run(*arguments, *wanted) == 0

    told = capsys.readouterr()
    assert told.out == ""
    assert [line.split(":")[0] for line in told.err.splitlines()] == [
        str(folder / name) for name in ("r.html", "n.bib", "p")
    ]
    assert (folder / "r.html").read_text().startswith("<!doctype html>")
    assert "@" in (folder / "n.bib").read_text()
    before = draft.read_bytes()
    applied = subprocess.run(
        ["git", "apply", "--unsafe-paths", "p"], cwd=folder, capture_output=True, check=False
    )
    assert applied.returncode == 0, applied.stderr
    assert draft.read_bytes() != before
    assert b"\\citep{" in draft.read_bytes().replace(b"\\citep{chen2024survey}", b"")


def test_json_is_the_answer_of_the_route(
    tiny_index: Path, draft: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(draft, "--index", tiny_index, "--json", "--limit", 1) == 0

    answer = json.loads(capsys.readouterr().out)
    assert answer["format"] == "latex"
    assert max(len(one["candidates"]) for one in answer["sentences"]) <= 1
    assert answer["unknown"] == ["chen2024survey"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nowhere.tex"], "nowhere.tex"),
        (["latin.tex"], "draft: latin.tex is not in UTF-8 (byte 3); convert it"),
        (["draft.tex", "--bib", "latin.tex"], "bib: latin.tex is not in UTF-8"),
        (["draft.tex", "--bib", "draft.tex"], "bibliography: "),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tiny_index: Path,
    draft: Path,
    arguments: list[str],
    line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(draft.parent)
    Path("latin.tex").write_bytes(b"Mus\xe9")

    assert run(*arguments, "--index", tiny_index) == 1

    assert line in capsys.readouterr().err
