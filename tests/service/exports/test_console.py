"""`cognate export`: what it writes, where, and what it refuses."""

import os
from pathlib import Path

import pytest

from service.app import create_app
from service.cli import main
from service.search import SearchEngine
from service.settings import Settings
from tests.service.local_client import LocalClient

QUESTION = "brain signals and wheat"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("COGNATE_")]:
        monkeypatch.delenv(name)


def test_the_console_exports_what_http_does(
    tiny_index: Path, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    engine = SearchEngine.open(tiny_index)
    client = LocalClient(create_app(Settings(), engine))
    asked = {"format": "bibtex", "q": QUESTION, "min_match": "0", "from": "2024"}
    expected = client.get("/v1/export", params=asked).content
    engine.close()
    arguments = ["export", QUESTION, "--format", "bibtex", "--index", str(tiny_index)]
    arguments += ["--min-match", "0", "--from", "2024"]
    path = tmp_path / "found.bib"

    assert main(arguments) == 0
    assert capfdbinary.readouterr().out == expected
    assert main([*arguments, "--into", str(path)]) == 0

    assert path.read_bytes() == expected
    assert expected.count(b"\n@") >= 2
    said = capfdbinary.readouterr()
    assert (said.out, said.err.decode().strip()) == (
        b"",
        f"{path}: {expected.count(b'@') - expected.count(b'{@')} articles",
    )
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_question_all_that_pass_the_filters_are_exported(
    tiny_index: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    arguments = ["export", "--format", "ris", "--index", str(tiny_index)]

    assert main([*arguments, "--type", "review"]) == 0
    assert capfdbinary.readouterr().out.count(b"TY  - ") == 1
    assert main([*arguments, "--limit", "2"]) == 0
    assert capfdbinary.readouterr().out.count(b"TY  - ") == 2
    assert main([*arguments, "--id", "10.5555/odd"]) == 0
    assert b"TI  - Odd articles and wheat" in capfdbinary.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--limit", "0"], "limit: 0 is less than 1"),
        (["--id", "none"], "no article has the id 'none'"),
        (["a question", "--id", "10.5555/odd"], "id: names the articles; leave out the question"),
        (["--type", "review", "--id", "10.5555/odd"], "leave out the question and the filters"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_line(
    tiny_index: Path,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    reason: str,
    tmp_path: Path,
) -> None:
    path = tmp_path / "kept.ris"
    path.write_text("as it was")
    command = ["export", *arguments, "--format", "ris", "--index", str(tiny_index)]

    assert main([*command, "--into", str(path)]) == 1

    assert reason in capfd.readouterr().err
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_can_go_into_a_pipe_that_has_a_name(tiny_index: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    command = ["export", "--format", "jsonl", "--index", str(tiny_index), "--into", str(pipe)]
    assert main(command) == 0

    assert os.read(reader, 65_536).count(b"\n") == 6
    os.close(reader)
    assert pipe.is_fifo()
