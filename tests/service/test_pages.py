"""The web page: plain, escaped, and of one mind with the API."""

import re
from html import unescape

import pytest
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from index.article import Article
from service.pages import (
    article_path,
    doi_url,
    form_to_query,
    heading,
    long_date,
    short_authors,
    web_url,
)
from service.query import Filters, Limits, Query

MOST = Limits().max_query_chars


def headings(page: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<h2><a [^>]*>(.*?)</a></h2>", page)]


def test_the_page_shows_the_articles_of_the_api_in_their_order(client: TestClient) -> None:
    question = {"q": "brain signals for recognising feelings"}
    page = client.get("/", params=question)
    answer = client.get("/v1/search", params=question).json()

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    titles = [hit["article"]["title"] for hit in answer["hits"]]
    shown = headings(page.text)
    assert [title for title in shown if not title.startswith("[")] == [t for t in titles if t]
    assert len(shown) == len(titles)


def test_without_a_question_the_newest_are_shown_and_counted(client: TestClient) -> None:
    page = client.get("/").text

    assert "6 articles, newest first" in page
    assert headings(page)[0] == "Recognising emotions from brain signals with graph networks"
    assert 'class="score"' not in page


def test_an_article_shows_what_is_known_of_it(client: TestClient) -> None:
    page = client.get("/", params={"q": "brain", "author": "Ana Müller"}).text

    assert ">New</span>" in page
    assert "Research article" in page
    assert 'href="https://doi.org/10.5555/eeg.1"' in page
    assert "10 March 2025" in page
    assert "Journal of Signals" in page
    assert "Ana Müller + 1 more" in page
    assert "<details><summary>Abstract</summary>" in page
    assert 'class="score"' in page


def test_an_unknown_title_is_said_and_the_abstract_begins_in_its_place(client: TestClient) -> None:
    page = client.get("/", params={"type": "preprint"}).text

    assert headings(page) == [
        "[Bees remember flowers. They fly far and dance for others at home. They fly …]"
    ]
    assert "Title unknown" in page
    assert "Longer than the encoder reads" in page


def test_retracted_and_title_only_articles_say_so(client: TestClient) -> None:
    page = client.get("/", params={"author": "Dora Ek"}).text

    assert ">Retracted</span>" in page
    assert "Only the title is known." in page
    assert "November 2023" in page
    assert "Dora Ek + 4 more" in page


def test_what_sources_and_askers_write_stays_text(client: TestClient) -> None:
    odd = """If a < b & 'c' > "d", what of <script>?"""

    page = client.get("/", params={"q": '"><script>alert(1)</script>', "type": "other"}).text

    assert "<script" not in page
    assert odd in headings(page)
    assert "javascript:" not in client.get("/", params={"q": "wheat"}).text


def test_the_form_keeps_what_was_asked(client: TestClient) -> None:
    asked = {"q": "a & b", "sort": "recency", "author": "X", "journal": "Y", "type": "review"}
    page = client.get("/", params=asked | {"from": "2020", "to": "2021-05"}).text

    assert 'value="a &amp; b"' in page
    assert '<option value="recency" selected>' in page
    assert '<option value="review" selected>' in page
    for value in ("X", "Y", "2020", "2021-05"):
        assert f'value="{value}"' in page
    assert '<details class="filters" open>' in page
    assert 'href="/?q=a+%26+b"' in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=soon", "From: &#39;soon&#39; is no date like 2024, 2024-03 or 2024-03-15."),
        ("from=2025&to=2024", "From: 2025 is after 2024"),
        ("sort=magic", "The order: &#39;magic&#39; is none of relevance, recency."),
        ("limit=many", "The number of articles: &#39;many&#39; is no whole number."),
        ("limit=0", "The number of articles: 0 is less than 1."),
        ("limit=1000", "The number of articles: 1000 is not between 1 and 100."),
        ("q=" + "x" * (MOST + 1), f"The question: {MOST + 1} characters"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(
    client: TestClient, query: str, sentence: str
) -> None:
    page = client.get(f"/?{query}")

    assert page.status_code == 400
    assert sentence in page.text
    assert "<form" in page.text


def test_no_answer_is_said_with_what_to_try(client: TestClient) -> None:
    page = client.get("/", params={"author": "Nobody"}).text

    assert "No article answers this. The names of authors and journals have to match" in page


def test_more_is_one_link_away_where_there_may_be_more(client: TestClient) -> None:
    page = client.get("/", params={"q": "a b", "limit": 2, "author": ""}).text

    assert 'href="/?q=a+b&amp;limit=100"' in page
    assert "Show more" not in client.get("/", params={"q": "a b"}).text
    assert "Show more" not in client.get("/", params={"limit": 100}).text


def test_recency_is_said(client: TestClient) -> None:
    page = client.get("/", params={"q": "brain", "sort": "recency"}).text

    assert "The 6 newest of the best matches" in page


def test_an_article_has_a_page_with_similar_ones(client: TestClient) -> None:
    page = client.get("/articles/doi:10.5555/eeg.1").text

    assert "<h1>Recognising emotions from brain signals with graph networks</h1>" in page
    assert "Ana Müller, Bo Chen" in page
    assert 'href="https://example.org/eeg"' in page
    assert headings(page)[0] == "A survey of emotion recognition"


def test_every_article_has_a_page_that_its_link_leads_to(client: TestClient) -> None:
    links = re.findall(r'<h2><a href="([^"]*)"', client.get("/").text)

    assert len(links) == 6
    assert {client.get(link).status_code for link in links} == {200}


def test_an_unnamed_rest_of_authors_is_counted(client: TestClient) -> None:
    page = client.get("/articles/doi:10.5555/soil.1").text

    assert "Dora Ek + 4 more" in page
    assert "javascript:" not in page


@pytest.mark.parametrize("article_id", ["doi:10.5555/none", "%ff", "<b>"])
def test_a_missing_article_is_said(client: TestClient, article_id: str) -> None:
    page = client.get(f"/articles/{article_id}")

    assert page.status_code == 404
    assert "No article here has the id" in page.text
    assert "<b>" not in page.text


def test_pages_load_nothing_from_elsewhere_and_need_no_script(client: TestClient) -> None:
    for path in ("/", "/articles/doi:10.5555/eeg.1", "/articles/none"):
        page = client.get(path).text
        loaded = re.findall(r'<(?:link|img|script|iframe)\b[^>]*(?:href|src)="([^"]*)"', page)
        assert loaded
        assert all(address.startswith("/static/") for address in loaded)
        assert "<script" not in page
        assert "style=" not in page


def test_what_pages_load_is_there(client: TestClient) -> None:
    for path in ("/static/style.css", "/static/icon.svg"):
        assert client.get(path).status_code == 200
    assert "http" not in client.get("/static/style.css").text


def test_a_page_answers_head(client: TestClient) -> None:
    response = client.head("/")

    assert (response.status_code, response.content) == (200, b"")


def test_a_blank_form_asks_for_everything() -> None:
    form = QueryParams("q=&sort=&author=&journal=+&type=&from=&to=&limit=")

    assert form_to_query(form) == Query(text="")


def test_a_form_asks_what_it_says() -> None:
    form = QueryParams("q=x&author=+A+&author=B&journal=J&type=review&from=2020&to=2021&limit=5")

    assert form_to_query(form) == Query(
        text="x",
        filters=Filters(
            authors=("A", "B"),
            journals=("J",),
            types=("review",),
            published_from="2020",
            published_to="2021",
        ),
        limit=5,
    )


@pytest.mark.parametrize(
    ("published", "expected"),
    [("2025-12-03", "3 December 2025"), ("2025-01", "January 2025"), ("2025", "2025")],
)
def test_a_date_is_written_as_exactly_as_it_is_known(published: str, expected: str) -> None:
    assert long_date(published) == expected


@pytest.mark.parametrize(
    ("authors", "n_authors", "expected"),
    [((), 0, ""), (("A",), 1, "A"), (("A", "B"), 2, "A + 1 more"), (("A",), 9, "A + 8 more")],
)
def test_authors_are_the_first_and_a_count(
    authors: tuple[str, ...], n_authors: int, expected: str
) -> None:
    article = Article(article_id="x", authors=authors, n_authors=n_authors)

    assert short_authors(article) == expected


def test_a_short_abstract_stands_whole_in_place_of_a_title() -> None:
    assert heading(Article(article_id="x", abstract="Few words.")) == "[Few words.]"


@pytest.mark.parametrize(
    ("url", "is_linked"),
    [
        ("https://example.org/a?b=c", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("https:", False),
        ("http://[", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str | None, is_linked: bool) -> None:
    assert web_url(url) == (url if is_linked else None)


@pytest.mark.parametrize(
    ("article_id", "path"),
    [
        ("doi:10.1/a", "/articles/doi:10.1/a"),
        ("doi:10.1/a?b#c", "/articles/doi:10.1/a%3Fb%23c"),
        ("doi:10.1//a", "/articles/doi:10.1%2F%2Fa"),
        ("a/../b", "/articles/a%2F..%2Fb"),
    ],
)
def test_an_id_is_escaped_into_a_path(article_id: str, path: str) -> None:
    assert article_path(article_id) == path


def test_a_doi_is_escaped_into_an_address() -> None:
    assert doi_url('10.1/<a>"b;(2)') == "https://doi.org/10.1/%3Ca%3E%22b;(2)"
