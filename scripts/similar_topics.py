"""Whether a negative example takes its topic out of the answer, and what else goes with it.

Two topics are known of articles without looking at embeddings: of the ACL Anthology by phrases
that stand in titles, of arXiv by the primary category. In the ACL the positive example is an
article about both (both phrases are in its title), in arXiv it is one of each category. The
negative example is another article of topic B alone. Of the first 20 hits, without it and with
it: the share about B (ACL: that name B in the title or twice), the share about A and not B, and how
many of those about A alone that were there before are there still.

    python -m scripts.similar_topics FILE --into OUT.jsonl [--each N]

writes a sample of arXiv records to index: N of each primary category that has enough of them.
"""

import argparse
import gzip
import json
import random
import re
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from index.snapshot import SNAPSHOTS, current_name
from index.store import STORE, ArticleStore
from scripts.ablations import changed
from service.examples import Example, SimilarQuery
from service.search import SearchEngine

SEED = 20261122
FIRST = 20
N_TRIALS = 100
LEAST = 250
"""A category of fewer articles is no topic here."""
_MENTIONS = 2
PHRASES = {
    "translation": "machine translation|NMT",
    "parsing": "parsing|parsers?",
    "sentiment": "sentiment|opinion mining",
    "question answering": "question[ -]answering|QA",
    "summarization": "summari[sz]ation|summari[sz]ing",
    "dialogue": "dialogu?e|conversational",
    "named entities": "named[ -]entit(?:y|ies)|NER",
    "speech": "speech recognition|ASR|spoken",
    "coreference": "coreference|anaphora",
    "word senses": "word[ -]sense",
    "morphology": "morpholog(?:y|ical)",
    "hate speech": "hate speech|offensive language|abusive",
    "relations": "relation extraction",
    "biomedicine": "biomedical|clinical",
    "retrieval": "information retrieval|passage retrieval",
}
VARIANTS: Mapping[str, Mapping[str, float]] = {
    "as it is": {},
    "none left out": {"service.likeness.LEFT_OUT_FROM": float("inf")},
    "none left out, push 0": {
        "service.likeness.LEFT_OUT_FROM": float("inf"),
        "service.likeness.PUSH": 0,
    },
    "push 0": {"service.likeness.PUSH": 0},
    "push 1": {"service.likeness.PUSH": 1},
    "push 2": {"service.likeness.PUSH": 2},
    "push 5": {"service.likeness.PUSH": 5},
    "push 8": {"service.likeness.PUSH": 8},
}

Topics = Mapping[str, frozenset[str]]
"""What each article, by its id, is about."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Positive examples about `a` and `b`, and a negative one about `b`."""

    positive: tuple[str, ...]
    negative: str
    a: str
    b: str


def read_phrases(articles: Iterable[tuple[str, str, str]]) -> tuple[Topics, Topics]:
    """Give the topics that titles name, and those that articles are about, by id."""
    known = {
        name: re.compile(r"\b(?:" + phrase + r")\b", re.IGNORECASE)
        for name, phrase in PHRASES.items()
    }
    of_titles: dict[str, frozenset[str]] = {}
    of_texts: dict[str, frozenset[str]] = {}
    for article_id, title, text in articles:
        of_titles[article_id] = frozenset(name for name, one in known.items() if one.search(title))
        of_texts[article_id] = frozenset(
            name
            for name, one in known.items()
            if one.search(title) or len(one.findall(text)) >= _MENTIONS
        )
    return of_titles, of_texts


