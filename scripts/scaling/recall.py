"""How many of the ten nearest articles the dense leg finds, whatever passes a filter.

The truth is the cosine with every article that passes, in single precision, over the
embeddings as they are stored. What passes is all, a share drawn at random, ten articles, or
what a filter on a topic comes near to: the question's own cluster, the hundredth of all
articles that lies nearest to it, kept or left out.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.onnx import OnnxEncoder
from index.snapshot import read_manifest
from index.vectors import Embeddings, Mask, VectorIndex, load_embeddings
from scripts.filtered_recall import K, recall
from scripts.recombined.opening import snapshot_of
from scripts.scaling.asking import draw_questions

SHARES = (0.1, 0.01, 0.001)
CLUSTER = 0.01
_AT_ONCE = 50
_BLOCK_ROWS = 65_536

Values = npt.NDArray[np.float32]
Figures = dict[str, Any]


def measure_recall(index: Path, n_questions: int) -> Figures:
    """Give the recall at ten under every mask, over questions drawn from the corpus."""
    snapshot = snapshot_of(index)
    texts = draw_questions(index, n_questions)
    encoder = OnnxEncoder.load(snapshot / "encoder")
    questions = np.array([encoder.encode_query(text) for text in texts])
    draw = np.random.default_rng(0)
    found: dict[str, list[float]] = defaultdict(list)
    vectors = VectorIndex(snapshot / "vectors")
    for question, cosines in _with_cosines(snapshot / "vectors", questions):
        for name, mask in _masks(cosines, draw):
            rows = vectors.search(question, K, mask).rows
            found[name].append(recall(rows, cosines, mask))
    manifest = read_manifest(snapshot)
    return {
        "n_articles": manifest.n_articles,
        "vector_index": manifest.vector_index,
        "n_questions": len(texts),
        f"recall@{K}": {
            name: {"mean": round(statistics.fmean(values), 5), "least": round(min(values), 5)}
            for name, values in found.items()
        },
    }


def _with_cosines(folder: Path, questions: Embeddings) -> Iterator[tuple[Values, Values]]:
    """Give each question with its cosines with all articles, some questions at a time."""
    embeddings = load_embeddings(folder)
    for start in range(0, len(questions), _AT_ONCE):
        asked = questions[start : start + _AT_ONCE]
        cosines = np.empty((len(asked), len(embeddings)), np.float32)
        for first in range(0, len(embeddings), _BLOCK_ROWS):
            block = embeddings[first : first + _BLOCK_ROWS].astype(np.float32)
            cosines[:, first : first + len(block)] = asked @ block.T
        yield from zip(asked, cosines, strict=True)


def _masks(cosines: Values, draw: np.random.Generator) -> Iterator[tuple[str, Mask | None]]:
    n_articles = len(cosines)
    yield "all", None
    for share in SHARES:
        yield f"{share:.1%} at random", _random_mask(n_articles, round(share * n_articles), draw)
    yield f"{K} articles at random", _random_mask(n_articles, K, draw)
    n_cluster = max(1, round(CLUSTER * n_articles))
    cluster = np.zeros(n_articles, np.bool_)
    cluster[np.argpartition(-cosines, n_cluster - 1)[:n_cluster]] = True
    yield "its own cluster", cluster
    yield "all but its own cluster", ~cluster


def _random_mask(n_articles: int, n_passing: int, draw: np.random.Generator) -> Mask:
    mask = np.zeros(n_articles, np.bool_)
    mask[draw.choice(n_articles, min(n_articles, max(1, n_passing)), replace=False)] = True
    return mask
