"""Searches over raw HTTP: pages, tokens, titles, completions, snippets, and their limits."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.query import Query
from service.search import SearchEngine
from service.settings import Settings
from tests.service.library import build_library, open_engine
from tests.service.local_client import LocalClient
from tests.service.semantic_scholar.asking import (
    NOTHING,
    PAPER,
    SEARCH,
    get,
    ids,
    refused,
)
from tests.service.semantic_scholar.papers import DOI, N_WORKS, PAPERS


def test_a_page_has_the_shape_of_the_original(http: LocalClient) -> None:
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


def test_order_and_total_are_those_of_our_own_search(http: LocalClient) -> None:
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
    http: LocalClient, papers: SearchEngine
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
    http: LocalClient, offset: int, limit: int, following: int | None
) -> None:
    page = get(http, SEARCH, query="wheat", offset=offset, limit=limit)

    assert page["total"] > 1_000
    assert page.get("next") == following


def test_searches_have_the_limits_of_the_original(http: LocalClient) -> None:
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
    http: LocalClient, asked: dict[str, Any], named: str
) -> None:
    assert refused(http, SEARCH, **asked).startswith(f"{named}: ")


def test_bulk_search_walks_all_by_tokens_in_pages_of_a_thousand(http: LocalClient) -> None:
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
    http: LocalClient, papers: SearchEngine, tmp_path: Path
) -> None:
    token = get(http, f"{SEARCH}/bulk", query="wheat")["token"]
    assert refused(http, f"{SEARCH}/bulk", query="soil", token=token).startswith("token: ")
    assert refused(http, f"{SEARCH}/bulk", query="wheat", token="x").startswith("token: ")

    other = open_engine(build_library(tmp_path, PAPERS[:20]))
    with closing(other), LocalClient(create_app(Settings(), other)) as elsewhere:
        message = refused(elsewhere, f"{SEARCH}/bulk", query="wheat", token=token)
    assert message.endswith("no longer kept; ask again without a token")


def test_a_title_is_matched_with_its_score(http: LocalClient) -> None:
    asked = '"Indexing" by latent semantic analysis'
    (paper,) = get(http, f"{SEARCH}/match", query=asked, fields="year,matchProbability")["data"]
    assert paper == {"paperId": DOI, "year": 1990, "matchProbability": 1.0, "matchScore": 100.0}

    of_work = get(http, f"{SEARCH}/match", query="Songs of whales in the latent sea")
    assert ids(of_work["data"]) == ["doi:10.5555/whales"]
    message = refused(http, f"{SEARCH}/match", 404, query="unheard titles of nobody")
    assert message == "Title match not found"
    assert refused(http, f"{SEARCH}/match", 404, query="wheat field number 7", year="1800")
    assert refused(http, f"{SEARCH}/match").startswith("query: ")


def test_completions_have_an_id_a_title_and_who_wrote_it(http: LocalClient) -> None:
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


def test_snippets_are_found_within_the_limits_of_the_original(http: LocalClient) -> None:
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
