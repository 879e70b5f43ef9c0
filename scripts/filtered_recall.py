"""Measure how many of the ten nearest articles the vector index finds under a filter.

    python -m scripts.filtered_recall --index DIR --data FOLDER:SPLIT… [--results FILE.json]

The questions are drawn (seeded) from the collections and from the titles of the corpus. The
truth is the cosine with every article that passes, in float32, over the embeddings as they
are stored. What passes is drawn at random, anew for each question, or, which a filter on a
topic comes near to, is what lies farthest from the question. An article as near as the tenth
counts as one of the ten; where fewer pass, all of them are to be found.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.snapshot import SNAPSHOTS, Snapshot
from index.vectors import EMBEDDINGS, VectorIndex
from scripts.benchmark import draw_titles
from scripts.provenance import provenance
from scripts.questions import read_judged

K = 10
SELECTIVITIES = (1.0, 0.1, 0.01, 0.001)
N_FEW = 3
SAME = 1e-6
"""Sums of products in float32 differ by so much with the order of their summands."""

Values = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Figures = dict[str, object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, and write the figures with their provenance where asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--index", type=Path, required=True, metavar="DIR")
    parser.add_argument("--data", nargs="+", default=[], metavar="FOLDER:SPLIT")
    parser.add_argument("--queries", type=int, default=100, help="drawn from each of the sources")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    options = parser.parse_args(arguments)
    with closing(Snapshot.open(options.index)) as snapshot:
        texts = draw_titles(options.index, snapshot.manifest, options.queries)
        for collection in options.data:
            folder, split = collection.split(":")
            asked = [one.text for one in read_judged(Path(folder), split)]
            texts += random.Random(0).sample(asked, min(options.queries, len(asked)))
        questions = np.array([snapshot.encoder.encode_query(text) for text in texts])
        path = options.index / SNAPSHOTS / snapshot.name / "vectors" / EMBEDDINGS
        embeddings = np.load(path, mmap_mode="r", allow_pickle=False).astype(np.float32)
        figures = {
            "corpus": options.index.name,
            "n_articles": snapshot.manifest.n_articles,
            "vector_index": snapshot.manifest.vector_index,
            "n_questions": len(texts),
            f"recall@{K}": measure(snapshot.vectors, embeddings, questions),
        }
    print(json.dumps(figures, indent=2))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=2) + "\n")
    return 0


def measure(vectors: VectorIndex, embeddings: Values, questions: Values) -> dict[str, Figures]:
    """Give the recall of each filter, by how many articles it lets pass."""
    n_articles = len(embeddings)
    kept = {f"{share:.1%}": max(1, round(share * n_articles)) for share in SELECTIVITIES}
    kept[f"{N_FEW} articles"] = min(N_FEW, n_articles)
    draw = np.random.default_rng(0)
    passing: dict[str, Callable[[Values, int], Rows]] = {
        "drawn at random": lambda _, n: draw.choice(n_articles, n, replace=False),
        "farthest from the question": lambda cosines, n: np.argpartition(cosines, n - 1)[:n],
    }
    recalls: dict[tuple[str, str], list[float]] = {
        (name, how): [] for name in kept for how in passing
    }
    times: dict[tuple[str, str], list[float]] = {key: [] for key in recalls}
    for question in questions:
        cosines = embeddings @ question
        for name, how in recalls:
            mask = None
            if kept[name] < n_articles:
                mask = np.zeros(n_articles, dtype=np.bool_)
                mask[passing[how](cosines, kept[name])] = True
            started = time.perf_counter()
            found = vectors.search(question, K, mask).rows
            times[name, how].append((time.perf_counter() - started) * 1000)
            recalls[name, how].append(recall(found, cosines, mask))
    return {
        name: {"n_passing": n_passing} | {
            how: {
                "mean": round(statistics.mean(recalls[name, how]), 5),
                "least": round(min(recalls[name, how]), 5),
                "p50_ms": round(statistics.median(times[name, how]), 2),
            }
            for how in passing
        }
        for name, n_passing in kept.items()
    }  # fmt: skip


def recall(found: Rows, cosines: Values, mask: npt.NDArray[np.bool_] | None) -> float:
    """Give the share of the nearest articles that pass a mask and were found.

    What was found but does not pass is an error of the index, not a matter of recall.
    """
    rows = np.arange(len(cosines)) if mask is None else np.flatnonzero(mask)
    if not np.isin(found, rows).all() or len(np.unique(found)) != len(found):
        raise ValueError("the index gave an article that does not pass, or one of them twice")
    k = min(K, len(rows))
    least = float(np.partition(cosines[rows], len(rows) - k)[len(rows) - k])
    return float((cosines[found] >= least - SAME).sum()) / k


if __name__ == "__main__":
    sys.exit(main())
