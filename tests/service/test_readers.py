"""HTTP, page and console read one engine: they agree, also about pages of an older snapshot."""

import os
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import pytest

from index.snapshot import current_name
from service.app import create_app
from service.cli import main
from service.settings import Settings
from tests.service.library import LIBRARY
from tests.service.local_client import LocalClient

QUESTION = "brain signals and wheat"
IDS = [f"doi:{article['doi']}" for article in LIBRARY]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("COGNATE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def directory(tiny_index: Path, tmp_path: Path) -> Path:
    """Copy the index, so that it may be changed."""
    return shutil.copytree(tiny_index, tmp_path / "library")


@pytest.fixture
def web(directory: Path) -> Iterator[LocalClient]:
    """Serve the index, and take up new snapshots at once."""
    app = create_app(Settings(index=directory, reload_poll_s=0.01))
    with LocalClient(app, raise_server_exceptions=False) as client:
        yield client


def console(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert main([*map(str, arguments), "--json"]) == 0
    return orjson.loads(capsys.readouterr().out)


def remove(directory: Path, article_id: str, web: LocalClient) -> str:
    """Publish a snapshot without an article, and give its name once it is served."""
    assert main(["remove", article_id, "--index", str(directory), "--quiet"]) == 0
    name = current_name(directory)
    while web.get("/readyz").json()["snapshot"] != name:
        pass
    return name


def ids(answer: Any) -> list[str]:
    return [hit["article"]["article_id"] for hit in answer["hits"]]


def shown_ids(page: str) -> list[str]:
    links = re.findall(r'<h2[^>]*><a href="/articles/([^"]*)"', page)
    return [unescape(link).replace("%2F", "/") for link in links]


def without_time(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"took_ms": 0}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"min_match": "0"},
        {"min_match": "0", "sort": "recency"},
        {"type": "review", "min_match": "0"},
        {"author": "Nobody"},
        {"from": "-P100Y", "min_match": "0"},
    ],
)
def test_http_page_and_console_agree_on_total_and_order(
    web: LocalClient, directory: Path, asked: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    answer = web.get("/v1/search", params={"q": QUESTION} | asked).json()
    page = web.get("/", params={"q": QUESTION} | asked).text
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in asked.items()]
    printed = console(capsys, "search", QUESTION, "--limit", 20, "--index", directory, *flags)

    assert without_time(printed) == without_time(answer)
    assert shown_ids(page) == ids(answer)
    total = answer["total"]
    assert len(ids(answer)) == total
    if total:
        assert f"{total} article{'s' if total > 1 else ''}" in page


def test_a_walk_goes_on_in_its_snapshot_after_another_was_published(
    web: LocalClient, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"q": QUESTION, "min_match": "0"}
    whole = web.get("/v1/search", params=asked).json()
    first = web.get("/v1/search", params=asked | {"limit": "2"}).json()
    link = re.search(
        r'<a href="([^"]*)" rel="next">', web.get("/", params=asked | {"limit": "2"}).text
    )
    assert link
    newer = remove(directory, ids(whole)[3], web)

    rest = {"cursor": first["next_cursor"], "limit": "4"}
    second = web.get("/v1/search", params=asked | rest).json()
    posted = web.post(
        "/v1/search",
        json={"query": QUESTION, "min_match": 0, "cursor": first["next_cursor"], "limit": 4},
    ).json()
    arguments = ["search", QUESTION, "--min-match=0", "--cursor", first["next_cursor"]]
    capsys.readouterr()
    printed = console(capsys, *arguments, "--limit=4", "--index", directory)

    assert ids(first) + ids(second) == ids(whole)
    assert (second["snapshot"], second["total"]) == (whole["snapshot"], len(LIBRARY))
    assert without_time(second) == without_time(posted) == without_time(printed)
    assert shown_ids(web.get(unescape(link[1])).text) == ids(whole)[2:4]
    fresh = web.get("/v1/search", params=asked).json()
    assert (fresh["snapshot"], fresh["total"]) == (newer, len(LIBRARY) - 1)


def test_a_walk_whose_snapshot_is_no_longer_kept_ends_with_what_to_do(
    web: LocalClient, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"q": QUESTION, "min_match": "0", "limit": "2"}
    first = web.get("/v1/search", params=asked).json()
    for article_id in IDS[:3]:
        remove(directory, article_id, web)

    cursor = {"cursor": first["next_cursor"]}
    answer = web.get("/v1/search", params=asked | cursor)
    page = web.get("/", params=asked | cursor)

    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "cursor_expired")
    assert first["snapshot"] in answer.json()["error"]["message"]
    assert page.status_code == 410
    again = re.search(r'<a href="([^"]*)">Go to the first page</a>', page.text)
    assert again
    assert len(shown_ids(web.get(unescape(again[1])).text)) == 2
    arguments = ["search", QUESTION, "--min-match=0", "--cursor", first["next_cursor"]]
    assert main([*arguments, "--index", str(directory)]) == 1
    assert "is no longer kept" in capsys.readouterr().err


def test_a_cursor_of_another_question_is_refused(web: LocalClient) -> None:
    asked = {"q": QUESTION, "min_match": "0", "limit": "2"}
    cursor = web.get("/v1/search", params=asked).json()["next_cursor"]

    answer = web.get("/v1/search", params=asked | {"q": "another", "cursor": cursor})
    page = web.get("/", params=asked | {"q": "another", "cursor": cursor})

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "cursor")
    assert page.status_code == 400
    assert "The page: belongs to another query" in page.text
