"""The guard over HTTP and on the console."""

import io
import sys
from pathlib import Path

import orjson
import pytest

from service.app import create_app
from service.cli import main
from service.search import SearchEngine
from service.settings import Settings
from service.verification.console import to_lines
from service.verification.wire import VerifyAnswer, verification_to_wire
from tests.service.local_client import LocalClient
from tests.service.verification.answering import BEES, verify

ANSWER = (
    "Bees see colours [1], and “remember which shade a rewarding flower had” (Fox and Hart, 2015)."
    " Whales sing xyzzy songs in qwerty winters. See 10.9999/none.\n\nReferences\n\n[1] E. Fox and"
    " G. Hart. 2014. Bees remember the colour of flowers. Nature.\n"
)
SOUND = "Bees are described in *Bees remember the colour of flowers* (Fox and Hart, 2015)."


@pytest.fixture(scope="module")
def http(guard: SearchEngine) -> LocalClient:
    """Give a client of the guard."""
    return LocalClient(create_app(Settings(), guard), raise_server_exceptions=False)


def test_the_answer_is_as_it_is_described_and_as_the_engine_gives_it(
    http: LocalClient, guard: SearchEngine
) -> None:
    response = http.post("/v1/verify", json={"text": ANSWER})

    assert response.status_code == 200, response.text
    answer = response.json()
    VerifyAnswer.model_validate(answer)
    expected = verification_to_wire(verify(guard, ANSWER))
    assert answer | {"took_ms": 0} == orjson.loads(orjson.dumps(expected | {"took_ms": 0}))
    assert sum(answer["summary"].values()) == len(answer["citations"])
    mismatch = next(one for one in answer["citations"] if one["text"] == "[1]")
    assert mismatch["status"] == "metadata_mismatch"
    assert mismatch["differs"] == [{"field": "year", "given": "2014", "found": "2015"}]
    assert mismatch["article"]["article_id"] == BEES
    (quote,) = answer["quotes"]
    assert quote["differs"] == [{"given": "shade", "found": "colour"}]
    assert ANSWER[quote["start"] : quote["end"]] == quote["text"]
    supported, unsupported = answer["claims"][0], answer["claims"][1]
    assert supported["support"]["article_id"] == BEES
    assert (unsupported["support"], unsupported["supported"]) == (None, False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x", "bundle_id": "broken"}, "bundle_id"),
        ({"text": "x", "min_match": 2.0}, "min_match"),
        ({"text": "x", "timeout_ms": 0}, "timeout_ms"),
        ({"text": "x", "bundel": 1}, "bundel"),
        ({}, "text"),
    ],
)
def test_a_bad_body_is_refused_by_the_name_of_the_field(
    http: LocalClient, body: dict[str, object], field: str
) -> None:
    response = http.post("/v1/verify", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["field"] == field


def test_a_line_says_where_and_what(guard: SearchEngine) -> None:
    lines = [*to_lines(verify(guard, ANSWER), ANSWER)]

    assert "1: metadata_mismatch: [1]" in lines
    assert "    year: 2014 | 2015" in lines
    assert "    shade | colour" in lines
    assert any(line.startswith("1: claim without support: Whales sing") for line in lines)
    assert lines[-2:] == ["1 quotation: 0 verbatim", "3 claims: 1 supported"] or lines[-1]


@pytest.fixture
def directory(tiny_index: Path) -> Path:
    """Give an index that the console can open."""
    return tiny_index


def test_the_console_ends_with_three_where_something_is_wrong(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "answer.md"
    text.write_text("See 10.9999/none.\n", encoding="utf-8")
    assert main(["check-citations", str(text), "--index", str(directory)]) == 3
    assert "not_in_corpus" in capsys.readouterr().out
    text.write_text("See 10.5555/eeg.1, and [1].\n", encoding="utf-8")
    assert main(["check-citations", str(text), "--index", str(directory), "--json"]) == 0
    assert orjson.loads(capsys.readouterr().out)["summary"]["verified"] == 1


def test_the_console_reads_stdin_and_refuses_what_is_no_text(
    directory: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"See 10.5555/eeg.1.")))
    assert main(["check-citations", "-", "--index", str(directory)]) == 0
    assert capsys.readouterr().out.startswith("1: verified: 10.5555/eeg.1")
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\xff\xfe")
    assert main(["check-citations", str(bad), "--index", str(directory)]) == 1
    assert "is not in UTF-8" in capsys.readouterr().err
