"""The web page: plain, escaped, and of one mind with the API."""

import re
from html import unescape
from pathlib import Path

import pytest
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from service.app import create_app
from service.pages import (
    FormDates,
    article_path,
    doi_url,
    form_dates,
    form_link,
    form_to_query,
    long_date,
    web_url,
)
from service.query import Filters, Limits, Query, parse_since
from service.search import SearchEngine
from service.settings import Settings
from service.wording import per_cent
from tests.encoders import HashEncoder
from tests.service.library import LIBRARY, build_library, open_engine

MOST = Limits().max_query_chars


def headings(page: str) -> list[str]:
    titles = re.findall(r"<h2><a [^>]*>(.*?)</a></h2>", page)
    return [unescape(re.sub("</?mark>", "", title)) for title in titles]


def text(page: str) -> str:
    """Give what a page shows, without its tags and line breaks."""
    return " ".join(unescape(re.sub("<[^>]*>", "", page)).split())


def test_the_page_shows_the_articles_of_the_api_in_their_order(client: TestClient) -> None:
    question = {"q": "brain signals for recognising feelings", "min_match": "0"}
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

    asked = {"q": '"><script>alert(1)</script>', "type": "other", "min_match": "0"}
    page = client.get("/", params=asked).text

    assert "<script" not in page
    assert odd in headings(page)
    assert "javascript:" not in client.get("/", params={"q": "wheat", "min_match": "0"}).text


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
        ("from=-P", "From: &#39;-P&#39; is no time back from today like -P3M or -P1Y."),
        ("duration=ever", "The duration: &#39;ever&#39; is none of any, -P1M, -P3M, -P1Y, -P5Y,"),
        ("sort=magic", "The order: &#39;magic&#39; is none of relevance, recency."),
        ("min_match=most", "The least match: &#39;most&#39; is no number."),
        ("min_match=2", "The least match: 2.0 is not between 0 and 1."),
        ("cursor=x", "The page: this is no cursor"),
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

    assert "No article passes the filters. The names of authors and journals have to" in text(page)


def test_a_question_about_nothing_here_is_said_and_the_nearest_misses_are_a_link_away(
    client: TestClient,
) -> None:
    question = {"q": "zzz yyy", "type": "review"}
    page = client.get("/", params=question).text

    assert client.get("/v1/search", params=question).json()["answerable"] is False
    assert "No article here matches this. Show the nearest misses" in text(page)
    link = re.search(r'<a href="([^"]*)">Show the nearest misses</a>', page)
    assert link
    assert unescape(link[1]) == "/?q=zzz+yyy&type=review&min_match=0"
    misses = client.get(unescape(link[1])).text
    assert "These are the nearest articles, however unlikely" in misses
    assert headings(misses) == ["A survey of emotion recognition"]


def test_a_question_that_only_the_filters_leave_unanswered_says_so(client: TestClient) -> None:
    asked = {"q": '"graph network reads feelings"', "type": "review"}
    page = client.get("/", params=asked).text

    assert client.get("/v1/search", params=asked).json()["answerable"] is True
    assert "No article that passes the filters matches this." in text(page)


def test_the_total_is_that_of_all_pages_and_the_next_one_is_a_link_away(
    client: TestClient,
) -> None:
    asked = {"q": "a b", "min_match": "0"}
    whole = headings(client.get("/", params=asked).text)

    page = client.get("/", params=asked | {"limit": 4, "author": ""}).text
    link = re.search(r'<a href="([^"]*)" rel="next">Next page</a>', page)
    assert link
    assert "author=" not in link[1]
    rest = client.get(unescape(link[1])).text

    assert text(page).count("6 articles in") == 1
    assert "6 articles, showing 5 to 6 in" in text(rest)
    assert '<ol class="hits" start="5">' in rest
    assert headings(page) + headings(rest) == whole
    assert "Next page" not in rest


def test_a_total_beyond_the_bound_is_a_least_one(library: Path) -> None:
    limits = Limits(max_matches=2)
    bounded = SearchEngine.open(library, limits, load_encoder=HashEncoder.load)
    page = TestClient(create_app(Settings(), bounded)).get("/?q=brain+signals&min_match=0").text
    bounded.close()

    assert "more than 2 articles in" in text(page)


def test_recency_is_said(client: TestClient) -> None:
    page = client.get("/", params={"q": "brain", "sort": "recency", "min_match": "0"}).text

    assert "6 articles, newest first in" in text(page)


def test_the_match_is_shown_in_per_cent(client: TestClient) -> None:
    asked = {"q": "brain signals", "min_match": "0"}
    (first, *_) = client.get("/v1/search", params=asked).json()["hits"]

    page = client.get("/", params=asked).text

    assert unescape(page).count(f">{per_cent(first['scores']['match'])}</p>") >= 1


def test_the_words_of_the_question_are_marked_and_the_rest_is_escaped(client: TestClient) -> None:
    page = client.get("/", params={"q": "brain signals script", "min_match": "0"}).text

    sentence = "Electroencephalography records <mark>brain</mark> <mark>signals</mark>;"
    assert f'<p class="why">{sentence} a graph network reads feelings.</p>' in page
    assert "emotions from <mark>brain</mark> <mark>signals</mark> with graph" in page
    assert "what of &lt;<mark>script</mark>&gt;?" in page


