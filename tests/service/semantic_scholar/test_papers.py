"""Papers over raw HTTP: what is known of them, batches, authors."""

from typing import Any

import pytest

from service.semantic_scholar.parameters import MOST_IN_BATCH
from tests.service.local_client import LocalClient
from tests.service.semantic_scholar.asking import (
    PAPER,
    SEARCH,
    batch,
    get,
    refused,
)
from tests.service.semantic_scholar.papers import DOI, ODD_DOI, SHA


def test_a_paper_has_what_is_known_and_null_for_the_rest(http: LocalClient) -> None:
    fields = (
        "corpusId,externalIds,url,title,abstract,venue,publicationVenue,year,citationCount,"
        "isOpenAccess,publicationTypes,publicationDate,journal,authors.hIndex,citations.title,"
        "embedding.specter_v2,tldr,textAvailability,matchProbability"
    )
    assert get(http, f"{PAPER}/{DOI}", fields=fields) == {
        "paperId": DOI,
        "corpusId": 303,
        "externalIds": {
            "DOI": ODD_DOI,
            "ACL": "2020.acl-main.1",
            "ArXiv": "2101.00001",
            "CorpusId": 303,
            "PubMedCentral": "77",
            "PubMed": "12345",
        },
        "url": f"https://doi.org/{ODD_DOI}".replace("<", "%3C").replace(">", "%3E"),
        "title": "Indexing by latent semantic analysis",
        "abstract": "A method for automatic indexing. It takes advantage of structure.",
        "venue": "Journal of the Society, Information Science",
        "publicationVenue": None,
        "year": 1990,
        "citationCount": None,
        "isOpenAccess": None,
        "publicationTypes": ["JournalArticle"],
        "publicationDate": "1990-09-01",
        "journal": {
            "name": "Journal of the Society, Information Science",
            "volume": None,
            "pages": None,
        },
        "authors": [
            {"authorId": None, "name": name, "hIndex": None}
            for name in ("Deerwester, Scott", "Susan T. Dumais", "George W. Furnas")
        ],
        "citations": None,
        "embedding": None,
        "tldr": None,
        "textAvailability": "abstract",
        "matchProbability": None,
    }


@pytest.mark.parametrize(
    ("paper_id", "fields", "expected"),
    [
        ("untitled", "title,venue,journal,url,year,publicationDate,publicationTypes", [None] * 7),
        ("ends/authors%2Fauthors", "title", None),
        ("ends%2Fauthors", "year,publicationDate", [2019, None]),
        ("doi:10.5555/whales", "year,publicationTypes", [2023, ["Conference"]]),
    ],
)
def test_dates_that_are_partial_give_a_year_alone(
    http: LocalClient, paper_id: str, fields: str, expected: list[Any] | None
) -> None:
    if expected is None:
        get(http, f"{PAPER}/{paper_id}", 404, fields=fields)
        return
    paper = get(http, f"{PAPER}/{paper_id}", fields=fields)

    assert list(paper.values())[1:] == expected


def test_a_version_is_itself_by_its_own_id_and_one_paper_in_searches(http: LocalClient) -> None:
    assert get(http, f"{PAPER}/ARXIV:2202.00002")["paperId"] == "doi:10.48550/arxiv.2202.00002"
    found = get(http, SEARCH, query="whales sing of the sea", fields="externalIds")["data"]
    shown = [paper for paper in found if "whales" in paper["paperId"] or "2202" in paper["paperId"]]
    assert shown == [{"paperId": "doi:10.5555/whales", "externalIds": {"DOI": "10.5555/whales"}}]


def test_unknown_papers_and_fields_are_told_in_the_words_of_the_original(http: LocalClient) -> None:
    assert refused(http, f"{PAPER}/0", 404) == "Paper with id 0 not found"
    assert refused(http, f"{PAPER}/DOI:10.1/a/b", 404) == "Paper with id DOI:10.1/a/b not found"
    message = "Unrecognized or unsupported fields: [unknown]"
    assert refused(http, f"{PAPER}/{DOI}", fields="unknown") == message
    assert refused(http, SEARCH, query="a", fields="title,unknown") == message
    assert batch(http, [DOI], fields="unknown").json() == {"error": message}


def test_a_batch_has_the_length_and_order_of_its_ids(http: LocalClient) -> None:
    response = batch(http, ["nobody", SHA, "w0002", SHA], fields="year")

    assert response.status_code == 200
    assert response.json() == [
        None,
        {"paperId": DOI, "year": 1990},
        {"paperId": "w0002", "year": 1902},
        {"paperId": DOI, "year": 1990},
    ]
    assert batch(http, ["nobody"]).json() == [None]


def test_a_batch_holds_one_to_five_hundred_ids(http: LocalClient) -> None:
    most = batch(http, ["w0001"] * MOST_IN_BATCH)
    assert (MOST_IN_BATCH, len(most.json())) == (500, 500)
    for wrong in ([], ["w0001"] * (MOST_IN_BATCH + 1)):
        response = batch(http, wrong)
        assert response.status_code == 400
        assert response.json() == {"error": f"ids: {len(wrong)} ids; give 1 to 500"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"\xff", "application/json"),
        (b'{"ids": "w0001"}', "application/json"),
        (b'{"ids": [7]}', "application/json"),
        (b'{"ids": ["w0001"], "fields": "title"}', "application/json"),
        (b'{"ids": ["\\ud800"]}', "application/json"),
        (b'{"ids": ["w0001"]}', "text/plain"),
        (b'{"ids": ["' + b"x" * 1_100_000 + b'"]}', "application/json"),
    ],
)
def test_a_body_that_cannot_be_read_is_an_error_that_clients_raise(
    http: LocalClient, body: bytes, kind: str
) -> None:
    response = http.post(f"{PAPER}/batch", content=body, headers={"content-type": kind})

    assert response.status_code == 400
    assert list(response.json()) == ["error"]


def test_authors_are_listed_from_a_place_on(http: LocalClient) -> None:
    path = f"{PAPER}/ends%2Fauthors/authors"
    assert get(http, path, offset=1, limit=1) == {
        "offset": 1,
        "next": 2,
        "data": [{"authorId": None, "name": "Bo Chen"}],
    }
    assert list(get(http, path, limit=1_000)) == ["offset", "data"]
    assert "limit" in refused(http, path, limit=1_001)
    assert refused(http, f"{PAPER}/nobody/authors", 404) == "Paper with id nobody not found"


def test_what_cites_what_is_refused_and_not_said_to_be_nothing(http: LocalClient) -> None:
    for linked in ("citations", "references"):
        message = refused(http, f"{PAPER}/{DOI}/{linked}", fields="title", offset=0, limit=10)
        assert message == f"{linked}: what cites what is not known here"
        assert refused(http, f"{PAPER}/{DOI}%2F{linked}", 404).endswith(f"/{linked} not found")
