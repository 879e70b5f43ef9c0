"""The machine: how many cores there are, and memory that is not kept for nothing."""

import subprocess
import sys

import pytest

from index.machine import give_back_memory, keep_memory_together, n_cores

GROW_IN_THREADS = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from index.machine import give_back_memory, keep_memory_together

if sys.argv[1] == "together":
    keep_memory_together()

def fill(_):
    kept = [bytes(100_000) for _ in range(200)]
    last = bytes(1000)  # what lies above them is not theirs to give back
    del kept
    return last

kept = []
for _ in range(12):  # as many threads one after the other as there are short-lived ones
    barrier = threading.Barrier(6)
    with ThreadPoolExecutor(6) as pool:
        kept += pool.map(lambda n: (barrier.wait(), fill(n))[1], range(6))
if sys.argv[1] == "together":
    give_back_memory()
for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
    if line.startswith("Pss_Anon:"):
        print(line.split()[1])
"""


def test_there_is_a_core() -> None:
    assert n_cores() >= 1


@pytest.mark.skipif(sys.platform != "linux", reason="memory is looked up in /proc")
def test_memory_that_threads_have_freed_is_given_back() -> None:
    def used_kb(how: str) -> int:
        command = [sys.executable, "-c", GROW_IN_THREADS, how]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert used_kb("together") < used_kb("as it comes")


def test_where_the_library_is_another_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.machine.sys.platform", "darwin")

    keep_memory_together()
    give_back_memory()
