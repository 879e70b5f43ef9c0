"""Clients in an open loop: requests come at their own times, however long the answers take.

    python -m scripts.open_loop REQUESTS.json --port N --per-s N --seconds N

A process of its own, so that it takes no time from the server but what it needs of the cores,
which it reports. Times are drawn as independent clients would come (exponential distances,
seeded); an answer is timed from when its request was to be sent. Requests are asked again from
the beginning when they are used up.
"""

import argparse
import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

from scripts.load import Request, to_bytes
from scripts.peers import HOST

_LARGEST_HEAD = 1 << 16
_LONGEST_S = 60.0

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Outcome(NamedTuple):
    """What became of one request: when it was to be sent, its status (0 for none), how long."""

    due_s: float
    status: int
    took_ms: float
    retries_after: bool


@dataclass(frozen=True, slots=True)
class Arrivals:
    """All requests of an open loop, and the share of one core that the clients took."""

    per_s: float
    seconds: float
    wall_s: float
    client_cpu_s: float
    outcomes: Sequence[Outcome]


class _Clients:
    """Connections that are kept as long as the server keeps them; more are opened when needed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[_Connection] = []
        self.outcomes: list[Outcome] = []

    async def ask(self, written: bytes, due: float, started: float) -> None:
        status, retries_after = 0, False
        with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            async with asyncio.timeout(_LONGEST_S):
                status, retries_after = await self._answer(written)
        took_ms = (time.perf_counter() - due) * 1000
        self.outcomes.append(Outcome(due - started, status, took_ms, retries_after))

    async def _answer(self, written: bytes) -> tuple[int, bool]:
        connection = self._kept() or await self._open()
        reader, writer = connection
        try:
            writer.write(written)
            first, *fields = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            sizes = [int(field[15:]) for field in fields if field.startswith(b"content-length:")]
            await reader.readexactly(sizes[0] if sizes else 0)
        except BaseException:
            writer.close()
            raise
        if b"connection: close" in fields:
            writer.close()
        else:
            self._idle.append(connection)
        return int(first.split()[1]), any(field.startswith(b"retry-after:") for field in fields)

    def _kept(self) -> _Connection | None:
        """Give a connection that the server has not closed in the meantime, if there is one."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    async def _open(self) -> _Connection:
        return await asyncio.open_connection(HOST, self._port, limit=_LARGEST_HEAD)

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


def _due_s(per_s: float, seconds: float) -> Iterator[float]:
    """Draw when requests come, in seconds from the beginning."""
    draw = random.Random(0)
    due_s = draw.expovariate(per_s)
    while due_s < seconds:
        yield due_s
        due_s += draw.expovariate(per_s)


async def ask_openly(
    port: int, requests: Sequence[Request], per_s: float, seconds: float
) -> Arrivals:
    """Ask at a rate, for some seconds, and wait for all answers."""
    clients, written = _Clients(port), itertools.cycle([to_bytes(one) for one in requests])
    started, computed = time.perf_counter(), time.process_time()
    asked = []
    for due_s in _due_s(per_s, seconds):
        if (ahead_s := started + due_s - time.perf_counter()) > 0:
            await asyncio.sleep(ahead_s)
        asked.append(asyncio.ensure_future(clients.ask(next(written), started + due_s, started)))
    await asyncio.gather(*asked)
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - computed
    clients.close()
    return Arrivals(per_s, seconds, wall_s, cpu_s, clients.outcomes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask what is in the file and print what became of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--per-s", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args(arguments)
    requests = [Request(*one) for one in json.loads(options.requests.read_text())]
    arrivals = asyncio.run(ask_openly(options.port, requests, options.per_s, options.seconds))
    print(json.dumps(asdict(arrivals)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
