"""Context in the console."""

import json
from pathlib import Path

import pytest

from service.cli import main
from service.context.wire import ContextAnswer
from service.query import Filters, Limits
from tests.service.context.conversing import FEELINGS


def run(*arguments: object) -> int:
    return main(["context", *map(str, arguments)])


def test_the_text_is_printed_and_its_length_told(
    tiny_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(FEELINGS, "--index", tiny_index, "--min-match", 0) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("[1] ")
    assert printed.err.rstrip().endswith("tokens, as model counts")


def test_the_answer_is_printed_as_json(
    tiny_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wishes = ["--max-tokens", 300, "--max-excerpts", 1, "--mode", "lexical", "--json"]
    assert run(FEELINGS, "--index", tiny_index, "--min-match", 0, *wishes) == 0
    answer = json.loads(capsys.readouterr().out)
    ContextAnswer.model_validate(answer)
    assert (len(answer["excerpts"]), answer["max_tokens"]) == (1, 300)
    assert 0 < answer["tokens"] <= 300


def test_where_nothing_matches_that_is_said(
    tiny_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("xyzzy qqq", "--mode", "lexical", "--index", tiny_index) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "--min-match 0" in printed.err


def test_what_cannot_be_asked_is_refused(
    tiny_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("wheat", "--max-tokens", 99, "--index", tiny_index) == 1
    assert "max_tokens: 99 is not between 100 and 32000" in capsys.readouterr().err


def test_the_console_asks_for_as_much_as_the_service_by_default() -> None:
    from service.cli import _parser
    from service.context.console import to_context_query
    from service.context.query import ContextQuery

    options = _parser().parse_args(["context", "wheat"])
    query = to_context_query(options, Filters())
    query.check(Limits())
    assert query == ContextQuery(text="wheat")
