"""Faults: a browser on the page reads sentences, and whoever asks the API reads JSON."""

from pathlib import Path
from typing import Any

import pytest

from index.errors import CursorExpiredError
from service.app import create_app
from service.responses import SECURITY_HEADERS
from service.schemas import ErrorAnswer
from service.search import SearchEngine
from service.settings import Settings
from tests.service.library import open_engine
from tests.service.local_client import LocalClient
from tests.service.page.reading import links, text

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
KEY = "a-key-of-enough-characters"


def sentence(answer: Any, status: int) -> str:
    """Give what a page of an error says, which is like every page of the service."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert answer.headers["vary"] == "Accept"
    assert answer.text.count('role="alert"') == 1
    said, _, _ = text(answer.text.partition('role="alert"')[2]).partition(" Search")
    return said.partition(">")[2].removesuffix(" ·")


def test_an_address_that_is_none_leads_back_to_the_pages(client: LocalClient) -> None:
    answer = client.get("/nowhere", headers=BROWSER)

    assert sentence(answer, 404) == "Nothing is served at this path."
    for words, place in (("Search", "/"), ("By example", "/similar")):
        assert place in links(answer.text, words)
    assert links(answer.text, "Try again") == []


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v1", "/feed.atom?x=1", "/static/none.js"])
def test_what_programs_ask_is_json_whatever_they_accept(client: LocalClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER)

    ErrorAnswer.model_validate_json(answer.content)
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize("accepted", ["*/*", "application/json", ""])
def test_who_accepts_no_page_reads_json_of_it_too(client: LocalClient, accepted: str) -> None:
    answer = client.get("/nowhere", headers={"Accept": accepted})

    ErrorAnswer.model_validate_json(answer.content)
    assert answer.headers["vary"] == "Accept"


def test_a_method_that_a_page_does_not_answer_is_said(client: LocalClient) -> None:
    answer = client.delete("/similar", headers=BROWSER)

    assert sentence(answer, 405) == "This path answers GET, HEAD only."
    assert answer.headers["allow"] == "GET, HEAD"


def test_an_export_that_cannot_be_is_said(client: LocalClient) -> None:
    for query, status, said in (
        ("from=soon", 400, "From: 'soon' is no date like 2024, 2024-03 or 2024-03-15."),
        ("id=no+such", 404, "No article has the id 'no such'"),
        ("format=docx", 400, "Format: Input should be 'bibtex', 'ris', 'csl-json',"),
        ("<b>=1", 400, "<b>: unknown name"),
    ):
        answer = client.get(f"/export?{query}", headers=BROWSER)
        assert said in sentence(answer, status).replace("id: n", "N")
        assert "<b>" not in answer.text


@pytest.mark.parametrize("path", ["/", "/similar?like=a", "/articles/a", "/export"])
def test_a_service_without_an_index_says_so_and_offers_to_try_again(path: str) -> None:
    answer = LocalClient(create_app(Settings())).get(path, headers=BROWSER)

    assert sentence(answer, 503).startswith("No index is open yet; ask again in a moment.")
    assert links(answer.text, "Try again") == [path]
    assert answer.headers["retry-after"] == "1"


def test_a_failure_says_nothing_of_the_inside(library: Path) -> None:
    closed = open_engine(library)
    closed.close()
    client = LocalClient(create_app(Settings(), closed), raise_server_exceptions=False)
    answer = client.get("/?q=a+%3Cb%3E", headers=BROWSER)

    assert sentence(answer, 500).startswith("The service failed; its log says why. Go back, and")
    assert links(answer.text, "Try again") == ["/?q=a+%3Cb%3E"]


def test_an_index_that_is_gone_is_a_page_where_no_page_says_so(engine: SearchEngine) -> None:
    app = create_app(Settings(), engine)

    @app.get("/walk")
    def walk() -> None:
        raise CursorExpiredError("20260101T000000000Z-0123456789abcdef")

    answer = LocalClient(app, raise_server_exceptions=False).get("/walk", headers=BROWSER)

    assert "is no longer kept; ask again without a cursor." in sentence(answer, 410)


def test_who_has_no_key_reads_a_sentence_beside_the_browser_s_question(
    engine: SearchEngine,
) -> None:
    guarded = LocalClient(create_app(Settings(api_key=KEY), engine))
    answer = guarded.get("/", headers=BROWSER)

    assert sentence(answer, 401).startswith("An API key is needed; send it as")
    assert "Basic" in answer.headers["www-authenticate"]
