"""The service as a process of its own: what only a real socket and a real stdout can show."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import orjson
import pytest

from service.query import Limits
from tests.service.library import LIBRARY

COGNATE = [sys.executable, "-m", "service"]
ENVIRONMENT = {name: text for name, text in os.environ.items() if not name.startswith("COGNATE_")}


@pytest.fixture
def directory(tiny_index: Path) -> Path:
    return tiny_index


def start(directory: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COGNATE, "serve", "--index", str(directory), "--port", str(port)],
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


@pytest.fixture
def port(directory: Path) -> Iterator[int]:
    """Serve the index and give the port, from the moment that the service says so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with start(directory, port) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert said == f"serving {len(LIBRARY)} articles on http://127.0.0.1:{port}\n"
            yield port
        finally:
            process.terminate()


def get(port: int, path: str, method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_a_service_that_says_so_is_served_and_the_longest_question_fits_its_address(
    port: int,
) -> None:
    longest = "𝛼" * Limits().max_query_chars

    status, body = get(port, f"/v1/search?limit=1&q={quote(longest)}")
    assert (status, orjson.loads(body)["query"]) == (200, longest)

    status, body = get(port, f"/v1/search?limit=1&q={quote(longest + 'x')}")
    assert (status, orjson.loads(body)["error"]["field"]) == (400, "q")


def test_as_many_records_as_may_be_pasted_fit_an_address(port: int) -> None:
    record = "@article{bees%d, title = {Bees remember flowers}, abstract = {%s}, year = {2024}}\n"
    records = [record % (number, "They fly far, and dance. " * 500) for number in range(15)]
    pasted = "".join(records)
    assert Limits().max_pasted_chars * 0.9 < len(pasted) <= Limits().max_pasted_chars

    status, body = get(port, f"/similar?{urlencode({'text': pasted})}")

    assert status == 200
    assert b"Bees" in body


def test_a_service_that_cannot_have_its_port_does_not_say_that_it_serves(directory: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(directory, taken.getsockname()[1])
        _, said = process.communicate(timeout=60)

    assert process.returncode == 1
    (line,) = said.splitlines()
    assert "address already in use" in line


def test_an_answer_that_cannot_be_written_ends_in_one_line(directory: Path) -> None:
    command = [*COGNATE, "search", "bees", "--index", str(directory)]
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=ENVIRONMENT
        )

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line == "cognate: [Errno 28] No space left on device"


def test_a_closed_stdout_is_no_fault(directory: Path) -> None:
    command = [*COGNATE, "search", "bees", "--index", str(directory)]
    ended = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *command],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
