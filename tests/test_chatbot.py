"""The example chatbot, against a running service over the sample library and a local model."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from cognate_client import Cognate
from cognate_client.context import Span

from scripts.chatbot import NOTHING, main
from scripts.extracts import MOST_EXCERPTS, MOST_TOKENS, extract, runs
from scripts.serving import serve
from service.cli import main as console
from tests.model_server import altering, honest, inventing, serve_model

ROOT = Path(__file__).resolve().parents[1]
SLEEP = "Can poor sleep harm memory?"
ELSEWHERE = "How do I knit a sweater for a penguin?"
QUESTIONS = (
    SLEEP,
    "How well can emotions be read from EEG?",
    "Do urban ponds help newts?",
    "What do exosomes tell about lung cancer?",
    "heat waves and mortality in cities",
    "Which language models handle low-resource languages?",
    "quasars at high redshift",
    "Does classroom noise hurt listening in a second language?",
    "self-driving laboratories for battery electrolytes",
    "Iron Age naval power and boathouses",
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the sample library, with the model that is installed with Cognate."""
    index = tmp_path_factory.mktemp("chatbot") / "index"
    source = ROOT / "scripts" / "sample" / "library.jsonl"
    assert console(["build", str(source), "--into", str(index), "--quiet"]) == 0
    with contextlib.chdir(ROOT), serve(index) as service:
        yield service.url


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    reply: dict[str, Any] = json.loads(capsys.readouterr().out)
    return reply


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_extract_passes_the_guard_entirely(
    url: str, question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = answer(capsys, question, "--url", url)
    checked = reply["verification"]

    assert reply["context"]["answerable"]
    assert checked["citations"]
    assert {one["status"] for one in checked["citations"]} == {"verified"}
    assert {one["in_bundle"] for one in checked["citations"]} == {True}
    assert {one["status"] for one in checked["quotes"]} <= {"verbatim"}
    # a title in quotation marks is a citation
    n_titles = sum(one["kind"] == "title" for one in checked["citations"])
    assert len(checked["quotes"]) + n_titles == reply["text"].count("”")


def test_an_extract_quotes_the_sentence_that_carries_the_question(url: str) -> None:
    with Cognate(url) as cognate:
        context = cognate.context(SLEEP, max_tokens=MOST_TOKENS, max_excerpts=MOST_EXCERPTS)
        abstract = cognate.article("10.5555/cognate.neuro.01").abstract
    text = extract(context)

    assert abstract is not None
    assert text.startswith("“Sleeping after learning helps")
    assert text.endswith("” [1]")
    assert all(run in abstract for run in runs(context.excerpts[0]))


def test_words_that_hold_quotation_marks_are_quoted_with_others(url: str) -> None:
    with Cognate(url) as cognate:
        context = cognate.context(SLEEP, max_excerpts=1)

    def quoted(text: str) -> str:
        span = Span(start=0, end=len(text))
        excerpt = replace(context.excerpts[0], text=text, spans=(span,))
        return extract(replace(context, excerpts=(excerpt,)))

    assert quoted("A rose is a rose.") == "“A rose is a rose.” [1]"
    assert quoted("A “rose”, she said.") == '"A “rose”, she said." [1]'
    assert quoted('A “rose" for all.') == 'A “rose" for all. [1]'


def test_a_reply_is_shown_with_its_sources_and_what_was_checked_as_the_readme_shows(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r'    \$ \S+ -m scripts.chatbot "(.*)" --url \S+\n((?:    .*\n|\n)+)', readme)
    assert found
    question, shown = found[1], dedent(found[2]).strip()

    assert main([question, "--url", url]) == 0
    said = capsys.readouterr().out.strip()
    assert re.fullmatch(re.escape(shown).replace("…", ".*"), said)


def test_a_model_answers_from_what_it_was_handed(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_KEY", "a key")
    with serve_model(honest) as server:
        options = ("--model-url", server.url, "--model", "small", "--api-key-env", "MODEL_KEY")
        reply = answer(capsys, SLEEP, "--url", url, *options)

    roles = [message["role"] for message in server.bodies[0]["messages"]]
    assert roles == ["system", "user"]
    assert reply["context"]["text"] in server.bodies[0]["messages"][-1]["content"]
    assert server.headers[0]["authorization"] == "Bearer a key"
    assert [one["status"] for one in reply["verification"]["citations"]] == ["verified"]
    assert [one["status"] for one in reply["verification"]["quotes"]] == ["verbatim"]


def test_what_a_model_invents_is_flagged(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serve_model(inventing) as server:
        assert main([SLEEP, "--url", url, "--model-url", server.url, "--model", "small"]) == 0
    shown = capsys.readouterr().out

    assert "— 1 of 3 citations verified" in shown
    assert "— not in corpus: doi:10.5555/invented.1" in shown
    assert "— unchecked: [99]: Nothing that was handed over is [99]." in shown
    assert "— unsupported: Naps of nine minutes" in shown


def test_what_a_model_alters_or_was_not_handed_is_flagged(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve_model(altering) as server:
        assert main([SLEEP, "--url", url, "--model-url", server.url, "--model", "small"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert "— 1 of 2 citations verified" in lines
    assert "— was not handed over: doi:10.5555/cognate.astro.14" in lines
    (quote,) = (line for line in lines if line.startswith("— quote altered: "))
    assert " never " in quote
    assert " It says: Sleeping after learning helps" in quote


def test_where_the_library_has_nothing_no_model_is_asked(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve_model(honest) as server:
        options = ("--model-url", server.url, "--model", "small")
        reply = answer(capsys, ELSEWHERE, "--url", url, *options)

    assert reply["text"] == NOTHING
    assert reply["context"]["answerable"] is False
    assert reply["verification"] is None
    assert not server.bodies


def test_an_endpoint_that_fails_is_said_and_ends_in_1(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve_model(lambda _: (500, b"oops")) as server:
        status = main([SLEEP, "--url", url, "--model-url", server.url, "--model", "small"])

    assert status == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("chatbot: http://127.0.0.1:")
    assert line.endswith("not JSON: oops")


def test_a_service_that_is_not_there_is_said_and_ends_in_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([SLEEP, "--url", "http://127.0.0.1:9"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("chatbot: no answer from http://127.0.0.1:9: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--url http://127.0.0.1:9 --model small", "go together"),
        ("--url 127.0.0.1:9", "write it like http://"),
        (
            "--url http://127.0.0.1:9 --model-url http://127.0.0.1:9 --model small "
            "--api-key-env NO_SUCH_KEY",
            "NO_SUCH_KEY",
        ),
    ],
)
def test_what_cannot_be_meant_ends_in_2(
    arguments: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["anything", *arguments.split()])

    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def run(arguments: list[str], **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scripts.chatbot", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)


def test_a_question_may_come_on_stdin(url: str) -> None:
    with run(["--url", url], stdin=subprocess.PIPE) as process:
        shown, _ = process.communicate(SLEEP, timeout=60)

    assert process.returncode == 0
    assert shown.startswith("“Sleeping after learning helps")


def test_an_interrupt_at_the_prompt_ends_in_130() -> None:
    ours, theirs = pty.openpty()
    with run(["--url", "http://127.0.0.1:9"], stdin=theirs, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(2) == "> "
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    os.close(ours)
    os.close(theirs)

    assert (process.returncode, said) == (130, "")


def test_at_a_terminal_it_converses_and_a_follow_up_is_understood(url: str) -> None:
    ours, theirs = pty.openpty()
    with serve_model(honest) as server:
        options = ["--url", url, "--model-url", server.url, "--model", "small", "--json"]
        with run(options, stdin=theirs) as process:
            os.write(ours, f"{SLEEP}\n\nAnd after a stroke?\n".encode())
            os.write(ours, b"\x04")
            shown, _ = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)

    first, second = (json.loads(line.lstrip("> ")) for line in shown.split("\n") if "{" in line)
    assert process.returncode == 0
    assert second["question"] == "And after a stroke?"
    assert "sleep" in second["context"]["query"]
    messages = server.bodies[1]["messages"]
    assert [one["role"] for one in messages] == ["system", "user", "assistant", "user"]
    assert messages[1]["content"] == SLEEP
    assert messages[2]["content"] == first["text"].replace(" [1]", "")
