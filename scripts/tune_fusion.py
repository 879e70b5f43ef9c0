"""Compare ways to mix the two legs, in process, on collections that may be tuned on.

    python -m scripts.tune_fusion FOLDER:SPLIT:INDEX… --results FILE.json

Each collection is a folder in BEIR layout, a split of its judgements, and its index. Every
query's candidates are found once; only their mixing differs: the embedding's share, and
whether the lexical leg's say depends on its evidence (`service.ranking.lexical_say`).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from ir_measures import Qrel, ScoredDoc

from index.snapshot import Snapshot
from scripts.evaluate import DEPTH, measure, read_qrels, read_queries
from scripts.provenance import provenance
from service.match import SCALED_BY
from service.ranking import Scale, align_scores, lexical_say, union_rows

SHARES = (0.0, 0.4, 0.5, 0.6, 0.7, 1.0)

Values = npt.NDArray[np.float64]


class Candidates(NamedTuple):
    """What both legs say of the candidates of one query."""

    doc_ids: list[str]
    semantic: Values
    lexical: Values
    say: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every mix on every collection."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collections", nargs="+", metavar="FOLDER:SPLIT:INDEX")
    parser.add_argument("--results", type=Path)
    options = parser.parse_args(arguments)
    figures = {}
    for collection in options.collections:
        folder, split, index = collection.split(":")
        figures[f"{Path(folder).name} {split}"] = compare(Path(folder), split, Path(index))
    print(json.dumps(figures, indent=2))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=2) + "\n")
    return 0


def compare(folder: Path, split: str, index: Path) -> dict[str, dict[str, float]]:
    """Give the measures of every mix on one collection."""
    qrels = list(read_qrels(folder / "qrels" / f"{split}.tsv"))
    queries = read_queries(folder, {qrel.query_id for qrel in qrels})
    snapshot = Snapshot.open(index)
    found = {key: find(snapshot, text) for key, (text, _) in queries.items()}
    snapshot.close()
    measured = {}
    for share in SHARES:
        measured[f"share {share}, full say"] = measure_mix(qrels, found, share, by_evidence=False)
        measured[f"share {share}, say by evidence"] = measure_mix(
            qrels, found, share, by_evidence=True
        )
    return measured


def find(snapshot: Snapshot, text: str) -> Candidates:
    """Find the candidates that the engine measures a question's scales by."""
    embedding = snapshot.encoder.encode_query(text)
    dense = snapshot.vectors.search(embedding, SCALED_BY)
    words = snapshot.lexical.search(text, SCALED_BY)
    rows = union_rows(dense.rows, words.rows)
    best = float(words.scores[0]) if len(words.scores) else 0.0
    return Candidates(
        snapshot.store.article_ids([int(row) for row in rows]),
        snapshot.vectors.cosines(embedding, rows).astype(np.float64),
        align_scores(rows, words.rows, words.scores),
        lexical_say(best, snapshot.lexical.ceiling(text)),
    )


def measure_mix(
    qrels: list[Qrel], found: dict[str, Candidates], share: float, *, by_evidence: bool
) -> dict[str, float]:
    """Measure one mix of the legs."""
    run: list[ScoredDoc] = []
    for query_id, candidates in found.items():
        say = candidates.say if by_evidence else 1.0
        meaning = Scale.of(candidates.semantic, share)
        fused = meaning.weight * meaning.z_scores(candidates.semantic)
        words = Scale.of(candidates.lexical, (1 - share) * say)
        fused += words.weight * words.z_scores(candidates.lexical)
        best = np.argsort(-fused, kind="stable")[:DEPTH]
        run += [ScoredDoc(query_id, candidates.doc_ids[at], float(fused[at])) for at in best]
    return measure(qrels, run)


if __name__ == "__main__":
    sys.exit(main())
