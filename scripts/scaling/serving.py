"""A real service over a large corpus: its start, one client, eight clients, its memory."""

import statistics
import time
from pathlib import Path
from typing import Any

from index.snapshot import read_manifest
from scripts.recombined.opening import snapshot_of
from scripts.scaling.asking import ask, draw_questions
from scripts.serving import serve

N_CLIENTS = 8

Figures = dict[str, Any]


def measure_serving(index: Path, n_questions: int, n_starts: int) -> Figures:
    """Start a service so often, then ask the last `n_questions`, once by one client, once by eight.

    No question is asked twice; where the corpus gives fewer, each gets half of them.
    """
    manifest = read_manifest(snapshot_of(index))
    questions = draw_questions(index, 2 * n_questions)
    half = len(questions) // 2
    starts_s = []
    for _ in range(n_starts):
        with serve(index) as service:
            starts_s.append(time.perf_counter() - service.started)
    with serve(index) as service:
        fresh_mb = service.pss_mb()
        alone = ask(service, questions[:half], 1)
        used_mb = service.pss_mb()
        together = ask(service, questions[half:], N_CLIENTS)
        busy_mb = service.pss_mb()
    return {
        "n_articles": manifest.n_articles,
        "vector_index": manifest.vector_index,
        "start_to_first_answer_s": round(statistics.median(starts_s), 2),
        "start_to_first_answer_s_all": [round(start_s, 2) for start_s in starts_s],
        "one_client": alone.to_figures(),
        "eight_clients": together.to_figures(),
        "pss_mb": {
            "at the start": round(fresh_mb),
            "after one client": round(used_mb),
            "after eight clients": round(busy_mb),
        },
    }
