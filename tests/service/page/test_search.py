"""The search page: plain, escaped, and of one mind with the API."""

import re
from html import unescape
from pathlib import Path

import pytest

from service.app import create_app
from service.page.wording import match_words
from service.query import Limits
from service.search import SearchEngine
from service.settings import Settings
from service.wording import per_cent
from tests.encoders import HashEncoder
from tests.service.library import LIBRARY, build_library, open_engine
from tests.service.local_client import LocalClient
from tests.service.page.reading import counts, headings, links, text

MOST = Limits().max_query_chars


def test_the_page_shows_the_articles_of_the_api_in_their_order(client: LocalClient) -> None:
    question = {"q": "brain signals for recognising feelings", "min_match": "0"}
    page = client.get("/", params=question)
    answer = client.get("/v1/search", params=question).json()

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    titles = [hit["article"]["title"] for hit in answer["hits"]]
    shown = headings(page.text)
    assert [title for title in shown if not title.startswith("[")] == [t for t in titles if t]
    assert len(shown) == len(titles)


def test_without_a_question_the_newest_are_shown_and_counted(client: LocalClient) -> None:
    page = client.get("/").text

    assert "6 articles, newest first" in text(page)
    assert headings(page)[0] == "Recognising emotions from brain signals with graph networks"
    assert 'class="score"' not in page


def test_an_article_shows_what_is_known_of_it(client: LocalClient) -> None:
    page = client.get("/", params={"q": "brain", "author": "Ana Müller"}).text

    assert ">New</span>" in page
    assert "Research article" in page
    assert 'href="https://doi.org/10.5555/eeg.1"' in page
    assert "10 March 2025" in page
    assert "Journal of Signals" in page
    assert "Ana Müller + 1 more" in text(page)
    assert "<summary>Abstract</summary>" in page
    assert 'class="score"' in page


def test_an_unknown_title_is_said_and_the_abstract_begins_in_its_place(client: LocalClient) -> None:
    page = client.get("/", params={"type": "preprint"}).text

    assert headings(page) == [
        "[Bees remember flowers. They fly far and dance for others at home. They fly …]"
    ]
    assert "Title unknown" in page
    assert "Longer than the encoder reads" in page


def test_retracted_and_title_only_articles_say_so(client: LocalClient) -> None:
    page = client.get("/", params={"author": "Dora Ek"}).text

    assert ">Retracted</span>" in page
    assert "Only the title is known." in page
    assert "November 2023" in page
    assert "Dora Ek + 4 more" in text(page)


def test_what_sources_and_askers_write_stays_text(client: LocalClient) -> None:
    odd = """If a < b & 'c' > "d", what of <script>?"""

    asked = {"q": '"><script>alert(1)</script>', "type": "other", "min_match": "0"}
    page = client.get("/", params=asked).text

    assert "<script>" not in page
    assert odd in headings(page)
    assert "javascript:" not in client.get("/", params={"q": "wheat", "min_match": "0"}).text


def test_the_form_keeps_what_was_asked(client: LocalClient) -> None:
    asked = {"q": "a & b", "sort": "recency", "author": "X", "journal": "Y", "type": "review"}
    page = client.get("/", params=asked | {"from": "2020", "to": "2021-05"}).text

    assert 'value="a &amp; b"' in page
    assert '<input type="hidden" name="sort" value="recency">' in page
    assert '<input type="checkbox" form="ask" name="type" value="review" checked>' in page
    for name, value in (("author", "X"), ("journal", "Y")):
        assert f'<input type="hidden" form="ask" name="{name}" value="{value}">' in page
    for value in ("2020", "2021-05"):
        assert f'value="{value}"' in page
    assert links(page, "Clear all") == ["/?q=a+%26+b&sort=recency"]


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
    client: LocalClient, query: str, sentence: str
) -> None:
    page = client.get(f"/?{query}")

    assert page.status_code == 400
    assert sentence in page.text
    assert "<form" in page.text


def test_an_answer_that_a_filter_empties_says_which_one_to_lift(client: LocalClient) -> None:
    page = client.get("/", params={"author": "Nobody", "type": "review"}).text
    (link,) = links(page, "Without the filter of author")

    assert "No article passes the filters. Without the filter of author: 1 article" in text(page)
    assert link == "/?type=review"
    assert "1 article, newest first" in text(client.get(link).text)


