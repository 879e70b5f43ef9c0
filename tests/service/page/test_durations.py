"""Durations: each says how many articles it would leave, as the API counts them."""

import datetime
import re
from collections.abc import Iterator

import pytest

from index.build import build_index
from service.app import create_app
from service.page.form import COUNTED
from service.query import Limits
from service.search import SearchEngine
from service.settings import Settings
from tests.building import silent, write_source
from tests.encoders import HashEncoder
from tests.service.local_client import LocalClient

DAYS_AGO = [0, 10, 40, 80, 200, 300, 500, 1500, 3000, 9000]
SEARCH, SIMILAR = {"q": "wheat", "min_match": "0"}, {"like": "m9", "min_match": "0"}


@pytest.fixture(scope="module", params=[10_000, 3])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalClient]:
    """Serve articles of all ages, also where the bound leaves some out of an answer."""
    folder = tmp_path_factory.mktemp("ages")
    today = datetime.datetime.now(datetime.UTC).date()
    articles = [
        {
            "id": f"m{number}",
            "title": f"Wheat number {number}",
            "published": str(today - datetime.timedelta(days=days)),
            "type": "review" if number % 3 else "preprint",
        }
        for number, days in enumerate(DAYS_AGO)
    ]
    source = write_source(folder / "ages.jsonl", *articles)
    build_index([source], folder / "index", encoder=HashEncoder(), say=silent, quiet=True)
    engine = SearchEngine.open(
        folder / "index", Limits(max_matches=request.param), load_encoder=HashEncoder.load
    )
    yield LocalClient(create_app(Settings(), engine))
    engine.close()


def shown(page: str) -> dict[str, int]:
    """Give the counts that the durations of a page show."""
    options = re.findall(r'<option value="([^"]*)"[^>]*>[^<]* \(([\d,]+)\)</option>', page)
    return {name: int(count.replace(",", "")) for name, count in options}


@pytest.mark.parametrize("narrowed", [{}, {"type": "review"}, {"from": "-P3M"}, {"to": "2020"}])
def test_a_search_counts_every_duration_as_the_api_does(
    client: LocalClient, narrowed: dict[str, str]
) -> None:
    for asked in ({}, SEARCH):
        page = client.get("/", params={**asked, **narrowed}).text
        others = {**asked, **{k: v for k, v in narrowed.items() if k == "type"}}
        answers = {
            name: client.get(
                "/v1/search", params=others | ({} if name == "any" else {"from": name})
            )
            for name in COUNTED
        }
        totals = {name: answer.json()["total"] for name, answer in answers.items()}

        assert shown(page) == totals
        assert len(set(totals.values())) > 1


def test_examples_count_every_duration_as_the_api_does(client: LocalClient) -> None:
    page = client.get("/similar", params=SIMILAR | {"type": "review"}).text
    totals = {}
    for name in COUNTED:
        filters = {"types": ["review"], "published_from": None if name == "any" else name}
        body = {"positive": [{"article_id": "m9"}], "min_match": 0.0, "filters": filters}
        totals[name] = client.post("/v1/similar", json=body).json()["total"]

    assert shown(page) == totals


def test_later_pages_count_from_the_day_of_the_first(client: LocalClient) -> None:
    first = client.get("/", params={"q": "wheat", "min_match": "0", "limit": "1", "from": "-P1Y"})
    (link,) = re.findall(r'href="([^"]*)" rel="next"', first.text)
    following = client.get(link.replace("&amp;", "&"))

    assert following.status_code == 200
    assert shown(following.text) == shown(first.text)


def test_what_cannot_be_answered_counts_nothing(client: LocalClient) -> None:
    assert shown(client.get("/?from=soon").text) == {}
