"""Faults one after the other, as many as are asked for, and a tally of what they did.

The suite asks for some, the tests marked slow and `scripts.durability` for all.
"""

import errno
import random
import shutil
import time
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path

from tests.faults.bench import Bench, Tally
from tests.faults.disk import Disk, Loss, Operation, read_journal
from tests.faults.shim import Action, Fault, Kind
from tests.faults.trial import MOST_PIECES, Ended, Trial

IN_A_ROW = 4
"""So many times a command is killed before it is let come to its end."""


def fail_operations(bench: Bench, fault: Fault, places: Iterable[int] | None = None) -> Tally:
    """Put a fault into the first operation of its kinds, then the second, and so on.

    Without `places` it goes on until there is no such operation any more.
    """
    tally = Tally()
    for place in count(1) if places is None else places:
        trial = bench.trial()
        one = Fault(fault.action, place, fault.kinds, fault.error)
        ended = bench.laboratory.run(trial, one)
        # one that ended in another way, without its fault, has one of its own
        if not ended.which and ended.how == "done":
            if places is None:
                break
            # the threads of a command have made fewer operations than another time
            continue
        tally.count(ended.how)
        tally.note(f"{place}, {ended.which}", bench.problems(trial, ended))
    return tally


def n_operations(bench: Bench, kinds: Kind) -> int:
    """Count the operations of some kinds that a command makes."""
    return bench.laboratory.run(bench.trial(), Fault(kinds=kinds)).count


def kill_at_instants(bench: Bench, n_kills: int, seed: int) -> Tally:
    """Kill the command with SIGKILL, each time at a random instant of the time it takes.

    It is killed up to `IN_A_ROW` times, given again after each, and then let come to its end.
    """
    randomly = random.Random(seed)
    tally = Tally()
    longest_s = _time(bench)
    while tally.n_tries < n_kills:
        trial = bench.trial()
        n_here = 0
        while n_here < IN_A_ROW and tally.n_tries < n_kills:
            ended = _kill_after(bench, trial, randomly.random() * longest_s)
            if ended.how != "killed":
                # it came to its end first: it was faster than the one that was timed
                longest_s = _time(bench)
                break
            n_here += 1
            tally.count(_state(trial))
            tally.note(f"kill {tally.n_tries}, {_state(trial)}", bench.problems_now(trial, ended))
        tally.problems += bench.problems_of_going_on(trial, most_again=n_here * MOST_PIECES)
    return tally


def _kill_after(bench: Bench, trial: Trial, seconds: float) -> Ended:
    """Begin the command, and kill it after a time, if it has not ended."""
    running = bench.laboratory.start(trial)
    wait_until = time.monotonic() + seconds
    while time.monotonic() < wait_until and not running.is_over:
        time.sleep(0.0005)
    running.kill()
    return running.wait()


def _time(bench: Bench) -> float:
    trial = bench.trial()
    running = bench.laboratory.start(trial)
    began = time.monotonic()
    running.wait()
    return time.monotonic() - began


def _state(trial: Trial) -> str:
    """Say how far a command had come."""
    if not trial.directory.exists():
        return "before anything"
    if list((trial.directory / "building").glob("snapshot-*/manifest.json")):
        return "the manifest was written"
    if list((trial.directory / "building").glob("snapshot-*")):
        return "the snapshot was being written"
    if (trial.directory / "building").exists():
        return "the sources were being read, or old snapshots removed"
    return "between"


def recorded(bench: Bench) -> list[Operation]:
    """Give the operations of the command, in order; what they leave is what lies there."""
    trial = bench.trial()
    journal = trial.folder / "journal"
    bench.laboratory.run(trial, Fault(), journal)
    operations = list(read_journal(journal, trial.disk))
    disk = Disk(bench.template.disk)
    for operation in operations:
        disk.repeat(operation)
    assert disk.seen() == dict(_files(trial.disk)), "the journal does not tell all that was written"
    return operations


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def cut_power(
    bench: Bench,
    operations: Sequence[Operation],
    places: Container[int],
    *,
    share_going_on: float = 1.0,
    seed: int = 0,
) -> Tally:
    """Cut the power after the operations at `places`, counted from 1, with every kind of loss.

    After a share of the cuts the command is given again, on what was left. Behind the last
    operation the command has said that it is done.
    """
    randomly = random.Random(seed)
    disk = Disk(bench.template.disk)
    tally = Tally()
    for place, operation in enumerate(operations, 1):
        disk.repeat(operation)
        for loss in Loss if place in places else ():
            left = bench.trial()
            shutil.rmtree(left.disk)
            disk.cut_power(left.disk, loss, randomly)
            is_done = place == len(operations)
            found = bench.problems_of_state(left.directory, is_done=is_done)
            if not found and randomly.random() < share_going_on:
                # what was encoded before the cut may be lost with the power
                found = bench.problems_of_going_on(left, most_again=None)
            tally.count(loss)
            tally.note(f"{place}, {operation.name} {operation.path}, {loss}", found)
    return tally


def sampled(n: int, total: int, seed: int) -> list[int]:
    """Draw some of the places 1 to `total`, always with the first and the last."""
    drawn = random.Random(seed).sample(range(1, total + 1), min(n, total))
    return sorted({1, total, *drawn})


FAILURES = {
    "error": Fault(Action.FAIL),
    "no room": Fault(Action.FAIL, kinds=Kind.TAKE_ROOM, error=errno.ENOSPC),
    "half": Fault(Action.SHORT, kinds=Kind.WRITE),
    "full": Fault(Action.FULL, kinds=Kind.TAKE_ROOM),
    "kill": Fault(Action.KILL, kinds=Kind.CHANGE),
}
"""An input/output error at any operation; no room for one that takes some; half of the bytes
written; the disk full from one operation on; the process killed at one that changes the disk."""
