"""The wire format, asked without the client: shapes, limits, and errors that clients can read."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.query import Query
from service.search import SearchEngine
from service.semantic_scholar.parameters import MOST_IN_BATCH
from service.settings import Settings
from tests.service.library import build_library, open_engine
from tests.service.semantic_scholar.papers import (
    KEY,
    N_WORKS,
    ODD_DOI,
    PAPERS,
    SHA,
)

DOI = f"doi:{ODD_DOI}"
SEARCH = "/graph/v1/paper/search"
PAPER = "/graph/v1/paper"
RECOMMEND = "/recommendations/v1/papers/"
NOTHING = '"words that nobody wrote"'


def get(http: TestClient, path: str, status: int = 200, **asked: Any) -> Any:
    """Ask by GET, and give what came if it has the status."""
    response = http.get(path, params=asked)
    assert response.status_code == status, response.text
    return response.json()


def refused(http: TestClient, path: str, status: int = 400, **asked: Any) -> str:
    """Give the message of an error in the original's shape."""
    answer = get(http, path, status, **asked)
    assert list(answer) == ["error"]
    message: str = answer["error"]
    return message


def batch(http: TestClient, ids: list[str], **asked: Any) -> Any:
    return http.post(f"{PAPER}/batch", params=asked, json={"ids": ids})


def ids(papers: list[dict[str, Any]]) -> list[str]:
    return [paper["paperId"] for paper in papers]


# Searches


def test_a_page_has_the_shape_of_the_original(http: TestClient) -> None:
    first = get(http, SEARCH, query="wheat", limit=2)
    assert list(first) == ["total", "offset", "next", "data"]
    assert (first["offset"], first["next"]) == (0, 2)
    assert [list(paper) for paper in first["data"]] == [["paperId", "title"]] * 2

    last = get(http, SEARCH, query="latent", offset=1, limit=100)
    assert list(last) == ["total", "offset", "data"]
    assert last["total"] == len(last["data"]) + 1

    assert get(http, SEARCH, query=NOTHING) == {"total": 0, "offset": 0, "data": []}
    behind = get(http, SEARCH, query="latent", offset=900)
    assert behind == {"total": last["total"], "offset": 900, "data": []}


def test_order_and_total_are_those_of_our_own_search(http: TestClient) -> None:
    pairs: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"query": "wheat and soil"}, {"query": "wheat and soil"}),
        (
            {"query": "latent", "year": "1990-2022", "publicationTypes": "Review,JournalArticle"},
            {
                "query": "latent",
                "filters": {
                    "published_from": "1990",
                    "published_to": "2022",
                    "types": ["review", "research-article"],
                },
            },
        ),
    )
    for asked, ours in pairs:
        theirs = get(http, SEARCH, **asked, fields="matchProbability")
        answer = http.post("/v1/search", json={**ours, "limit": 100}).json()

        assert theirs["total"] == answer["total"]
        assert theirs["data"] == [
            {"paperId": hit["article"]["article_id"], "matchProbability": hit["scores"]["match"]}
            for hit in answer["hits"]
        ]


def test_each_page_asked_alone_is_a_slice_of_one_list(
    http: TestClient, papers: SearchEngine
) -> None:
    whole = [one.article.article_id for one in papers.export(Query(text="wheat 7"))][:1_000]
    assert len(whole) == 1_000

    for offset, limit in ((900, 100), (0, 100), (999, 1), (13, 50), (995, 5), (1, 1)):
        page = get(http, SEARCH, query="wheat 7", offset=offset, limit=limit)
        assert ids(page["data"]) == whole[offset : offset + limit]


@pytest.mark.parametrize(
    ("offset", "limit", "following"), [(800, 100, 900), (900, 100, None), (960, 30, None)]
)
def test_next_is_said_only_where_a_page_of_that_length_can_follow(
    http: TestClient, offset: int, limit: int, following: int | None
) -> None:
    page = get(http, SEARCH, query="wheat", offset=offset, limit=limit)

    assert page["total"] > 1_000
    assert page.get("next") == following


