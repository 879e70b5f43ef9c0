"""A soak: clients that do all that clients do, right and wrong, while snapshots are swapped.

Run by `python -m scripts.overload --soak MINUTES`. The memory of the service is weighed all the
time; after the warm-up its slope says whether it grows.
"""

import http.client
import json
import os
import random
import shutil
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from index.snapshot import CURRENT, SNAPSHOTS, current_name
from scripts.memory import pss_mb
from scripts.peers import HOST
from scripts.serving import serve

N_CLIENTS = 4
WARM_UP = 0.3
"""This part of the time is not measured: caches fill, memory is taken that is kept."""
_WEIGH_S = 0.5
_FACETS = ["authors", "journals", "years", "types"]


class _Clients:
    """What clients do, one thing at a time, and how it was answered."""

    def __init__(self, port: int, questions: Sequence[str]) -> None:
        self._port = port
        self._questions = questions
        self.answered: Counter[str] = Counter()
        self.stop = threading.Event()

    def run(self, seed: int) -> None:
        draw = random.Random(seed)
        deeds: list[Callable[[str], int]] = [
            *(4 * [self._search]), self._similar, self._draft, self._export,
            self._wrong_value, self._unknown_article, self._too_large, self._page,
            self._leave_search, self._leave_export, self._late,
        ]  # fmt: skip
        while not self.stop.is_set():
            deed = draw.choice(deeds)
            name = deed.__name__.strip("_").replace("_", " ")
            self.answered[f"{name}: {deed(draw.choice(self._questions))}"] += 1

    def _ask(self, path: str, body: object = None) -> int:
        method, data = ("GET", None) if body is None else ("POST", json.dumps(body))
        headers = {"Content-Type": "application/json"}
        with closing(http.client.HTTPConnection(HOST, self._port, timeout=120)) as connection:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status

    def _search(self, text: str) -> int:
        return self._ask("/v1/search", {"query": text, "facets": _FACETS})

    def _similar(self, text: str) -> int:
        return self._ask("/v1/similar", {"positive": [{"text": text}], "limit": 5})

    def _draft(self, text: str) -> int:
        return self._ask("/v1/related-work", {"text": f"Others have shown this: {text}. " * 3})

    def _export(self, text: str) -> int:
        return self._ask(f"/v1/export?format=csv&limit=200&q={quote(text)}")

    def _wrong_value(self, _: str) -> int:
        return self._ask("/v1/search?limit=0")

    def _unknown_article(self, text: str) -> int:
        return self._ask(f"/v1/articles/{quote(text[:20], safe='')}")

    def _too_large(self, text: str) -> int:
        return self._ask("/v1/search", {"query": text * 30_000})

    def _page(self, text: str) -> int:
        return self._ask(f"/?q={quote(text)}")

    def _late(self, text: str) -> int:
        return self._ask("/v1/search", {"query": text, "timeout_ms": 1})

    def _leave_search(self, text: str) -> int:
        return self._leave(f"/v1/search?q={quote(text)}", n_read=0)

    def _leave_export(self, text: str) -> int:
        return self._leave(f"/v1/export?format=jsonl&q={quote(text)}", n_read=1000)

    def _leave(self, path: str, n_read: int) -> int:
        """Ask, and go away without the answer, or after its beginning."""
        with socket.create_connection((HOST, self._port), timeout=120) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            if n_read:
                client.recv(n_read)
        return 0


class _Swaps:
    """Two names of one snapshot, the one or the other of which is served."""

    def __init__(self, index: Path, folder: Path) -> None:
        self._directory = folder
        name = current_name(index)
        # the name ends in the manifest's hash, and begins with a time
        _, _, digest = name.partition("-")
        self._names = [name, f"20200101T000000000Z-{digest}"]
        for one in self._names:
            _link(index / SNAPSHOTS / name, folder / SNAPSHOTS / one)
        self.n_swaps = 0
        self._publish()

    def run(self, stop: threading.Event, every_s: float) -> None:
        while not stop.wait(every_s):
            self.n_swaps += 1
            self._publish()

    def _publish(self) -> None:
        new = self._directory / f"{CURRENT}.new"
        new.write_text(self._names[self.n_swaps % 2] + "\n")
        new.replace(self._directory / CURRENT)


def _link(source: Path, target: Path) -> None:
    """Give a folder a second name; a copy where the file system can not."""

    def link(one: str, other: str) -> None:
        with suppress(OSError):
            os.link(one, other)
            return
        shutil.copy2(one, other)

    shutil.copytree(source, target, copy_function=link)


def soak(index: Path, work: Path, questions: Sequence[str], minutes: float) -> dict[str, Any]:
    """Ask for so many minutes, and say how much memory the service took more by the end."""
    swaps = _Swaps(index, work)
    seconds = minutes * 60
    weighed: list[tuple[float, float]] = []
    with serve(work, reload_poll_s=0.5) as service:
        clients = _Clients(service.port, questions)
        threads = [threading.Thread(target=clients.run, args=(seed,)) for seed in range(N_CLIENTS)]
        threads.append(
            threading.Thread(target=swaps.run, args=(clients.stop, min(10.0, seconds / 3)))
        )
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        try:
            while (passed_s := time.perf_counter() - started) < seconds:
                weighed.append((passed_s, pss_mb(service.pid)))
                time.sleep(_WEIGH_S)
        finally:
            clients.stop.set()
            for thread in threads:
                thread.join()
    return {
        "minutes": minutes,
        "swaps": swaps.n_swaps,
        "answered": dict(sorted(clients.answered.items())),
        **slope([one for one in weighed if one[0] >= WARM_UP * seconds]),
    }


def slope(weighed: Sequence[tuple[float, float]]) -> dict[str, float | list[float]]:
    """Fit a line through memory over time: MB at its beginning and end, and MB an hour.

    Beside it the median of each fifth of the time: at a swap there are two engines for a while.
    """
    at_s, mb = np.array(weighed).T
    per_s, first = np.polyfit(at_s, mb, 1) if len(weighed) > 1 else (0.0, mb[0])
    return {
        "pss_mb_after_warm_up": round(float(first + per_s * at_s[0]), 1),
        "pss_mb_at_the_end": round(float(first + per_s * at_s[-1]), 1),
        "pss_mb_most": round(float(mb.max()), 1),
        "pss_mb_medians": [
            round(float(np.median(fifth)), 1) for fifth in np.array_split(mb, 5) if len(fifth)
        ],
        "mb_per_hour": round(float(per_s) * 3600, 1),
    }
