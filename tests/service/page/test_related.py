"""The page of related work: a draft in, its sentences with what they could cite out."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from tests.service.page.reading import text

DRAFT = (
    "Electroencephalography records brain signals, and a graph network reads feelings (Lee 2020).\n"
    "Bees have been shown to remember flowers and to dance for others at home."
)


def post(client: TestClient, **fields: str) -> Any:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return client.post("/related-work", content=urlencode(fields), headers=kind)


def test_the_form_is_shown(client: TestClient) -> None:
    page = client.get("/related-work").text

    assert '<form id="draft-form" action="/related-work" method="post"' in page
    assert "Download" not in page


def test_the_page_shows_the_candidates_of_the_api(client: TestClient) -> None:
    page = post(client, draft=DRAFT).text
    answer = client.post("/v1/related-work", json={"text": DRAFT}).json()
    candidates = [one for sentence in answer["sentences"] for one in sentence["candidates"]]

    assert candidates
    claims = page.partition("Near the draft as a whole")[0]
    shown = re.findall(r'<a class="title" href="/articles/([^"]*)"', claims)
    assert shown == [one["article"]["article_id"] for one in candidates]
    assert all(f"<code>{one['key']}</code>" in page for one in candidates)
    assert f"{len(answer['sentences'])} sentences read" in text(page)


def test_the_draft_stays_in_the_form_and_is_escaped(client: TestClient) -> None:
    draft = "Bees are known to <script>alert(1)</script> dance for others & remember flowers."
    page = post(client, draft=draft).text

    assert "&lt;script&gt;alert(1)&lt;/script&gt; dance" in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("download", "media_type", "file_name", "part"),
    [
        ("bibtex", "application/x-bibtex", "related.bib", "@"),
        ("markdown", "text/markdown", "related.md", "# Related work"),
        ("html", "text/html", "related.html", "<!doctype html>"),
    ],
)
def test_parts_of_the_answer_are_files(
    client: TestClient, download: str, media_type: str, file_name: str, part: str
) -> None:
    answer = post(client, draft=DRAFT, download=download)

    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.headers["content-disposition"] == f'attachment; filename="{file_name}"'
    assert part in answer.text


def test_the_patch_is_that_of_the_api_and_names_the_file(client: TestClient) -> None:
    sent = DRAFT.replace("\n", "\r\n")
    answer = post(client, draft=sent, name="paper.tex", format="text", download="patch")
    body = {"text": DRAFT, "name": "paper.tex", "format": "text"}

    assert answer.text == client.post("/v1/related-work", json=body).json()["patch"]


def test_a_bibliography_is_checked(client: TestClient) -> None:
    entry = "@article{soil, title={Soil moisture and the yield of wheat}, doi={10.5555/soil.1}}"
    page = post(client, draft=DRAFT, bibliography=entry).text

    assert "<code>soil</code>" in page
    assert '<details class="bibliography" open>' in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"draft": " "}, "The draft: is empty; give a paragraph, or a whole draft."),
        ({"draft": "x", "format": "word"}, "The format: 'word' is none of text, latex, markdown."),
        ({"draft": "x" * 400_001}, "The draft: 400001 characters"),
    ],
)
def test_what_cannot_be_read_is_said(
    client: TestClient, fields: dict[str, str], sentence: str
) -> None:
    page = post(client, **fields)

    assert page.status_code == 400
    assert sentence in text(page.text)


def test_a_draft_that_claims_nothing_is_said(client: TestClient) -> None:
    page = post(client, draft="We thank our families.").text

    assert "No sentence of it makes a claim or names prior work." in text(page)
