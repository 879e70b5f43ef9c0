"""MCP over HTTP: a real server process, its guards, and several applications in one process."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from service.app import create_app
from service.responses import SECURITY_HEADERS
from service.search import SearchEngine
from service.settings import Settings
from service.tools.endpoint import MCP_PATH
from tests.service.local_client import LocalClient
from tests.service.test_serving import COGNATE, ENVIRONMENT
from tests.service.tools.calling import (
    call_every_tool,
    correct_by_the_message,
    fetch_odd_ids,
)

KEY = "a-key-of-more-than-sixteen"
ACCEPTED = {"accept": "application/json, text/event-stream"}
LIST: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


@contextmanager
def served(directory: Path, *options: str, **environment: str) -> Iterator[str]:
    """Serve an index in a process of its own, and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [*COGNATE, "serve", "--index", str(directory), "--port", str(port), *options]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT | environment
    ) as process:
        try:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("serving ")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            assert process.wait(timeout=60) == 0


@pytest.fixture(scope="module")
def address(odd_index: Path) -> Iterator[str]:
    with served(odd_index) as address:
        yield address


def listing(client: LocalClient | httpx.Client, **headers: str) -> Any:
    return client.post(MCP_PATH, json=LIST, headers=ACCEPTED | headers)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_official_client_is_answered(address: str, mode: str) -> None:
    async def connected() -> None:
        async with Client(address + MCP_PATH, mode=mode) as client:
            await call_every_tool(client)
            await fetch_odd_ids(client)
            await correct_by_the_message(client)

    anyio.run(connected)


def test_a_key_is_needed_where_one_is_set_whatever_the_host(odd_index: Path) -> None:
    async def connected(url: str) -> None:
        headers = {"authorization": f"Bearer {KEY}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            await call_every_tool(client)

    with served(odd_index, COGNATE_API_KEY=KEY) as address, httpx.Client(base_url=address) as web:
        refused = listing(web)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
        assert listing(web, **{"x-api-key": KEY, "host": "papers.example.org"}).status_code == 200
        anyio.run(connected, address + MCP_PATH)


def test_a_name_that_leads_here_by_rebinding_is_refused(address: str) -> None:
    with httpx.Client(base_url=address) as web:
        assert listing(web, host="evil.example").status_code == 421
        assert listing(web, host="evil.example:8000").status_code == 421
        assert listing(web, host="localhost.evil.example").status_code == 421
        assert listing(web, origin="http://evil.example").status_code == 403
        for name in ("127.0.0.1", "localhost", "localhost:8000", "[::1]", "[::1]:8000"):
            answer = listing(web, host=name, origin=f"http://{name}")
            assert answer.status_code == 200


@pytest.fixture
def web(odd_engine: SearchEngine) -> LocalClient:
    settings = Settings(public=True, max_body_bytes=1_000)
    return LocalClient(create_app(settings, odd_engine), raise_server_exceptions=False)


def test_before_the_application_runs_nothing_is_answered(web: LocalClient) -> None:
    answer = listing(web)

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")


def test_several_applications_run_in_one_process_and_after_each_other(odd_index: Path) -> None:
    settings = Settings(index=odd_index, public=True)
    with LocalClient(create_app(settings)) as first, LocalClient(create_app(settings)) as second:
        assert listing(first).json() == listing(second).json()
        assert listing(first).status_code == 200
    app = create_app(settings)
    for _ in range(2):
        with LocalClient(app) as client:
            assert listing(client).status_code == 200


def test_the_guards_of_the_service_hold_here_too(odd_index: Path) -> None:
    settings = Settings(index=odd_index, public=True, max_body_bytes=1_000)
    with LocalClient(create_app(settings)) as client:
        answer = listing(client)
        assert answer.headers["content-type"] == "application/json"
        assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
        head = {**ACCEPTED, "content-type": "application/json"}
        for body in (b"x" * 1_001, (b"x" * 300 for _ in range(4))):
            large = client.post(MCP_PATH, content=body, headers=head)
            assert (large.status_code, large.json()["error"]["code"]) == (413, "body_too_large")
        garbage = client.post(MCP_PATH, content=b"x" * 1_000, headers=head)
        assert (garbage.status_code, garbage.json()["error"]["code"]) == (400, -32700)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "HEAD", "OPTIONS"])
def test_any_other_method_is_refused_so_that_no_stream_stays_open(
    web: LocalClient, method: str
) -> None:
    answer = web.request(method, MCP_PATH, headers=ACCEPTED)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_service_that_nobody_asks_by_mcp_starts_without_the_sdk(odd_index: Path) -> None:
    code = (
        "import sys, anyio\n"
        "from pathlib import Path\n"
        "from service.app import create_app\n"
        "from service.settings import Settings\n"
        "app = create_app(Settings(index=Path(sys.argv[1])))\n"
        "async def run():\n"
        "    async with app.router.lifespan_context(app):\n"
        "        print('mcp' in sys.modules, 'mcp_types' in sys.modules)\n"
        "anyio.run(run)\n"
    )
    command = [COGNATE[0], "-c", code, str(odd_index)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)

    assert ended.stdout == "False False\n"


def test_serving_mcp_needs_no_machine_learning_framework() -> None:
    code = "import sys, service.tools.protocol; print('torch' in sys.modules)"
    ended = subprocess.run(
        [COGNATE[0], "-c", code], capture_output=True, text=True, check=True, env=ENVIRONMENT
    )

    assert ended.stdout == "False\n"


def test_a_call_has_the_time_of_a_request_and_is_told_when_it_was_too_short(
    odd_index: Path,
) -> None:
    arguments = {"name": "search", "arguments": {"query": "bees"}}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": arguments}
    hurried = create_app(Settings(timeout_ms=1), SearchEngine.open(odd_index))
    with LocalClient(hurried) as client:
        told = client.post(MCP_PATH, json=call, headers=ACCEPTED).json()["result"]
        refused = client.post("/v1/tools/search", json={"query": "bees"})

    assert told["isError"]
    assert told["content"][0]["text"] == "no answer within 1 ms; ask for less"
    assert (refused.status_code, refused.json()["error"]["code"]) == (504, "timeout")
