"""Exports and citations over HTTP: the whole answer in its order, streamed while it is lent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import orjson
import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message

from index.snapshot import current_name
from service.app import create_app
from service.deadline import NO_DEADLINE
from service.exports.formats import FORMS, ExportFormat, export
from service.exports.parameters import ExportParameters
from service.exports.routes import export_by_parameters
from service.holder import EngineHolder
from service.query import Query
from service.schemas import ErrorAnswer
from service.search import SearchEngine
from service.settings import Settings
from tests.service.library import LIBRARY, build_library, open_engine
from tests.service.local_client import LocalClient
from tests.service.test_holder import is_closed

QUESTION = "brain signals and wheat"
ASKED = {"q": QUESTION, "min_match": "0"}
EEG = "doi:10.5555/eeg.1"
MANY: list[dict[str, object]] = [
    {
        "id": f"m{number:03}",
        "title": f"Wheat number {number}",
        "abstract": f"Soil {number} and brain. " + "It rains. " * 90,
        "authors": ["Ann Ray"],
        "published": f"{2000 + number % 25}",
    }
    for number in range(700)
]


def error(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    ErrorAnswer.model_validate_json(response.content)
    detail: dict[str, Any] = response.json()["error"]
    return detail


def exported_ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.text
    return [orjson.loads(line)["article_id"] for line in response.content.splitlines()]


def walked_ids(client: LocalClient, asked: dict[str, Any], path: str = "/v1/search") -> list[str]:
    """Walk all pages of an answer."""
    ids: list[str] = []
    cursor = None
    while True:
        page = asked | ({"cursor": cursor} if cursor else {})
        if path == "/v1/search":
            answer = client.get(path, params=page).json()
        else:
            answer = client.post(path, json=page).json()
        ids += [hit["article"]["article_id"] for hit in answer["hits"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            return ids


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the index of a library that is more than one block of any export."""
    return build_library(tmp_path_factory.mktemp("many"), MANY)


@pytest.fixture
def engine_of_many(many: Path) -> Iterator[SearchEngine]:
    engine = open_engine(many)
    yield engine
    if not is_closed(engine):
        engine.close()


@pytest.mark.parametrize(
    "asked",
    [
        ASKED,
        ASKED | {"sort": "recency"},
        ASKED | {"mode": "lexical", "from": "2024"},
        {"type": "research-article"},
        {},
        {"q": '"no such phrase"'},
        ASKED | {"facet": "years", "facet_query": "journals:x", "highlight": "false"},
    ],
)
def test_an_export_is_all_pages_in_their_order(client: LocalClient, asked: dict[str, str]) -> None:
    got = client.get("/v1/export", params=asked | {"format": "jsonl"})

    assert exported_ids(got) == walked_ids(client, asked | {"limit": "2"})


def test_an_export_of_a_large_answer_is_all_pages_too(engine_of_many: SearchEngine) -> None:
    client = LocalClient(create_app(Settings(), engine_of_many))

    got = client.get("/v1/export", params=ASKED | {"format": "jsonl"})

    ids = exported_ids(got)
    assert ids == walked_ids(client, ASKED | {"limit": "100"})
    assert len(ids) == len(MANY)
    assert (
        exported_ids(client.get("/v1/export", params={"format": "jsonl", "limit": 3}))
        == (walked_ids(client, {"limit": "100"})[:3])
    )


@pytest.mark.parametrize("name", FORMS)
def test_each_format_has_its_type_and_a_file_name(
    client: LocalClient, engine: SearchEngine, name: ExportFormat
) -> None:
    got = client.get("/v1/export", params=ASKED | {"format": name})

    form = FORMS[name]
    assert got.headers["content-type"] == form.media_type
    named = f"cognate-brain-signals-and-wheat.{form.extension}"
    assert got.headers["content-disposition"] == f'attachment; filename="{named}"'
    assert got.headers["x-content-type-options"] == "nosniff"
    found = engine.export(Query(text=QUESTION, min_match=0))
    assert got.content == b"".join(export(name, found))


def test_a_body_asks_what_parameters_do(client: LocalClient) -> None:
    body = {"query": QUESTION, "min_match": 0.0, "limit": 1, "filters": {"authors": ["Bo Chen"]}}
    asked = ASKED | {"format": "jsonl", "author": "Bo Chen"}

    posted = client.post("/v1/export", json={"format": "jsonl", "search": body})

    assert posted.content == client.get("/v1/export", params=asked).content
    assert len(exported_ids(posted)) == 2
    least = client.post("/v1/export", json={"format": "jsonl", "search": body, "limit": 1})
    assert exported_ids(least) == exported_ids(posted)[:1]


