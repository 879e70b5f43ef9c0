"""Measure Cognate on this machine; every figure comes with commit, machine and command.

    python -m scripts.benchmark read SOURCE…              reading, cleaning, joining: records/s
    python -m scripts.benchmark serve --index DIR         start, latency and memory of a service
    python -m scripts.benchmark peers --index DIR         the same beside other ways to serve it

`--results FILE.json` writes the figures. Run nothing else beside it.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.corpus import Corpus
from index.manifest import Manifest
from index.reading import read_corpus
from index.snapshot import SNAPSHOTS, current_name, read_manifest
from index.sources import find_sources
from index.store import STORE, ArticleStore
from scripts.comparison import compare
from scripts.peers_report import write_report
from scripts.plan import Plan
from scripts.provenance import provenance
from scripts.serving import Service, serve
from scripts.systems import COGNATE, PEERS

_FACETS = ["authors", "journals", "years", "types"]
WAYS: dict[str, dict[str, Any]] = {
    "plain": {"highlight": False},
    "facets": {"highlight": False, "facets": _FACETS},
    "highlights": {"highlight": True},
    "whole answer": {"highlight": True, "facets": _FACETS},
}
"""How each question is asked: 20 hits, and what else the answer holds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.set_defaults(write=_write)
    kinds = parser.add_subparsers(required=True)
    read = kinds.add_parser("read")
    read.add_argument("sources", nargs="+", type=Path)
    read.set_defaults(run=lambda options: measure_reading(options.sources))
    serving = kinds.add_parser("serve")
    serving.add_argument("--index", type=Path, required=True)
    serving.add_argument("--queries", type=int, default=1000)
    serving.add_argument("--starts", type=int, default=5)
    serving.set_defaults(run=lambda options: measure_serving(**_serving_options(options)))
    for kind in (read, serving, add_peers(kinds.add_parser("peers"))):
        kind.add_argument("--results", type=Path)
    options = parser.parse_args(arguments)
    figures: dict[str, Any] = options.run(options)
    print(json.dumps(figures, indent=2))
    if options.results:
        options.write(provenance() | figures, options.results)
    return 0


def _write(figures: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(figures, indent=2) + "\n")


def add_peers(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the options of a comparison with peers; tables and a chart come with its results."""
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(".cognate/peers"), metavar="DIR")
    known = [COGNATE, *PEERS]
    parser.add_argument("--systems", nargs="+", choices=known, default=known)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--queries", type=int, default=350, help="in each phase of a round")
    parser.add_argument("--recall", type=int, default=200, help="questions to measure recall by")
    parser.add_argument("--passages", type=int, default=512, help="to embed; 0 embeds none")
    parser.add_argument("--smoke", action="store_true", help="as little as can be, for the tests")
    parser.set_defaults(run=lambda options: compare(_plan(options)), write=write_report)
    return parser


def _plan(options: argparse.Namespace) -> Plan:
    n_rounds, n_questions, n_recall, n_passages = (
        (1, 4, 4, 0)
        if options.smoke
        else (options.rounds, options.queries, options.recall, options.passages)
    )
    return Plan(
        index=options.index,
        # other processes read it, from another folder
        work=options.work.absolute(),
        systems=options.systems,
        n_rounds=n_rounds,
        n_questions=n_questions,
        n_recall=n_recall,
        n_passages=n_passages,
    )


def _serving_options(options: argparse.Namespace) -> dict[str, Any]:
    return {"index": options.index, "n_queries": options.queries, "n_starts": options.starts}


def measure_reading(sources: list[Path]) -> dict[str, Any]:
    """Read, clean and join the records of `sources` in one process, on one core."""
    started, cpu_started = time.perf_counter(), time.process_time()
    corpus, report = read_corpus(find_sources(sources), Corpus(), quiet=True)
    cpu_s, wall_s = time.process_time() - cpu_started, time.perf_counter() - started
    n_read = sum(source.n_read for source in report.sources)
    return {
        "n_read": n_read,
        "n_articles": len(corpus.articles()),
        "n_merged": sum(source.n_merged for source in report.sources),
        "n_repaired": sum(source.n_repaired for source in report.sources),
        "n_refused": sum(len(source.refused) for source in report.sources),
        "wall_s": round(wall_s, 2),
        "cpu_s": round(cpu_s, 2),
        "records_per_cpu_s": round(n_read / cpu_s),
    }


def measure_serving(index: Path, n_queries: int, n_starts: int) -> dict[str, Any]:
    """Start a service several times; of the last, ask distinct questions and weigh it."""
    manifest = read_manifest(index / SNAPSHOTS / current_name(index))
    questions = draw_titles(index, manifest, n_queries)
    starts_s: list[float] = []
    for _ in range(n_starts):
        with serve(index) as service:
            starts_s.append(time.perf_counter() - service.started)
    with serve(index) as service:
        fresh_mb = service.pss_mb()
        asked = ask_all(service, questions)
        used_mb = service.pss_mb()
    return {
        "n_articles": manifest.n_articles,
        "vector_index": manifest.vector_index,
        "index_bytes": sum(record.size for record in manifest.files.values()),
        "n_starts": n_starts,
        "start_to_first_answer_s": round(statistics.median(starts_s), 2),
        "start_to_first_answer_s_all": [round(start_s, 2) for start_s in starts_s],
        "n_queries": len(questions),
        "pss_mb_at_start": round(fresh_mb),
        "pss_mb_after_queries": round(used_mb),
    } | asked


def draw_titles(index: Path, manifest: Manifest, n_titles: int) -> list[str]:
    """Draw distinct titles, as questions, from the articles of an index (seeded)."""
    store = ArticleStore(index / SNAPSHOTS / current_name(index) / STORE)
    rows = random.Random(0).sample(
        range(manifest.n_articles), min(2 * n_titles, manifest.n_articles)
    )
    titles = [article.title for article in store.articles(rows) if article.title]
    store.close()
    return list(dict.fromkeys(titles))[:n_titles]


def ask_all(service: Service, questions: list[str]) -> dict[str, Any]:
    """Ask every question in every way, one after the other, the ways by turns.

    Of each way: round trips as the client sees them, `took_ms`, and the sizes of the answers.
    """
    round_trips_ms: dict[str, list[float]] = {way: [] for way in WAYS}
    took_ms: dict[str, list[float]] = {way: [] for way in WAYS}
    totals: list[int] = []
    for turn in range(len(WAYS)):
        for number, question in enumerate(questions):
            way = list(WAYS)[(number + turn) % len(WAYS)]
            started = time.perf_counter()
            answer = service.search(query=question, limit=20, **WAYS[way])
            round_trips_ms[way].append((time.perf_counter() - started) * 1000)
            took_ms[way].append(answer["took_ms"])
            if turn == 0:
                totals.append(answer["total"])
    return {
        "matches": percentiles([float(total) for total in totals]),
        "round_trip_ms": {way: percentiles(values) for way, values in round_trips_ms.items()},
        "took_ms": {way: percentiles(values) for way, values in took_ms.items()},
    }


def percentiles(values: list[float]) -> dict[str, float]:
    """Give the 50th, 95th and 99th percentile."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {name: round(cuts[at - 1], 1) for name, at in (("p50", 50), ("p95", 95), ("p99", 99))}


if __name__ == "__main__":
    sys.exit(main())
