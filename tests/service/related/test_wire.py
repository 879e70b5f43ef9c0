"""Related work over HTTP."""

from typing import Any

import pytest

from service.related.wire import RelatedAnswer
from tests.service.local_client import LocalClient
from tests.service.related.drafting import BIBLIOGRAPHY, DRAFT, EEG, WHEAT


def ask(client: LocalClient, **body: object) -> Any:
    response = client.post(
        "/v1/related-work", json={"text": DRAFT, "bibliography": BIBLIOGRAPHY} | body
    )
    assert response.status_code == 200, response.text
    return response.json()


def test_the_answer_is_as_it_is_described(client: LocalClient) -> None:
    answer = ask(client, include=["bibtex", "patch", "markdown", "html"])

    RelatedAnswer.model_validate(answer)
    assert answer["format"] == "latex"
    assert answer["title"] == "Feelings in the field"
    (eeg,) = [one for one in answer["sentences"] if one["text"] == f"{EEG}."]
    assert DRAFT[eeg["start"] : eeg["end"]] == f"{EEG}."
    best = eeg["candidates"][0]
    assert best["article"]["article_id"] == "doi:10.5555/eeg.1"
    assert best["support"]["text"] in best["article"]["abstract"]
    assert best["key"] == "muller2025recognising"
    assert not best["known"]
    assert answer["markdown"].startswith("# Related work")
    assert answer["html"].startswith("<!doctype html>")
    assert answer["took_ms"] > 0


def test_extras_are_given_as_they_are_asked_for(client: LocalClient) -> None:
    assert {"bibtex", "patch"} <= ask(client).keys()
    assert ask(client, include=[]).keys().isdisjoint({"bibtex", "patch", "markdown", "html"})


def test_the_patch_bears_the_name_of_the_file(client: LocalClient) -> None:
    answer = ask(client, name="paper.tex", insert_from=0.2)

    assert answer["patch"].startswith("--- paper.tex\n+++ paper.tex\n")
    (wheat,) = [one for one in answer["sentences"] if one["text"] == f"{WHEAT}."]
    assert wheat["inserted"] == "ek2023soil"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 400_001}, "text"),
        ({"bibliography": "Dear reader,"}, "bibliography"),
        ({"bibliography": "x" * 400_001}, "bibliography"),
        ({"limit": 21}, "limit"),
        ({"limit": 0}, "limit"),
        ({"neighbours": 101}, "neighbours"),
        ({"neighbours": -1}, "neighbours"),
        ({"min_match": 0}, "min_match"),
        ({"insert_from": 2}, "insert_from"),
        ({"include": ["pdf"]}, "include.0"),
        ({"format": "word"}, "format"),
        ({"filters": {"published_from": "yesterday"}}, "filters.published_from"),
        ({"draft": "x"}, "draft"),
    ],
)
def test_what_cannot_be_answered_is_named(
    client: LocalClient, body: dict[str, object], field: str
) -> None:
    response = client.post("/v1/related-work", json={"text": "A draft."} | body)

    assert response.status_code == 400
    assert response.json()["error"]["field"] == field


def test_a_draft_has_to_be_there(client: LocalClient) -> None:
    response = client.post("/v1/related-work", json={})

    assert response.status_code == 400
    assert response.json()["error"]["field"] == "text"
