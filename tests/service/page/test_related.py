"""The page of related work: a draft in, its sentences with what they could cite out."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from service.app import create_app
from service.search import SearchEngine
from service.settings import Settings
from tests.service.local_client import LocalClient
from tests.service.page.reading import text

DRAFT = (
    "Electroencephalography records brain signals, and a graph network reads feelings (Lee 2020).\n"
    "Bees have been shown to remember flowers and to dance for others at home."
)


def post(client: LocalClient, **fields: str) -> Any:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return client.post("/related-work", content=urlencode(fields), headers=kind)


def test_the_form_is_shown(client: LocalClient) -> None:
    page = client.get("/related-work").text

    assert '<form id="draft-form" action="/related-work" method="post"' in page
    assert "Download" not in page


def test_the_page_shows_the_candidates_of_the_api(client: LocalClient) -> None:
    page = post(client, draft=DRAFT).text
    answer = client.post("/v1/related-work", json={"text": DRAFT}).json()
    candidates = [one for sentence in answer["sentences"] for one in sentence["candidates"]]

    assert candidates
    claims = page.partition("Near the draft as a whole")[0]
    shown = re.findall(r'<a class="title" href="/articles/([^"]*)"', claims)
    assert shown == [one["article"]["article_id"] for one in candidates]
    assert all(f"<code>{one['key']}</code>" in page for one in candidates)
    assert f"{len(answer['sentences'])} sentences read" in text(page)


def test_the_draft_stays_in_the_form_and_is_escaped(client: LocalClient) -> None:
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
    client: LocalClient, download: str, media_type: str, file_name: str, part: str
) -> None:
    answer = post(client, draft=DRAFT, download=download)

    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.headers["content-disposition"] == f'attachment; filename="{file_name}"'
    assert part in answer.text


def test_the_patch_is_that_of_the_api_and_names_the_file(client: LocalClient) -> None:
    sent = DRAFT.replace("\n", "\r\n")
    answer = post(client, draft=sent, name="paper.tex", format="text", download="patch")
    body = {"text": DRAFT, "name": "paper.tex", "format": "text"}

    assert answer.text == client.post("/v1/related-work", json=body).json()["patch"]


def test_a_bibliography_is_checked(client: LocalClient) -> None:
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
    client: LocalClient, fields: dict[str, str], sentence: str
) -> None:
    page = post(client, **fields)

    assert page.status_code == 400
    assert sentence in text(page.text)


BROWSER = {"Accept": "text/html"}
ENTRY = "@article{soil, title={Soil moisture and the yield of wheat}, doi={10.5555/soil.1}}"


def upload(client: LocalClient, files: Any, **fields: str) -> Any:
    return client.post("/related-work", data=fields, files=files, headers=BROWSER)


def test_files_are_read_as_if_they_were_pasted(client: LocalClient) -> None:
    files = {
        "draft_file": ("paper.tex", DRAFT.encode()),
        "bibliography_file": ("refs.bib", ENTRY.encode()),
    }
    page = upload(client, files, draft="", bibliography="").text
    pasted = post(client, draft=DRAFT, bibliography=ENTRY, name="paper.tex").text

    assert re.sub("in [^<]* m?s", "", page) == re.sub("in [^<]* m?s", "", pasted)
    assert '<input type="hidden" name="name" id="name" value="paper.tex">' in page
    assert "<code>soil</code>" in page


def test_a_file_counts_more_than_the_text_beside_it_and_that_is_said(client: LocalClient) -> None:
    page = upload(client, {"draft_file": ("a<b>.md", DRAFT.encode())}, draft="Other.").text

    assert "The file a<b>.md was read, and not the text beside it." in text(page)
    assert "Other." not in page
    assert "Bees have been shown" in page


def test_a_field_for_a_file_that_is_left_empty_asks_nothing(client: LocalClient) -> None:
    sent = {"draft_file": ("", b""), "bibliography_file": ("", b"")}
    page = upload(client, sent, draft=DRAFT).text

    assert "sentences read" in text(page)
    assert "was read" not in page


def test_a_file_that_is_no_text_is_refused_in_a_sentence(client: LocalClient) -> None:
    for field, name in (("draft", "The draft"), ("bibliography", "The bibliography")):
        page = upload(client, {f"{field}_file": ("x.pdf", b"%PDF\xff")}, draft=DRAFT)

        assert page.status_code == 400
        assert f"{name}: x.pdf is no text in UTF-8 (byte 4); convert it" in text(page.text)


@pytest.mark.parametrize(
    ("kind", "body"),
    [("multipart/form-data", b"x"), ("multipart/form-data; boundary=a", b"--b\r\n\r\nx")],
)
def test_a_form_that_is_damaged_is_refused_in_a_sentence(
    client: LocalClient, kind: str, body: bytes
) -> None:
    page = client.post("/related-work", content=body, headers=BROWSER | {"content-type": kind})

    assert page.status_code == 400
    assert 'role="alert"' in page.text


def test_a_text_without_a_form_is_no_draft(client: LocalClient) -> None:
    page = client.post("/related-work", content=b"x", headers={"content-type": "text/plain"})

    assert page.status_code == 400
    assert "The draft: is empty" in text(page.text)


def forms(draft: str) -> list[tuple[dict[str, str], bytes]]:
    """Give a draft as the body of each kind of form."""
    urlencoded = urlencode({"draft": draft}).encode()
    head = b'--b\r\nContent-Disposition: form-data; name="draft_file"; filename="a.md"\r\n\r\n'
    multipart = head + draft.encode() + b"\r\n--b--\r\n"
    return [
        (BROWSER | {"content-type": "application/x-www-form-urlencoded"}, urlencoded),
        (BROWSER | {"content-type": "multipart/form-data; boundary=b"}, multipart),
    ]


def test_a_form_may_be_as_large_as_a_body_and_no_larger(engine: SearchEngine) -> None:
    for headers, body in forms("Bees are known to dance. " * 50):
        for size, status in ((len(body), 200), (len(body) - 1, 413)):
            client = LocalClient(create_app(Settings(max_body_bytes=size), engine))
            announced = client.post("/related-work", content=body, headers=headers)
            chunked = client.post("/related-work", content=iter([body]), headers=headers)

            assert (announced.status_code, chunked.status_code) == (status, status)
            if status == 413:
                said = f"What was sent is larger than {size:,} bytes, the most that is read at once"
                for page in (announced, chunked):
                    assert said in text(page.text)
                    assert "Send the draft in parts" in text(page.text)


def test_a_draft_that_claims_nothing_is_said(client: LocalClient) -> None:
    page = post(client, draft="We thank our families.").text

    assert "No sentence of it makes a claim or names prior work." in text(page)
