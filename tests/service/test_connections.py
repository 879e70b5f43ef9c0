"""Connections of clients that send or read slowly, on real sockets: each ends in its time."""

import socket
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service.connections import Patience
from service.exports.lent_stream import LentStream
from service.guards import BodyLimit
from tests.service.sockets import PATIENT, ask, connect, head, read_all, running, serving, until

SHORT_S = 0.3
MOST_BYTES = 100_000


class Streams:
    """Endless answers, and how many of them somebody still reads."""

    def __init__(self) -> None:
        self.n_open = 0
        self._lock = threading.Lock()

    def answer(self, _: Request) -> Response:
        return LentStream(self._blocks(), ExitStack(), "text/plain", {})

    def _blocks(self) -> Generator[bytes, None, None]:
        with self._lock:
            self.n_open += 1
        try:
            while True:
                yield bytes(1 << 15)
        finally:
            with self._lock:
                self.n_open -= 1


async def echo_length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


def application(streams: Streams, body_s: float = 60.0) -> Starlette:
    routes = [
        Route("/", echo_length, methods=["GET", "POST"]),
        Route("/stream", streams.answer),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(BodyLimit, max_bytes=MOST_BYTES, max_s=body_s)
    return app


def patience(**times: float) -> Patience:
    return Patience(**({"header_s": 60, "stall_s": 60, "stream_s": 60} | times))


def hasty() -> AbstractContextManager[int]:
    return serving(application(Streams()), patience(header_s=SHORT_S))


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", head("/") + b"GET /"],
    ids=["nothing", "half a line", "half a head", "half of a second one"],
)
def test_two_hundred_slow_heads_are_closed_and_cost_others_nothing(sent: bytes) -> None:
    with serving(application(Streams()), patience(header_s=SHORT_S)) as port, ExitStack() as all_:
        clients = [all_.enter_context(connect(port)) for _ in range(200)]
        for client in clients:
            client.sendall(sent)
        assert ask(port, head("/"))[0] == 200
        for client in clients:
            # whoever asked a whole question first has its answer
            assert read_all(client).startswith(b"HTTP/1.1 200" if sent.count(b"GET") == 2 else b"")


def test_a_head_that_comes_byte_by_byte_gains_no_time() -> None:
    with (
        serving(application(Streams()), patience(header_s=SHORT_S)) as port,
        connect(port) as client,
    ):
        n_sent = 0
        try:
            for byte in head("/", "X-Long: " + "y" * 10_000):
                client.sendall(bytes([byte]))
                n_sent += 1
                threading.Event().wait(0.01)
        except OSError:
            pass
    assert 0 < n_sent < 10_000


def test_requests_one_after_the_other_have_their_time_each() -> None:
    with (
        serving(application(Streams()), patience(header_s=SHORT_S)) as port,
        connect(port) as client,
    ):
        for _ in range(4):
            client.sendall(head("/"))
            answer = b""
            while not answer.endswith(b"\r\n\r\n0"):
                answer += client.recv(1 << 16)
            threading.Event().wait(SHORT_S / 2)


def test_a_connection_without_requests_is_closed() -> None:
    with serving(application(Streams()), idle_s=1) as port, connect(port) as client:
        client.sendall(head("/"))
        assert read_all(client).endswith(b"\r\n\r\n0")


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_has_its_time_whatever_is_sent_of_it(announced: bool) -> None:
    field = "Content-Length: 9" if announced else "Transfer-Encoding: chunked"
    app = application(Streams(), body_s=SHORT_S)
    with serving(app, patience(header_s=SHORT_S)) as port, connect(port) as client:
        client.sendall(head("/", field, method="POST") + (b"ab" if announced else b"2\r\nab\r\n"))
        answer = read_all(client)

    assert answer.startswith(b"HTTP/1.1 408")
    assert b'{"error":{"code":"body_timeout","message":"the body did not come within 0.3' in answer


def chunked(n_bytes: int) -> bytes:
    """Write a body of so many bytes without saying how long it is."""
    blocks = [n_bytes - 1, 1]
    return b"".join(b"%x\r\n%b\r\n" % (n, b"x" * n) for n in blocks) + b"0\r\n\r\n"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_may_be_as_long_as_the_limit_and_no_byte_longer(announced: bool) -> None:
    with serving(application(Streams())) as port:
        for n_bytes, expected in ((MOST_BYTES, 200), (MOST_BYTES + 1, 413)):
            field = f"Content-Length: {n_bytes}" if announced else "Transfer-Encoding: chunked"
            body = b"x" * n_bytes if announced else chunked(n_bytes)
            status, _, answer = ask(port, head("/", field, method="POST") + body)
            assert status == expected
            assert b"body_too_large" in answer if status == 413 else answer == b"%d" % n_bytes


