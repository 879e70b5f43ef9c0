"""The export of a page: the file of the API, of all that answers or of what is ticked."""

import re
from html import unescape
from typing import Any

import pytest

from tests.service.local_client import LocalClient

EEG, SURVEY, SOIL = (f"doi:10.5555/{name}" for name in ("eeg.1", "eeg.2", "soil.1"))
RIS = "TY  - JOUR\nTI  - Recognising feelings\nAB  - Feelings in brain signals.\nER  - \n"


def hidden(page: str) -> dict[str, list[str]]:
    """Give what the form of an export sends, but for what is ticked."""
    (form,) = re.findall(r'<form id="export" action="/export".*?</form>', page, re.DOTALL)
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(unescape(value))
    return sent


def test_all_that_answers_a_search_is_exported_in_its_order(client: LocalClient) -> None:
    asked = {"q": "brain signals", "min_match": "0", "sort": "recency", "limit": "2"}
    asked |= {"type": "review", "like": EEG}
    sent = hidden(client.get("/", params=asked).text)
    got = client.get("/export", params=sent | {"format": "ris"})

    assert sent == {name: [asked[name]] for name in ("q", "sort", "type", "min_match")}
    assert got.headers["content-disposition"] == 'attachment; filename="cognate-brain-signals.ris"'
    assert got.content == client.get("/v1/export", params=sent | {"format": "ris"}).content


@pytest.mark.parametrize("order", [{}, {"sort": "recency"}, {"diversity": "0.8"}])
def test_all_that_answers_examples_is_exported_in_its_order(
    client: LocalClient, order: dict[str, str]
) -> None:
    asked: dict[str, Any] = {"like": [EEG], "text": [RIS], "unlike_text": ["bees"], **order}
    page = client.get("/similar", params=asked | {"min_match": "0", "limit": "1"}).text
    got = client.get("/export", params=hidden(page) | {"format": "jsonl"})
    similar = {
        "positive": [{"article_id": EEG}, {"ris": RIS}],
        "negative": [{"text": "bees"}],
        "min_match": 0.0,
        "sort": order.get("sort", "relevance"),
        "diversity": float(order.get("diversity", 0)),
    }
    posted = client.post("/v1/export", json={"format": "jsonl", "similar": similar})

    assert got.status_code == posted.status_code == 200
    assert got.content == posted.content
    assert got.content.count(b"\n") > 1


def test_what_is_ticked_counts_alone(client: LocalClient) -> None:
    sent = {"q": "bees", "author": "A", "like": EEG, "id": [SOIL, SURVEY], "format": "csv"}
    got = client.get("/export", params=sent)
    alone = client.get("/v1/export", params={"format": "csv", "id": [SOIL, SURVEY]})

    assert got.content == alone.content


def test_without_a_format_it_is_bibtex(client: LocalClient) -> None:
    assert client.get("/export", params={"id": EEG}).content.startswith(b"@article{")
