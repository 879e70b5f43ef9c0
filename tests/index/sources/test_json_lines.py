"""JSON Lines: our own form, BEIR's, and lines that are something else."""

import gzip
import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SourceError
from index.sources import json_documents, json_lines
from index.sources.opening import open_content, open_source
from index.sources.record import Record, Refused

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OWN_KEYS = ["article_id", "_id", "id", "title", "abstract", "text", "authors", "year", "metadata"]
OTHERS_KEYS = """
paperId externalIds authorships ids primary_location abstract_inverted_index author DOI issued
container-title update-to subtitle relation type authors_parsed versions submitter categories
comments results message
"""
KEYS = st.sampled_from([*OWN_KEYS, *OTHERS_KEYS.split()])


def read(text: str) -> list[Record | Refused]:
    return list(json_lines.read(open_content(text.encode(), "articles.jsonl")))


def read_one(**keys: object) -> Record | Refused:
    (outcome,) = read(json.dumps(keys))
    return outcome


def test_a_line_of_a_corpus_is_read() -> None:
    line = {
        "id": "acl:1952.earlymt-1.1",
        "title": "Translation",
        "authors": ["Warren Weaver"],
        "venue": "Mechanical Translation",
        "year": 1952,
        "date": "1952-06",
        "doi": "10.1000/1",
        "url": "https://example.org/1",
        "language": "en",
        "listed": "1952-06-01",
        "categories": ["cs.CL"],
    }

    assert read_one(**line) == Record(
        line=1,
        given_id="acl:1952.earlymt-1.1",
        identifiers=("doi:10.1000/1",),
        title="Translation",
        authors=("Warren Weaver",),
        journal="Mechanical Translation",
        published="1952-06",
        url="https://example.org/1",
        language="en",
        unknown_keys=("listed", "categories"),
    )


def test_the_article_on_the_wire_is_read_back_without_an_unknown_key() -> None:
    wire = {
        "article_id": "doi:10.1145/3786343",
        "doi": "10.1145/3786343",
        "title": None,
        "abstract": "Some text.",
        "authors": [{"name": "Ada Lovelace"}, {"name": "Lovelace, Ada"}],
        "n_authors": 6,
        "journal": "Notes",
        "published": "2025-12",
        "year": 2025,
        "type": "research-article",
        "url": None,
        "language": "en",
        "is_new": True,
        "first_indexed": "2026-11-22T00:00:00Z",
        "evidence": "abstract",
        "truncated": False,
        "retracted": False,
        "citation_key": "ada",
        "versions": [{"article_id": "arxiv:1", "kind": "preprint"}],
    }

    assert read_one(**wire) == Record(
        line=1,
        given_id="doi:10.1145/3786343",
        identifiers=("doi:10.1145/3786343",),
        abstract="Some text.",
        authors=("Ada Lovelace", "Lovelace, Ada"),
        n_authors=6,
        journal="Notes",
        published="2025-12",
        type="research-article",
        language="en",
        is_new=True,
        retracted=False,
        first_indexed="2026-11-22T00:00:00Z",
        citation_key="ada",
    )


def test_a_line_of_beir_is_read_with_what_its_metadata_says() -> None:
    record = read_one(
        _id="12", title="T", text="A", metadata={"year": 2003, "authors": "Lee, A.", "labels": []}
    )

    assert record == Record(
        line=1, given_id="12", title="T", abstract="A", authors=("Lee, A.",), published="2003"
    )
    several = read_one(title="T", metadata={"authors": ["Lee, A.", "Bo"]})
    assert several == Record(line=1, title="T", authors=("Lee, A.", "Bo"))
    assert read_one(title="T", metadata={"authors": [7]}) == Record(line=1, title="T")


def test_lines_keep_their_numbers_past_blank_and_damaged_ones() -> None:
    outcomes = read('{"id": 1, "title": "a"}\r\n\r\n  \n{"id": \n{"id": "b", "title": "b"}')

    assert [outcome.line for outcome in outcomes] == [1, 4, 5]
    assert isinstance(outcomes[1], Refused)
    assert "is not JSON" in outcomes[1].reason


def test_an_id_is_given_exactly_as_it_stands() -> None:
    ids = [" A b ", 12, 12.0, "0012", "10.1/X"]

    outcomes = [read_one(id=given, title="t") for given in ids]

    assert [outcome.given_id for outcome in outcomes if isinstance(outcome, Record)] == [
        " A b ",
        "12",
        "12",
        "0012",
        "10.1/X",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1, 2]", "is a list where an object should be"),
        ('"title"', "is text where an object should be"),
        ('{"title": ["T"]}', "'title' is a list where text should be"),
        ('{"title": true}', "'title' is true where text should be"),
        ('{"title": "T", "abstract": {}}', "'abstract' is an object where text should be"),
        ('{"title": "T", "id": 1.5}', "'id' is a number, 1.5, where text should be"),
        ('{"title": "T", "id": 123456789012345678901}', "'id' is a number"),
        ('{"title": "T", "authors": 3}', "'authors' is a number where a list should be"),
        ('{"title": "T", "retracted": "no"}', "'retracted' is text where true or false"),
        ('{"title": "T", "n_authors": -1}', "'n_authors' is a number where a whole number"),
        ('{"title": "T", "title": "U"}', "has the key 'title' more than once"),
        ('{"title": "T", "authors": [{"name": "A", "name": "B"}]}', "the key 'name' more"),
        ('{"name": "a package", "version": 1}', "has no key of an article; its keys are: name"),
        ("{}", "has no key of an article; its keys are: none"),
        ('{"error": "Too many requests"}', "a service's error message: 'Too many requests'"),
        ('{"title": NaN}', "is not JSON"),
        ('{"title": "T"} {}', "is not JSON"),
        ('{"title": "\\ud800"}', "is not JSON"),
        ('{"title": ' + "[" * 5000 + "]" * 5000 + "}", "is not JSON"),
    ],
)
def test_a_line_that_is_no_record_is_refused_with_a_reason(line: str, reason: str) -> None:
    (outcome,) = read(line)

    assert isinstance(outcome, Refused)
    assert reason in outcome.reason


