"""Recommendations over raw HTTP: like some papers, unlike others."""

from typing import Any

import pytest

from tests.service.local_client import LocalClient
from tests.service.semantic_scholar.asking import (
    RECOMMEND,
    get,
    ids,
    recommend,
    refused,
)
from tests.service.semantic_scholar.papers import DOI, SHA


def test_recommendations_are_those_of_our_own_similar_articles(http: LocalClient) -> None:
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


def test_recommendations_for_one_paper_come_from_the_whole_index(http: LocalClient) -> None:
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
    http: LocalClient, body: dict[str, Any], status: int, message: str
) -> None:
    response = recommend(http, body)

    assert (response.status_code, response.json()) == (status, {"error": message})


def test_as_many_examples_as_elsewhere_are_taken_on_each_side(http: LocalClient) -> None:
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
