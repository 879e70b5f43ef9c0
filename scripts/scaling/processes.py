"""What processes take: memory at its peak, and time of the processor."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

_EVERY_S = 0.1
_USER, _SYSTEM = 11, 12  # in /proc/PID/stat, behind the name

_Parameters = ParamSpec("_Parameters")
_Given = TypeVar("_Given")


def in_child(
    do: Callable[_Parameters, _Given], *arguments: _Parameters.args, **named: _Parameters.kwargs
) -> _Given:
    """Call a function in a process of its own, whose peak of memory is then its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(do, *arguments, **named).result()


@dataclass(slots=True)
class Peak:
    """The most memory that this process had, in MB (10^6 bytes).

    `rss_mb` counts mapped pages of files too, which give way where memory is short;
    `anonymous_mb`, looked at ten times a second, does not.
    """

    anonymous_mb: float = 0.0
    rss_mb: float = 0.0


@contextmanager
def watched() -> Iterator[Peak]:
    """Watch the memory of this process until the block ends."""
    peak, is_over = Peak(), threading.Event()

    def watch() -> None:
        while not is_over.wait(_EVERY_S):
            peak.anonymous_mb = max(peak.anonymous_mb, _status_mb("RssAnon"))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        is_over.set()
        thread.join()
        peak.anonymous_mb = round(max(peak.anonymous_mb, _status_mb("RssAnon")))
        # not getrusage's, which a process inherits from the one that started it
        peak.rss_mb = round(_status_mb("VmHWM"))


def _status_mb(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"no {name} line in the status of this process")


def cpu_s(pid: int) -> float:
    """Give the processor time of a running process, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / os.sysconf("SC_CLK_TCK")
