"""Ways to order what is like examples, compared on collections that may be tuned on.

A judged query becomes a question by example: some of its relevant documents are the examples, the
others the answers. What is drawn is seeded, and the same for every strategy.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.article import Article
from index.snapshot import Snapshot
from scripts.ablations import changed
from scripts.beir import Collection
from service.example_reader import ExampleReader, FoundExample
from service.examples import Example, SimilarQuery
from service.likeness import LikenessMatcher
from service.match import Matcher
from service.query import Limits
from service.reasons import example_pieces

SEED = 20261122
DRAWN = 4
"""Of each query, so many examples, or sets of three, are drawn."""
N_EXAMPLES = 3
DEPTH = 10
_SPARE = N_EXAMPLES

AS_IT_IS = "as it is"
_LOOK = "service.example_look."
VARIANTS: Mapping[str, Mapping[str, float]] = {
    AS_IT_IS: {},
    "fusion alone, no closer look": {"service.likeness.LOOKED_AT": 0},
    "no feedback": {f"{_LOOK}FEEDBACK": 0},
    "no neighbours": {f"{_LOOK}NEIGHBOUR_WEIGHT": 0},
    "neighbours .3": {f"{_LOOK}NEIGHBOUR_WEIGHT": 0.3},
    "neighbours 1": {f"{_LOOK}NEIGHBOUR_WEIGHT": 1},
    "3 neighbours": {f"{_LOOK}NEIGHBOURS": 3},
    "10 neighbours": {f"{_LOOK}NEIGHBOURS": 10},
    "no titles": {f"{_LOOK}TITLE_WEIGHT": 0},
    "titles .4": {f"{_LOOK}TITLE_WEIGHT": 0.4},
    "no sentences": {f"{_LOOK}ALIGNED_WEIGHT": 0},
    "sentences .4": {f"{_LOOK}ALIGNED_WEIGHT": 0.4},
    "sentences 1": {f"{_LOOK}ALIGNED_WEIGHT": 1},
    "hubness not taken off": {
        "service.match.HUBNESS_TAKEN": 0,
        f"{_LOOK}HUBNESS_TAKEN": 0,
        f"{_LOOK}ALIGNED_HUBNESS_TAKEN": 0,
    },
    "meaning .5": {"service.ranking.SEMANTIC_WEIGHT": 0.5},
    "meaning .7": {"service.ranking.SEMANTIC_WEIGHT": 0.7},
}
"""Constants with other values, asked with one example."""
MIXTURES: Mapping[str, Mapping[str, float] | None] = {
    "between mean and best score (as it is)": {},
    "mean of scores": {"service.ranking.SOFTNESS": 1e-6},
    "nearer to the best score (1)": {"service.ranking.SOFTNESS": 1.0},
    "best score": {"service.ranking.SOFTNESS": 50.0},
    "mean of embeddings, all words in one": None,
}
"""How several examples are made one; None is no constant, but one example made of all."""


class Drawn(NamedTuple):
    """Three examples, or one where there are too few, and all that is relevant to their query."""

    examples: Sequence[str]
    relevant: frozenset[str]


def draw(collection: Collection, n_drawn: int = DRAWN) -> list[Drawn]:
    """Draw examples from the relevant documents of each query."""
    relevant: dict[str, set[str]] = defaultdict(set)
    for judged in collection.qrels:
        if judged.relevance > 0:
            relevant[judged.query_id].add(judged.doc_id)
    rng = random.Random(SEED)
    drawn: list[Drawn] = []
    for query_id in collection.queries:
        answers = sorted(relevant[query_id])
        if len(answers) < 2:
            continue
        for _ in range(min(n_drawn, len(answers))):
            rng.shuffle(answers)
            n = N_EXAMPLES if len(answers) > N_EXAMPLES else 1
            drawn.append(Drawn(tuple(answers[:n]), frozenset(answers)))
    return drawn


class Asker:
    """Asks one index for articles like examples, below the interface: of any mixture."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._matcher = Matcher(snapshot)
        self._reader = ExampleReader(snapshot, Limits())

    def close(self) -> None:
        """End the threads."""
        self._matcher.close()

    def has(self, article_id: str) -> bool:
        """Tell whether the index has an article."""
        return self._snapshot.store.find(article_id) is not None

    def ask(self, article_ids: Sequence[str], *, as_one: bool = False) -> list[str]:
        """Give the first articles that are like others, best first."""
        query = SimilarQuery(positive=tuple(Example("article_id", one) for one in article_ids))
        found = self._reader.read(query, "positive")
        pieces = example_pieces(self._snapshot, found)
        if as_one:
            found, pieces = (_joined(found),), (np.concatenate(pieces),)
        likeness = LikenessMatcher(self._snapshot, self._matcher)
        likes = likeness.likes((found, ()), pieces, 0.0, Limits().max_matches)
        matches = likeness.like(likes, "published").matches
        places = np.argsort(-matches.fused, kind="stable")[: DEPTH + _SPARE]
        return self._snapshot.store.article_ids([int(row) for row in matches.rows[places]])


