"""Measure the ranking on a collection in BEIR layout, through the HTTP interface.

    python -m scripts.evaluate FOLDER --index DIR [--split test] [--results FILE.json]

FOLDER holds corpus.jsonl, queries.jsonl (gzipped or not) and qrels/SPLIT.tsv. The index is
built from the corpus where DIR holds none. Every judged query is sent to a real service
with the defaults (and `min_match=0`: the whole corpus is ranked); an article that is itself
the query does not count. The measures are those of ir_measures.
"""

import argparse
import csv
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ir_measures
from ir_measures import RR, P, Qrel, R, ScoredDoc, nDCG

from scripts.provenance import provenance
from scripts.serving import Service, serve

MEASURES = (nDCG @ 10, R @ 100, RR @ 10, P @ 10)
DEPTH = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate one collection and print its measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--index", type=Path, required=True, metavar="DIR")
    parser.add_argument("--split", default="test")
    parser.add_argument("--mode", default="hybrid", choices=("hybrid", "semantic", "lexical"))
    parser.add_argument("--results", type=Path, help="write figures and provenance as JSON")
    options = parser.parse_args(arguments)
    if not (options.index / "CURRENT").exists():
        corpus = _file(options.folder, "corpus.jsonl")
        build = [sys.executable, "-m", "service", "build", str(corpus), "--into", options.index]
        subprocess.run(build, check=True)
    qrels = list(read_qrels(options.folder / "qrels" / f"{options.split}.tsv"))
    queries = read_queries(options.folder, {qrel.query_id for qrel in qrels})
    with serve(options.index) as service:
        started = time.perf_counter()
        run, snapshot = ask(service, queries, options.mode)
        per_query_ms = (time.perf_counter() - started) * 1000 / len(queries)
    figures = {
        "collection": options.folder.name,
        "split": options.split,
        "mode": options.mode,
        "snapshot": snapshot,
        "n_queries": len(queries),
        "measures": measure(qrels, run),
        "mean_round_trip_ms": round(per_query_ms, 1),
    }
    print(json.dumps(figures, indent=2))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=2) + "\n")
    return 0


def read_qrels(path: Path) -> Iterator[Qrel]:
    """Read judgements from a TSV file with a header: query id, document id, relevance."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, delimiter="\t")
        next(rows)
        for query_id, doc_id, relevance in rows:
            yield Qrel(query_id, doc_id, int(relevance))


def read_queries(folder: Path, judged: set[str]) -> dict[str, tuple[str, str | None]]:
    """Read the judged queries: text, and the id of the article the query is, if it is one."""
    queries: dict[str, tuple[str, str | None]] = {}
    for record in _read_lines(_file(folder, "queries.jsonl")):
        if record["_id"] in judged:
            metadata = record.get("metadata") or {}
            queries[record["_id"]] = (record["text"], metadata.get("query_doc"))
    return queries


def ask(
    service: Service, queries: dict[str, tuple[str, str | None]], mode: str
) -> tuple[list[ScoredDoc], str]:
    """Send every query; give the run, and the snapshot that answered."""
    run: list[ScoredDoc] = []
    snapshot = ""
    for query_id, (text, own_id) in queries.items():
        answer = service.search(query=text, limit=DEPTH, min_match=0, mode=mode)
        snapshot = answer["snapshot"]
        for hit in answer["hits"]:
            doc_id = hit["article"]["article_id"]
            if doc_id != own_id:
                # the rank decides: equal scores keep the order of the answer
                run.append(ScoredDoc(query_id, doc_id, float(-hit["rank"])))
    return run, snapshot


def measure(qrels: list[Qrel], run: list[ScoredDoc]) -> dict[str, float]:
    """Give the mean of every measure over the judged queries."""
    means = ir_measures.calc_aggregate(MEASURES, qrels, run)
    return {str(measure): round(float(means[measure]), 4) for measure in MEASURES}


def _file(folder: Path, name: str) -> Path:
    plain = folder / name
    return plain if plain.exists() else folder / f"{name}.gz"


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main())
