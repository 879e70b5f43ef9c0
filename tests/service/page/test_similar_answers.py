"""The page of articles like these and not like those: all of it in its address."""

import html
import re

import pytest

from tests.service.local_client import LocalClient

EEG = "doi:10.5555/eeg.1"


def test_pages_follow_each_other_by_their_addresses(client: LocalClient) -> None:
    asked: dict[str, str | int] = {"like": EEG, "min_match": 0, "limit": 2, "diversity": "0.5"}
    page = client.get("/similar", params=asked).text
    found = re.search(r'href="(/similar\?[^"]*cursor=[^"]*)"', page)
    assert found is not None

    following = client.get(html.unescape(found[1])).text

    assert "showing 3 to 4" in following
    assert '<option value="0.5" selected>' in following


def test_with_what_is_not_wanted_alone_everything_else_is_shown(client: LocalClient) -> None:
    page = client.get("/similar", params={"unlike": EEG}).text

    assert "what is least like it first" in page
    assert "/articles/doi:10.5555/soil.1" in page


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ({"like": "doi:10.5555/none"}, 404, "No article here has the id doi:10.5555/none."),
        ({"text": "x", "diversity": "far"}, 400, "The spread: 'far' is no number."),
        ({"text": "x", "diversity": "2"}, 400, "The spread: 2.0 is not between 0 and 1."),
        (
            {"like": [f"x{number}" for number in range(21)]},
            400,
            "Like: 21 examples; the most is 20.",
        ),
        ({"text": "x", "limit": "0"}, 400, "The number of articles: 0 is less than 1."),
        ({"text": "x", "cursor": "?"}, 400, "The page: this is no cursor"),
        ({"text": "x", "sort": "size"}, 400, "The order: 'size' is none of"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    client: LocalClient, asked: dict[str, str | list[str]], status: int, sentence: str
) -> None:
    page = client.get("/similar", params=asked)

    assert page.status_code == status
    assert sentence in html.unescape(page.text)


def test_nothing_alike_is_said_and_the_nearest_misses_are_offered(client: LocalClient) -> None:
    page = client.get("/similar", params={"text": "zzzz"}).text

    assert "No article here is like these." in page
    assert "min_match=0" in page


def test_an_article_s_page_leads_here(client: LocalClient) -> None:
    page = client.get(f"/articles/{EEG}").text

    assert 'href="/similar?like=doi%3A10.5555%2Feeg.1"' in page