def test_a_deep_value_that_the_strict_parser_takes_ends_in_a_refusal_too() -> None:
    (outcome,) = read('{"title": "T", "x": ' + "[" * 1000 + '"\\": "' + "]" * 1000 + "}")

    assert outcome == Refused(1, "is nested too deep")


def test_a_colon_after_a_quote_inside_a_text_is_no_repeated_key() -> None:
    record = read_one(title='He said "yes": and "no" : both', id="1")

    assert isinstance(record, Record)


def test_authors_are_read_from_every_form_and_what_names_nobody_is_counted() -> None:
    record = read_one(title="T", authors=["A B", {"name": "C"}, {"family": "D", "given": "E"}, 7])

    assert isinstance(record, Record)
    assert record.authors == ("A B", "C", "E D")
    assert record.repairs == ("authors left out because they have no name: 1",)


def test_flags_may_be_written_as_numbers() -> None:
    record = read_one(title="T", retracted=1, is_new=0)

    assert isinstance(record, Record)
    assert (record.retracted, record.is_new) == (True, False)


def test_authors_in_one_text_are_split_and_reported() -> None:
    record = read_one(title="T", authors="Ann Lee; Bob Ray")

    assert isinstance(record, Record)
    assert record.authors == ("Ann Lee", "Bob Ray")
    assert record.repairs == ("'authors' is one text, split into names",)


def test_a_second_name_for_the_same_thing_is_reported_as_unknown() -> None:
    record = read_one(article_id="a", id="b", title="T", abstract="A", text="The full text")

    assert isinstance(record, Record)
    assert (record.given_id, record.abstract) == ("a", "A")
    assert record.unknown_keys == ("id", "text")


@pytest.mark.parametrize(
    ("head", "is_ours"),
    [
        ('{"title": "a"}', True),
        ('\n\n{"title": "a"}\n{"title": "b"}\n', True),
        ('{"title": "a\n{"title": "b"}\n{"title": "c"}\n', True),  # only the first is damaged
        ('{"title": "a\u2028b"}\n{"title": "c"}\n', True),
        ('{"paperId": "' + "x" * 70_000, True),  # one line, longer than the head
        ('{"title": "a"}\n' * 2_000 + '{"title": "cu', True),
        ('{"data": [' + '{"paperId": "x"},' * 7_000, False),
        ('{"total": 1, "data": [{"paperId": "x"}]}', False),
        ('{"total": 0, "offset": 0}', False),
        ('{\n  "title": "a",\n  "id": "b"\n}\n', False),
        ('[{"title": "a"}]', False),
        ("@article{a,\n title={b}}", False),
        ("title,abstract\n", False),
    ],
)
def test_json_lines_are_told_from_json_documents(head: str, is_ours: bool) -> None:
    assert json_lines.recognise(head) == is_ours
    assert is_ours or json_documents.recognise(head) == head.startswith(("{", "["))


@given(st.lists(JSON | st.dictionaries(KEYS, JSON, max_size=6), max_size=5))
def test_every_line_of_json_gives_a_record_or_a_refusal(values: list[object]) -> None:
    lines = [json.dumps(value) for value in values]

    outcomes = read("\n".join(lines) + "\n\n{}")

    assert [outcome.line for outcome in outcomes] == [
        *range(1, len(lines) + 1),
        len(lines) + 2 if lines else 3,
    ]


@given(st.binary(max_size=400))
def test_any_bytes_give_records_or_refusals_or_a_source_error(content: bytes) -> None:
    try:
        source = open_content(b'{"title": "a"}\n' + content, "any")
        outcomes = list(json_lines.read(source))
    except SourceError:
        return
    assert isinstance(outcomes[0], Record)


@pytest.mark.parametrize(
    ("name", "n_articles", "with_abstract"),
    [
        ("corpora/acl-anthology", 108_962, 64_389),
        ("corpora/arxiv-2025-2026", 74_728, 74_728),
        ("evaluation/scifact/corpus", 5_183, 5_183),
        ("evaluation/cranfield/corpus", 1_400, 1_398),
        ("evaluation/cisi/corpus", 1_460, 1_460),
        ("evaluation/csfcube_paper/corpus", 4_205, 4_205),
    ],
)
def test_the_shared_corpora_are_read_whole(
    shared_data: Path, name: str, n_articles: int, with_abstract: int
) -> None:
    path = shared_data / f"{name}.jsonl.gz"
    outcomes = list(json_lines.read(open_source(path)))
    records = [outcome for outcome in outcomes if isinstance(outcome, Record)]
    with gzip.open(path) as file:
        lines = [orjson.loads(line) for line in file]

    assert len(outcomes) == len(records) == len(lines) == n_articles
    assert sum(record.abstract is not None for record in records) == with_abstract
    assert [record.given_id for record in records] == [
        line["_id"] if "_id" in line else line["id"] for line in lines
    ]