def test_an_answer_that_several_filters_empty_says_so(client: LocalClient) -> None:
    page = client.get("/", params={"author": "Nobody", "journal": "Nothing"}).text

    assert "No single filter keeps them out; lift them all." in text(page)
    assert links(page, "lift them all") == ["/"]


def test_a_question_about_nothing_here_is_said_and_the_nearest_misses_are_a_link_away(
    client: LocalClient,
) -> None:
    question = {"q": "zzz yyy", "type": "review"}
    page = client.get("/", params=question).text

    assert client.get("/v1/search", params=question).json()["answerable"] is False
    assert "No article here matches this. Try other words" in text(page)
    (link,) = links(page, "Show the nearest misses")
    assert link == "/?q=zzz+yyy&type=review&min_match=0"
    misses = client.get(link).text
    assert "These are the nearest articles, however unlikely" in misses
    assert headings(misses) == ["A survey of emotion recognition"]


def test_a_question_that_only_the_filters_leave_unanswered_says_so(client: LocalClient) -> None:
    asked = {"q": '"graph network reads feelings"', "type": "review"}
    page = client.get("/", params=asked).text

    assert client.get("/v1/search", params=asked).json()["answerable"] is True
    assert "No article that passes the filters matches this." in text(page)


def test_the_total_is_that_of_all_pages_and_the_next_one_is_a_link_away(
    client: LocalClient,
) -> None:
    asked = {"q": "a b", "min_match": "0"}
    whole = headings(client.get("/", params=asked).text)

    page = client.get("/", params=asked | {"limit": 4, "author": ""}).text
    (link,) = links(page, "Next page")
    assert "author=" not in link
    rest = client.get(link).text

    assert text(page).count("6 articles in") == 1
    assert "6 articles, showing 5 to 6 in" in text(rest)
    assert '<ol class="hits" start="5">' in rest
    assert headings(page) + headings(rest) == whole
    assert "Next page" not in rest


def test_a_total_beyond_the_bound_is_a_least_one(library: Path) -> None:
    limits = Limits(max_matches=2)
    bounded = SearchEngine.open(library, limits, load_encoder=HashEncoder.load)
    page = LocalClient(create_app(Settings(), bounded)).get("/?q=brain+signals&min_match=0").text
    bounded.close()

    assert "more than 2 articles in" in text(page)


def test_recency_is_said(client: LocalClient) -> None:
    page = client.get("/", params={"q": "brain", "sort": "recency", "min_match": "0"}).text

    assert "6 articles, newest first in" in text(page)


def test_the_match_is_shown_in_per_cent(client: LocalClient) -> None:
    asked = {"q": "brain signals", "min_match": "0"}
    (first, *_) = client.get("/v1/search", params=asked).json()["hits"]

    page = client.get("/", params=asked).text

    match = first["scores"]["match"]
    shown = f'value="{match:.3f}" aria-label="Probability of a match">{per_cent(match)}</meter>'
    assert shown in page
    assert f"<b>{per_cent(match)}</b> <span>{match_words(match)}</span>" in page


def test_the_words_of_the_question_are_marked_and_the_rest_is_escaped(client: LocalClient) -> None:
    page = client.get("/", params={"q": "brain signals script", "min_match": "0"}).text

    sentence = "Electroencephalography records <mark>brain</mark> <mark>signals</mark>;"
    assert f'<p class="why" dir="auto">{sentence} a graph network reads feelings.</p>' in page
    assert "emotions from <mark>brain</mark> <mark>signals</mark> with graph" in page
    assert "what of &lt;<mark>script</mark>&gt;?" in page


def test_other_versions_of_a_work_are_linked_and_on_the_wire(tmp_path: Path) -> None:
    work: dict[str, object] = {"title": "How bees remember the way to flowers"}
    work |= {"authors": [{"name": "Ana Müller"}]}
    work |= {"abstract": "Bees remember flowers by their scent, and dance the way for others."}
    journal = work | {"doi": "10.5555/bees", "published": "2025", "type": "research-article"}
    preprint = work | {"id": "arxiv:2401.00001", "published": "2024-01-02", "type": "preprint"}
    versions = open_engine(build_library(tmp_path, [*LIBRARY, journal, preprint]))
    client = LocalClient(create_app(Settings(), versions))

    found = client.get("/", params={"q": "bees remember", "min_match": "0"}).text
    alone = client.get("/articles/doi:10.5555/bees").text
    other = client.get("/articles/arxiv:2401.00001").text
    wire = client.get("/v1/articles/doi:10.5555/bees").json()
    batch = client.post("/v1/articles:batch", json={"ids": ["doi:10.5555/bees"]}).json()
    versions.close()

    assert [version["article_id"] for version in wire["versions"]] == ["arxiv:2401.00001"]
    assert batch["articles"] == [wire]
    also = '<a href="/articles/arxiv:2401.00001">preprint arXiv:2401.00001 (2024)</a>'
    assert also in found
    assert "1 other version" in text(found)
    assert also in alone
    assert "journal article 10.5555/bees (2025)" in other


