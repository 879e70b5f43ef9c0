"""Works of OpenAlex."""

from pathlib import Path

import pytest

from index.errors import RefusedRecordError
from index.sources import json_lines
from index.sources.openalex import is_openalex, to_record
from index.sources.opening import open_source
from index.sources.record import Record

WORK = {
    "id": "https://openalex.org/W1",
    "doi": "https://doi.org/10.1/x",
    "title": "A title",
    "ids": {
        "openalex": "https://openalex.org/W1",
        "doi": "https://doi.org/10.1/x",
        "pmid": "https://pubmed.ncbi.nlm.nih.gov/7",
        "mag": 8,
    },
    "authorships": [
        {"author": {"display_name": "Ann Lee"}},
        {"author": {"display_name": None}, "raw_author_name": "B. Ray"},
        {"author": {}},
    ],
    "authors_count": 120,
    "primary_location": {
        "source": {"display_name": "Notes"},
        "landing_page_url": "https://example.org/1",
    },
    "publication_date": "2018-02-13",
    "publication_year": 2018,
    "type": "review",
    "language": "en",
    "is_retracted": False,
    "abstract_inverted_index": {"cat": [1, 4], "The": [0], "saw": [2], "a": [3]},
}


def test_a_work_is_read() -> None:
    assert to_record(WORK, 3) == Record(
        line=3,
        identifiers=("openalex:W1", "doi:https://doi.org/10.1/x", "pmid:7"),
        title="A title",
        abstract="The cat saw a cat",
        authors=("Ann Lee", "B. Ray"),
        n_authors=120,
        journal="Notes",
        published="2018-02-13",
        type="review",
        url="https://example.org/1",
        language="en",
        retracted=False,
        repairs=("authors left out because they have no name: 1",),
    )


def test_a_work_with_almost_everything_null_is_read() -> None:
    work = dict.fromkeys(WORK) | {"id": "https://openalex.org/W2", "display_name": "T"}

    record = to_record(work, 1)

    assert (record.title, record.identifiers) == ("T", ("openalex:W2",))
    assert (record.url, record.retracted) == ("https://openalex.org/W2", None)


def test_absurd_positions_cost_nothing_and_bad_ones_are_reported() -> None:
    record = to_record(
        {"abstract_inverted_index": {"b": [10**18], "a": [0], "c": ["1", -1, None, 2.5]}}, 1
    )

    assert record.abstract == "a b"
    assert record.repairs == ("words left out of the abstract because they have no position: 4",)


@pytest.mark.parametrize("wrong", [{"word": 3}, ["word"], "words"])
def test_an_index_of_a_wrong_type_is_refused(wrong: object) -> None:
    with pytest.raises(RefusedRecordError, match="abstract_inverted_index"):
        to_record({"abstract_inverted_index": wrong}, 1)


@pytest.mark.parametrize(
    ("work", "kind"),
    [
        ({"type": "article", "type_crossref": "proceedings-article"}, "proceedings-article"),
        ({"type": "article", "primary_location": {"raw_type": "posted-content"}}, "posted-content"),
        ({"type": "article"}, "article"),
        ({"type": "dataset", "type_crossref": "journal-article"}, "dataset"),
        ({}, None),
    ],
)
def test_the_finer_type_is_taken(work: dict[str, object], kind: str | None) -> None:
    assert to_record(work, 1).type == kind


def test_a_list_of_a_wrong_type_is_refused() -> None:
    with pytest.raises(RefusedRecordError, match="'authorships' is an object where a list"):
        to_record({"authorships": {}}, 1)


def test_an_old_work_has_its_journal_as_host_venue() -> None:
    assert to_record({"host_venue": {"display_name": "Notes"}}, 1).journal == "Notes"


def test_works_are_told_by_id_or_by_keys_of_their_own() -> None:
    assert is_openalex({"id": "https://openalex.org/W1"})
    assert is_openalex({"authorships": []})
    assert not is_openalex({"id": "https://openalex.org/A1", "title": "an author"})
    assert not is_openalex({"id": 1})


def test_the_shared_work_is_read(shared_data: Path) -> None:
    source = open_source(shared_data / "exports" / "openalex" / "work.json")
    (record,) = json_lines.read(source)

    assert isinstance(record, Record)
    assert record.abstract is not None
    assert record.abstract.startswith("Despite growing interest in Open Access (OA)")
    assert (record.journal, record.published, len(record.authors)) == ("PeerJ", "2018-02-13", 9)


def test_the_ids_in_the_addresses_of_all_places_are_those_of_versions() -> None:
    pages = [
        "https://doi.org/10.1/x",
        "http://arxiv.org/abs/2401.00001",
        "https://pubmed.ncbi.nlm.nih.gov/7",
        "https://example.org/1",
        None,
    ]
    work = WORK | {"locations": [{"landing_page_url": page} for page in pages]}

    record = to_record(work, 1)

    assert "arxiv:2401.00001" in record.version_ids
    assert "doi:10.1/x" in record.version_ids
    assert all(name.startswith(("doi:", "arxiv:", "pmid:")) for name in record.version_ids)
