"""The application as a whole: opening, guards, headers, failures."""

import base64
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from index.errors import CursorExpiredError, SnapshotError
from index.onnx import Encoder
from service.app import create_app
from service.responses import SECURITY_HEADERS
from service.search import SearchEngine
from service.settings import Settings
from tests.encoders import HashEncoder
from tests.service.library import LIBRARY, build_library, open_engine
from tests.service.local_client import LocalClient

KEY = "a-key-of-enough-characters"
JSON = {"content-type": "application/json"}


@pytest.fixture
def readable_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an application that opens its index itself read the readable encoder."""

    def load(folder: Path) -> Encoder:
        return HashEncoder.load(folder)

    opener = SearchEngine.open.__func__  # type: ignore[attr-defined]  # the classmethod's function
    monkeypatch.setitem(opener.__kwdefaults__, "load_encoder", load)


@pytest.fixture
def guarded(engine: SearchEngine) -> LocalClient:
    """Give a client of an application that asks for a key."""
    return LocalClient(create_app(Settings(api_key=KEY), engine), raise_server_exceptions=False)


@pytest.mark.usefixtures("readable_encoder")
def test_the_index_is_opened_at_the_start_and_closed_at_the_end(library: Path) -> None:
    app = create_app(Settings(index=library, max_limit=3))
    outside = LocalClient(app)
    assert outside.get("/readyz").status_code == 503

    with LocalClient(app) as client:
        assert client.get("/readyz").json()["n_articles"] == len(LIBRARY)
        assert client.get("/v1/search?limit=4").status_code == 400

    assert outside.get("/healthz").status_code == 200
    assert outside.get("/v1/search").status_code == 503


def test_without_an_index_the_service_does_not_start() -> None:
    with pytest.raises(SnapshotError, match="COGNATE_INDEX"), LocalClient(create_app(Settings())):
        pass


def test_a_folder_that_is_no_index_stops_the_start(tmp_path: Path) -> None:
    app = create_app(Settings(index=tmp_path))

    with pytest.raises(SnapshotError, match="there is no index"), LocalClient(app):
        pass


def test_not_being_ready_is_said_with_when_to_ask_again() -> None:
    response = LocalClient(create_app(Settings())).get("/v1/search")

    assert (response.status_code, response.json()["error"]["code"]) == (503, "not_ready")
    assert response.headers["retry-after"] == "1"


@pytest.mark.usefixtures("readable_encoder")
def test_a_running_application_takes_up_a_new_snapshot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = build_library(tmp_path)
    settings = Settings(index=directory, reload_poll_s=0.01)

    with (
        caplog.at_level(logging.INFO),
        LocalClient(create_app(settings, open_engine(directory))) as client,
    ):
        build_library(tmp_path, LIBRARY[:2])
        counts: list[int] = []
        while not counts or counts[-1] != 2:
            counts.append(client.get("/readyz").json()["n_articles"])

    assert set(counts) <= {len(LIBRARY), 2}
    assert "serving the snapshot" in caplog.text


@pytest.mark.usefixtures("readable_encoder")
def test_an_application_told_not_to_look_has_no_watcher(library: Path) -> None:
    with LocalClient(create_app(Settings(index=library, reload_poll_s=0))) as client:
        assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer {KEY}"},
        {"X-API-Key": KEY},
        {"Authorization": "Basic " + base64.b64encode(f"anyone:{KEY}".encode()).decode()},
    ],
)
@pytest.mark.parametrize("path", ["/v1/search", "/", "/static/style.css", "/openapi.json"])
def test_who_carries_the_key_is_let_through(
    guarded: LocalClient, path: str, headers: dict[str, str]
) -> None:
    assert guarded.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": "ü"},
        {"Authorization": f"Bearer {KEY}x"},
        {"Authorization": "Bearer"},
        {"Authorization": KEY},
        {"Authorization": "Basic no-base64!"},
        {"Authorization": "Basic " + base64.b64encode(KEY.encode()).decode()},
        {"Authorization": f"Digest {KEY}"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/search", "/v1/nothing", "/", "/static/style.css"])
def test_who_does_not_is_refused_before_anything_is_read(
    guarded: LocalClient, path: str, headers: dict[str, str]
) -> None:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]

    response = guarded.request("POST", path, content=b"{", headers=encoded)

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "unauthorized"
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert KEY not in response.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_need_no_key(guarded: LocalClient, path: str) -> None:
    assert guarded.get(path).status_code == 200


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_scripts_of_other_sites_may_ask_only_where_their_origin_is_set(
    engine: SearchEngine, method: str
) -> None:
    origin = "https://a.org"
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    def allowed(settings: Settings, headers: dict[str, str]) -> str | None:
        client = LocalClient(create_app(settings, engine), raise_server_exceptions=False)
        response = client.request(method, "/v1/search", headers=headers)
        return response.headers.get("access-control-allow-origin")

    assert allowed(Settings(), asked) is None
    permitting = Settings(cors_origins=(origin,), api_key=KEY)
    assert allowed(permitting, asked) == origin
    assert allowed(permitting, asked | {"Origin": "https://b.org"}) is None


def chunks() -> Iterator[bytes]:
    yield b'{"query": "'
    yield b"x" * 60
    yield b"x" * 60
    yield b'"}'


def test_a_body_too_large_is_refused_whether_its_size_is_announced_or_not(
    engine: SearchEngine,
) -> None:
    client = LocalClient(create_app(Settings(max_body_bytes=100), engine))

    announced = client.post("/v1/search", content=b"".join(chunks()), headers=JSON)
    chunked = client.post("/v1/search", content=chunks(), headers=JSON)
    small = client.post("/v1/search", content=b'{"query": "x"}', headers=JSON)

    assert "content-length" not in chunked.request.headers
    for refused in (announced, chunked):
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "body_too_large")
    assert small.status_code == 200


@pytest.mark.parametrize("path", ["/", "/v1/search", "/v1/nothing", "/static/style.css"])
def test_every_answer_carries_the_security_headers(client: LocalClient, path: str) -> None:
    headers = client.get(path).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_a_failure_says_nothing_of_the_inside(engine: SearchEngine, library: Path) -> None:
    closed = open_engine(library)
    closed.close()
    client = LocalClient(create_app(Settings(), closed), raise_server_exceptions=False)

    response = client.get("/v1/search?q=x")

    assert response.status_code == 500
    assert response.json() == {
        "error": {
            "code": "internal_error",
            "message": "the service failed; its log says why",
            "field": None,
        }
    }
    assert response.headers["x-content-type-options"] == "nosniff"


def test_an_expired_cursor_is_gone(engine: SearchEngine) -> None:
    app = create_app(Settings(), engine)

    @app.get("/walk")
    def walk() -> None:
        raise CursorExpiredError("20260101T000000000Z-0123456789abcdef")

    response = LocalClient(app, raise_server_exceptions=False).get("/walk")

    assert response.status_code == 410
    assert response.json()["error"] == {
        "code": "cursor_expired",
        "message": "the snapshot 20260101T000000000Z-0123456789abcdef is no longer kept; "
        "ask again without a cursor",
        "field": "cursor",
    }


def test_every_application_is_its_own(engine: SearchEngine) -> None:
    first, second = create_app(Settings(), engine), create_app(Settings())

    assert isinstance(first, FastAPI)
    assert LocalClient(first).get("/readyz").status_code == 200
    assert LocalClient(second).get("/readyz").status_code == 503


SERVE_AND_LIST_HEAVY_MODULES = """
import sys
from pathlib import Path

import service.app
heavy = {"torch", "transformers", "sentence_transformers", "onnx"}
assert not heavy & set(sys.modules), "importing service.app is heavy"

from tests.service.local_client import LocalClient
from service.search import SearchEngine
from service.settings import Settings
from tests.encoders import HashEncoder

engine = SearchEngine.open(Path(sys.argv[1]), load_encoder=HashEncoder.load)
client = LocalClient(service.app.create_app(Settings(), engine))
assert client.get("/v1/search?q=brain").status_code == 200
print(sorted(heavy & set(sys.modules)))
"""


def test_serving_a_question_imports_nothing_heavy(library: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", SERVE_AND_LIST_HEAVY_MODULES, str(library)]

    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
