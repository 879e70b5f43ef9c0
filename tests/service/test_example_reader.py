"""What examples mean: articles of the index in any form, and texts that are in none."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.errors import QueryError, UnknownArticleError
from index.snapshot import Snapshot
from service.example_reader import ExampleReader, FoundExample
from service.examples import Example, SimilarQuery
from service.query import Limits
from tests.encoders import HashEncoder
from tests.service.library import LIBRARY

EEG = "doi:10.5555/eeg.1"
SURVEY = LIBRARY[1]


@pytest.fixture(scope="module")
def snapshot(library: Path) -> Iterator[Snapshot]:
    with closing(Snapshot.open(library, load_encoder=HashEncoder.load)) as snapshot:
        yield snapshot


def read(snapshot: Snapshot, *examples: Example, most: int = 20) -> tuple[FoundExample, ...]:
    reader = ExampleReader(snapshot, Limits(max_examples=most))
    return reader.read(SimilarQuery(positive=examples), "positive")


def found_ids(snapshot: Snapshot, *examples: Example) -> list[str | None]:
    """Give the ids of examples that are articles of the index, None for others."""
    found = read(snapshot, *examples)
    return [None if one.row is None else one.article.article_id for one in found]


@pytest.mark.parametrize(
    "example",
    [
        Example("article_id", EEG),
        Example("article_id", " https://doi.org/10.5555/EEG.1 "),
        Example("doi", "10.5555/EEG.1"),
        Example("doi", "https://doi.org/10.5555/eeg.1"),
        Example("bibtex", "@article{a, title={Another title}, doi={10.5555/EEG.1}}"),
        Example("ris", "TY  - JOUR\nTI  - Another title\nDO  - 10.5555/eeg.1\nER  - \n"),
        Example("text", f"{LIBRARY[0]['title']} {LIBRARY[0]['abstract']}".upper()),
    ],
)
def test_an_article_of_the_index_is_found_in_any_form(snapshot: Snapshot, example: Example) -> None:
    (found,) = read(snapshot, example)

    assert found.article.article_id == EEG
    assert found.row == snapshot.store.find(EEG)
    assert found.versions == (found.row,)


@pytest.mark.parametrize(
    ("fields", "is_found"),
    [
        ("year={2024}, author={Chen, Bo}", True),
        ("year={2024}, author={Bo Chen and Zed, Al}", True),
        ("", True),
        ("year={2023}, author={Chen, Bo}", False),
        ("year={2024}, author={Zed, Al}", False),
        ("doi={10.5555/another}, year={2024}", True),
    ],
)
def test_a_record_without_a_known_id_is_found_by_title_year_and_author(
    snapshot: Snapshot, fields: str, is_found: bool
) -> None:
    entry = f"@article{{a, title={{A Survey of {{Emotion}} recognition}}, {fields}}}"

    (found,) = read(snapshot, Example("bibtex", entry))

    assert (found.row is not None) is is_found
    assert found.article.title == (
        SURVEY["title"] if is_found else "A Survey of Emotion recognition"
    )


def test_a_paste_of_several_records_is_as_many_examples(snapshot: Snapshot) -> None:
    frogs = "@book{a, title={Frogs}, abstract={They sing.}}"
    pasted = f"{frogs}\n@book{{b, doi={{10.5555/ODD}}, title={{x}}}}"

    found = read(snapshot, Example("text", "bees"), Example("bibtex", pasted))

    assert [one.given for one in found] == [0, 1, 1]
    assert [one.row is None for one in found] == [True, True, False]
    assert found[1].text == "Frogs\nThey sing."
    assert [one.is_text for one in found] == [True, False, False]


def test_an_article_that_is_given_twice_counts_once(snapshot: Snapshot) -> None:
    examples = (Example("article_id", EEG), Example("doi", "10.5555/eeg.1"))

    assert found_ids(snapshot, *examples) == [EEG]


def test_more_records_than_there_may_be_examples_are_refused(snapshot: Snapshot) -> None:
    pasted = "".join(f"@book{{a{n}, title={{Frogs {n}}}}}\n" for n in range(3))

    assert len(read(snapshot, Example("bibtex", pasted), most=3)) == 3
    with pytest.raises(QueryError, match="positive: 3 examples; the most is 2"):
        read(snapshot, Example("bibtex", pasted), most=2)


@pytest.mark.parametrize(
    ("example", "reason"),
    [
        (Example("bibtex", "no entry"), "holds no record in BibTeX"),
        (Example("ris", "no entry"), "holds no record in RIS"),
        (Example("bibtex", "@article{a, year={2024}}"), "has neither title nor abstract.*leave it"),
        (Example("ris", "TY  - JOUR\nER  - "), "line 1: the entry has nothing"),
        (Example("doi", "eleven"), "'eleven' is no DOI; write it like 10.1000/182"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    snapshot: Snapshot, example: Example, reason: str
) -> None:
    with pytest.raises(QueryError, match=reason) as refused:
        read(snapshot, Example("text", "x"), example)
    assert refused.value.field == f"positive.1.{example.kind}"


def test_an_unknown_id_names_the_example(snapshot: Snapshot) -> None:
    with pytest.raises(UnknownArticleError) as refused:
        read(snapshot, Example("text", "x"), Example("doi", "10.5555/none"))
    assert (refused.value.article_id, refused.value.field) == ("10.5555/none", "positive.1.doi")
