"""The service as a process of its own: what only a real socket and a real stdout can show."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import orjson
import pytest

from scripts.memory import descendants
from service.query import Limits
from tests.service.library import LIBRARY
from tests.service.sockets import connect, head, read_all, until

COGNATE = [sys.executable, "-m", "service"]
ENVIRONMENT = {name: text for name, text in os.environ.items() if not name.startswith("COGNATE_")}


@pytest.fixture
def directory(tiny_index: Path) -> Path:
    return tiny_index


def start(directory: Path, port: int, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COGNATE, "serve", "--index", str(directory), "--port", str(port), *more],
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


@contextmanager
def served(
    directory: Path, *more: str, after: str = ""
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Serve the index; give process and port, from the moment that the service says so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with start(directory, port, *more) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert said == f"serving {len(LIBRARY)} articles on http://127.0.0.1:{port}{after}\n"
            yield process, port
        finally:
            process.terminate()


@pytest.fixture
def port(directory: Path) -> Iterator[int]:
    """Serve the index and give the port."""
    with served(directory) as (_, port):
        yield port


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


class Asking:
    """Clients that ask one after the other until they are refused a connection."""

    def __init__(self, port: int, n_clients: int) -> None:
        self.answers: list[bytes] = []
        self._port = port
        self._threads = [threading.Thread(target=self._ask) for _ in range(n_clients)]
        for thread in self._threads:
            thread.start()

    def _ask(self) -> None:
        with suppress(ConnectionError):  # refused, or taken and not read any more
            while True:
                with connect(self._port) as client:
                    question = f"brain+signals+{len(self.answers)}"
                    client.sendall(head(f"/v1/search?q={question}", "Connection: close"))
                    self.answers.append(read_all(client))

    def wait(self) -> None:
        for thread in self._threads:
            thread.join()


def test_a_service_asked_to_end_answers_what_it_began_and_refuses_the_rest(
    directory: Path,
) -> None:
    with served(directory) as (process, port):
        asking = Asking(port, 8)
        until(lambda: len(asking.answers) > 40)
        process.terminate()
        asking.wait()
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""

    whole = [answer for answer in asking.answers if answer.startswith(b"HTTP/1.1 200")]
    # a connection that was taken but not read yet is closed without a word
    unread = [answer for answer in asking.answers if not answer]
    assert len(whole) + len(unread) == len(asking.answers)
    assert len(unread) <= 8
    assert all(answer.endswith(b"}") for answer in whole)


def workers_of(process: "subprocess.Popen[str]") -> set[int]:
    """Give the workers; beside them multiprocessing has a process that tracks resources."""
    return {pid for pid in descendants(process.pid)[1:] if b"spawn_main" in command_of(pid)}


def command_of(pid: int) -> bytes:
    """Give the command line of a process; of one that has ended it is empty."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_worker_that_dies_is_replaced_and_all_end_together(directory: Path) -> None:
    with served(directory, "--workers", "2", after=", 2 workers") as (process, port):
        first = workers_of(process)
        assert len(first) == 2

        killed = min(first)
        os.kill(killed, signal.SIGKILL)
        until(lambda: len(workers_of(process) - {killed}) == 2)
        assert {get(port, "/v1/search?q=bees")[0] for _ in range(8)} == {200}

        process.terminate()
        assert process.wait(timeout=30) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in first)


def test_workers_without_an_index_are_not_started(tmp_path: Path) -> None:
    ended = subprocess.run(
        [*COGNATE, "serve", "--index", str(tmp_path), "--workers", "2", "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
    )

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "there is no index" in line
