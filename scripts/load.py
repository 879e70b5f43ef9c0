"""Clients in a closed loop: each asks again as soon as it is answered.

    python -m scripts.load REQUESTS.json --port N --clients N --warm-up N --keep ANSWERS.jsonl

A process of its own, so that it takes no time from the server but what it needs of the cores,
which it reports. The first requests, asked by one client, only warm the server up. One thread,
one kept connection to each client, requests made beforehand; answers are read and, unless they
are kept, dropped.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from scripts.peers import HOST

_LARGEST_HEAD = 1 << 16


class Request(NamedTuple):
    """One HTTP request; without a body it is a GET."""

    path: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """How a server answered: round trips in the order of the requests, and what they took in all.

    `client_cpu_s` is what the clients themselves computed.
    """

    n_clients: int
    round_trips_ms: Sequence[float]
    wall_s: float
    client_cpu_s: float
    n_bytes: int

    def to_figures(self) -> dict[str, float]:
        """Give percentiles, answers a second, and the share of one core that the clients took."""
        return {
            "n": len(self.round_trips_ms),
            **percentiles(self.round_trips_ms),
            "per_s": round(len(self.round_trips_ms) / self.wall_s, 1),
            "client_cpu_share": round(self.client_cpu_s / self.wall_s, 3),
            "mean_answer_bytes": round(self.n_bytes / len(self.round_trips_ms)),
        }


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Give the 50th, 95th and 99th percentile, in ms."""
    cuts = statistics.quantiles(values, n=100, method="inclusive") if len(values) > 1 else values
    at = (lambda percent: cuts[percent - 1]) if len(values) > 1 else (lambda _: cuts[0])
    return {f"p{percent}_ms": round(at(percent), 2) for percent in (50, 95, 99)}


def to_bytes(request: Request) -> bytes:
    """Write a request as HTTP/1.1 has it."""
    body = b"" if request.body is None else request.body.encode()
    method = "GET" if request.body is None else "POST"
    head = f"{method} {request.path} HTTP/1.1\r\nHost: {HOST}\r\n"
    if request.body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer's body; RuntimeError where it is no success."""
    status, *fields = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
    sizes = [int(field[15:]) for field in fields if field.startswith(b"content-length:")]
    if not sizes:
        raise RuntimeError("an answer does not say how long it is")
    body = await reader.readexactly(sizes[0])
    if status.split()[1] != b"200":
        raise RuntimeError(f"{status.decode()}: {body[:300].decode()}")
    return body


async def ask_all(
    port: int, requests: Sequence[Request], n_clients: int
) -> tuple[Load, list[bytes]]:
    """Ask every request once, by so many clients; give also the answers, in order."""
    written = [to_bytes(request) for request in requests]
    round_trips_ms, bodies = [0.0] * len(written), [b""] * len(written)
    following = itertools.count()

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (number := next(following)) < len(written):
            sent = time.perf_counter()
            writer.write(written[number])
            bodies[number] = await read_answer(reader)
            round_trips_ms[number] = (time.perf_counter() - sent) * 1000
        writer.close()

    clients = [
        await asyncio.open_connection(HOST, port, limit=_LARGEST_HEAD) for _ in range(n_clients)
    ]
    started, computed = time.perf_counter(), time.process_time()
    await asyncio.gather(*(ask(*client) for client in clients))
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - computed
    return Load(n_clients, round_trips_ms, wall_s, cpu_s, sum(map(len, bodies))), bodies


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask what is in the file and print the load as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clients", type=int, default=1)
    parser.add_argument("--warm-up", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args(arguments)
    requests = [Request(*one) for one in json.loads(options.requests.read_text())]
    warm_up, measured = requests[: options.warm_up], requests[options.warm_up :]
    asyncio.run(ask_all(options.port, warm_up, 1))
    load, bodies = asyncio.run(ask_all(options.port, measured, options.clients))
    if options.keep:
        options.keep.write_bytes(b"".join(body + b"\n" for body in bodies))
    print(json.dumps(asdict(load)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
