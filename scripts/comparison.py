"""Cognate and its peers, run by turns on the same articles, embeddings, questions and cores.

A round runs every system once. What one system did in one round is kept in a file, so that a
comparison that was interrupted goes on, and ratios are taken of what ran side by side.
"""

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.machine import n_cores
from index.onnx import OnnxEncoder
from index.vectors import VectorIndex
from scripts.indexing_rate import time_apart, time_build
from scripts.memory import size_on_disk
from scripts.plan import LIMIT, Comparison, Plan
from scripts.recall import DEPTH, Matrix, recall_at
from scripts.runs import prepare, run, say
from scripts.systems import COGNATE, FILTERED, PEERS, Cognate, Peer, System

INDEXING = "indexing"
_SOURCE = ("id", "title", "abstract", "authors", "journal", "published")
_BESIDE = ("faiss-cpu", "fastapi", "sentence-transformers", "torch", "transformers", "uvicorn")


def compare(plan: Plan) -> dict[str, Any]:
    """Measure everything that is not measured yet, and give all figures."""
    say(f"taking articles and embeddings from {plan.index.name}")
    comparison = Comparison.take(plan)
    systems = find_systems(plan)
    prepared = {system.name: prepare(comparison, system) for system in systems}
    rounds: dict[str, list[dict[str, Any]]] = {system.name: [] for system in systems}
    indexing = []
    for number in range(plan.n_rounds):
        for system in systems:
            say(f"round {number + 1} of {plan.n_rounds}: {system.name}")
            ran = keep(comparison, system.name, number, _running(comparison, system, number))
            rounds[system.name].append(ran)
        if plan.n_passages:
            say(f"round {number + 1} of {plan.n_rounds}: {INDEXING}")
            rates = keep(comparison, INDEXING, number, lambda: measure_indexing(comparison))
            indexing.append(rates)
    say("recall")
    encoded = encode_questions(comparison)
    measured = {
        system.name: prepared[system.name]
        | {"recall": measure_recall(comparison, system, rounds[system.name][0], encoded)}
        | {"rounds": [_without_answers(ran) for ran in rounds[system.name]]}
        for system in systems
    }
    return describe(comparison, systems) | {"systems": measured, INDEXING: indexing}


def _running(comparison: Comparison, system: System, number: int) -> Callable[[], dict[str, Any]]:
    # what is found is the same in every round
    return lambda: run(comparison, system, with_found=number == 0)


