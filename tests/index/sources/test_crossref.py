"""Works of Crossref, and CSL-JSON."""

from pathlib import Path

import pytest

from index.errors import RefusedRecordError
from index.sources import json_documents
from index.sources.crossref import is_crossref, to_record
from index.sources.opening import open_source
from index.sources.record import Record

WORK = {
    "DOI": "10.1/X",
    "title": ["A title"],
    "subtitle": ["and more"],
    "abstract": "<jats:p>An abstract.</jats:p>",
    "author": [
        {"given": "Ann", "family": "Lee", "sequence": "first", "suffix": "Jr."},
        {"family": "Ray"},
        {"name": "The Group"},
    ],
    "container-title": ["Notes", "N."],
    "published": {"date-parts": [[2022, 5]]},
    "issued": {"date-parts": [[2021]]},
    "type": "journal-article",
    "language": "en",
    "URL": "https://doi.org/10.1/x",
}


def test_a_work_is_read() -> None:
    assert to_record(WORK, 4) == Record(
        line=4,
        identifiers=("doi:10.1/X",),
        title="A title: and more",
        abstract="<jats:p>An abstract.</jats:p>",
        authors=("Ann Lee Jr.", "Ray", "The Group"),
        journal="Notes",
        published="2022-05",
        type="journal-article",
        language="en",
        url="https://doi.org/10.1/x",
    )


def test_csl_json_of_a_reference_manager_is_read() -> None:
    item = {
        "id": "lee2020",
        "type": "article-journal",
        "title": "A title",
        "container-title": "Notes",
        "author": [{"family": "Berg", "given": "Ann", "non-dropping-particle": "van den"}],
        "issued": {"date-parts": [["2020", "3", 1]]},
        "PMID": "7",
    }

    assert is_crossref(item)
    assert to_record(item, 1) == Record(
        line=1,
        identifiers=("pmid:7",),
        citation_key="lee2020",
        title="A title",
        authors=("Ann van den Berg",),
        journal="Notes",
        published="2020-03-01",
        type="article-journal",
    )


@pytest.mark.parametrize(
    ("titles", "title"),
    [
        ({"title": []}, None),
        ({"title": [], "original-title": ["T"]}, "T"),
        ({"title": ["T"], "subtitle": []}, "T"),
        ({"title": ["T:"], "subtitle": ["S"]}, "T: S"),
        ({"title": ["A Tale of S"], "subtitle": ["TALE OF"]}, "A Tale of S"),
    ],
)
def test_title_and_subtitle_are_joined_once(titles: dict[str, object], title: str | None) -> None:
    assert to_record(titles, 1).title == title


@pytest.mark.parametrize(
    ("issued", "published"),
    [
        ({"date-parts": [[2020, 12, 31]]}, "2020-12-31"),
        ({"date-parts": [[2020, 13, 1]]}, "2020"),
        ({"date-parts": [[2020, 2, 0]]}, "2020-02"),
        ({"date-parts": [[800]]}, "0800"),
        ({"date-parts": [[None]]}, None),
        ({"date-parts": [[99_999]]}, None),
        ({"date-parts": []}, None),
        ({"date-parts": [None], "raw": "in press"}, "in press"),
        ({"literal": "circa 1900"}, "circa 1900"),
        ("2020-01", "2020-01"),
    ],
)
def test_a_date_is_as_exact_as_its_parts(issued: object, published: str | None) -> None:
    assert to_record({"issued": issued}, 1).published == published


@pytest.mark.parametrize(
    ("work", "retracted"),
    [
        ({"updated-by": [{"type": "retraction", "DOI": "10.1/r"}]}, True),
        ({"updated-by": [{"type": "correction", "DOI": "10.1/r"}]}, None),
        ({"relation": {"is-retracted-by": []}}, True),
        ({"update-to": [{"type": "retraction", "DOI": "10.1/x"}]}, None),
        ({}, None),
    ],
)
def test_a_retraction_is_told_from_its_notice(
    work: dict[str, object], retracted: bool | None
) -> None:
    assert to_record(work, 1).retracted is retracted


def test_a_notice_is_no_research_article() -> None:
    work = {"type": "journal-article", "update-to": [{"type": "retraction"}]}
    new_version = {"type": "journal-article", "update-to": [{"type": "new_version"}]}

    assert to_record(work, 1).type == "notice"
    assert to_record(new_version, 1).type == "journal-article"


@pytest.mark.parametrize("title", [[["T"]], {"a": 1}, True])
def test_a_title_of_a_wrong_type_is_refused(title: object) -> None:
    with pytest.raises(RefusedRecordError, match="'title' is"):
        to_record({"title": title}, 1)


def test_a_bare_doi_is_enough_to_be_a_work() -> None:
    assert is_crossref({"DOI": "10.1/x", "title": "T"})


def test_our_own_form_is_not_taken_for_a_work_of_crossref() -> None:
    assert not is_crossref({"title": "T", "DOI": "10.1/x", "authors": ["Ann Lee"]})
    assert not is_crossref({"title": "T", "author": "Ann Lee", "type": "article"})


def test_the_shared_works_are_read(shared_data: Path) -> None:
    path = shared_data / "exports" / "crossref" / "crossref_test_works_field_queries_0.json"
    first, *_ = json_documents.read(open_source(path))

    assert isinstance(first, Record)
    assert (first.title, first.journal) == ("The forecast trap", "Ecology Letters")
    assert (first.published, first.language) == ("2022-05-30", "en")


def test_other_forms_of_a_work_are_its_versions() -> None:
    work = WORK | {
        "relation": {
            "has-preprint": [{"id-type": "doi", "id": "10.1/Pre", "asserted-by": "subject"}],
            "is-version-of": [
                {"id-type": "arxiv", "id": "2401.00001v2"},
                {"id-type": "uri", "id": "https://example.org"},
                {"id-type": "DOI"},
            ],
            "is-supplemented-by": [{"id-type": "doi", "id": "10.1/data"}],
            "is-translation-of": [{"id-type": "doi", "id": "10.1/original"}],
            "has-review": [{"id-type": "doi", "id": "10.1/review"}],
        }
    }

    record = to_record(work, 1)

    assert record.version_ids == ("doi:10.1/Pre", "arxiv:2401.00001v2")


@pytest.mark.parametrize("relation", [{}, {"has-preprint": []}, {"references": [{"id": "x"}]}])
def test_a_work_without_other_forms_has_no_versions(relation: dict[str, object]) -> None:
    assert to_record(WORK | {"relation": relation}, 1).version_ids == ()