@pytest.mark.parametrize("diversity", [0.0, 0.8])
def test_what_is_like_examples_can_be_exported(client: LocalClient, diversity: float) -> None:
    body: dict[str, Any] = {
        "positive": [{"article_id": EEG}],
        "negative": [{"text": "wheat"}],
        "min_match": 0.0,
        "diversity": diversity,
    }

    got = client.post("/v1/export", json={"format": "jsonl", "similar": body})

    ids = exported_ids(got)
    assert ids == walked_ids(client, body | {"limit": 2}, "/v1/similar")
    assert EEG not in ids
    assert ids
    asked = {"like": EEG, "unlike_text": "wheat", "min_match": "0", "diversity": str(diversity)}
    assert client.get("/v1/export", params=asked | {"format": "jsonl"}).content == got.content


def test_pasted_records_are_examples_of_an_export(client: LocalClient) -> None:
    pasted = "@article{a, title={A survey of emotion recognition}, year={2024}}"
    asked = {"text": [pasted, "wheat"], "sort": "recency", "min_match": "0", "format": "jsonl"}
    body = {"positive": [{"bibtex": pasted}, {"text": "wheat"}], "min_match": 0.0, "limit": 2}

    ids = exported_ids(client.get("/v1/export", params=asked))

    assert ids == walked_ids(client, body | {"sort": "recency"}, "/v1/similar")
    assert ids
    assert "doi:10.5555/eeg.2" not in ids


def test_what_is_selected_comes_in_the_order_it_is_named_each_once(client: LocalClient) -> None:
    ids = ["10.5555/odd", EEG, "https://doi.org/10.5555/ODD"]

    got = client.get("/v1/export", params={"format": "jsonl", "id": ids})

    assert exported_ids(got) == ["doi:10.5555/odd", EEG]
    posted = client.post("/v1/export", json={"format": "jsonl", "ids": ids})
    assert posted.content == got.content


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({}, 400, "format"),
        ({"format": "docx"}, 400, "format"),
        ({"format": "ris", "cursor": "x"}, 400, "cursor"),
        ({"format": "ris", "limit": "0"}, 400, "limit"),
        ({"format": "ris", "id": "no such"}, 404, "id"),
        ({"format": "ris", "id": EEG, "author": "Bo Chen"}, 400, "author"),
        ({"format": "ris", "id": EEG, "from": "2024"}, 400, "from"),
        ({"format": "ris", "from": "soon"}, 400, "from"),
        ({"format": ["ris", "csv"]}, 400, "format"),
        ({"format": "ris", "like": EEG, "q": "x"}, 400, "q"),
        ({"format": "ris", "like": EEG, "id": EEG}, 400, "like"),
        ({"format": "ris", "like": [EEG, "no such"]}, 404, "like.1"),
        ({"format": "ris", "unlike": EEG, "text": " "}, 400, "text.0"),
        ({"format": "ris", "like": EEG, "text": ["x", "x" * 20_001]}, 400, "text.1"),
        ({"format": "ris", "unlike": ["x"] * 21}, 400, "unlike"),
        ({"format": "ris", "like": EEG, "diversity": "2"}, 400, "diversity"),
        ({"format": "ris", "q": "x", "diversity": "0.5"}, 400, "diversity"),
    ],
)
def test_what_is_wrong_is_said_before_the_first_byte(
    client: LocalClient, asked: dict[str, Any], status: int, field: str
) -> None:
    assert error(client.get("/v1/export", params=asked), status)["field"] == field


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"format": "ris"}, 400, None),
        ({"format": "ris", "search": {}, "ids": [EEG]}, 400, None),
        ({"format": "ris", "ids": []}, 400, "ids"),
        ({"format": "ris", "ids": ["no such"]}, 404, "ids"),
        ({"format": "ris", "ids": ["x"] * 10_001}, 400, "ids"),
        ({"format": "ris", "search": {"cursor": "x"}}, 400, "search.cursor"),
        ({"format": "ris", "search": {"limit": 0}}, 400, "search.limit"),
        ({"format": "ris", "similar": {"positive": [{"doi": "10.5555/n"}]}}, 404, "positive.0.doi"),
        ({"format": "ris", "similar": {}}, 400, "positive"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_before_the_first_byte(
    client: LocalClient, body: dict[str, Any], status: int, field: str | None
) -> None:
    assert error(client.post("/v1/export", json=body), status)["field"] == field


class Reader:
    """A client that reads blocks and goes away after the first, or reads to the end."""

    def __init__(self, at_first: Any, *, leaves: str) -> None:
        self.n_blocks = 0
        self.is_whole = False
        self._at_first = at_first
        self._leaves = leaves
        self._has_left = anyio.Event()
        self._asked = False

    async def receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._has_left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            return
        self.n_blocks += bool(message.get("body"))
        self.is_whole = not message.get("more_body")
        if self.n_blocks == 1:
            self._at_first()
            if self._leaves == "silently":
                self._has_left.set()
                await anyio.sleep(0)
            elif self._leaves == "with an error":
                raise OSError("the client is gone")


@pytest.mark.parametrize("leaves", ["never", "silently", "with an error"])
def test_the_engine_is_lent_until_the_stream_ends_however_it_ends(
    many: Path, engine_of_many: SearchEngine, leaves: str
) -> None:
    app = create_app(Settings(), engine_of_many)
    holder: EngineHolder = app.state.holder

    def replace() -> None:
        holder.replace(None)
        assert not is_closed(engine_of_many)

    async def ask() -> Reader:
        reader = Reader(replace, leaves=leaves)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4" if "error" in leaves else "2.3"},
            "method": "GET",
            "path": "/v1/export",
            "raw_path": b"/v1/export",
            "query_string": b"format=jsonl",
            "headers": [(b"host", b"localhost")],
            "scheme": "http",
            "server": ("localhost", 80),
            "client": ("testclient", 1),
            "http_version": "1.1",
            "root_path": "",
        }
        try:
            await app(scope, reader.receive, reader.send)
        except ClientDisconnect:
            assert leaves == "with an error"
        return reader

    reader = anyio.run(ask)

    assert is_closed(engine_of_many)
    if leaves == "never":
        assert reader.is_whole
        assert reader.n_blocks > 5
    else:
        assert not reader.is_whole
        assert reader.n_blocks < 3


