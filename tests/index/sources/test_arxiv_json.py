"""Entries of arXiv's metadata snapshot."""

import pytest

from index.sources.arxiv_json import is_arxiv, to_record
from index.sources.record import Record

ENTRY = {
    "id": "0704.0001",
    "submitter": "Ann Lee",
    "authors": "A. Lee, B. Ray",
    "title": "Diphoton production\n  at colliders",
    "comments": "37 pages",
    "journal-ref": "Phys.Rev.D76:013009,2007",
    "doi": "10.1103/x",
    "categories": "hep-ph",
    "abstract": "  We write $x$.\n",
    "versions": [
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [["Lee", "A.", ""], ["Ray", "B.", "Jr.", "Somewhere"], ["Group", "", ""]],
}


def test_an_entry_is_read() -> None:
    assert to_record(ENTRY, 6) == Record(
        line=6,
        markup="latex",
        identifiers=("arxiv:0704.0001", "doi:10.1103/x"),
        title="Diphoton production\n  at colliders",
        abstract="  We write $x$.\n",
        authors=("A. Lee", "B. Ray Jr.", "Group"),
        journal="Phys.Rev.D76:013009,2007",
        published="2007-04-02",
        type="preprint",
        url="https://arxiv.org/abs/0704.0001",
    )


def test_without_parsed_names_the_text_is_split() -> None:
    entry = {"authors": "Ann Lee, Bob Ray and Cy Dee", "authors_parsed": [[1], "x", []]}

    assert to_record(entry, 1).authors == ("Ann Lee", "Bob Ray", "Cy Dee")


@pytest.mark.parametrize(
    "created", ["", "yesterday", "Mon, 99 Apr 2007 19:18:42 GMT", "Mon, 2 Apr 99999999 1:1:1 GMT"]
)
def test_a_first_version_without_a_date_gives_the_date_of_the_update(created: str) -> None:
    entry = {"versions": [{"created": created}], "update_date": "2008-11-26"}

    assert to_record(entry, 1).published == "2008-11-26"


@pytest.mark.parametrize(
    ("key", "text", "retracted"),
    [
        ("comments", "This paper has been withdrawn by the author", True),
        ("abstract", " Withdrawn.", True),
        ("comments", "We study why papers are withdrawn", None),
    ],
)
def test_a_withdrawal_is_what_the_author_says_first(
    key: str, text: str, retracted: bool | None
) -> None:
    assert to_record({key: text}, 1).retracted is retracted


def test_entries_are_told_by_keys_of_their_own() -> None:
    assert is_arxiv({"authors_parsed": []})
    assert is_arxiv({"submitter": None, "categories": "cs.CL"})
    assert not is_arxiv({"id": "arxiv:1", "title": "T", "categories": []})
