"""What is not served, keys and failures: in a shape and with a status that clients know."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from service.app import create_app
from service.search import SearchEngine
from service.settings import Settings
from tests.service.library import build_library, open_engine
from tests.service.local_client import LocalClient
from tests.service.semantic_scholar.asking import (
    PAPER,
    get,
    refused,
)
from tests.service.semantic_scholar.papers import DOI, KEY


def test_what_is_not_served_says_so(http: LocalClient) -> None:
    for path in ("/graph/v1/author/1", "/graph/v1/author/search", "/graph/v1/author/1/papers"):
        assert refused(http, path).startswith("author: authors are names here")
    assert refused(http, "/datasets/v1/release/").startswith("datasets: ")
    for path in ("/graph/v1/nothing", "/graph/v1/", "/recommendations/v1/papers/x"):
        assert refused(http, path, 404) == "nothing is served at this path"
    response = http.delete(f"{PAPER}/w0001")
    assert (response.status_code, list(response.json())) == (400, ["error"])


def test_errors_elsewhere_keep_their_own_shape(http: LocalClient) -> None:
    assert get(http, "/v1/articles/nobody", 404)["error"]["code"] == "unknown_article"
    assert get(http, "/graph/v1", 404)["error"]["code"] == "not_found"


def test_a_key_is_asked_for_in_the_shape_that_clients_know(papers: SearchEngine) -> None:
    locked = LocalClient(create_app(Settings(api_key=KEY), papers))

    assert locked.get(f"{PAPER}/w0001", headers={"x-api-key": KEY}).status_code == 200
    for headers in ({}, {"x-api-key": "wrong"}):
        response = locked.get(f"{PAPER}/w0001", headers=headers)
        assert response.status_code == 403
        assert response.json()["error"] == response.json()["message"]
        assert locked.get("/v1/articles/w0001", headers=headers).status_code == 401


def test_without_an_index_clients_raise_instead_of_taking_it_for_an_empty_answer() -> None:
    response = LocalClient(create_app(Settings())).get(f"{PAPER}/w0001")

    assert response.status_code == 504
    assert response.json()["message"] == "no index is open yet; ask again in a moment"
    assert response.headers["retry-after"] == "1"


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[LocalClient]:
    """Serve an engine whose store is closed, so that reading an article fails."""
    engine = open_engine(build_library(tmp_path))
    engine._snapshot.store.close()
    yield LocalClient(create_app(Settings(), engine), raise_server_exceptions=False)
    engine.close()


def test_a_failure_says_nothing_of_itself(broken: LocalClient) -> None:
    response = broken.get(f"{PAPER}/{DOI}")

    assert response.status_code == 500
    said = "the service failed; its log says why"
    assert orjson.loads(response.content) == {"error": said, "message": said}
    assert response.headers["x-content-type-options"] == "nosniff"