def test_what_fails_before_the_stream_begins_lends_nothing(
    many: Path, engine_of_many: SearchEngine
) -> None:
    client = LocalClient(create_app(Settings(), engine_of_many), raise_server_exceptions=False)
    assert client.get("/v1/export", params={"format": "ris", "id": "none"}).status_code == 404

    client.app.state.holder.replace(None)  # type: ignore[attr-defined]  # a FastAPI application

    assert is_closed(engine_of_many)
    error(client.get("/v1/export", params={"format": "ris"}), 503)


def test_an_export_makes_no_block_before_it_is_taken(engine_of_many: SearchEngine) -> None:
    holder = EngineHolder(engine_of_many)
    response = export_by_parameters(ExportParameters(format="jsonl"), holder, NO_DEADLINE)

    async def first() -> bytes:
        async for block in response.body_iterator:  # type: ignore[attr-defined]  # it streams
            return bytes(block)
        return b""

    assert 65_536 <= len(anyio.run(first)) < 2 * 65_536
    response._lent.close()  # type: ignore[attr-defined]


def test_an_article_is_cited_in_each_format(client: LocalClient, engine: SearchEngine) -> None:
    path = f"/v1/articles/{EEG}/cite"
    found = engine.article(EEG)

    assert client.get(path).text == (
        "Müller, A., & Chen, B. (2025). Recognising emotions from brain signals with graph "
        "networks. Journal of Signals. https://doi.org/10.5555/eeg.1\n"
    )
    assert client.get(path).headers["content-type"] == "text/plain; charset=utf-8"
    names: list[ExportFormat] = ["bibtex", "ris", "csl-json"]
    for name in names:
        got = client.get(path, params={"format": name})
        assert got.headers["content-type"] == FORMS[name].media_type
        assert got.content == b"".join(export(name, [found]))


def test_the_versions_of_a_work_follow_it_where_that_is_asked(tmp_path: Path) -> None:
    work: dict[str, object] = {
        "title": "Wheat and soil moisture",
        "authors": ["Ann Ray"],
        "published": "2020",
    }
    directory = build_library(
        tmp_path,
        [
            work | {"id": "doi:10.5555/w", "type": "research-article"},
            work | {"id": "arxiv:2001.00001", "type": "preprint"},
            LIBRARY[0],
        ],
    )
    engine = open_engine(directory)
    client = LocalClient(create_app(Settings(), engine))
    of_work = ["doi:10.5555/w", "arxiv:2001.00001"]

    def ids(**asked: Any) -> list[str]:
        return exported_ids(client.get("/v1/export", params={"format": "jsonl"} | asked))

    assert ids() == [EEG, "doi:10.5555/w"]
    assert ids(versions="true") == [EEG, *of_work]
    assert ids(versions="true", limit="1") == [EEG]
    assert ids(versions="true", id=of_work[::-1]) == of_work[::-1]
    posted = {"format": "jsonl", "ids": [of_work[1]], "versions": True}
    assert exported_ids(client.post("/v1/export", json=posted)) == of_work[::-1]
    engine.close()


def test_what_cannot_be_cited_is_refused(client: LocalClient) -> None:
    assert error(client.get("/v1/articles/none/cite"), 404)["field"] == "id"
    got = client.get(f"/v1/articles/{EEG}/cite", params={"format": "csv"})
    assert error(got, 400)["field"] == "format"


def test_an_id_that_ends_in_cite_is_written_escaped(tmp_path: Path) -> None:
    directory = build_library(tmp_path, [{"id": "a/cite", "title": "Odd"}, LIBRARY[0]])
    assert current_name(directory)
    engine = open_engine(directory)
    client = LocalClient(create_app(Settings(), engine))

    assert client.get("/v1/articles/a%2Fcite").json()["title"] == "Odd"
    assert client.get("/v1/articles/a/cite/cite").text == "Odd. (n.d.).\n"
    engine.close()
