"""A collection asked of a running service, and measured with ir_measures."""

import contextlib
import statistics
import sys
import urllib.error
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import ir_measures
from ir_measures import RR, P, Qrel, R, ScoredDoc, nDCG

from index.snapshot import SNAPSHOTS, read_manifest
from scripts.beir import Collection, JudgedQuery
from scripts.rankings import EVERYTHING, MATCHES, Evaluation, Figures, Measured
from scripts.serving import Service, serve
from service.cli import main as cognate

MEASURES = (nDCG @ 10, R @ 100, RR @ 10, P @ 10)
DEPTH = 100
_FLOORS: Mapping[str, Mapping[str, object]] = {EVERYTHING: {"min_match": 0}, MATCHES: {}}
_DIGITS = 5
_FINGERPRINT_DIGITS = 16


class Listed(NamedTuple):
    """What was found for one query: ids, best first; how many articles match; by which snapshot."""

    article_ids: Sequence[str]
    total: int
    snapshot: str


def build_index(collection: Collection, index: Path, model: str | None = None) -> None:
    """Build the index of a collection where there is none."""
    if (index / "CURRENT").exists():
        return
    command = ["build", str(collection.corpus), "--into", str(index)]
    if model is not None:
        command += ["--model", model]
    # standard output is for the tables
    with contextlib.redirect_stdout(sys.stderr):
        status = cognate(command)
    if status:
        message = f"the index of {collection.name} could not be built: status {status}"
        raise RuntimeError(message)


def evaluate(collection: Collection, index: Path, modes: Sequence[str]) -> Evaluation:
    """Serve the index of a collection, ask all its queries in all modes, and measure."""
    snapshots: set[str] = set()
    measured: dict[str, dict[str, Measured]] = defaultdict(dict)
    with serve(index) as service:
        for mode in modes:
            for floor, wanted in _FLOORS.items():
                listed = ask(service, collection, {"mode": mode, **wanted})
                measured[mode][floor] = measure_answers(collection, listed)
                snapshots |= {one.snapshot for one in listed.values()}
    if len(snapshots) != 1:
        message = f"the index of {collection.name} changed while it was asked: {snapshots}"
        raise RuntimeError(message)
    (snapshot,) = snapshots
    manifest = read_manifest(index / SNAPSHOTS / snapshot)
    return Evaluation(
        name=f"{collection.name} {collection.split}",
        query_ids=list(collection.queries),
        n_own=sum(query.own_id is not None for query in collection.queries.values()),
        n_articles=manifest.n_articles,
        snapshot=snapshot,
        encoder=_describe_encoder(manifest.encoder.to_json()),
        modes=measured,
    )


def _describe_encoder(spec: Figures) -> Figures:
    # where a model lies on one machine says nothing to a reader
    model = Path(spec["model"])
    return {
        "model": model.name if model.is_absolute() else spec["model"],
        "revision": spec["revision"],
        "fingerprint": spec["fingerprint"][:_FINGERPRINT_DIGITS],
        "precision": spec["precision"],
        "window": spec["window"],
        "query_prompt": spec["query_prompt"],
        "passage_prompt": spec["passage_prompt"],
    }


def ask(
    service: Service, collection: Collection, wanted: Mapping[str, object]
) -> dict[str, Listed]:
    """Ask every query, with what else is `wanted`; RuntimeError names the one that fails."""
    listed = {}
    for query_id, query in collection.queries.items():
        try:
            listed[query_id] = list_articles(service, query, wanted)
        except OSError as error:
            reason = error.read().decode() if isinstance(error, urllib.error.HTTPError) else ""
            message = f"{collection.name}, query {query_id}, {dict(wanted)}: {error} {reason}"
            raise RuntimeError(message.strip()) from error
    return listed


def list_articles(
    service: Service, query: JudgedQuery, wanted: Mapping[str, object], depth: int = DEPTH
) -> Listed:
    """List `depth` articles or all, page by page, but not the one that is the query."""
    body = {"query": query.text, "limit": depth, "highlight": False, **wanted}
    page = service.search(**body)
    total, snapshot = page["total"], page["snapshot"]
    article_ids: list[str] = []
    while True:
        found = [hit["article"]["article_id"] for hit in page["hits"]]
        article_ids += [article_id for article_id in found if article_id != query.own_id]
        if len(article_ids) >= depth or page["next_cursor"] is None:
            return Listed(article_ids[:depth], total, snapshot)
        page = service.search(**body, cursor=page["next_cursor"])


def measure_answers(collection: Collection, listed: Mapping[str, Listed]) -> Measured:
    """Measure the answers to all queries of a collection."""
    run = [
        # the place decides: equal scores keep the order of the answer
        ScoredDoc(query_id, article_id, float(-place))
        for query_id, answer in listed.items()
        for place, article_id in enumerate(answer.article_ids)
    ]
    by_query = measure_queries(collection.qrels, run)
    return Measured(
        per_query={
            name: [values[query_id] for query_id in collection.queries]
            for name, values in by_query.items()
        },
        answered=statistics.fmean(bool(answer.article_ids) for answer in listed.values()),
        mean_total=statistics.fmean(answer.total for answer in listed.values()),
    )


def measure_queries(qrels: Sequence[Qrel], run: Sequence[ScoredDoc]) -> dict[str, dict[str, float]]:
    """Give every measure of every judged query; of one that found nothing it is 0."""
    values: dict[str, dict[str, float]] = {str(measure): {} for measure in MEASURES}
    for metric in ir_measures.iter_calc(MEASURES, qrels, run):
        values[str(metric.measure)][metric.query_id] = round(float(metric.value), _DIGITS)
    return values


def measure(qrels: Sequence[Qrel], run: Sequence[ScoredDoc]) -> dict[str, float]:
    """Give the mean of every measure over the judged queries."""
    return {
        name: round(statistics.fmean(values.values()), 4)
        for name, values in measure_queries(qrels, run).items()
    }
