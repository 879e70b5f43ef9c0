"""Papers of Semantic Scholar."""

import pytest

from index.errors import RefusedRecordError
from index.sources.record import Record
from index.sources.semantic_scholar import is_semantic_scholar, to_record

PAPER = {
    "paperId": "ab12",
    "corpusId": 5,
    "externalIds": {"DOI": "10.1/x", "ArXiv": "2101.1", "PubMed": "7", "ACL": "P1", "MAG": "9"},
    "title": "A title",
    "abstract": "An abstract.",
    "authors": [{"authorId": "1", "name": "Ann Lee"}, {"authorId": None, "name": None}],
    "venue": "ACL",
    "publicationVenue": {"name": "Annual Meeting"},
    "journal": {"name": "Proc. ACL"},
    "publicationDate": "2021-01-02",
    "year": 2021,
    "publicationTypes": ["JournalArticle", "Review"],
    "url": "https://www.semanticscholar.org/paper/ab12",
}


def test_a_paper_is_read() -> None:
    assert to_record(PAPER, 2) == Record(
        line=2,
        identifiers=("s2:ab12", "doi:10.1/x", "arxiv:2101.1", "pmid:7", "acl:P1", "corpusid:5"),
        title="A title",
        abstract="An abstract.",
        authors=("Ann Lee",),
        journal="Annual Meeting",
        published="2021-01-02",
        type="JournalArticle; Review",
        url="https://www.semanticscholar.org/paper/ab12",
        repairs=("authors left out because they have no name: 1",),
    )


def test_what_was_not_asked_for_or_is_null_is_not_known() -> None:
    record = to_record(dict.fromkeys(PAPER) | {"paperId": "x", "year": 1936}, 1)

    assert record == Record(line=1, identifiers=("s2:x",), published="1936")


@pytest.mark.parametrize(
    ("paper", "journal"),
    [
        ({"venue": "ACL", "journal": {"name": "J"}}, "ACL"),
        ({"venue": "", "journal": {"name": "J"}}, "J"),
        ({}, None),
    ],
)
def test_the_fullest_name_of_the_venue_is_taken(
    paper: dict[str, object], journal: str | None
) -> None:
    assert to_record(paper, 1).journal == journal


def test_names_given_as_plain_texts_are_authors_too() -> None:
    assert to_record({"authors": ["Ann Lee"]}, 1).authors == ("Ann Lee",)


def test_a_value_of_a_wrong_type_is_refused() -> None:
    with pytest.raises(RefusedRecordError, match="'journal' is text where an object should be"):
        to_record({"paperId": "x", "journal": "J"}, 1)


def test_papers_are_told_by_keys_of_their_own() -> None:
    assert is_semantic_scholar({"paperId": "x"})
    assert is_semantic_scholar({"corpusId": 1})
    assert not is_semantic_scholar({"id": "x", "title": "t"})
