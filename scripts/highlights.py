"""Measure whether the highlighted sentence is the one that people marked as evidence.

    python -m scripts.highlights --index DIR --data FOLDER [--split test] [--results FILE.json]

FOLDER is SciFact in BEIR layout, DIR its index. For every claim of the split and every
abstract with marked sentences, the share of first highlights that are marked, beside what the
first sentence, a sentence drawn at random and shared stems alone would give; then how often
an abstract drawn at random is given any highlight, and what highlights cost. Sentences are
numbered as Cognate splits them.
"""

import argparse
import gzip
import json
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.article import Article
from index.onnx import OnnxEncoder
from index.sentences import split_sentences
from index.snapshot import Snapshot
from index.words import Vectors
from scripts.beir import read_qrels
from scripts.provenance import provenance
from service.highlights import CHANCE_COSINE, LEAST_GAIN, LEAST_SCORE, Highlighter
from service.results import Highlight

N_HITS = 20


class Marked(NamedTuple):
    """A claim, an abstract, and the numbers of the sentences that hold the evidence."""

    claim: str
    article: Article
    sentences: frozenset[int]


class NoVectors(OnnxEncoder):
    """An encoder to which two words are alike only by their stem."""

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Give vectors of no dimension."""
        return np.zeros((len(words), 0), np.float32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, and write the figures with their provenance where asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--index", type=Path, required=True, metavar="DIR")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--split", default="test")
    parser.add_argument("--results", type=Path)
    options = parser.parse_args(arguments)
    snapshot = Snapshot.open(options.index)
    stems_only = Snapshot.open(options.index, load_encoder=NoVectors.load)
    try:
        marked = list(read_marked(options.data, options.split, snapshot))
        highlighter = Highlighter(snapshot.lexical, snapshot.encoder)
        figures = {
            "collection": options.data.name,
            "split": options.split,
            "n_marked": len(marked),
            "least_score": LEAST_SCORE,
            "least_gain": LEAST_GAIN,
            "chance_cosine": CHANCE_COSINE,
            "highlights": measure(marked, highlighter),
            "stems_only": measure(marked, Highlighter(stems_only.lexical, stems_only.encoder)),
            "baselines": measure_baselines(marked),
            "shown_of_random_abstracts": measure_random(marked, highlighter, snapshot),
            f"ms_for_{N_HITS}_articles": measure_cost(marked, highlighter, snapshot),
        }
    finally:
        snapshot.close()
        stems_only.close()
    print(json.dumps(figures, indent=2))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=2) + "\n")
    return 0


def read_marked(folder: Path, split: str, snapshot: Snapshot) -> Iterator[Marked]:
    """Read the claims of a split with the abstracts in which sentences are marked."""
    judged = {qrel.query_id for qrel in read_qrels(folder / "qrels" / f"{split}.tsv")}
    path = folder / "queries.jsonl"
    opened = open if path.exists() else gzip.open
    with opened(path if path.exists() else f"{path}.gz", "rt", encoding="utf-8") as stream:
        claims = [claim for claim in map(json.loads, stream) if claim["_id"] in judged]
    for claim in claims:
        for article_id, evidence in (claim.get("metadata") or {}).items():
            row = snapshot.store.find(article_id)
            assert row is not None, f"the index lacks the article {article_id}"
            article = snapshot.store[row]
            numbers = {number for one in evidence for number in one["sentences"]}
            # what the splitter joins leaves numbers behind that no sentence has
            known = numbers & set(range(len(sentences_of(article))))
            if known:
                yield Marked(claim["text"], article, frozenset(known))


def sentences_of(article: Article) -> list[tuple[int, int]]:
    """Give the places of the sentences of an abstract."""
    return split_sentences(article.abstract or "", article.language)


def measure(marked: Sequence[Marked], highlighter: Highlighter) -> dict[str, float]:
    """Give how often highlights are shown, and are marked sentences."""
    first = second = either = n_shown = n_second = 0
    for claim, article, sentences in marked:
        shown = sentence_highlights(highlighter, claim, article)
        places = sentences_of(article)
        hits = [places.index((one.start, one.end)) in sentences for one in shown]
        n_shown += len(hits) > 0
        n_second += len(hits) > 1
        first += hits[:1] == [True]
        second += hits[1:] == [True]
        either += any(hits)
    return {
        "first_is_evidence": round(first / len(marked), 4),
        "one_of_both_is_evidence": round(either / len(marked), 4),
        "shown": round(n_shown / len(marked), 4),
        "second_shown": round(n_second / len(marked), 4),
        "second_is_evidence_where_shown": round(second / max(1, n_second), 4),
    }


def sentence_highlights(highlighter: Highlighter, claim: str, article: Article) -> list[Highlight]:
    """Give the highlights of an abstract for a claim, best first."""
    (found,) = highlighter.highlights(highlighter.question_words(claim), [article])
    return [one for one in found if one.field == "abstract"]


def measure_baselines(marked: Sequence[Marked]) -> dict[str, float]:
    """Give what the first, the last and any sentence would be worth; the latter by its mean."""
    counts = [len(sentences_of(one.article)) for one in marked]
    pairs = list(zip(marked, counts, strict=True))
    return {
        "first_sentence": round(statistics.mean(0 in one.sentences for one in marked), 4),
        "last_sentence": round(statistics.mean(n - 1 in one.sentences for one, n in pairs), 4),
        "random_sentence": round(statistics.mean(len(one.sentences) / n for one, n in pairs), 4),
    }


def measure_random(marked: Sequence[Marked], highlighter: Highlighter, snapshot: Snapshot) -> float:
    """Give the share of abstracts, drawn at random for each claim, that get a highlight."""
    draw = random.Random(0)
    n_shown = 0
    for one in marked:
        row = draw.randrange(snapshot.store.n_articles)
        article = snapshot.store[row]
        n_shown += bool(sentence_highlights(highlighter, one.claim, article))
    return round(n_shown / len(marked), 4)


def measure_cost(
    marked: Sequence[Marked], highlighter: Highlighter, snapshot: Snapshot
) -> dict[str, float]:
    """Time the highlights of the 20 best articles of each claim, once the words are known."""
    claims = sorted({one.claim for one in marked})
    found = [snapshot.lexical.search(claim, N_HITS).rows.tolist() for claim in claims]
    answers = [snapshot.store.articles(rows) for rows in found]
    for claim, articles in zip(claims, answers, strict=True):
        highlighter.highlights(highlighter.question_words(claim), articles)
    times = []
    for claim, articles in zip(claims, answers, strict=True):
        started = time.perf_counter()
        highlighter.highlights(highlighter.question_words(claim), articles)
        times.append((time.perf_counter() - started) * 1000)
    lengths = [len((one.abstract or "").split()) for articles in answers for one in articles]
    return {
        "p50": round(statistics.median(times), 2),
        "p95": round(sorted(times)[int(0.95 * len(times))], 2),
        "mean_words_per_abstract": round(statistics.mean(lengths), 1),
    }


if __name__ == "__main__":
    sys.exit(main())
