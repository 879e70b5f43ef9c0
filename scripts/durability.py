"""Try every fault of `tests/faults` on builds, where the suite tries some, and count the losses.

    python -m scripts.durability --results scripts/results/reliability_durability.json
    python -m scripts.durability kills power --results FILE.json     these subjects, the rest kept
    python -m scripts.durability --smoke                             a few of each
    python -m scripts.durability --table FILE.json                   the results as a table

Nothing here is timed: it may run beside other work. It needs Linux on x86-64 and a C compiler,
and takes about an hour.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.provenance import provenance
from tests.building import build, write_source
from tests.faults.bench import Bench, Tally
from tests.faults.campaigns import (
    FAILURES,
    cut_power,
    fail_operations,
    kill_at_instants,
    recorded,
    sampled,
)
from tests.faults.damage import find_damage
from tests.faults.readers import publish_among_readers
from tests.faults.shim import compile_shim, why_none
from tests.faults.trial import COMMANDS, MOSS, Command, Laboratory
from tests.service.library import LIBRARY

N_KILLS = 250
N_PLACES = 1000
N_PUBLISHED = 200
SHARE_GOING_ON = 0.1
SEED = 15
MOST_SHOWN = 10

BUILDS: tuple[Command, ...] = ("make", "build")
"""Whose every operation is failed; the suite fails some of an add and a remove."""
CUT: tuple[Command, ...] = ("make", "build", "add")
"""Whose power is cut after every operation."""

Row = dict[str, Any]

WORDS: dict[str, str] = {
    "make": "a first build",
    "build": "a build over an index",
    "add": "an add",
    "remove": "a remove",
}
FAULTS: dict[str, str] = {
    "error": "each operation, reads too, fails once with an I/O error",
    "no room": "each operation that takes room fails once: no space left",
    "half": "each write takes half of its bytes, once",
    "full": "the disk is full from each operation on that takes room",
    "kill": "SIGKILL at each operation that changes the disk",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the faults are tried: a folder, the processes, and whether a few are enough."""

    folder: Path
    laboratory: Laboratory
    is_smoke: bool

    def bench(self, name: str, command: Command) -> Bench:
        """Make an index for a command, in a folder of its own."""
        return Bench.prepare(self.laboratory, self.folder / name, command)


def measure_operations(place: Place) -> Iterator[Row]:
    """Fail every operation of every command once, in every way."""
    for command in BUILDS:
        bench = place.bench("operations", command)
        for name, fault in FAILURES.items():
            tally = fail_operations(bench, fault, range(1, 4) if place.is_smoke else None)
            yield row(tally, test=f"operations of {WORDS[command]}", faults=FAULTS[name])


def measure_power(place: Place) -> Iterator[Row]:
    """Cut the power after every operation of every command, with every kind of loss."""
    for command in CUT:
        bench = place.bench("power", command)
        operations = recorded(bench)
        places = range(1, len(operations) + 1)
        tally = cut_power(
            bench,
            operations,
            sampled(1, len(operations), SEED) if place.is_smoke else places,
            share_going_on=SHARE_GOING_ON,
            seed=SEED,
        )
        faults = "what was not synced is dropped, zeroed, halved, flipped or kept; names undone"
        yield row(tally, test=f"power cut after each operation of {WORDS[command]}", faults=faults)


def measure_kills(place: Place) -> Iterator[Row]:
    """Kill every command at random instants."""
    for command in COMMANDS:
        bench = place.bench("kills", command)
        tally = kill_at_instants(bench, 2 if place.is_smoke else N_KILLS, SEED)
        yield row(tally, test=f"kill -9 of {WORDS[command]}", faults="at random instants")


def measure_damage(place: Place) -> Iterator[Row]:
    """Flip bits of every file of an index, and cut it, and look whether `verify` names it."""
    directory = place.folder / "damaged"
    build(directory, write_source(place.folder / "damaged.jsonl", *LIBRARY, MOSS))
    tally = find_damage(directory, 2 if place.is_smoke else N_PLACES, SEED)
    faults = f"one bit flipped, {N_PLACES:,} places a file; cut at each 4 KiB and by a byte"
    yield row(tally, test="`cognate verify` names the file", faults=faults)


def measure_readers(place: Place) -> Iterator[Row]:
    """Publish again and again among readers in several processes."""
    n_times = 10 if place.is_smoke else N_PUBLISHED
    tally = publish_among_readers(place.folder / "readers", n_times)
    faults = f"{n_times} snapshots published, old ones removed, meanwhile"
    yield row(tally, test="answers of readers in three processes", faults=faults)


SUBJECTS: dict[str, Callable[[Place], Iterator[Row]]] = {
    "operations": measure_operations,
    "power": measure_power,
    "kills": measure_kills,
    "damage": measure_damage,
    "readers": measure_readers,
}


def row(tally: Tally, *, test: str, faults: str) -> Row:
    """Give a row of the table: what was tried, how often, and what went wrong."""
    return {
        "test": test,
        "tries": tally.n_tries,
        "faults": faults,
        "n_lost": len(tally.problems),
        "lost": tally.problems[:MOST_SHOWN],
        "counts": tally.counts,
    }


def to_table(results: dict[str, Any]) -> str:
    """Write the results as the table of the documentation."""
    lines = ["| test | tries | faults | lost | command |", "|---|---:|---|---:|---|"]
    for subject, part in results["subjects"].items():
        for one in part["rows"]:
            lost = one["n_lost"] or "nothing"
            lines.append(
                f"| {one['test']} | {one['tries']:,} | {one['faults']} | {lost} "
                f"| `scripts.durability {subject}` |"
            )
    total = sum(one["tries"] for part in results["subjects"].values() for one in part["rows"])
    return "\n".join([*lines, f"| all | {total:,} | | | |"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Try what is asked for, and write down what was lost; the status is 1 if anything was."""
    options = _parse(arguments)
    if options.table:
        print(to_table(json.loads(options.table.read_text())))
        return 0
    reason = why_none()
    if reason is not None:
        sys.exit(reason)
    memory = Path("/dev/shm")  # noqa: S108 - what is synced there costs nothing
    n_lost = 0
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        place = Place(Path(folder), Laboratory(compile_shim(Path(folder))), options.smoke)
        for subject in options.subjects or SUBJECTS:
            rows = []
            for one in SUBJECTS[subject](place):
                print(json.dumps(one), flush=True)
                rows.append(one)
                n_lost += one["n_lost"]
                # at once: the rest may take an hour
                if options.results:
                    _keep(options.results, subject, rows)
    return 1 if n_lost else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], metavar="SUBJECT")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    parser.add_argument("--table", type=Path, metavar="FILE.json")
    parser.add_argument("--smoke", action="store_true")
    return parser.parse_args(arguments)


def _keep(path: Path, subject: str, rows: list[Row]) -> None:
    """Write a subject's rows into a results file, beside those of the others."""
    results = json.loads(path.read_text()) if path.exists() else {"subjects": {}}
    measured = results["subjects"] | {subject: provenance() | {"rows": rows}}
    ordered = {name: measured[name] for name in SUBJECTS if name in measured}
    path.write_text(json.dumps({"subjects": ordered}, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