def test_pages_load_nothing_from_elsewhere_and_hold_no_script_inline(
    client: LocalClient,
) -> None:
    for path in ("/", "/similar", "/related-work", "/articles/doi:10.5555/eeg.1", "/articles/none"):
        page = client.get(path).text
        loaded = re.findall(r'<(?:link|img|script|iframe)\b[^>]*(?:href|src)="([^"]*)"', page)
        assert loaded
        ours = ("/static/", "/feed.atom", "/feed.json")
        assert all(address.startswith(ours) for address in loaded)
        assert re.findall("<script[^>]*>[^<]", page) == []
        assert not re.search(r"<[^>]* (?:style|on\w+)=", page)


def test_what_pages_load_is_there(client: LocalClient) -> None:
    for path in ("/static/style.css", "/static/page.js", "/static/icon.svg"):
        assert client.get(path).status_code == 200
    assert "http" not in client.get("/static/style.css").text


def test_what_pages_load_is_kept_until_its_bytes_change(client: LocalClient) -> None:
    loaded = re.findall(r'(?:href|src)="(/static/[^"]*)"', client.get("/").text)

    assert len(loaded) == 4
    assert all("immutable" in client.get(path).headers["cache-control"] for path in loaded)
    assert client.get("/static/style.css").headers["cache-control"] == "private, no-cache"
    assert client.get("/static/none.css?v=1").headers["cache-control"] == "private, no-cache"


def test_a_page_answers_head(client: LocalClient) -> None:
    response = client.head("/")

    assert (response.status_code, response.content) == (200, b"")


def test_the_page_keeps_the_duration_and_shows_typed_dates_where_it_is_custom(
    client: LocalClient,
) -> None:
    chosen = client.get("/", params={"q": "a", "duration": "-P1Y", "from": "2020"}).text
    typed = client.get("/", params={"q": "a", "from": "2020"}).text

    assert '<option value="-P1Y" selected>Last year (' in chosen
    assert 'value="2020"' not in chosen
    assert '<option value="custom" selected>Custom</option>' in typed
    assert 'value="2020"' in typed
    plain = client.get("/").text
    assert '<option value="any" selected>Any time (6)</option>' in plain


def test_the_counts_of_the_page_are_those_of_the_api(client: LocalClient) -> None:
    asked = {"q": "brain signals and wheat", "min_match": "0", "type": "review"}
    page = client.get("/", params=asked).text
    fields = ["authors", "journals", "types", "years"]
    answer = client.get("/v1/search", params=asked | {"facet": fields}).json()
    of_api = {
        field: {value["value"]: value["count"] for value in answer["facets"][field]}
        for field in fields
    }

    assert counts(page, "author") == of_api["authors"]
    assert counts(page, "journal") == of_api["journals"]
    assert counts(page, "type") == of_api["types"]
    assert len(of_api["types"]) > 1
    drawn = dict(re.findall(r"<title>(\d{4}): (\d+)</title>", page))
    assert {year: int(n) for year, n in drawn.items() if n != "0"} == of_api["years"]


def test_the_beginning_of_a_name_narrows_its_list(client: LocalClient) -> None:
    page = client.get("/", params={"find_author": "mül", "author": "Dora Ek"}).text

    assert counts(page, "author") == {"Ana Müller": 1, "Dora Ek": 1}
    assert 'value="mül"' in page


def test_a_name_is_chosen_however_it_is_spelled(client: LocalClient) -> None:
    page = client.get("/", params={"author": "CHEN, bo"}).text

    assert re.search('name="author" value="(?:Bo Chen|Chen, Bo)" checked', page)
    assert 'type="hidden" form="ask" name="author"' not in page


