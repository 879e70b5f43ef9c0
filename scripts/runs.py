"""One system in one round: prepared, started, asked in each of its ways, weighed, stopped."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.machine import n_cores
from scripts.disturbance import Clocks
from scripts.launching import Server, launch
from scripts.load import Load, Request
from scripts.memory import pss_mb, size_on_disk
from scripts.plan import CLIENTS, LIMIT, Comparison
from scripts.recall import DEPTH
from scripts.systems import FILTERED, ROOT, SEMANTIC, UNFLOORED, System

COMPARED_BY_RECALL = (SEMANTIC, FILTERED, UNFLOORED)
_FIRST = "a first question"
_STAMP = "of"


def prepare(comparison: Comparison, system: System) -> dict[str, Any]:
    """Make the folder of a system, unless it is there; give how long it took and its size."""
    folder = comparison.folder(system.name)
    kept = folder.with_suffix(".json")
    stamp = {_STAMP: comparison.origin()}
    known: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    if known.items() >= stamp.items():
        return {name: value for name, value in known.items() if name != _STAMP}
    say(f"preparing {system.name}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    figures: dict[str, Any] = {}
    if command := system.prepare(comparison.ground.given, folder):
        environ = os.environ | surroundings() | {"PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            command, check=True, text=True, stdout=subprocess.PIPE, cwd=ROOT, env=environ
        )
        figures = json.loads(ended.stdout.splitlines()[-1])
    figures["disk_mb"] = round(size_on_disk(system.disk(folder)) / 1e6, 1)
    kept.write_text(json.dumps(figures | stamp))
    return figures


def run(comparison: Comparison, system: System, *, with_found: bool) -> dict[str, Any]:
    """Run a system once: start, ask in every way, weigh; and keep what it finds, if asked."""
    folder = comparison.folder(system.name)
    given = comparison.ground.given
    (first,) = comparison.requests(system, system.ways[0], [_FIRST], LIMIT)
    figures: dict[str, Any] = {"ways": {}, "pss_mb": {}, "n_asked": {}}
    n_asked = 1
    with launch(lambda port: system.serve(given, folder, port), first, surroundings()) as server:
        figures["first_answer_s"] = round(server.first_answer_s, 3)
        figures["pss_mb_at_start"] = round(pss_mb(server.pid), 1)
        for way in (way for way in CLIENTS if way in system.ways):
            figures["ways"][way] = _ask_way(comparison, system, server, way)
            n_asked += sum(one["n"] for one in figures["ways"][way].values())
            # of distinct questions, by the end of this way
            figures["n_asked"][way] = n_asked
            figures["pss_mb"][way] = round(pss_mb(server.pid), 1)
        figures["pss_mb_at_end"] = round(pss_mb(server.pid), 1)
        figures["found"] = {
            way: _found(comparison, system, server, way)
            for way in system.ways
            if with_found and way in COMPARED_BY_RECALL
        }
    return figures


def _ask_way(
    comparison: Comparison, system: System, server: Server, way: str
) -> dict[str, dict[str, float]]:
    figures = {}
    warm_up = comparison.requests(system, way, comparison.warm_up, LIMIT)
    for n_clients in CLIENTS[way]:
        requests = comparison.requests(system, way, comparison.phase(way, n_clients), LIMIT)
        before = Clocks.read(server.pid)
        load, answers = put(requests, server.port, n_clients, warm_up)
        others = Clocks.read(server.pid).others_since(before)
        n_hits = [len(system.ids(answer)) for answer in answers]
        figures[str(n_clients)] = load.to_figures() | {
            "mean_hits": round(statistics.fmean(n_hits), 2),
            "cores_taken_by_others": round(others, 2),
        }
        say(f"  {way}, {n_clients} clients: {figures[str(n_clients)]}")
    return figures


def _found(comparison: Comparison, system: System, server: Server, way: str) -> list[list[str]]:
    requests = comparison.requests(system, way, comparison.for_recall, DEPTH)
    _, answers = put(requests, server.port, 1)
    return [system.ids(answer) for answer in answers]


def put(
    requests: Sequence[Request], port: int, n_clients: int, warm_up: Sequence[Request] = ()
) -> tuple[Load, list[Any]]:
    """Ask by clients in a process of their own; give how it went, and the answers."""
    with tempfile.TemporaryDirectory() as scratch:
        asked, kept = Path(scratch) / "requests.json", Path(scratch) / "answers.jsonl"
        asked.write_text(json.dumps([*warm_up, *requests]))
        options = ["--port", str(port), "--clients", str(n_clients), "--keep", str(kept)]
        options += ["--warm-up", str(len(warm_up))]
        ended = subprocess.run(
            [sys.executable, "-m", "scripts.load", str(asked), *options],
            check=True,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        answers = [json.loads(line) for line in kept.read_bytes().split(b"\n")[:-1]]
    return Load(**json.loads(ended.stdout)), answers


def surroundings() -> dict[str, str]:
    """Give the environment of every system: as many threads as cores, no call to any network."""
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "LANCE_CPU_THREADS")
    return dict.fromkeys(threads, str(n_cores())) | {
        "HF_HUB_OFFLINE": "1",
        "ANONYMIZED_TELEMETRY": "False",
        # its hybrid queries write two lines of deprecation each, which would cost it time
        "LANCEDB_LOG": "error",
    }


def say(line: str) -> None:
    """Tell what is being done, apart from what is measured."""
    print(line, file=sys.stderr, flush=True)