def test_other_versions_of_a_work_are_linked_and_on_the_wire(tmp_path: Path) -> None:
    work: dict[str, object] = {"title": "How bees remember the way to flowers"}
    work |= {"authors": [{"name": "Ana Müller"}]}
    work |= {"abstract": "Bees remember flowers by their scent, and dance the way for others."}
    journal = work | {"doi": "10.5555/bees", "published": "2025", "type": "research-article"}
    preprint = work | {"id": "arxiv:2401.00001", "published": "2024-01-02", "type": "preprint"}
    versions = open_engine(build_library(tmp_path, [*LIBRARY, journal, preprint]))
    client = TestClient(create_app(Settings(), versions))

    found = client.get("/", params={"q": "bees remember", "min_match": "0"}).text
    alone = client.get("/articles/doi:10.5555/bees").text
    other = client.get("/articles/arxiv:2401.00001").text
    wire = client.get("/v1/articles/doi:10.5555/bees").json()
    batch = client.post("/v1/articles:batch", json={"ids": ["doi:10.5555/bees"]}).json()
    versions.close()

    assert [version["article_id"] for version in wire["versions"]] == ["arxiv:2401.00001"]
    assert batch["articles"] == [wire]
    also = 'Also: <a href="/articles/arxiv:2401.00001">preprint arXiv:2401.00001 (2024)</a>'
    assert also in found
    assert also in alone
    assert "Also: " in other
    assert "journal article 10.5555/bees (2025)" in other


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


def test_a_link_keeps_what_a_form_asks_and_begins_at_its_first_page() -> None:
    form = QueryParams("q=a&author=A&author=B&journal=&cursor=abc&min_match=0.5")

    assert form_link(form, {}) == "/?q=a&author=A&author=B&min_match=0.5"
    assert form_link(form, {"min_match": "0"}) == "/?q=a&author=A&author=B&min_match=0"
    assert form_link(form, {"cursor": "x"}) == "/?q=a&author=A&author=B&min_match=0.5&cursor=x"


def test_a_form_asks_what_it_says() -> None:
    asked = "q=x&author=+A+&author=B&journal=J&type=review&from=2020&to=2021&limit=5&"
    form = QueryParams(asked + "min_match=0.5&cursor=abc")

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
        min_match=0.5,
        cursor="abc",
    )


@pytest.mark.parametrize(
    ("published", "expected"),
    [("2025-12-03", "3 December 2025"), ("2025-01", "January 2025"), ("2025", "2025")],
)
def test_a_date_is_written_as_exactly_as_it_is_known(published: str, expected: str) -> None:
    assert long_date(published) == expected


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


@pytest.mark.parametrize(
    ("form", "dates"),
    [
        ("", FormDates("any", None, None)),
        ("duration=&from=&to=", FormDates("any", None, None)),
        ("duration=any&from=2020&to=2021", FormDates("any", None, None)),
        ("duration=-P3M&from=&to=", FormDates("-P3M", "-P3M", None)),
        ("duration=-P3M&from=2020&to=2021", FormDates("-P3M", "-P3M", None)),
        ("duration=custom&from=2020&to=", FormDates("custom", "2020", None)),
        ("from=2020&to=2021-05", FormDates("custom", "2020", "2021-05")),
        ("to=2021", FormDates("custom", None, "2021")),
        ("from=-P1Y", FormDates("-P1Y", "-P1Y", None)),
        ("from=-P1Y&to=2025", FormDates("custom", "-P1Y", "2025")),
        ("from=-P2W", FormDates("custom", "-P2W", None)),
        ("from=any", FormDates("custom", "any", None)),
    ],
)
def test_the_duration_chosen_decides_and_typed_dates_count_where_it_is_custom(
    form: str, dates: FormDates
) -> None:
    assert form_dates(QueryParams(form)) == dates


def test_a_duration_filters_from_a_day_counted_back_from_today() -> None:
    filters = form_to_query(QueryParams("q=a&duration=-P5Y&from=1999")).filters

    assert filters.asked_on is not None
    assert filters.published_from == parse_since("from", "-P5Y", filters.asked_on)
    assert filters.published_to is None


def test_the_page_keeps_the_duration_and_shows_typed_dates_where_it_is_custom(
    client: TestClient,
) -> None:
    chosen = client.get("/", params={"q": "a", "duration": "-P1Y", "from": "2020"}).text
    typed = client.get("/", params={"q": "a", "from": "2020"}).text

    assert '<option value="-P1Y" selected>Last year</option>' in chosen
    assert 'value="2020"' not in chosen
    assert '<details class="filters" open>' in chosen
    assert '<option value="custom" selected>Custom</option>' in typed
    assert 'value="2020"' in typed
    plain = client.get("/").text
    assert '<option value="any" selected>Any time</option>' in plain
    assert '<details class="filters">' in plain
