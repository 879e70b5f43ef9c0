"""Applications on real sockets, in a thread of the tests, and clients that write them by hand."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import uvicorn
from starlette.types import ASGIApp

from service.connections import Patience, PatientConfig

PATIENT = Patience(header_s=60, stall_s=60, stream_s=60)
_LONGEST_S = 20


@contextmanager
def serving(app: ASGIApp, patience: Patience = PATIENT, *, idle_s: int = 5) -> Iterator[int]:
    """Serve an application, and give the port."""
    with running(app, patience, idle_s=idle_s) as (_, port):
        yield port


@contextmanager
def running(
    app: ASGIApp, patience: Patience = PATIENT, *, idle_s: int = 5
) -> Iterator[tuple[uvicorn.Server, int]]:
    """Serve an application, and give the server and its port."""
    with socket.socket() as listening:
        # little is buffered, so that who reads nothing is soon noticed
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 14)
        listening.bind(("127.0.0.1", 0))
        config = PatientConfig(app, patience, log_level="warning", timeout_keep_alive=idle_s)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            until(lambda: server.started)
            yield server, listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, which it has to be within a generous time."""
    end = time.monotonic() + _LONGEST_S
    while not is_so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def connect(port: int) -> "closing[socket.socket]":
    """Give a connection that closes at the end of a `with`."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
    client.settimeout(_LONGEST_S)
    try:
        client.connect(("127.0.0.1", port))
    except OSError:
        client.close()
        raise
    return closing(client)


def head(path: str, *fields: str, method: str = "GET") -> bytes:
    """Write the head of a request."""
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost", *fields, "", "")).encode()


def read_all(client: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    blocks = []
    while block := _received(client):
        blocks.append(block)
    return b"".join(blocks)


def _received(client: socket.socket) -> bytes:
    try:
        return client.recv(1 << 16)
    except ConnectionResetError:
        return b""  # cut off


def ask(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send a request on a connection of its own; give status, headers and body."""
    with connect(port) as client:
        client.sendall(request.replace(b"\r\nHost", b"\r\nConnection: close\r\nHost", 1))
        answer = read_all(client)
    first, _, body = answer.partition(b"\r\n\r\n")
    status, *fields = first.decode().split("\r\n")
    headers = dict(field.lower().split(": ", 1) for field in fields)
    return int(status.split()[1]), headers, body
