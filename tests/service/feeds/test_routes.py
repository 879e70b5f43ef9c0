"""Feeds: what comes late comes first, and what a reader has is not sent again."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.build import add_sources
from service.app import create_app
from service.schemas import ErrorAnswer
from service.search import SearchEngine
from service.settings import Settings
from tests.building import silent, write_source
from tests.encoders import HashEncoder
from tests.service.library import LIBRARY, build_library, open_engine
from tests.service.local_client import LocalClient

EEG = "doi:10.5555/eeg.1"
LATE = {"doi": "10.5555/late", "title": "Wheat in 1953", "published": "1953", "authors": ["A. Ray"]}
PATHS = ["/feed.atom", "/feed.json"]


def error(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    ErrorAnswer.model_validate_json(response.content)
    detail: dict[str, Any] = response.json()["error"]
    return detail


def ids(client: LocalClient, **asked: Any) -> list[str]:
    """Give the articles of a feed; both forms tell of the same ones."""
    items = client.get("/feed.json", params=asked).json()["items"]
    atom = feedparser.parse(client.get("/feed.atom", params=asked).content)
    assert [entry.id for entry in atom.entries] == [item["id"] for item in items]
    assert [entry.title for entry in atom.entries] == [item["title"] for item in items]
    assert [entry.updated for entry in atom.entries] == [item["date_published"] for item in items]
    return [item["_cognate"]["article_id"] for item in items]


@pytest.fixture
def grown(tmp_path: Path) -> Iterator[LocalClient]:
    """Serve a library to which an old article was added later."""
    directory = build_library(tmp_path)
    source = write_source(tmp_path / "late.jsonl", LATE)
    add_sources([source], directory, encoder=HashEncoder(), say=silent, quiet=True)
    engine = open_engine(directory)
    yield LocalClient(create_app(Settings(), engine), raise_server_exceptions=False)
    engine.close()


def test_what_was_published_long_ago_and_indexed_today_comes_first(grown: LocalClient) -> None:
    every = ids(grown)

    assert every[0] == "doi:10.5555/late"
    assert every[1:] == sorted(f"doi:{article['doi']}" for article in LIBRARY)
    assert ids(grown, q="wheat", mode="lexical", min_match="0")[0] == "doi:10.5555/late"


def test_a_feed_holds_what_its_search_finds_and_nothing_else(client: LocalClient) -> None:
    for asked in (
        {"q": "brain signals", "min_match": "0"},
        {"q": "brain signals"},
        {"author": ["Bo Chen"], "from": "2024"},
        {"language": "de"},
        {"type": ["review", "dataset"], "sort": "recency", "facet": "years", "highlight": "false"},
        {"q": '"no such phrase"'},
    ):
        hits = client.get("/v1/search", params=asked).json()["hits"]
        assert set(ids(client, **asked)) == {hit["article"]["article_id"] for hit in hits}


def test_a_feed_of_examples_holds_what_is_like_them(client: LocalClient) -> None:
    body = {
        "positive": [{"article_id": EEG}, {"text": "wheat"}],
        "negative": [{"article_id": "doi:10.5555/odd"}, {"text": "bees"}],
        "min_match": 0.0,
    }
    asked = {
        "like": EEG,
        "text": "wheat",
        "unlike": "doi:10.5555/odd",
        "unlike_text": "bees",
        "min_match": "0",
    }

    hits = client.post("/v1/similar", json=body).json()["hits"]

    assert set(ids(client, **asked)) == {hit["article"]["article_id"] for hit in hits}
    assert EEG not in ids(client, **asked)


def test_a_feed_is_as_long_as_is_asked_and_no_longer(client: LocalClient) -> None:
    assert len(ids(client, limit="2")) == 2
    assert ids(client, limit="2") == ids(client)[:2]
    assert error(client.get("/feed.atom", params={"limit": "101"}), 400)["field"] == "limit"


QUESTION = "a < b & c > 'd' ]]> \x0b\x00 é 神経"


def test_an_atom_feed_is_well_formed_and_absolute(client: LocalClient) -> None:
    asked = {"q": QUESTION, "min_match": "0", "limit": "9"}
    got = client.get("/feed.atom", params=asked)

    assert got.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(got.content)
    assert not feed.bozo
    assert feed.version == "atom10"
    links = {link.rel: link.href for link in feed.feed.links}
    assert links["self"] == str(got.request.url)
    assert client.get(links["self"]).content == got.content
    assert client.get(links["alternate"]).status_code == 200
    assert feed.feed.updated == max(entry.updated for entry in feed.entries)
    assert len(feed.entries) == len(LIBRARY)
    odd = next(entry for entry in feed.entries if "odd/similar" in entry.link)
    assert odd.title == "If a < b & 'c' > \"d\", what of <script>?"
    assert odd.title_detail.type == "text/plain"
    for entry in feed.entries:
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry.id)
        assert datetime.datetime.fromisoformat(entry.updated).tzinfo is not None
        assert client.get(entry.link).status_code == 200
        assert entry.content[0].type == "text/plain"
    eeg = next(entry for entry in feed.entries if entry.link.endswith("eeg.1"))
    assert [author.name for author in eeg.authors] == ["Ana Müller", "Bo Chen"]


def check_json_feed(feed: dict[str, Any]) -> None:
    """Hold a feed against the text of JSON Feed 1.1."""
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    texts = {"home_page_url", "feed_url", "description", "user_comment", "icon", "language"}
    assert {key for key in feed if key not in {"version", "title", "items", *texts}} == set()
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert "content_text" in item or "content_html" in item
        known = {
            *("id", "url", "external_url", "title", "content_html", "content_text", "summary"),
            *("image", "banner_image", "date_published", "date_modified", "authors", "tags"),
            *("language", "attachments"),
        }
        assert all(key in known or key.startswith("_") for key in item)
        for key in known & {*item} - {"authors", "tags"}:
            assert isinstance(item[key], str)
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", item["date_published"])
        assert all(author.keys() <= {"name", "url", "avatar"} for author in item.get("authors", []))
        assert all(isinstance(tag, str) for tag in item.get("tags", []))


def test_a_json_feed_is_as_its_standard_has_it(client: LocalClient) -> None:
    got = client.get("/feed.json", params={"q": QUESTION, "min_match": "0"})

    assert got.headers["content-type"] == "application/feed+json; charset=utf-8"
    check_json_feed(got.json())
    assert len(got.json()["items"]) == len(LIBRARY)
    assert got.json()["feed_url"] == str(got.request.url)
    assert client.get(got.json()["home_page_url"]).status_code == 200
    check_json_feed(client.get("/feed.json", params={"like": EEG}).json())


@settings(deadline=None)
@given(text=st.text(max_size=40).filter(lambda text: text.isprintable() or "\x00" in text))
def test_whatever_is_asked_a_feed_can_be_read(client: LocalClient, text: str) -> None:
    asked = {"q": text, "min_match": "0", "limit": "1"}

    feed = feedparser.parse(client.get("/feed.atom", params=asked).content)

    assert not feed.bozo
    check_json_feed(client.get("/feed.json", params=asked).json())


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_that_a_reader_has_is_not_sent_again(client: LocalClient, path: str) -> None:
    asked = {"q": "brain signals", "min_match": "0"}
    etag = client.get(path, params=asked).headers["etag"]

    for known in (etag, f'"other", W/{etag}', "*"):
        again = client.get(path, params=asked, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
    for other in ({"q": "wheat"}, {"limit": "1"}, {"author": "Bo Chen"}, {"min_match": "0.5"}):
        got = client.get(path, params=asked | other, headers={"if-none-match": etag})
        assert got.status_code == 200
        assert got.headers["etag"] != etag


def test_a_feed_is_sent_again_when_the_index_has_changed(tmp_path: Path) -> None:
    directory = build_library(tmp_path)
    first = open_engine(directory)
    app = create_app(Settings(), first)
    client = LocalClient(app)
    before = client.get("/feed.json")
    source = write_source(tmp_path / "late.jsonl", LATE)
    add_sources([source], directory, encoder=HashEncoder(), say=silent, quiet=True)
    app.state.holder.replace(open_engine(directory))

    after = client.get("/feed.json", headers={"if-none-match": before.headers["etag"]})

    assert after.status_code == 200
    told = {item["id"]: item["date_published"] for item in before.json()["items"]}
    first_item, *others = after.json()["items"]
    assert first_item["_cognate"]["article_id"] == "doi:10.5555/late"
    # a reader knows the others by their ids, and that nothing changed
    assert {item["id"]: item["date_published"] for item in others} == told
    app.state.holder.replace(None)


def test_a_feed_has_one_id_wherever_it_is_served_and_whatever_it_holds(
    engine: SearchEngine,
) -> None:
    app = create_app(Settings(public=True), engine)

    def feed_id(base: str, **asked: str) -> str:
        got = LocalClient(app, base).get("/feed.atom", params=asked)
        assert f'href="{base}/articles/' in got.text
        return str(feedparser.parse(got.content).feed.id)

    here = feed_id("http://localhost", q="brain", min_match="0")
    assert feed_id("https://elsewhere.example", min_match="0", q="brain", limit="3") == here
    assert feed_id("http://localhost", q="wheat", min_match="0") != here


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({"cursor": "x"}, 400, "cursor"),
        ({"from": "soon"}, 400, "from"),
        ({"q": "x", "like": EEG}, 400, "q"),
        ({"like": "none"}, 404, "like.0"),
        ({"like": EEG, "unlike": [EEG, "none"]}, 404, "unlike.1"),
        ({"like": EEG, "text": ["wheat", " "]}, 400, "text.1"),
        ({"like": [EEG] * 21}, 400, "like"),
        ({"unlike": EEG, "min_match": "0.5"}, 400, "min_match"),
        ({"q": ["a", "b"]}, 400, "q"),
    ],
)
def test_what_no_feed_can_tell_is_refused(
    client: LocalClient, path: str, asked: dict[str, Any], status: int, field: str
) -> None:
    assert error(client.get(path, params=asked), status)["field"] == field


@pytest.mark.parametrize("path", PATHS)
def test_the_head_of_a_feed_can_be_asked_for(client: LocalClient, path: str) -> None:
    assert client.head(path).headers["etag"] == client.get(path).headers["etag"]
    assert client.post(path).headers["allow"] == "GET, HEAD"