def _joined(found: Sequence[FoundExample]) -> FoundExample:
    """Make one example of several: the mean of their embeddings, the words of all."""
    mean = np.mean([one.embedding for one in found], axis=0)
    return replace(
        found[0],
        versions=tuple(row for one in found for row in one.versions),
        article=Article(article_id="", abstract="\n".join(one.text for one in found)),
        embedding=np.asarray(mean / np.linalg.norm(mean), dtype=np.float32),
    )


def ndcg(found: Sequence[str], answers: frozenset[str]) -> float:
    """Give nDCG@10 of answers that are all equally right."""
    first = enumerate(found[:DEPTH])
    gains = sum(1 / np.log2(place + 2) for place, one in first if one in answers)
    return float(gains / sum(1 / np.log2(place + 2) for place in range(min(DEPTH, len(answers)))))


def compare_variants(
    collection: Collection, index: Path, n_drawn: int = DRAWN
) -> dict[str, list[float]]:
    """Give nDCG@10 of every drawn example, asked alone, for every variant."""
    with _asking(index) as asker:
        asked = [
            (drawn.examples[0], drawn.relevant - {drawn.examples[0]})
            for drawn in draw(collection, n_drawn)
            if asker.has(drawn.examples[0])
        ]
        values: dict[str, list[float]] = {}
        for name, constants in VARIANTS.items():
            with changed(constants):
                values[name] = [ndcg(asker.ask([example]), answers) for example, answers in asked]
    return values


def compare_mixtures(
    collection: Collection, index: Path, n_drawn: int = DRAWN
) -> dict[str, list[list[float]]]:
    """Give nDCG@10 for one, two and three examples, of the same answers, for every mixture."""
    with _asking(index) as asker:
        asked = [
            (drawn.examples, drawn.relevant - set(drawn.examples))
            for drawn in draw(collection, n_drawn)
            if len(drawn.examples) == N_EXAMPLES and all(map(asker.has, drawn.examples))
        ]
        return {
            name: [
                list(_mixed(asker, asked, n_examples, constants))
                for n_examples in range(1, N_EXAMPLES + 1)
            ]
            for name, constants in MIXTURES.items()
        }


def _mixed(
    asker: Asker,
    asked: Sequence[tuple[Sequence[str], frozenset[str]]],
    n_examples: int,
    constants: Mapping[str, float] | None,
) -> Iterator[float]:
    with changed(constants or {}):
        for examples, answers in asked:
            # the examples that are not asked are no answers either, but may be found
            found = asker.ask(examples[:n_examples], as_one=constants is None)
            yield ndcg([one for one in found if one not in examples], answers)


@contextmanager
def _asking(index: Path) -> Iterator[Asker]:
    with closing(Snapshot.open(index)) as snapshot, closing(Asker(snapshot)) as asker:
        yield asker
