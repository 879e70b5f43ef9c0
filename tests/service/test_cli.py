"""The console command: what it prints where, and with which exit status it ends."""

import importlib.metadata
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import orjson
import pytest

from index.snapshot import REPORT, SNAPSHOTS, current_name
from service.cli import main
from tests.service.library import LIBRARY, write_library
from tests.tiny_models import DIMENSION

COGNATE = [sys.executable, "-m", "service"]
WHEAT = {"id": "wheat-2", "title": "Wheat once more", "unheard_of": 1}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("COGNATE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def model(tiny_model: Path) -> Path:
    return tiny_model


@pytest.fixture
def directory(tiny_index: Path) -> Path:
    return tiny_index


@pytest.fixture
def own(directory: Path, tmp_path: Path) -> Path:
    """Copy the index, so that it may be changed."""
    return shutil.copytree(directory, tmp_path / "library")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command that must succeed without a word, and give what it printed."""
    assert main([str(argument) for argument in arguments]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def run_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    return orjson.loads(run(capsys, *arguments, "--json"))


def refuse(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command that must be refused in one line, and give that."""
    assert main([str(argument) for argument in arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def ids(answer: Any) -> list[str]:
    return [hit["article"]["article_id"] for hit in answer["hits"]]


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--version"])

    assert capsys.readouterr().out == f"cognate {importlib.metadata.version('cognate')}\n"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "unknown",
        "build",
        "build source.jsonl",
        "build --into folder",
        "add",
        "remove",
        "search",
        "search question --mode magic",
        "search question --sort size",
        "search question --limit many",
        "search one two",
        "similar",
        "serve somewhere",
        "verify one two",
    ],
)
def test_wrong_usage_ends_with_two(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        main(line.split())

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("usage: cognate")


@pytest.mark.parametrize(
    "line", ["search q", "similar x", "inspect", "verify", "serve", "remove x"]
)
def test_a_command_without_an_index_says_how_to_name_one(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = refuse(capsys, *line.split())

    assert named == "cognate: no index was named; give --index DIR or set COGNATE_INDEX"


def test_a_question_is_answered_by_the_total_and_two_lines_a_hit(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = run(capsys, "search", "bees wheat", "--min-match=0", "--index", directory)

    total, *lines = printed.splitlines()
    assert total == f"{len(LIBRARY)} articles"
    assert re.match(r"  1\. +(> )?\d+ %  \S", lines[0])
    text = " ".join(lines)
    assert "Soil moisture and the yield of wheat" in text
    assert "     Dora Ek + 4 more · Journal of Fields · 2023-11 · doi:10.5555/soil.1" in lines
    assert "[Bees remember flowers. They fly far and dance for others at home." in text
    assert "…] (title unknown)" in text
    assert "     unknown author · 2024-06-15 · doi:10.5555/bees.1" in lines


def test_a_question_is_answered_as_json(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = run_json(capsys, "search", "emotions", "--index", directory)

    assert answer["query"] == "emotions"
    assert answer["snapshot"] == current_name(directory)
    assert answer["warnings"] == []
    assert len(answer["hits"]) == len(LIBRARY)
    assert [hit["rank"] for hit in answer["hits"]] == [*range(1, len(LIBRARY) + 1)]
    assert set(answer["hits"][0]["scores"]) >= {"semantic", "lexical"}


def test_the_number_of_hits_is_bounded(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(ids(run_json(capsys, "search", "q", "--limit", 2, "--index", directory))) == 2
    assert "limit" in refuse(capsys, "search", "q", "--limit", 0, "--index", directory)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("--author muller,ana", ["eeg.1"]),
        ("--author chen,bo --type review", ["eeg.2"]),
        ("--type review --type preprint", ["bees.1", "eeg.2"]),
        ("--language de", ["bees.1"]),
        ("--journal journalofsignals", ["eeg.1"]),
        ("--from 2024-06 --to 2024", ["bees.1", "eeg.2", "odd"]),
        ("--from -P99Y --to 2023", ["soil.1"]),
        ("--author Nobody", []),
    ],
)
def test_filters_leave_out_what_does_not_pass(
    directory: Path, line: str, found: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = run_json(capsys, "search", "q", "--index", directory, *line.split())

    assert sorted(ids(answer)) == [f"doi:10.5555/{name}" for name in found]


def test_hits_can_be_in_order_of_date(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = run_json(capsys, "search", "q", "--sort", "recency", "--index", directory)

    dates = [hit["article"]["published"] for hit in answer["hits"]]
    assert dates == ["2025-03-10", "2024-06-15", "2024-06-15", "2024", "2023-11", None]


def test_an_answer_without_hits_is_said_beside_it(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", "q", "--author", "Nobody", "--index", str(directory)]) == 0

    assert capsys.readouterr() == ("", "no article that passes these filters matches\n")


def test_without_words_the_newest_articles_are_listed_without_scores(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = run(capsys, "search", "", "--limit", 1, "--index", directory)

    total, first, *_, following = printed.splitlines()
    assert total == f"{len(LIBRARY)} articles, 1 to 1"
    assert first == "  1. Recognising emotions from brain signals with graph networks"
    assert following.startswith("next page: --cursor ")


def test_the_articles_nearest_to_one_are_listed_without_it(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = run_json(
        capsys, "similar", "https://doi.org/10.5555/EEG.1", "--min-match=0", "--index", directory
    )

    assert answer["article_id"] == "doi:10.5555/eeg.1"
    assert len(answer["hits"]) == len(LIBRARY) - 1
    assert "doi:10.5555/eeg.1" not in ids(answer)
    printed = run(
        capsys, "similar", "10.5555/eeg.1", "--type=review", "--min-match=0", "--index", directory
    )
    _, first, second, because = printed.splitlines()
    assert first.endswith("A survey of emotion recognition")
    assert second == "     Chen, Bo · Reviews of Computing · 2024 · doi:10.5555/eeg.2"
    assert because.startswith("     because of example 1: '")


def test_examples_of_all_kinds_are_taken(
    directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "refs.bib").write_text("@book{a, title={Frogs}}\n@book{b, title={Owls}}")
    (tmp_path / "refs.ris").write_text("TY  - JOUR\nTI  - Moths\nER  - \n")
    arguments = ["10.5555/eeg.1", "--like", "10.5555/bees.1", "--text", "wheat and soil"]
    arguments += ["--file", str(tmp_path / "refs.bib"), "--unlike", "10.5555/odd"]
    arguments += ["--unlike-file", str(tmp_path / "refs.ris"), "--unlike-text", "odd"]
    arguments += ["--diversity", "0.5", "--min-match", "0", "--facet", "types"]

    answer = run_json(capsys, "similar", *arguments, "--index", directory)

    given = ["doi:10.5555/eeg.1", "doi:10.5555/bees.1", None, None, None]
    assert [one["article_id"] for one in answer["positive"]] == given
    assert [one["title"] for one in answer["positive"]][3:] == ["Frogs", "Owls"]
    assert [one["article_id"] for one in answer["negative"]] == ["doi:10.5555/odd", None, None]
    assert answer["negative"][-1]["title"] == "Moths"
    assert "article_id" not in answer
    assert answer["facets"]["types"]
    assert not set(ids(answer)) & {*given, "doi:10.5555/odd"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"no records", "holds neither BibTeX nor RIS; give a text by --text"),
     (b"@book{a, title={\xff}}", "is not in UTF-8; convert it")],
)  # fmt: skip
def test_a_file_of_no_records_is_refused(
    directory: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    reason: str,
) -> None:
    path = tmp_path / "refs.bib"
    path.write_bytes(content)

    line = refuse(capsys, "similar", "--file", path, "--index", directory)

    assert line == f"cognate: file: {path} {reason}"


def test_the_next_page_of_similar_articles_is_had_by_its_cursor(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("similar", "10.5555/eeg.1", "--min-match=0", "--limit=2", "--index", directory)
    first = run_json(capsys, *asked)

    second = run_json(capsys, *asked, "--cursor", first["next_cursor"])

    assert [hit["rank"] for hit in first["hits"] + second["hits"]] == [1, 2, 3, 4]


def test_an_unknown_article_is_refused(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refuse(capsys, "similar", "doi:10.5555/none", "--index", directory)

    assert line == "cognate: no article has the id 'doi:10.5555/none'"


def test_an_argument_that_is_no_text_is_refused(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # how Python gives a program an argument that is not UTF-8
    for command in ("search", "similar", "remove"):
        assert refuse(capsys, command, "\udcff", "--index", directory).startswith("cognate: ")


def test_the_index_may_be_named_in_the_environment_and_a_given_one_wins(
    directory: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COGNATE_INDEX", str(directory))

    for line in (["search", "q"], ["similar", "10.5555/odd"], ["inspect"], ["verify"]):
        assert run_json(capsys, *line)["snapshot"] == current_name(directory)
    monkeypatch.setenv("COGNATE_INDEX", "/no/such/index")
    assert run(capsys, "verify", directory) == run(capsys, "verify", "--index", directory)


def test_an_index_is_described(
    directory: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    described = run_json(capsys, "inspect", directory)

    assert described["n_articles"] == len(LIBRARY)
    assert (described["model"], described["dimension"]) == (str(model), DIMENSION)
    assert "report" not in described
    assert f"n_articles                {len(LIBRARY)}\n" in run(capsys, "inspect", directory)


def test_the_report_is_listed_with_the_description(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    described = run_json(capsys, "inspect", directory, "--report")

    assert "6 read, 6 kept, 0 merged, 1 repaired, 0 refused" in described["report"][0]
    printed = run(capsys, "inspect", directory, "--report")
    assert '"javascript:alert(1)" is no web address; left out' in printed


def test_the_health_of_the_corpus_is_counted_with_the_description(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    health = run_json(capsys, "inspect", directory, "--health")["health"]

    assert health["n_articles"] == len(LIBRARY)
    assert sum(number for _, number in health["languages"]) == len(LIBRARY)
    assert "of all records refused at build" in run(capsys, "inspect", directory, "--health")


def test_a_whole_index_is_verified(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = current_name(directory)
    n_files = sum(path.is_file() for path in (directory / SNAPSHOTS / name).rglob("*")) - 1

    expected = {"snapshot": name, "n_files": n_files, "is_whole": True}
    assert run_json(capsys, "verify", directory) == expected
    assert (
        run(capsys, "verify", directory) == f"{name}: {n_files} files are as they were published\n"
    )


def test_a_damaged_index_is_refused(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = own / SNAPSHOTS / current_name(own) / REPORT
    path.write_bytes(path.read_bytes().replace(b"web", b"wen"))

    assert f"{path}: its bytes are not those" in refuse(capsys, "verify", own)


def test_a_build_says_what_it_does_and_prints_what_it_did(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_library(tmp_path / "library.jsonl")
    arguments = ["build", str(source), "--into", str(tmp_path / "index"), "--model", str(model)]

    assert main(arguments) == 0

    printed = capsys.readouterr()
    name = current_name(tmp_path / "index")
    assert printed.out == f"6 articles (6 newly embedded, 0 as before): {name}\n"
    assert f"exporting the model {model} (once for each index)" in printed.err
    assert "library.jsonl (" in printed.err
    assert "repaired" in printed.err
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert printed.out == f"6 articles (0 newly embedded, 6 as before): {name}\n"
    assert printed.err == "nothing changed: the index is up to date\n"


def test_articles_are_added_and_removed(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "more.jsonl"
    source.write_bytes(orjson.dumps(WHEAT))

    added = run_json(capsys, "add", source, "--index", own, "--quiet")

    assert (added["n_articles"], added["n_encoded"], added["n_reused"]) == (7, 1, 6)
    assert added["name"] == current_name(own)
    (report,) = added["report"]
    assert (report["n_read"], report["n_kept"], report["n_refused"]) == (1, 1, 0)
    assert "wheat-2" in ids(run_json(capsys, "search", "wheat", "--index", own))

    printed = run(capsys, "remove", "wheat-2", "10.5555/odd", "--index", own, "--quiet")

    assert printed == f"5 articles (0 newly embedded, 5 as before): {current_name(own)}\n"
    assert "wheat-2" not in ids(run_json(capsys, "search", "wheat", "--index", own))


def test_removing_an_unknown_article_removes_nothing(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = current_name(own)

    line = refuse(capsys, "remove", "10.5555/odd", "nobody", "--index", own, "--quiet")

    assert line == "cognate: no article has the id 'nobody'"
    assert current_name(own) == before


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*COGNATE, *map(str, arguments)], **options)


def test_a_reader_that_has_gone_is_no_fault(directory: Path) -> None:
    ours, theirs = os.pipe()
    os.close(ours)

    command = [*COGNATE, "search", "q", "--index", str(directory)]
    ended = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, check=False)

    os.close(theirs)
    assert (ended.returncode, ended.stderr) == (0, b"")


def interrupted_while_exporting(source: Path, directory: Path, model: Path) -> tuple[int, str, str]:
    """Build until the model is being exported, interrupt it, and give how it ended."""
    process = start("build", source, "--into", directory, "--model", model)
    assert process.stderr is not None
    while not process.stderr.readline().startswith("exporting"):
        pass
    process.send_signal(signal.SIGINT)
    printed, rest = process.communicate(timeout=60)
    return process.returncode, printed, rest


def test_an_interrupted_build_says_how_to_go_on(model: Path, tmp_path: Path) -> None:
    source = write_library(tmp_path / "library.jsonl")

    status, printed, rest = interrupted_while_exporting(source, tmp_path / "index", model)

    assert (status, printed) == (130, "")
    assert rest.splitlines()[-1] == "cognate: interrupted; the same command goes on where it was"
    assert not (tmp_path / "index" / "CURRENT").exists()
    # exported all the same, so that the build that goes on need not do it
    assert len([*(tmp_path / "index" / "building").glob("encoder-*[0-9a-f]")]) == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return orjson.loads(response.read())


def wait_until_served(process: subprocess.Popen[str], port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
        except ConnectionRefusedError:
            try:
                process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(process.communicate()) from None
        return


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_index_is_served_until_the_service_is_asked_to_end(
    directory: Path, number: signal.Signals
) -> None:
    port = free_port()
    process = start("serve", "--index", directory, "--port", port)
    try:
        wait_until_served(process, port)
        assert ask(port, "/healthz")
        assert ids(ask(port, "/v1/search?q=bees&mode=lexical")) == ["doi:10.5555/bees.1"]
        process.send_signal(number)
        printed, said = process.communicate(timeout=20)
    finally:
        process.kill()

    assert (process.returncode, printed) == (0, "")
    assert said == f"serving 6 articles on http://127.0.0.1:{port}\n"


def test_serving_other_machines_without_a_key_is_refused(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refuse(capsys, "serve", "--index", directory, "--host", "0.0.0.0")

    assert line.startswith("cognate: COGNATE_HOST is 0.0.0.0, which other machines can reach")


def test_other_machines_are_served_where_that_is_asked_for(directory: Path) -> None:
    port = free_port()
    process = start("serve", "--index", directory, "--host", "0.0.0.0", "--port", port, "--public")
    try:
        wait_until_served(process, port)
    finally:
        process.terminate()

    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_port_that_is_taken_ends_the_start(directory: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start("serve", "--index", directory, "--port", taken.getsockname()[1])
        printed, said = process.communicate(timeout=60)

    assert (process.returncode, printed) == (1, "")
    assert "address already in use" in said
    assert "Traceback" not in said


def test_an_index_that_is_not_there_is_not_served(tmp_path: Path) -> None:
    process = start("serve", env=os.environ | {"COGNATE_INDEX": str(tmp_path)})

    printed, said = process.communicate(timeout=60)

    assert (process.returncode, printed) == (1, "")
    (line,) = said.splitlines()
    assert line.startswith(
        f"cognate: there is no index in {tmp_path}; make one with: cognate build"
    )