def test_searches_have_the_limits_of_the_original(http: TestClient) -> None:
    assert len(get(http, SEARCH, query="wheat", limit=100)["data"]) == 100
    assert "limit" in refused(http, SEARCH, query="wheat", limit=101)
    assert "limit" in refused(http, SEARCH, query="wheat", limit=0)
    assert len(get(http, SEARCH, query="wheat", offset=999, limit=1)["data"]) == 1
    message = refused(http, SEARCH, query="wheat", offset=1_000, limit=1)
    assert message.startswith("offset: 1000 and a limit of 1 reach beyond the first 1000 papers")
    assert "offset" in refused(http, SEARCH, query="wheat", offset=901, limit=100)
    assert "offset" in refused(http, SEARCH, query="wheat", offset=-1)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({}, "query"),
        ({"query": "  "}, "query"),
        ({"query": "a", "sort": "year"}, "sort"),
        ({"query": "a", "token": "x"}, "token"),
        ({"query": "a", "fieldsOfStudy": "Physics"}, "fieldsOfStudy"),
        ({"query": "a", "minCitationCount": "1"}, "minCitationCount"),
        ({"query": "a", "openAccessPdf": ""}, "openAccessPdf"),
        ({"query": "a", "venue": ","}, "venue"),
        ({"query": "x" * 20_001}, "query"),
        ({"query": ["a", "b"]}, "query"),
        ({"query": "a", "limit": "many"}, "limit"),
    ],
)
def test_what_a_search_cannot_take_is_named_and_never_passed_over(
    http: TestClient, asked: dict[str, Any], named: str
) -> None:
    assert refused(http, SEARCH, **asked).startswith(f"{named}: ")


def test_bulk_search_walks_all_by_tokens_in_pages_of_a_thousand(http: TestClient) -> None:
    asked: dict[str, Any] = {"query": "wheat", "sort": "paperId:desc", "fields": "year"}
    first = get(http, f"{SEARCH}/bulk", **asked)
    assert list(first) == ["total", "token", "data"]
    assert len(first["data"]) == 1_000 < first["total"]

    # the client sends both, and the original passes over both
    second = get(http, f"{SEARCH}/bulk", **asked, token=first["token"], offset=100, limit=100)

    assert second["token"] is None
    walked = ids(first["data"] + second["data"])
    assert walked == sorted(set(walked), reverse=True)
    assert len(walked) == first["total"] == second["total"]
    whole = get(http, f"{SEARCH}/bulk")
    assert whole["total"] == N_WORKS
    empty = get(http, f"{SEARCH}/bulk", query=NOTHING)
    assert empty == {"total": 0, "token": None, "data": []}


def test_a_token_is_refused_with_another_query_or_when_its_snapshot_is_gone(
    http: TestClient, papers: SearchEngine, tmp_path: Path
) -> None:
    token = get(http, f"{SEARCH}/bulk", query="wheat")["token"]
    assert refused(http, f"{SEARCH}/bulk", query="soil", token=token).startswith("token: ")
    assert refused(http, f"{SEARCH}/bulk", query="wheat", token="x").startswith("token: ")

    other = open_engine(build_library(tmp_path, PAPERS[:20]))
    with closing(other), TestClient(create_app(Settings(), other)) as elsewhere:
        message = refused(elsewhere, f"{SEARCH}/bulk", query="wheat", token=token)
    assert message.endswith("no longer kept; ask again without a token")


def test_a_title_is_matched_with_its_score(http: TestClient) -> None:
    asked = '"Indexing" by latent semantic analysis'
    (paper,) = get(http, f"{SEARCH}/match", query=asked, fields="year,matchProbability")["data"]
    assert paper == {"paperId": DOI, "year": 1990, "matchProbability": 1.0, "matchScore": 100.0}

    of_work = get(http, f"{SEARCH}/match", query="Songs of whales in the latent sea")
    assert ids(of_work["data"]) == ["doi:10.5555/whales"]
    message = refused(http, f"{SEARCH}/match", 404, query="unheard titles of nobody")
    assert message == "Title match not found"
    assert refused(http, f"{SEARCH}/match", 404, query="wheat field number 7", year="1800")
    assert refused(http, f"{SEARCH}/match").startswith("query: ")


