"""Asking by raw HTTP, and what an answer or an error must look like."""

from typing import Any

from tests.service.local_client import LocalClient

SEARCH = "/graph/v1/paper/search"
PAPER = "/graph/v1/paper"
RECOMMEND = "/recommendations/v1/papers/"
NOTHING = '"words that nobody wrote"'
"""A query that no paper answers."""


def get(http: LocalClient, path: str, status: int = 200, **asked: Any) -> Any:
    """Ask by GET, and give what came if it has the status."""
    response = http.get(path, params=asked)
    assert response.status_code == status, response.text
    return response.json()


def refused(http: LocalClient, path: str, status: int = 400, **asked: Any) -> str:
    """Give the message of an error in the original's shape."""
    answer = get(http, path, status, **asked)
    assert list(answer) == ["error"]
    message: str = answer["error"]
    return message


def batch(http: LocalClient, ids: list[str], **asked: Any) -> Any:
    """Ask for a batch."""
    return http.post(f"{PAPER}/batch", params=asked, json={"ids": ids})


def ids(papers: list[dict[str, Any]]) -> list[str]:
    """Give the ids of papers."""
    return [paper["paperId"] for paper in papers]


def recommend(http: LocalClient, body: Any, **asked: Any) -> Any:
    """Ask for recommendations."""
    return http.post(RECOMMEND, params=asked, json=body)
