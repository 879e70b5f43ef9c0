"""Clients that send slowly or too much, while a normal request is timed beside them."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from typing import Any

from scripts.load import percentiles
from scripts.memory import pss_mb
from scripts.peers import HOST

_LONGEST_S = 120.0
_BLOCK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


def time_normal(port: int, paths: Sequence[str]) -> dict[str, float]:
    """Ask some paths one after the other, each on a connection of its own, and time them."""
    took_ms = []
    for path in paths:
        started = time.perf_counter()
        with closing(http.client.HTTPConnection(HOST, port, timeout=_LONGEST_S)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}")
        took_ms.append((time.perf_counter() - started) * 1000)
    return percentiles(took_ms)


def beside_slow_heads(port: int, paths: Sequence[str], n_clients: int) -> dict[str, Any]:
    """Time normal requests before, and beside clients that never end the head of theirs."""
    return _beside(port, paths, n_clients, f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ".encode())


def beside_slow_bodies(port: int, paths: Sequence[str], n_clients: int) -> dict[str, Any]:
    """Time normal requests before, and beside clients that never end the body of theirs."""
    head = (
        f"POST /v1/search HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\n\r\n"
    )
    return _beside(port, paths, n_clients, f'{head}{{"query": "'.encode())


def _beside(port: int, paths: Sequence[str], n_clients: int, sent: bytes) -> dict[str, Any]:
    before = time_normal(port, paths)
    with ExitStack() as clients:
        slow = [clients.enter_context(_connected(port)) for _ in range(n_clients)]
        started = time.perf_counter()
        for client in slow:
            client.sendall(sent)
        stop = threading.Event()
        dripping = threading.Thread(target=_drip, args=(slow, stop))
        dripping.start()
        beside = time_normal(port, paths)
        answers = [_read_all(client) for client in slow]
        closed_s = time.perf_counter() - started
        stop.set()
        dripping.join()
    return {
        "clients": n_clients,
        "before": before,
        "beside": beside,
        "closed": len(answers),
        "all_closed_after_s": round(closed_s, 2),
        "answered_408": sum(answer.startswith(b"HTTP/1.1 408") for answer in answers),
    }


def _drip(clients: Sequence[socket.socket], stop: threading.Event) -> None:
    """Send a byte of each, again and again."""
    while not stop.wait(0.5):
        for client in clients:
            with suppress(OSError):  # it is closed already
                client.send(b"x")


def beside_long_body(port: int, pid: int, n_mb: int) -> dict[str, Any]:
    """Send a body of so many MB, without saying how long it is; weigh the service meanwhile."""
    before_mb = pss_mb(pid)
    peaks, stop = [before_mb], threading.Event()
    weighing = threading.Thread(target=_weigh, args=(pid, peaks, stop))
    weighing.start()
    with _connected(port) as client:
        reading, answer = _read_meanwhile(client)
        client.sendall(
            f"POST /v1/search HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        n_sent = 0
        with suppress(OSError):  # cut off: it was told before what was wrong
            while n_sent < n_mb * 1_000_000:
                client.sendall(_BLOCK)
                n_sent += 0x10000
            client.sendall(b"0\r\n\r\n")
        reading.join()
    stop.set()
    weighing.join()
    return {
        "mb": n_mb,
        "sent_mb": round(n_sent / 1e6),
        "answered": int(answer[0].split()[1]) if answer[0] else 0,
        "pss_mb_before": round(before_mb, 1),
        "pss_mb_more_at_most": round(max(peaks) - before_mb, 1),
    }


def _weigh(pid: int, peaks: list[float], stop: threading.Event) -> None:
    while not stop.wait(0.02):
        peaks.append(pss_mb(pid))


def _read_meanwhile(client: socket.socket) -> tuple[threading.Thread, list[bytes]]:
    answer: list[bytes] = []
    reading = threading.Thread(target=lambda: answer.append(_read_all(client)))
    reading.start()
    return reading, answer


def _connected(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=_LONGEST_S)


def _read_all(client: socket.socket) -> bytes:
    blocks = []
    with suppress(ConnectionResetError):  # cut off
        while block := client.recv(1 << 16):
            blocks.append(block)
    return b"".join(blocks)


def read_to_the_end(port: int, path: str) -> bytes:
    """Ask a path on a connection of its own; give all that comes until it is closed."""
    with _connected(port) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        return _read_all(client)


def until_refused(port: int, paths: Sequence[str], n_clients: int) -> Callable[[], list[bytes]]:
    """Let clients ask until no connection is taken any more; give what waits for all answers."""
    answers: list[bytes] = []

    def ask(number: int) -> None:
        try:
            while True:
                answers.append(read_to_the_end(port, paths[(number + len(answers)) % len(paths)]))
        except ConnectionRefusedError:
            return

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(n_clients)]
    for thread in threads:
        thread.start()

    def wait() -> list[bytes]:
        for thread in threads:
            thread.join()
        return answers

    return wait