def test_completions_have_an_id_a_title_and_who_wrote_it(http: TestClient) -> None:
    answer = get(http, f"{PAPER}/autocomplete", query="Songs of wh")

    assert answer == {
        "matches": [
            {
                "id": "doi:10.5555/whales",
                "title": "Songs of whales in the latent sea",
                "authorsYear": "Ray, 2023",
            }
        ]
    }
    assert len(get(http, f"{PAPER}/autocomplete", query="whe")["matches"]) == 10
    assert refused(http, f"{PAPER}/autocomplete", query="").startswith("query: ")


def test_snippets_are_found_within_the_limits_of_the_original(http: TestClient) -> None:
    path = "/graph/v1/snippet/search"
    answer = get(http, path, query="soil grows wheat", limit=1_000, fields="snippet.text")

    assert len(answer["data"]) == 1_000
    scores = [one["score"] for one in answer["data"]]
    assert scores == sorted(scores, reverse=True)
    assert all(list(one["snippet"]) == ["text"] for one in answer["data"])
    assert len(get(http, path, query="soil grows wheat")["data"]) == 10
    assert "limit" in refused(http, path, query="soil", limit=1_001)
    for name in ("paperIds", "insertedBefore", "fieldsOfStudy", "minCitationCount"):
        asked: dict[str, Any] = {"query": "soil", name: "1"}
        assert refused(http, path, **asked).startswith(f"{name}: ")
    by_one = get(http, path, query="latent", authors="Ann Ray")["data"]
    assert [one["paper"]["authors"] for one in by_one] == [["Ann Ray"]]
    assert refused(http, path, query="latent", authors="A, B").startswith("authors: ")


# Papers


def test_a_paper_has_what_is_known_and_null_for_the_rest(http: TestClient) -> None:
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
    http: TestClient, paper_id: str, fields: str, expected: list[Any] | None
) -> None:
    if expected is None:
        get(http, f"{PAPER}/{paper_id}", 404, fields=fields)
        return
    paper = get(http, f"{PAPER}/{paper_id}", fields=fields)

    assert list(paper.values())[1:] == expected


def test_a_version_is_itself_by_its_own_id_and_one_paper_in_searches(http: TestClient) -> None:
    assert get(http, f"{PAPER}/ARXIV:2202.00002")["paperId"] == "doi:10.48550/arxiv.2202.00002"
    found = get(http, SEARCH, query="whales sing of the sea", fields="externalIds")["data"]
    shown = [paper for paper in found if "whales" in paper["paperId"] or "2202" in paper["paperId"]]
    assert shown == [{"paperId": "doi:10.5555/whales", "externalIds": {"DOI": "10.5555/whales"}}]


def test_unknown_papers_and_fields_are_told_in_the_words_of_the_original(http: TestClient) -> None:
    assert refused(http, f"{PAPER}/0", 404) == "Paper with id 0 not found"
    assert refused(http, f"{PAPER}/DOI:10.1/a/b", 404) == "Paper with id DOI:10.1/a/b not found"
    message = "Unrecognized or unsupported fields: [unknown]"
    assert refused(http, f"{PAPER}/{DOI}", fields="unknown") == message
    assert refused(http, SEARCH, query="a", fields="title,unknown") == message
    assert batch(http, [DOI], fields="unknown").json() == {"error": message}


def test_a_batch_has_the_length_and_order_of_its_ids(http: TestClient) -> None:
    response = batch(http, ["nobody", SHA, "w0002", SHA], fields="year")

    assert response.status_code == 200
    assert response.json() == [
        None,
        {"paperId": DOI, "year": 1990},
        {"paperId": "w0002", "year": 1902},
        {"paperId": DOI, "year": 1990},
    ]
    assert batch(http, ["nobody"]).json() == [None]


