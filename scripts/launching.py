"""A server process on a free port of this machine: started, awaited, stopped."""

import contextlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scripts.load import Request
from scripts.peers import HOST
from scripts.systems import ROOT

_POLL_S = 0.005
_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where, which process, and how long its first answer took from the start."""

    port: int
    pid: int
    first_answer_s: float


@contextlib.contextmanager
def launch(
    to_command: Callable[[int], Sequence[str]], first: Request, environment: Mapping[str, str]
) -> Iterator[Server]:
    """Run a server until the block ends; it begins when the `first` request was answered."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    started = time.perf_counter()
    process = subprocess.Popen(to_command(port), env=environ)
    try:
        while not _is_answered(port, first):
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with status {process.returncode}")
            if time.perf_counter() - started > _TIMEOUT_S:
                raise RuntimeError(f"the server gave no answer in {_TIMEOUT_S} s")
            time.sleep(_POLL_S)
        yield Server(port, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _is_answered(port: int, request: Request) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=_TIMEOUT_S)
    method = "GET" if request.body is None else "POST"
    headers = {} if request.body is None else {"Content-Type": "application/json"}
    try:
        connection.request(method, request.path, request.body, headers)
        answer = connection.getresponse()
        text = answer.read()
    except (ConnectionError, http.client.BadStatusLine):
        return False
    finally:
        connection.close()
    if answer.status not in (200, 503):
        raise RuntimeError(f"the first question was answered with {answer.status}: {text[:300]!r}")
    return answer.status == 200
