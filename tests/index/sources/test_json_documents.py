"""Whole JSON documents: lists, answers of services, and damaged ones."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SourceError
from index.sources import json_documents
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused


def read(text: str) -> list[Record | Refused]:
    return list(json_documents.read(open_content(text.encode(), "answer.json")))


def titles(outcomes: list[Record | Refused]) -> list[str | None]:
    return [outcome.title for outcome in outcomes if isinstance(outcome, Record)]


A, B = {"paperId": "a", "title": "A"}, {"paperId": "b", "title": "B"}


@pytest.mark.parametrize(
    "document",
    [
        [A, B],
        [[A], [B]],
        {"results": [A, B], "meta": {"count": 2}},
        {"total": 2, "offset": 0, "data": [A, B]},
        {"recommendedPapers": [A, B]},
        {"matches": [A, B]},
        {"items": [A, B]},
        {"status": "ok", "message": {"items": [A, B], "total-results": 2}},
        [{"status": "ok", "message": A}, {"status": "ok", "message": B}],
        {"query": "q", "hits": [{"rank": 1, "article": A}, {"rank": 2, "article": B}]},
        {"data": [{"citedPaper": A, "isInfluential": True}, {"citingPaper": B}]},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_records_are_found_in_every_kind_of_answer(document: object, indent: int | None) -> None:
    assert titles(read(json.dumps(document, indent=indent))) == ["A", "B"]


def test_documents_one_after_another_are_all_read() -> None:
    text = json.dumps({"data": [A]}, indent=1) + "\n" + json.dumps(B, indent=1)

    assert titles(read(text)) == ["A", "B"]


def test_each_record_knows_the_line_it_begins_on() -> None:
    text = '{"data": [\n{"title": "one"},\n\n  {\n"title": "two"}, null,\n{"title": 1.5}\n]}\n'

    outcomes = read(text)

    assert [outcome.line for outcome in outcomes] == [2, 4, 5, 6]
    assert outcomes[2] == Refused(5, "is null: the service found nothing for this id")
    assert outcomes[3] == Refused(6, "'title' is a number, 1.5, where text should be")


@pytest.mark.parametrize("text", ["[]", '{"data": []}', '{"total": 0, "offset": 0}'])
def test_an_answer_without_records_gives_none(text: str) -> None:
    assert read(text) == []


def test_an_error_message_is_refused_as_one() -> None:
    assert read('{"error": "Not found", "message": "x"}') == [
        Refused(1, "is a service's error message: 'Not found'")
    ]


def test_a_file_cut_short_gives_what_stands_before_the_cut() -> None:
    text = '{"data": [\n{"title": "one"},\n{"title": "two"},\n{"title": "thr'

    outcomes = read(text)

    assert titles(outcomes) == ["one", "two"]
    assert outcomes[2] == Refused(
        4,
        "is damaged JSON: unexpected end of data (line 4, column 15); "
        "nothing after it could be read",
    )


def test_a_cut_between_two_records_is_reported_too() -> None:
    outcomes = read('[{"title": "one"}')
    after_comma = read('[{"title": "one"},')

    assert titles(outcomes) == titles(after_comma) == ["one"]
    for refused in (outcomes[1], after_comma[1]):
        assert isinstance(refused, Refused)
        assert "nothing after it could be read" in refused.reason


def test_a_damaged_record_costs_no_other() -> None:
    outcomes = read('[{"title": "one"},\n{"title": oops},\n{"title": "three"},]')

    assert titles(outcomes) == ["one", "three"]
    assert isinstance(outcomes[1], Refused)
    assert "(line 2, column 11)" in outcomes[1].reason


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n"title": "a', "line 2, column 12"),
        ('{\n"title": a}', "line 2, column 10"),
        ("[" * 100_000, "line 1"),
        ('{"a":' * 100_000, "line 1"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "line 1"),
        ("[" * 10_000 + "]" * 10_000, "line 1"),
        ('{"data":' * 10_000 + "1" + "}" * 10_000, "line 1"),
    ],
)
def test_a_document_of_which_nothing_can_be_read_is_an_error(text: str, place: str) -> None:
    with pytest.raises(SourceError, match=place):
        read(text)


@pytest.mark.parametrize(
    ("head", "is_ours"),
    [
        ('{"title": "a"}', True),
        ("\n [\n  {", True),
        ("[]", True),
        ("{}", True),
        ("[null, {}]", True),
        ("[1] A. Author. A title.", False),
        ("{article}", False),
        ("TY  - JOUR", False),
        ("interactions:\n- request:", False),
    ],
)
def test_json_documents_are_told_by_their_first_characters(head: str, is_ours: bool) -> None:
    assert json_documents.recognise(head) == is_ours


@given(st.data())
def test_any_damage_to_a_document_ends_in_outcomes_or_a_source_error(data: st.DataObject) -> None:
    whole = json.dumps({"message": {"items": [A, {"title": 'q"\\', "x": [1, {}]}, None, B]}})
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    patch = data.draw(st.text(alphabet='{}[]",:\\ \nab1', max_size=6))

    try:
        outcomes = read(whole[:start] + patch + whole[end:])
    except SourceError:
        return
    lines = [outcome.line for outcome in outcomes]
    assert lines == sorted(lines)


@given(st.text(alphabet='{}[]",:\\ \n1a', max_size=40))
def test_any_text_ends_in_outcomes_or_a_source_error(text: str) -> None:
    try:
        read("[" + text)
    except SourceError:
        return


@given(
    st.lists(st.dictionaries(st.sampled_from(["title", "id"]), st.text(), min_size=1), max_size=6),
    st.sampled_from([None, 1]),
)
def test_a_list_gives_as_many_outcomes_as_it_has_items(
    items: list[dict[str, str]], indent: int | None
) -> None:
    ascii_too = json.dumps(items, indent=indent)
    unicode_too = json.dumps(items, indent=indent, ensure_ascii=False)

    assert len(read(ascii_too)) == len(read(unicode_too)) == len(items)


def test_a_large_list_of_unclosed_strings_is_read_in_linear_time() -> None:
    with pytest.raises(SourceError):
        read('["' + '\\"' * 500_000)


def test_the_shared_answers_hold_as_many_records_as_a_plain_parse_counts(shared_data: Path) -> None:
    folders = [shared_data / "exports" / name for name in ("semantic_scholar", "crossref")]
    paths = [path for folder in folders for path in sorted(folder.glob("*.json"))]
    for path in paths:
        parsed = json.loads(path.read_text())
        message = parsed.get("message", parsed)
        items = next(
            (message[key] for key in ("items", "data", "recommendedPapers") if key in message),
            [message],
        )
        assert len(list(json_documents.read(open_source(path)))) == len(items), path.name
    assert len(paths) == 28
