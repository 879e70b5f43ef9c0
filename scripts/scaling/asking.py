"""Questions drawn (seeded) from a corpus, none of them twice, and asked of a service.

Half are titles with words dropped, half sentences of abstracts; half come from real articles
and half from recombined ones, where there are so many of both.
"""

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from index.article import Article
from index.store import STORE, ArticleStore
from scripts.load import Load, Request
from scripts.recombined.articles import PREFIX
from scripts.recombined.opening import snapshot_of
from scripts.scaling.processes import cpu_s
from scripts.serving import Service

DROPPED = 0.3
"""The share of a title's words that are left out of a question; three stay at least."""

_LEAST_WORDS = 3
_DRAWN_FOR_ONE = 8
_WHOLE_ANSWER: dict[str, Any] = {
    "limit": 20,
    "highlight": True,
    "facets": ["authors", "journals", "years", "types"],
}
_SENTENCE_END = re.compile(r"(?<=[a-z)][.!?]) (?=[A-Z])")


def draw_questions(index: Path, n_questions: int) -> list[str]:
    """Draw distinct questions; fewer where the corpus has no more."""
    draw = random.Random("questions of scale")
    with closing(ArticleStore(snapshot_of(index) / STORE)) as store:
        n_drawn = min(_DRAWN_FOR_ONE * n_questions, store.n_articles)
        rows = draw.sample(range(store.n_articles), n_drawn)
        articles = store.articles(rows)
    made = [one for one in articles if one.article_id.startswith(PREFIX)]
    real = [one for one in articles if not one.article_id.startswith(PREFIX)]
    # by turns, and what is left of the longer list behind
    turns = chain.from_iterable(zip(real, made, strict=False))
    n_turns = min(len(real), len(made))
    ordered = chain(turns, real[n_turns:], made[n_turns:])
    return list(islice(dict.fromkeys(_questions(ordered, draw)), n_questions))


def _questions(articles: Iterator[Article], draw: random.Random) -> Iterator[str]:
    for number, article in enumerate(articles):
        # two titles, then two sentences: both from real and from recombined articles
        is_title = number % 4 < 2
        question = _shortened(article, draw) if is_title else _sentence(article, draw)
        if len(question.split()) >= _LEAST_WORDS:
            yield question


def _shortened(article: Article, draw: random.Random) -> str:
    words = (article.title or "").split()
    n_kept = max(_LEAST_WORDS, sum(draw.random() >= DROPPED for _ in words))
    kept = sorted(draw.sample(range(len(words)), min(n_kept, len(words))))
    return " ".join(words[place] for place in kept)


def _sentence(article: Article, draw: random.Random) -> str:
    return draw.choice(_SENTENCE_END.split(article.abstract or ""))


@dataclass(frozen=True, slots=True)
class Answered:
    """A load, and what the service computed meanwhile."""

    load: Load
    service_cpu_s: float

    def to_figures(self) -> dict[str, float]:
        """Give the load's figures; the share is of one core, as the clients' is."""
        share = round(self.service_cpu_s / self.load.wall_s, 3)
        return self.load.to_figures() | {"service_cpu_share": share}


def ask(service: Service, questions: Sequence[str], n_clients: int) -> Answered:
    """Ask for the whole answer to each question once, by clients in a process of their own."""
    bodies = [json.dumps({"query": question, **_WHOLE_ANSWER}) for question in questions]
    port = service.url.rpartition(":")[2]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requests.json"
        path.write_text(json.dumps([Request("/v1/search", body) for body in bodies]))
        command = [sys.executable, "-m", "scripts.load", str(path)]
        command += ["--port", port, "--clients", str(n_clients)]
        before = cpu_s(service.pid)
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        service_cpu_s = cpu_s(service.pid) - before
    return Answered(Load(**json.loads(done.stdout)), service_cpu_s)