def keep(
    comparison: Comparison, name: str, number: int, measure: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Give what was measured in a round, from its file where the same was measured before."""
    path = comparison.folder("measured") / f"{name}-{number}.json"
    of = comparison.fingerprint()
    if path.exists() and (known := json.loads(path.read_text()))["of"] == of:
        say("  measured before")
        figures: dict[str, Any] = known["figures"]
        return figures
    figures = measure()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"of": of, "figures": figures}))
    return figures


def _without_answers(ran: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in ran.items() if name != "found"}


def describe(comparison: Comparison, systems: Sequence[System]) -> dict[str, Any]:
    """Say what was compared on what."""
    plan = comparison.plan
    journal, n_passing = comparison.ground.journal()
    return {
        "corpus": {
            "n_articles": len(comparison.ground.articles),
            "snapshot": comparison.ground.snapshot.name,
            "filter": {"journal": journal, "n_articles": n_passing},
            "model_mb": round(size_on_disk(comparison.ground.given.model) / 1e6, 1),
        },
        "plan": {
            "n_rounds": plan.n_rounds,
            "n_questions": plan.n_questions,
            "n_recall": plan.n_recall,
            "limit": LIMIT,
            "threads": n_cores(),
        },
        "versions_of_peers": peer_versions(systems),
    }


def find_systems(plan: Plan) -> list[System]:
    """Give the systems of a plan that are installed, Cognate first; name those that are not."""
    found: list[System] = [Cognate(plan.index.resolve())]
    for name in plan.systems:
        if name == COGNATE:
            continue
        if reason := PEERS[name].missing():
            say(f"{name} is left out: {reason}")
        else:
            found.append(PEERS[name])
    return found


def measure_indexing(comparison: Comparison) -> dict[str, float]:
    """Embed the same passages with the original and with Cognate's encoder; build all once."""
    ground, n = comparison.ground, comparison.plan.n_passages
    sample = [ground.articles[row] for row in ground.passages(n)]
    with tempfile.TemporaryDirectory() as scratch:
        passages, source = Path(scratch) / "passages.json", Path(scratch) / "sample.jsonl"
        passages.write_text(json.dumps([one["text"] for one in sample]), encoding="utf-8")
        lines = [json.dumps({name: one[name] for name in _SOURCE}) + "\n" for one in sample]
        source.write_text("".join(lines), encoding="utf-8")
        original_s = time_apart(passages, "--model", ground.given.model)
        cognate_s = time_apart(passages, "--encoder", ground.snapshot / "encoder")
        build_s = time_build(source)
    return {
        "n_passages": len(sample),
        "original_per_s": round(len(sample) / original_s, 2),
        "cognate_per_s": round(len(sample) / cognate_s, 2),
        "whole_build_s": round(build_s, 2),
        "whole_build_per_s": round(len(sample) / build_s, 2),
    }


@dataclass(frozen=True, slots=True)
class EncodedQuestions:
    """The recall questions, as float32 sentence-transformers and as Cognate encode them."""

    original: Matrix
    cognate: Matrix


def encode_questions(comparison: Comparison) -> EncodedQuestions:
    """Encode the recall questions in both ways."""
    from sentence_transformers import SentenceTransformer

    texts = list(comparison.for_recall)
    model = SentenceTransformer(str(comparison.ground.given.model))
    encoder = OnnxEncoder.load(comparison.ground.snapshot / "encoder")
    original: Matrix = model.encode(texts, normalize_embeddings=True).astype(np.float32)
    return EncodedQuestions(original, np.array([encoder.encode_query(text) for text in texts]))


def measure_recall(
    comparison: Comparison, system: System, run: Mapping[str, Any], encoded: EncodedQuestions
) -> dict[str, float]:
    """Measure recall@10 of a system's answers against brute force.

    `WAY`: against its own encoding of the questions; `WAY, float32`: against the original's.
    Cognate's answers are ordered by more than cosines, so of it `nearest` tells what its vector
    index finds, and the others how far its answers are those of a plain cosine.
    """
    ground = comparison.ground
    embeddings = ground.given.embeddings()
    rows = {article["id"]: row for row, article in enumerate(ground.articles)}
    passing = np.array([article["journal"] == comparison.journal for article in ground.articles])
    own = encoded.original if isinstance(system, Peer) else encoded.cognate
    figures = {}
    for way, answers in run["found"].items():
        found = [[rows[article_id] for article_id in ids] for ids in answers]
        mask = passing if way == FILTERED else None
        for name, questions in ((way, own), (f"{way}, float32", encoded.original)):
            figures[name] = round(recall_at(found, questions, embeddings, passing=mask), 4)
    if not isinstance(system, Peer):
        vectors = VectorIndex(ground.snapshot / "vectors")
        nearest = [vectors.search(question, DEPTH).rows.tolist() for question in own]
        for name, questions in (("nearest", own), ("nearest, float32", encoded.original)):
            figures[name] = round(recall_at(nearest, questions, embeddings), 4)
    return figures


def peer_versions(systems: Sequence[System]) -> dict[str, str]:
    """Give the versions of what the peers are made of, in their environment."""
    peers = [system for system in systems if isinstance(system, Peer)]
    if not peers:
        return {}
    wanted = sorted({*(peer.distribution for peer in peers), *_BESIDE})
    code = (
        "import importlib.metadata as m, json, sys;"
        "print(json.dumps({name: m.version(name) for name in sys.argv[1:]}))"
    )
    ended = subprocess.run(
        [peers[0].python(), "-c", code, *wanted], check=True, capture_output=True, text=True
    )
    found: dict[str, str] = json.loads(ended.stdout)
    return found