def test_a_batch_holds_one_to_five_hundred_ids(http: TestClient) -> None:
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
        (b'{"ids": "w0001"}', "application/json"),
        (b'{"ids": [7]}', "application/json"),
        (b'{"ids": ["w0001"], "fields": "title"}', "application/json"),
        (b'{"ids": ["\\ud800"]}', "application/json"),
        (b'{"ids": ["w0001"]}', "text/plain"),
        (b'{"ids": ["' + b"x" * 1_100_000 + b'"]}', "application/json"),
    ],
)
def test_a_body_that_cannot_be_read_is_an_error_that_clients_raise(
    http: TestClient, body: bytes, kind: str
) -> None:
    response = http.post(f"{PAPER}/batch", content=body, headers={"content-type": kind})

    assert response.status_code == 400
    assert list(response.json()) == ["error"]


def test_authors_are_listed_from_a_place_on(http: TestClient) -> None:
    path = f"{PAPER}/ends%2Fauthors/authors"
    assert get(http, path, offset=1, limit=1) == {
        "offset": 1,
        "next": 2,
        "data": [{"authorId": None, "name": "Bo Chen"}],
    }
    assert list(get(http, path, limit=1_000)) == ["offset", "data"]
    assert "limit" in refused(http, path, limit=1_001)
    assert refused(http, f"{PAPER}/nobody/authors", 404) == "Paper with id nobody not found"


def test_what_cites_what_is_refused_and_not_said_to_be_nothing(http: TestClient) -> None:
    for linked in ("citations", "references"):
        message = refused(http, f"{PAPER}/{DOI}/{linked}", fields="title", offset=0, limit=10)
        assert message == f"{linked}: what cites what is not known here"
        assert refused(http, f"{PAPER}/{DOI}%2F{linked}", 404).endswith(f"/{linked} not found")


# Recommendations


def recommend(http: TestClient, body: Any, **asked: Any) -> Any:
    return http.post(RECOMMEND, params=asked, json=body)


def test_recommendations_are_those_of_our_own_similar_articles(http: TestClient) -> None:
    body = {"positivePaperIds": ["w0001", SHA], "negativePaperIds": ["ARXIV:2202.00002"]}
    theirs = recommend(http, body, limit=100, fields="matchProbability").json()
    ours = http.post(
        "/v1/similar",
        json={
            "positive": [{"article_id": "w0001"}, {"article_id": DOI}],
            "negative": [{"article_id": "arxiv:2202.00002"}],
            "limit": 100,
        },
    ).json()

    assert ours["hits"]
    assert theirs["recommendedPapers"] == [
        {
            "paperId": hit["article"]["article_id"],
            "matchProbability": hit["scores"]["match"],
        }
        for hit in ours["hits"]
    ]
    without_slash = http.post(RECOMMEND.rstrip("/"), json=body, params={"limit": 100})
    assert ids(without_slash.json()["recommendedPapers"]) == ids(theirs["recommendedPapers"])


def test_recommendations_for_one_paper_come_from_the_whole_index(http: TestClient) -> None:
    path = f"{RECOMMEND}forpaper/w0001"
    pools: list[dict[str, Any]] = [{"from": pool} for pool in ("recent", "all-cs")]
    of_pools = [get(http, path, limit=500, **pool) for pool in pools]

    assert len(of_pools[0]["recommendedPapers"]) == 500
    assert of_pools[0] == of_pools[1] == get(http, path, limit=500)
    assert list(of_pools[0]["recommendedPapers"][0]) == ["paperId", "title"]
    assert len(get(http, path)["recommendedPapers"]) == 100
    elsewhere: dict[str, Any] = {"from": "elsewhere"}
    assert refused(http, path, **elsewhere).startswith("from: ")
    assert "limit" in refused(http, path, limit=501)
    assert refused(http, f"{RECOMMEND}forpaper/nobody", 404) == "Paper with id nobody not found"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"positivePaperIds": []}, 400, "No positive paper examples given"),
        ({"negativePaperIds": ["w0001"]}, 400, "No positive paper examples given"),
        ({"positivePaperIds": ["no"]}, 404, "Paper with id no not found"),
        (
            {"positivePaperIds": ["w0001"], "negativePaperIds": ["w0002", "no"]},
            404,
            "Paper with id no not found",
        ),
    ],
)
def test_examples_that_cannot_be_used_are_told(
    http: TestClient, body: dict[str, Any], status: int, message: str
) -> None:
    response = recommend(http, body)

    assert (response.status_code, response.json()) == (status, {"error": message})