def read_categories(path: Path) -> Topics:
    """Give the primary category of each arXiv record, by id."""
    topics: dict[str, frozenset[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record.get("categories"):
                topics[record["id"]] = frozenset(record["categories"][:1])
    return topics


def mixed_trials(topics: Topics, n_trials: int) -> list[Trial]:
    """Draw trials whose positive example is about two topics, and the negative about one."""
    alone = _alone(topics)
    both = [
        (article_id, pair)
        for article_id, named in sorted(topics.items())
        if len(named) == 2
        for pair in permutations(sorted(named))
    ]
    rng = random.Random(SEED)
    rng.shuffle(both)
    return [
        Trial((article_id,), rng.choice(alone[b]), a, b)
        for article_id, (a, b) in both[:n_trials]
        if alone[b]
    ]


def paired_trials(topics: Topics, n_trials: int, least: int = LEAST) -> list[Trial]:
    """Draw trials with a positive example of each of two topics, and a negative one of the second.

    Topics of fewer than `least` articles are left out.
    """
    alone = {name: ids for name, ids in _alone(topics).items() if len(ids) >= least}
    names = sorted(alone)
    rng = random.Random(SEED)
    trials = []
    for _ in range(n_trials if len(names) > 1 else 0):
        a, b = rng.sample(names, 2)
        of_b, negative = rng.sample(alone[b], 2)
        trials.append(Trial((rng.choice(alone[a]), of_b), negative, a, b))
    return trials


def _alone(topics: Topics) -> dict[str, list[str]]:
    alone: dict[str, list[str]] = defaultdict(list)
    for article_id, named in sorted(topics.items()):
        if len(named) == 1:
            alone[next(iter(named))].append(article_id)
    return alone


def measure_trials(
    engine: SearchEngine, trials: Sequence[Trial], topics: Topics
) -> dict[str, dict[str, float]]:
    """Give, for every variant, the shares of B and of A among the first hits, before and after."""
    if not trials:
        message = "no two topics of this index have articles enough for a trial"
        raise ValueError(message)
    before = [_first(engine, trial, ()) for trial in trials]
    figures = {"without a negative example": _shares(trials, before, before, topics)}
    for name, constants in VARIANTS.items():
        with changed(constants):
            after = [_first(engine, trial, (trial.negative,)) for trial in trials]
        figures[name] = _shares(trials, before, after, topics)
    return figures


def _first(engine: SearchEngine, trial: Trial, negative: Sequence[str]) -> list[str]:
    query = SimilarQuery(
        positive=tuple(Example("article_id", one) for one in trial.positive),
        negative=tuple(Example("article_id", one) for one in negative),
        limit=FIRST,
    )
    return [hit.article.article_id for hit in engine.similar(query).hits]


def _shares(
    trials: Sequence[Trial],
    before: Sequence[Sequence[str]],
    after: Sequence[Sequence[str]],
    topics: Topics,
) -> dict[str, float]:
    none: frozenset[str] = frozenset()
    of_a, of_b, kept = [], [], []
    for trial, old, new in zip(trials, before, after, strict=True):
        about = {one: topics.get(one, none) for one in (*old, *new)}
        only_a = [one for one in old if trial.a in about[one] and trial.b not in about[one]]
        # an answer of fewer hits has the rest of its places about nothing
        of_a.append(sum(trial.a in about[one] and trial.b not in about[one] for one in new) / FIRST)
        of_b.append(sum(trial.b in about[one] for one in new) / FIRST)
        if only_a:
            kept.append(sum(one in new for one in only_a) / len(only_a))
    return {
        "about B": round(statistics.fmean(of_b), 4),
        "about A alone": round(statistics.fmean(of_a), 4),
        "of A alone, kept": round(statistics.fmean(kept), 4) if kept else 0.0,
    }


def measure_acl(index: Path, n_trials: int = N_TRIALS) -> dict[str, dict[str, float]]:
    """Measure on an index of the ACL Anthology, or of anything with its phrases."""
    path = index / SNAPSHOTS / current_name(index) / STORE
    with closing(SearchEngine.open(index)) as engine, closing(ArticleStore(path)) as store:
        of_titles, of_texts = read_phrases(_texts(store))
        return measure_trials(engine, mixed_trials(of_titles, n_trials), of_texts)


def measure_arxiv(
    index: Path, categories: Path, n_trials: int = N_TRIALS
) -> dict[str, dict[str, float]]:
    """Measure on an index that holds arXiv records, whose categories a file names."""
    with closing(SearchEngine.open(index)) as engine:
        known = read_categories(categories)
        ids = list(known)
        indexed = (
            one
            for start in range(0, len(ids), engine.limits.max_batch_ids)
            for one in engine.articles(ids[start : start + engine.limits.max_batch_ids])
        )
        topics = {
            one.article.article_id: known[article_id]
            for article_id, one in zip(ids, indexed, strict=True)
            if one is not None
        }
        return measure_trials(engine, paired_trials(topics, n_trials), topics)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a sample of arXiv records."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("records", type=Path, metavar="FILE")
    parser.add_argument("--into", type=Path, required=True, metavar="OUT.jsonl")
    parser.add_argument("--each", type=int, default=LEAST, metavar="N")
    options = parser.parse_args(arguments)
    wanted = sample(read_categories(options.records), options.each)
    with gzip.open(options.records, "rt", encoding="utf-8") as lines, options.into.open("w") as out:
        out.writelines(line for line in lines if json.loads(line)["id"] in wanted)
    return 0


def sample(topics: Topics, n_each: int) -> frozenset[str]:
    """Draw `n_each` articles of each topic that has as many."""
    rng = random.Random(SEED)
    alone = sorted(_alone(topics).items())
    drawn = (rng.sample(ids, n_each) for _, ids in alone if len(ids) >= n_each)
    return frozenset(article_id for ids in drawn for article_id in ids)


def _texts(store: ArticleStore) -> Iterator[tuple[str, str, str]]:
    for article in store:
        yield article.article_id, article.title or "", article.passage()


if __name__ == "__main__":
    sys.exit(main())
