"""Ask more of a service than it can give, slowly, too long, and till it ends; say what became.

    python -m scripts.overload --index DIR [--soak MINUTES] [--results FILE.json]

Capacity is measured by clients in a closed loop, before and after requests come at 3 and 10 times
its rate, whatever the answers. Run nothing else beside it.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from index.snapshot import SNAPSHOTS, current_name, read_manifest
from scripts.benchmark import draw_titles
from scripts.load import Load, Request, percentiles
from scripts.open_loop import Arrivals, Outcome
from scripts.provenance import provenance
from scripts.serving import Service, serve
from scripts.slow_clients import (
    beside_long_body,
    beside_slow_bodies,
    beside_slow_heads,
    until_refused,
)
from scripts.soak import soak
from service.settings import Settings

_FACETS = ["authors", "journals", "years", "types"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is asked; `settings` are those of the service that differ from the defaults."""

    index: Path
    n_capacity: int = 1500
    n_clients: int = 8
    times_capacity: tuple[float, ...] = (3, 10)
    seconds: float = 20
    n_slow: int = 200
    n_slow_bodies: int = 50
    n_normal: int = 100
    long_body_mb: int = 1000
    workers: int = 2
    settings: tuple[tuple[str, object], ...] = ()


SMOKE = {
    "n_capacity": 30,
    "n_clients": 4,
    "times_capacity": (3,),
    "seconds": 1,
    "n_slow": 20,
    "n_slow_bodies": 5,
    "n_normal": 10,
    "long_body_mb": 8,
    "settings": (("header_s", 1), ("body_s", 1), ("idle_s", 1)),
}
"""As little as can be, for the tests."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".cognate/overload"), metavar="DIR")
    parser.add_argument("--seconds", type=float, help="of each load (default 20)")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="soak it, too")
    parser.add_argument("--smoke", action="store_true", help="as little as can be, for the tests")
    parser.add_argument("--results", type=Path)
    options = parser.parse_args(arguments)
    given: dict[str, Any] = dict(SMOKE) if options.smoke else {}
    if options.seconds:
        given["seconds"] = options.seconds
    figures = measure(Plan(options.index, **given))
    if options.soak:
        options.work.mkdir(parents=True, exist_ok=True)
        questions = draw_questions(options.index, 2000)
        with tempfile.TemporaryDirectory(dir=options.work) as folder:
            figures["soak"] = soak(options.index, Path(folder), questions, options.soak)
    print(json.dumps(figures, indent=2))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=2) + "\n")
    return 0


def measure(plan: Plan) -> dict[str, Any]:
    """Measure all but the soak."""
    questions = draw_questions(plan.index, 2 * plan.n_capacity)
    requests = [_request(text) for text in questions]
    paths = [f"/v1/search?q={quote(text)}" for text in questions[: plan.n_normal]]
    given = dict(plan.settings)
    with serve(plan.index, **given) as service:
        capacity = _closed(service, requests, plan)
        quiet_ms = capacity["quiet"]["p50_ms"]
        overload = {
            f"{times:g} times": _open(service, requests, times * capacity["per_s"], plan)
            | {"recovered_after_s": _recovery_s(service, questions, quiet_ms)}
            for times in plan.times_capacity
        }
        figures: dict[str, Any] = {
            "n_articles": read_manifest(
                plan.index / SNAPSHOTS / current_name(plan.index)
            ).n_articles,
            "max_wait_ms": Settings().max_wait_ms,
            "settings": given,
            "capacity": capacity,
            "overload": overload,
            # what a machine can do changes with what else runs on its host
            "capacity_after": _closed(service, requests, plan),
            "slow_heads": beside_slow_heads(service.port, paths, plan.n_slow),
            "slow_bodies": beside_slow_bodies(service.port, paths, plan.n_slow_bodies),
            "long_body": beside_long_body(service.port, service.pid, plan.long_body_mb),
        }
    mean_per_s = (capacity["per_s"] + figures["capacity_after"]["per_s"]) / 2
    for load in overload.values():
        load["goodput_share_of_capacity"] = round(load["served"]["per_s"] / mean_per_s, 3)
    figures["sigterm"] = _stopped(plan, paths, given)
    figures["workers"] = _workers(plan, requests, capacity["per_s"], given)
    return figures


def draw_questions(index: Path, n: int) -> list[str]:
    """Draw questions of an index: distinct titles."""
    manifest = read_manifest(index / SNAPSHOTS / current_name(index))
    return draw_titles(index, manifest, n)


def _request(text: str) -> Request:
    return Request("/v1/search", json.dumps({"query": text, "facets": _FACETS}))


def _closed(service: Service, requests: Sequence[Request], plan: Plan) -> dict[str, Any]:
    """Measure the capacity: answers a second to clients that wait for theirs."""
    n_quiet = plan.n_normal
    quiet = _load(service, requests[:n_quiet], 1)
    full = _load(service, requests[: plan.n_capacity], plan.n_clients)
    return {
        "clients": plan.n_clients,
        **full.to_figures(),
        "pss_mb": round(service.pss_mb()),
        "quiet": quiet.to_figures(),
    }


def _load(service: Service, requests: Sequence[Request], n_clients: int) -> Load:
    arguments = ("--port", service.port, "--clients", n_clients, "--warm-up", 5)
    return Load(**_child("scripts.load", requests, *arguments))


def _open(
    service: Service, requests: Sequence[Request], per_s: float, plan: Plan
) -> dict[str, Any]:
    """Ask at a rate that does not heed the answers."""
    before_mb = service.pss_mb()
    arguments = ("--port", service.port, "--per-s", per_s, "--seconds", plan.seconds)
    raw = _child("scripts.open_loop", requests, *arguments)
    outcomes = [Outcome(*one) for one in raw.pop("outcomes")]
    return summary(Arrivals(outcomes=outcomes, **raw)) | {
        "pss_mb_before": round(before_mb),
        "pss_mb_after": round(service.pss_mb()),
    }


def summary(arrivals: Arrivals) -> dict[str, Any]:
    """Say what became of the requests of an open loop."""
    of_status: dict[int, list[Outcome]] = {}
    for one in arrivals.outcomes:
        of_status.setdefault(one.status, []).append(one)
    served, refused = of_status.pop(200, []), of_status.pop(503, [])
    refused_ms = [one.took_ms for one in refused]
    # what came in the last moments was answered after them: of all the time that it took
    return {
        "asked": len(arrivals.outcomes),
        "asked_per_s": round(arrivals.per_s, 1),
        "seconds": arrivals.seconds,
        "client_cpu_share": round(arrivals.client_cpu_s / arrivals.wall_s, 3),
        "served": {
            "n": len(served),
            "per_s": round(len(served) / arrivals.wall_s, 1),
            **_percentiles([one.took_ms for one in served]),
        },
        "refused": {
            "n": len(refused),
            **_percentiles(refused_ms),
            "longest_ms": round(max(refused_ms, default=0.0), 1),
            "with_retry_after": sum(one.retries_after for one in refused),
            "after_waiting": sum(ms > Settings().max_wait_ms for ms in refused_ms),
        },
        "other_statuses": {str(status): len(found) for status, found in of_status.items()},
    }


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    return percentiles(values) if values else {}


def _recovery_s(service: Service, questions: Sequence[str], quiet_ms: float) -> float:
    """Ask until an answer is as fast as it was, twice its median time; give how long it took."""
    started = time.perf_counter()
    for text in questions:
        asked = time.perf_counter()
        service.search(query=text, facets=_FACETS)
        if (time.perf_counter() - asked) * 1000 <= 2 * quiet_ms:
            break
    return round(time.perf_counter() - started, 3)


def _stopped(plan: Plan, paths: Sequence[str], given: dict[str, Any]) -> dict[str, Any]:
    """Ask the service to end while clients ask; say what they got, and how it ended."""
    with serve(plan.index, **given) as service:
        wait = until_refused(service.port, paths, plan.n_clients)
        time.sleep(plan.seconds / 5)
        asked_to_end = time.perf_counter()
        service.process.send_signal(signal.SIGTERM)
        status = service.process.wait(timeout=60)
        ended_s = time.perf_counter() - asked_to_end
        answers = wait()
    return {
        "answers": len(answers),
        "whole": sum(answer.startswith(b"HTTP/1.1 200") for answer in answers),
        "closed_before_they_were_read": sum(not answer for answer in answers),
        "ended_after_s": round(ended_s, 2),
        "status": status,
    }


def _workers(
    plan: Plan, requests: Sequence[Request], per_s: float, given: dict[str, Any]
) -> dict[str, Any]:
    """Ask several processes that share the snapshot at the capacity of one, and weigh them."""
    with serve(plan.index, workers=plan.workers, **given) as service:
        return {"workers": plan.workers, **_open(service, requests, per_s, plan)}


def _child(module: str, requests: Sequence[Request], *arguments: object) -> dict[str, Any]:
    """Run clients in a process of their own; give what they print."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(requests, file)
        file.flush()
        command = [sys.executable, "-m", module, file.name, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    sys.exit(main())