def test_as_many_examples_as_elsewhere_are_taken_on_each_side(http: TestClient) -> None:
    twenty = [f"w{number:04}" for number in range(20)]
    others = [f"w{number:04}" for number in range(20, 41)]

    most = recommend(http, {"positivePaperIds": twenty, "negativePaperIds": others[:20]})
    assert most.status_code == 200
    shown = set(ids(most.json()["recommendedPapers"]))
    assert not shown & {*twenty, *others[:20]}
    for side in (
        {"positivePaperIds": others},
        {"positivePaperIds": twenty[:1], "negativePaperIds": others},
    ):
        response = recommend(http, side)
        assert response.status_code == 400
        assert response.json()["error"].endswith("PaperIds: 21 examples; the most is 20")


# Errors that are not about papers


def test_what_is_not_served_says_so(http: TestClient) -> None:
    for path in ("/graph/v1/author/1", "/graph/v1/author/search", "/graph/v1/author/1/papers"):
        assert refused(http, path).startswith("author: authors are names here")
    assert refused(http, "/datasets/v1/release/").startswith("datasets: ")
    for path in ("/graph/v1/nothing", "/graph/v1/", "/recommendations/v1/papers/x"):
        assert refused(http, path, 404) == "nothing is served at this path"
    response = http.delete(f"{PAPER}/w0001")
    assert (response.status_code, list(response.json())) == (400, ["error"])


def test_errors_elsewhere_keep_their_own_shape(http: TestClient) -> None:
    assert get(http, "/v1/articles/nobody", 404)["error"]["code"] == "unknown_article"
    assert get(http, "/graph/v1", 404)["error"]["code"] == "not_found"


def test_a_key_is_asked_for_in_the_shape_that_clients_know(papers: SearchEngine) -> None:
    locked = TestClient(create_app(Settings(api_key=KEY), papers))

    assert locked.get(f"{PAPER}/w0001", headers={"x-api-key": KEY}).status_code == 200
    for headers in ({}, {"x-api-key": "wrong"}):
        response = locked.get(f"{PAPER}/w0001", headers=headers)
        assert response.status_code == 403
        assert response.json()["error"] == response.json()["message"]
        assert locked.get("/v1/articles/w0001", headers=headers).status_code == 401


def test_without_an_index_clients_raise_instead_of_taking_it_for_an_empty_answer() -> None:
    response = TestClient(create_app(Settings())).get(f"{PAPER}/w0001")

    assert response.status_code == 504
    assert response.json()["message"] == "no index is open yet; ask again in a moment"
    assert response.headers["retry-after"] == "1"


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[TestClient]:
    """Serve an engine whose store is closed, so that reading an article fails."""
    engine = open_engine(build_library(tmp_path))
    engine._snapshot.store.close()
    yield TestClient(create_app(Settings(), engine), raise_server_exceptions=False)
    engine.close()


def test_a_failure_says_nothing_of_itself(broken: TestClient) -> None:
    response = broken.get(f"{PAPER}/{DOI}")

    assert response.status_code == 500
    said = "the service failed; its log says why"
    assert orjson.loads(response.content) == {"error": said, "message": said}
    assert response.headers["x-content-type-options"] == "nosniff"
