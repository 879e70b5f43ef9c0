"""The page of examples: of one mind with the API, its examples in its address."""

import re

import pytest

from tests.service.local_client import LocalClient
from tests.service.page.reading import counts, headings, links, text

EEG, SURVEY, SOIL = (f"doi:10.5555/{name}" for name in ("eeg.1", "eeg.2", "soil.1"))


def test_the_page_shows_the_articles_of_the_api(client: LocalClient) -> None:
    page = client.get("/similar", params={"like": EEG, "unlike": SOIL, "min_match": "0"}).text
    body = {"positive": [{"article_id": EEG}], "negative": [{"article_id": SOIL}], "min_match": 0.0}
    answer = client.post("/v1/similar", json=body | {"facets": ["types"]}).json()

    titles = [hit["article"]["title"] for hit in answer["hits"]]
    assert [t for t in headings(page) if not t.startswith("[")] == [t for t in titles if t]
    assert counts(page, "type") == {
        value["value"]: value["count"] for value in answer["facets"]["types"]
    }


def test_without_examples_only_the_form_is_shown(client: LocalClient) -> None:
    page = client.get("/similar").text

    assert "Collect articles with" in text(page)
    assert "Snapshot" not in page


def test_an_example_is_taken_out_or_turned_over(client: LocalClient) -> None:
    page = client.get("/similar", params={"like": [EEG, SURVEY], "min_match": "0"}).text
    outs = re.findall(r'class="out" href="([^"]*)"', page)

    assert outs[0] == "/similar?like=doi%3A10.5555%2Feeg.2&amp;min_match=0"
    assert len(outs) == 2


def test_a_text_is_an_example(client: LocalClient) -> None:
    page = client.get("/similar", params={"text": "a survey of feelings", "min_match": "0"}).text

    assert "like your text:" in text(page)
    assert "a survey of feelings</textarea>" in page


def test_examples_are_followed_and_exported(client: LocalClient) -> None:
    asked = {"like": EEG, "unlike_text": "bees", "min_match": "0", "type": "review", "limit": "5"}
    page = client.get("/similar", params=asked).text

    query = "like=doi%3A10.5555%2Feeg.1&amp;unlike_text=bees&amp;type=review&amp;min_match=0"
    assert f'href="/feed.atom?{query}"' in page
    assert f'href="/feed.json?{query}"' in page
    assert '<input type="hidden" name="unlike_text" value="bees">' in page


@pytest.mark.parametrize(
    ("query", "status", "sentence"),
    [
        ("like=doi:10.9/none", 404, "No article here has the id doi:10.9/none."),
        ("like=doi:10.5555/eeg.1&cursor=x", 400, "The page: this is no cursor"),
        ("text=x&diversity=far", 400, "The spread: 'far' is no number."),
        ("unlike=doi:10.5555/eeg.1&min_match=0", 400, "The least match: is of a match with"),
    ],
)
def test_what_cannot_be_answered_is_said(
    client: LocalClient, query: str, status: int, sentence: str
) -> None:
    page = client.get(f"/similar?{query}")

    assert page.status_code == status
    assert sentence in text(page.text)


def test_what_is_like_nothing_here_is_said_with_the_nearest_misses(client: LocalClient) -> None:
    page = client.get("/similar", params={"text": "zzz yyy"}).text

    assert "No article here is like these." in text(page)
    (link,) = links(page, "Show the nearest misses")
    assert headings(client.get(link).text)


def test_an_answer_that_a_filter_empties_says_which_one_to_lift(client: LocalClient) -> None:
    page = client.get("/similar", params={"like": EEG, "author": "Nobody", "min_match": "0"}).text
    (link,) = links(page, "Without the filter of author")

    assert link == "/similar?like=doi%3A10.5555%2Feeg.1&min_match=0"
    assert "Without the filter of author: 5 articles" in text(page)
    assert "5 articles in" in text(client.get(link).text)