def test_every_filter_is_a_chip_that_lifts_it(client: LocalClient) -> None:
    asked = "q=a&author=Bo+Chen&author=Dora+Ek&type=review&duration=-P5Y&cursor=&min_match=0"
    page = client.get(f"/?{asked}").text
    chips = {
        unescape(words): unescape(link)
        for link, words in re.findall(r'class="chip" href="([^"]*)" aria-label="([^"]*)"', page)
    }

    kept = "q=a&author=Dora+Ek&type=review&duration=-P5Y&min_match=0"
    assert chips["Lift the filter Author: Bo Chen"] == f"/?{kept}"
    assert chips["Lift the filter Type: Review"] == "/?" + kept.replace(
        "Dora+Ek&type=review", "Bo+Chen&author=Dora+Ek"
    )
    assert "Lift the filter Published: Last 5 years" in chips
    assert "Lift the filter Match: nearest misses" in chips
    assert len(chips) == 5


def test_an_example_is_collected_in_the_address(client: LocalClient) -> None:
    page = client.get("/", params={"q": "brain signals", "min_match": "0"}).text
    liked = client.get(links(page, "More like this")[0]).text
    both = client.get(links(liked, "Less like this")[1]).text

    assert "Find articles like these" not in text(page)
    assert "Liked" in text(liked)
    (answer,) = links(both, "Find articles like these")
    assert answer.startswith("/similar?like=doi%3A10.5555")
    assert "&unlike=doi%3A10.5555" in answer
    assert client.get(answer).status_code == 200
    assert headings(both) == headings(page)
    (emptied,) = links(both, "Empty the tray")
    assert emptied == "/?q=brain+signals&min_match=0"


def test_an_example_that_is_not_here_is_named_by_its_id(client: LocalClient) -> None:
    page = client.get("/?like=doi:10.9/none").text

    assert 'class="unknown"><bdi>doi:10.9/none</bdi></a>' in page


@pytest.mark.parametrize("question", ["survey of recgonitoin", "brainsignals"])
def test_other_spellings_are_offered_with_what_they_find(
    client: LocalClient, question: str
) -> None:
    asked = {"q": question, "type": ["review", "research-article"], "min_match": "0.01"}
    page = client.get("/", params=asked).text
    offered = re.search(r'Did you mean <a href="([^"]*)">([^<]*)</a> \(([^)]*)\)', page)

    assert offered
    link, words, count = map(unescape, offered.groups())
    meant = client.get(link).text
    assert text(meant).count(f"{count} in ") == 1
    assert f'value="{words}"' in meant
    assert "type=review&type=research-article" in link
    assert "Did you mean" not in meant
    assert "Did you mean" not in client.get("/?q=zzzzzz").text


def test_an_answer_is_followed_by_feeds(client: LocalClient) -> None:
    page = client.get("/?q=bees&type=review&sort=recency&like=x&limit=5").text
    feeds = re.findall(r'<link rel="alternate" type="([^"]*)" [^>]*href="([^"]*)"', page)

    assert [(kind, unescape(link)) for kind, link in feeds] == [
        ("application/atom+xml", "/feed.atom?q=bees&type=review"),
        ("application/feed+json", "/feed.json?q=bees&type=review"),
    ]


def test_scripts_and_connections_are_the_service_s_own_only(client: LocalClient) -> None:
    policy = client.get("/").headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy


def test_a_long_question_and_hundreds_of_authors_are_shown_in_part(tmp_path: Path) -> None:
    names = [{"name": f"Author {number}"} for number in range(300)]
    article: dict[str, object] = {
        "doi": "10.5555/many",
        "title": "Very many people",
        "authors": names,
    }
    many = open_engine(build_library(tmp_path, [*LIBRARY, article]))
    page = LocalClient(create_app(Settings(), many)).get("/?q=very+many+people&min_match=0").text
    many.close()

    assert "Author 0 + 299 more" in text(page)
    assert "Author 59 and 240 more" in page
    assert page.count("Author 60<") == 0


@pytest.mark.parametrize("asked", ["/?", "/similar?like=doi:10.5555/eeg.1&"])
def test_a_page_of_an_index_that_is_gone_leads_to_the_first_one(
    client: LocalClient, tmp_path: Path, asked: str
) -> None:
    (link,) = links(client.get(f"{asked}q=brain&min_match=0&limit=2").text, "Next page")
    newer = open_engine(build_library(tmp_path, LIBRARY[:-1]))
    page = LocalClient(create_app(Settings(), newer)).get(link)
    newer.close()

    assert page.status_code == 410
    assert "The index has changed since the first page was shown." in text(page.text)
    (first,) = links(page.text, "Go to the first page")
    assert "cursor" not in first
    assert client.get(first).status_code == 200