def test_the_rest_of_a_body_that_was_refused_is_not_awaited_for_ever() -> None:
    with hasty() as port, connect(port) as client, ThreadPoolExecutor(1) as reader:
        client.sendall(head("/", "Transfer-Encoding: chunked", method="POST"))
        answer = reader.submit(read_all, client)
        block = b"%x\r\n%b\r\n" % (MOST_BYTES, bytes(MOST_BYTES))
        # whichever error the system gives once the connection is cut off
        with suppress(OSError):
            while not answer.done():
                client.sendall(block)
        assert answer.result().startswith(b"HTTP/1.1 413")


def test_bodies_of_many_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.guards.MOST_BODIES", 2)
    with serving(application(Streams())) as port, ExitStack() as all_:
        half = b"x" * (MOST_BYTES - 1)
        clients = [all_.enter_context(connect(port)) for _ in range(2)]
        for client in clients:
            client.sendall(head("/", f"Content-Length: {MOST_BYTES}", method="POST") + half)

        def ask_small() -> tuple[int, dict[str, str], bytes]:
            return ask(port, head("/", "Content-Length: 3", method="POST") + b"abc")

        until(lambda: ask_small()[0] == 503)
        assert ask_small()[1]["retry-after"] == "1"
        for client in clients:
            client.sendall(b"x")
            assert client.recv(12) == b"HTTP/1.1 200"
        until(lambda: ask_small()[0] == 200)


def test_who_reads_nothing_is_cut_off_and_who_reads_is_not() -> None:
    streams = Streams()
    with serving(application(streams), patience(stall_s=SHORT_S)) as port, ExitStack() as all_:
        idle, reading = (all_.enter_context(connect(port)) for _ in range(2))
        for client in (idle, reading):
            client.sendall(head("/stream"))
        until(lambda: streams.n_open == 2)

        def is_one_left() -> bool:
            reading.recv(1 << 20)
            return streams.n_open == 1

        until(is_one_left)
        assert reading.recv(1)
        reading.close()
        until(lambda: streams.n_open == 0)


def test_who_reads_slowly_has_a_bounded_time_for_an_answer() -> None:
    streams = Streams()
    with serving(application(streams), patience(stream_s=SHORT_S)) as port, connect(port) as client:
        client.sendall(head("/stream"))
        until(lambda: streams.n_open == 1)

        def is_cut_off() -> bool:
            threading.Event().wait(0.02)
            client.recv(1 << 15)
            return streams.n_open == 0

        until(is_cut_off)


def test_an_answer_that_is_never_read_does_not_keep_its_connection() -> None:
    routes = [Route("/", lambda _: PlainTextResponse(bytes(1 << 20)))]
    times = patience(stall_s=SHORT_S)
    with serving(Starlette(routes=routes), times, idle_s=1) as port, connect(port) as client:
        client.sendall(head("/"))
        threading.Event().wait(4 * SHORT_S)
        # cut off: what was written is not all
        n_read = len(read_all(client))
    assert n_read < 1 << 20


def test_the_end_of_the_service_waits_for_no_idle_client() -> None:
    with ExitStack() as all_:
        with serving(application(Streams()), PATIENT, idle_s=60) as port:
            clients = [all_.enter_context(connect(port)) for _ in range(3)]
            clients[0].sendall(b"GET / HT")
            clients[1].sendall(head("/"))
            assert clients[1].recv(12) == b"HTTP/1.1 200"
        for client in clients:
            read_all(client)
        with pytest.raises(ConnectionRefusedError):
            connect(port)


def test_no_part_of_an_answer_waits_for_the_client_to_acknowledge_another() -> None:
    with running(application(Streams())) as (server, port), connect(port) as client:
        client.sendall(head("/"))
        assert client.recv(12) == b"HTTP/1.1 200"
        (connection,) = server.server_state.connections
        taken = connection.transport.get_extra_info("socket")
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("rest", [b"no chunk\r\n", b"-3\r\nabc\r\n"])
def test_nonsense_after_the_answer_to_a_body_ends_the_connection_and_is_no_failure(
    rest: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(application(Streams())) as port, connect(port) as client:
        client.sendall(head("/", "Transfer-Encoding: chunked", method="POST"))
        client.sendall(b"%x\r\n%b\r\n" % (MOST_BYTES + 1, bytes(MOST_BYTES + 1)))
        until(lambda: client.recv(1, socket.MSG_PEEK) != b"")
        client.sendall(rest)
        answer = read_all(client)

    assert answer.startswith(b"HTTP/1.1 413")
    assert answer.count(b"HTTP/1.1") == 1
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("n_bytes", [50_000, 70_000, 90_000, 110_000, 130_000])
@pytest.mark.parametrize("fields", [("Connection: close",), ()])
def test_a_last_answer_of_any_length_that_is_never_read_does_not_keep_its_connection(
    n_bytes: int, fields: tuple[str, ...]
) -> None:
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse(bytes(n_bytes)))])
    with (
        running(app, patience(stall_s=SHORT_S), idle_s=1) as (server, port),
        connect(port) as client,
    ):
        client.sendall(head("/", *fields))
        until(lambda: bool(server.server_state.total_requests))
        until(lambda: not server.server_state.connections)
