"""Measure related work for drafts, without judging by hand, through the HTTP interface.

    python -m scripts.related --index DIR [--results FILE.json]

*Verbatim*: a draft is made of sentences of articles near one another (seeded), two of each, in
random order; the article that a sentence is of has to be among its first five candidates.
*Paraphrased*: the same of sentences that say in other words what one sentence of an article says
(tests/data/paraphrases.jsonl; those whose article DIR holds). *Needless*: of sentences that need
no citation (the held-out ones of tests/data/citation_need.jsonl), how many get no candidate.
*Time*: round trips with the ten-page draft of tests/data/drafts and its bibliography. Intervals
are those of a bootstrap over sentences. `--drafts` and `--round-trips` scale it down.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from index.article import Article
from index.sentences import split_sentences
from index.snapshot import SNAPSHOTS, current_name
from index.store import STORE, ArticleStore
from index.vectors import VectorIndex
from scripts.provenance import provenance
from scripts.serving import Service, serve

SEED = 20261125
FIRST = 5
N_DRAFTS = 20
ARTICLES_A_DRAFT = 30
SENTENCES_AN_ARTICLE = 2
LEAST_WORDS, MOST_WORDS = 10, 40
N_ROUND_TRIPS = 7
N_RESAMPLED = 2_000

_DATA = Path(__file__).parent.parent / "tests" / "data"
_DIGITS = 4

Figures = dict[str, object]


class Known(NamedTuple):
    """A sentence of a draft, and the article that it is of."""

    text: str
    article_id: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the figures, and write them if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--index", type=Path, required=True, metavar="DIR")
    parser.add_argument("--drafts", type=int, default=N_DRAFTS)
    parser.add_argument("--round-trips", type=int, default=N_ROUND_TRIPS)
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    options = parser.parse_args(arguments)
    figures = measure(options.index, options.drafts, options.round_trips)
    text = json.dumps(provenance() | figures, indent=2)
    print(text)
    if options.results:
        options.results.write_text(text + "\n", encoding="utf-8")
    return 0


def measure(index: Path, n_drafts: int, n_round_trips: int) -> Figures:
    """Measure an index."""
    snapshot = index / SNAPSHOTS / current_name(index)
    with closing(ArticleStore(snapshot / STORE)) as store:
        drafts = [*draw_drafts(store, VectorIndex(snapshot / "vectors"), n_drafts)]
        paraphrases = [one for one in read_paraphrases() if store.find(one.article_id) is not None]
        n_articles = store.n_articles
    needless = [one["text"] for one in _lines("citation_need.jsonl") if _is_held_out_needless(one)]
    with serve(index) as service:
        verbatim = [found for draft in drafts for found in recover(service, draft)]
        paraphrased = recover(service, paraphrases)
        quiet = [not one["candidates"] for one in answers(service, needless)]
        return {
            "n_articles": n_articles,
            "verbatim": share(verbatim) | {"drafts": n_drafts},
            "paraphrased": share(paraphrased),
            "needless_without_candidate": share(quiet),
            "ten_pages": time_draft(service, n_round_trips),
        }


def draw_drafts(store: ArticleStore, vectors: VectorIndex, n_drafts: int) -> Iterator[list[Known]]:
    """Draw the sentences of drafts: of articles near one another, in random order."""
    draw = random.Random(SEED)
    for _ in range(n_drafts):
        embedding = vectors.embedding(draw.randrange(store.n_articles))
        rows = vectors.search(embedding, ARTICLES_A_DRAFT).rows.tolist()
        draft = [known for article in store.articles(rows) for known in _drawn(article, draw)]
        draw.shuffle(draft)
        yield draft


def _drawn(article: Article, draw: random.Random) -> list[Known]:
    abstract = article.abstract or ""
    sentences = [abstract[start:end] for start, end in split_sentences(abstract, article.language)]
    whole = [
        " ".join(one.split())
        for one in sentences
        if LEAST_WORDS <= len(one.split()) <= MOST_WORDS and one.endswith(".")
    ]
    chosen = draw.sample(whole, min(SENTENCES_AN_ARTICLE, len(whole)))
    return [Known(text, article.article_id) for text in chosen]


def read_paraphrases() -> list[Known]:
    """Read the paraphrases, each with the article that it paraphrases."""
    return [Known(one["text"], one["article_id"]) for one in _lines("paraphrases.jsonl")]


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_DATA / name).read_text(encoding="utf-8").splitlines()]


def _is_held_out_needless(one: dict[str, Any]) -> bool:
    return one["set"] != "development" and not one["needs"]


def recover(service: Service, draft: Sequence[Known]) -> list[bool]:
    """Tell of every sentence whether its article is among its first candidates."""
    found = answers(service, [known.text for known in draft])
    return [
        known.article_id in {name for one in answer["candidates"] for name in names_of(one)}
        for known, answer in zip(draft, found, strict=True)
    ]


def names_of(candidate: dict[str, Any]) -> Iterable[str]:
    """Give the ids of a candidate and of all versions of its work."""
    article = candidate["article"]
    return [article["article_id"], *(version["article_id"] for version in article["versions"])]


def answers(service: Service, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Ask a draft that has a paragraph for each text; give what was answered to each."""
    if not texts:
        return []
    starts, length = [], 0
    for text in texts:
        starts.append(length)
        length += len(text) + 2
    answer = service.post(
        "/v1/related-work",
        text="\n\n".join(texts),
        format="text",
        limit=FIRST,
        neighbours=0,
        include=[],
    )
    sentences = answer["sentences"]
    return [
        _longest(sentences, start, start + len(text))
        for start, text in zip(starts, texts, strict=True)
    ]


def _longest(sentences: Sequence[dict[str, Any]], start: int, end: int) -> dict[str, Any]:
    """Give the answer to the longest sentence of a paragraph; an empty one where there is none."""
    inside = [one for one in sentences if start <= one["start"] < end]
    none: dict[str, Any] = {"candidates": []}
    return max(inside, key=lambda one: len(one["text"]), default=none)


def time_draft(service: Service, n_round_trips: int) -> Figures:
    """Time round trips with the draft of ten pages."""
    text, bibliography = ((_DATA / "drafts" / f"turns.{end}").read_text() for end in ("tex", "bib"))
    taken = []
    for _ in range(n_round_trips + 1):
        started = time.perf_counter()
        answer = service.post(
            "/v1/related-work",
            text=text,
            bibliography=bibliography,
            include=["bibtex", "patch", "markdown", "html"],
        )
        taken.append(time.perf_counter() - started)
    return {
        "sentences": len(answer["sentences"]),
        "needing": sum(one["needs_citation"] for one in answer["sentences"]),
        "words": len(text.split()),
        "first_s": round(taken[0], 2),
        "median_s": round(statistics.median(taken[1:]), 2),
        "longest_s": round(max(taken[1:]), 2),
        "n": n_round_trips,
    }


def share(hits: Sequence[bool]) -> dict[str, object]:
    """Give the share that is true, with its 95 % bootstrap interval."""
    if not hits:
        return {"n": 0, "share": None, "interval": None}
    values = np.array(hits, np.float64)
    draws = np.random.default_rng(SEED).integers(len(values), size=(N_RESAMPLED, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), (2.5, 97.5))
    return {
        "n": len(values),
        "share": round(float(values.mean()), _DIGITS),
        "interval": [round(float(low), _DIGITS), round(float(high), _DIGITS)],
    }


if __name__ == "__main__":
    sys.exit(main())
