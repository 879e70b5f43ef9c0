"""The time of an answer as the corpus grows, beside what reading its codes takes at least.

The limit is physical: every code of the vector index is read for a question, so no scan is
faster than the memory. How fast that is, is measured with as many threads as the service
scans with. Beside it stands brute force: every embedding in single precision, multiplied by
BLAS, as one writes it in a line of numpy.
"""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.machine import n_cores
from index.onnx import OnnxEncoder
from index.snapshot import read_manifest
from index.vectors import FAISS_INDEX, Embedding, VectorIndex, load_embeddings
from scripts.charts import Line, Panel, draw_panels
from scripts.filtered_recall import K
from scripts.recombined.opening import snapshot_of
from scripts.scaling.asking import ask, draw_questions
from scripts.serving import serve

N_PROPOSED = 2_048
"""So many candidates the service asks the vector index for first."""

N_THREADS = min(2, n_cores())
_N_WORDS = 1 << 26  # of eight bytes: more than any cache holds
_N_TRIES = 7
_N_BRUTE = 50

Words = npt.NDArray[np.uint64]
Figures = dict[str, Any]


def measure_curve(indexes: Sequence[Path], n_questions: int, n_words: int = _N_WORDS) -> Figures:
    """Measure every index, smallest first, and the memory once."""
    bandwidth = measure_bandwidth(n_words)
    bytes_per_ms = max(bandwidth.values()) * 1e6
    sizes = [_measure(index, n_questions) for index in indexes]
    for one in sizes:
        one["limit_ms"] = round(one["bytes_scanned"] / bytes_per_ms, 5)
    sizes.sort(key=lambda one: int(one["n_articles"]))
    return {"threads": N_THREADS, "memory_gb_per_s": bandwidth, "sizes": sizes}


def _measure(index: Path, n_questions: int) -> Figures:
    snapshot = snapshot_of(index)
    manifest = read_manifest(snapshot)
    questions = draw_questions(index, n_questions)
    with serve(index) as service:
        answered = ask(service, questions, 1).to_figures()
    return {
        "n_articles": manifest.n_articles,
        "vector_index": manifest.vector_index,
        # the file is the codes, with some hundred bytes in front of them
        "bytes_scanned": manifest.files[f"vectors/{FAISS_INDEX}"].size,
        "scan_p50_ms": round(_time_scans(snapshot, questions), 3),
        "brute_force_p50_ms": round(_time_brute_force(snapshot, questions[:_N_BRUTE]), 3),
        "answer": answered,
    }


def _time_scans(snapshot: Path, questions: Sequence[str]) -> float:
    vectors = VectorIndex(snapshot / "vectors")
    return _median_ms(snapshot, questions, lambda one: vectors.propose(one, N_PROPOSED))


def _time_brute_force(snapshot: Path, questions: Sequence[str]) -> float:
    embeddings = load_embeddings(snapshot / "vectors").astype(np.float32)
    k = min(K, len(embeddings)) - 1
    return _median_ms(snapshot, questions, lambda one: np.argpartition(-(embeddings @ one), k))


def _median_ms(
    snapshot: Path, questions: Sequence[str], look: Callable[[Embedding], object]
) -> float:
    """Give the median time of a look for the nearest, without the encoding of the question."""
    encoder = OnnxEncoder.load(snapshot / "encoder")
    times_ms = []
    for embedding in [encoder.encode_query(question) for question in questions]:
        started = time.perf_counter()
        look(embedding)
        times_ms.append((time.perf_counter() - started) * 1000)
    return statistics.median(times_ms)


def measure_bandwidth(n_words: int = _N_WORDS, n_threads: int = N_THREADS) -> dict[str, float]:
    """Give how many GB (10^9 bytes) a second are read by a sum, and read and written by a copy."""
    parts = [np.ones(n_words // n_threads, np.uint64) for _ in range(n_threads)]
    copies = [part.copy() for part in parts]
    n_bytes = sum(part.nbytes for part in parts)
    with ThreadPoolExecutor(n_threads) as pool:

        def best_s(do: Callable[[Words, Words], object]) -> float:
            times_s = []
            for _ in range(_N_TRIES):
                started = time.perf_counter()
                list(pool.map(do, copies, parts))
                times_s.append(time.perf_counter() - started)
            return min(times_s)

        read = n_bytes / best_s(lambda _, part: np.sum(part))
        copied = 2 * n_bytes / best_s(np.copyto)
    return {"sum": round(read / 1e9, 2), "copy": round(copied / 1e9, 2)}


def draw_curve(figures: Figures) -> str:
    """Draw what `measure_curve` gave as SVG."""
    drawn: dict[str, Callable[[Figures], float]] = {
        "whole answer: 20 hits, four facets, highlights": lambda one: float(
            one["answer"]["p50_ms"]
        ),
        "brute force, embeddings alone": lambda one: float(one["brute_force_p50_ms"]),
        "scan of the vector index": lambda one: float(one["scan_p50_ms"]),
        "physical limit: its bytes / memory bandwidth": lambda one: float(one["limit_ms"]),
    }
    lines = [
        Line(name, [(one["n_articles"], to_ms(one)) for one in figures["sizes"]])
        for name, to_ms in drawn.items()
    ]
    largest = max(one["n_articles"] for one in figures["sizes"])
    times = [y for line in lines for _, y in line.points]
    panel = Panel(
        "Time of an answer, one client",
        "articles",
        "median, ms",
        lines,
        x_ticks=_ticks(min(10_000, largest), largest),
        scale="log",
        y_ticks=_ticks(10.0 ** math.floor(math.log10(min(times))), max(times)),
        y_scale="log",
    )
    return draw_panels([panel])


def _ticks(first: float, last: float) -> list[float]:
    """Give powers of ten times the first, up to one that is not less than the last."""
    ticks = [first]
    while ticks[-1] < last:
        ticks.append(ticks[-1] * 10)
    return ticks if len(ticks) > 1 else [first, first * 10]
