"""Questions to measure by: with the articles that answer them, or answered by none."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.snapshot import Snapshot
from scripts.beir import read_qrels, read_queries
from service.match import Matcher, MatchSet
from service.query import Limits

OFF_TOPIC = Path(__file__).parent / "judgements" / "off_topic.txt"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, with the ids of the articles that answer it where they are known."""

    text: str
    judged: Sequence[str] = ()


def read_judged(folder: Path, split: str) -> list[Asked]:
    """Read the questions of a collection in BEIR layout that have an article judged relevant."""
    judged: dict[str, list[str]] = defaultdict(list)
    for qrel in read_qrels(folder / "qrels" / f"{split}.tsv"):
        if qrel.relevance > 0:
            judged[qrel.query_id].append(qrel.doc_id)
    queries = read_queries(folder, set(judged))
    return [Asked(text, judged[query_id]) for query_id, (text, _) in queries.items()]


def read_off_topic() -> list[Asked]:
    """Read the committed questions about nothing that the measured corpora are about."""
    return [Asked(line) for line in OFF_TOPIC.read_text(encoding="utf-8").splitlines()]


@dataclass(frozen=True, slots=True)
class Corpus:
    """An open snapshot that questions are asked of, as the engine asks them."""

    snapshot: Snapshot
    matcher: Matcher

    def match_set(
        self, asked: Asked, min_match: float | None
    ) -> tuple[MatchSet, npt.NDArray[np.bool_]]:
        """Give the match set of a question, in hybrid mode, and which of it are judged."""
        question = self.matcher.question(asked.text, "hybrid", min_match, Limits().max_matches)
        matches = self.matcher.match_set(question, "published")
        stands_for = self.snapshot.versions.representatives("published")
        found = [self.snapshot.store.find(article_id) for article_id in asked.judged]
        judged = [stands_for[row] for row in found if row is not None]
        return matches, np.isin(matches.rows, np.array(judged, dtype=np.int64))


@contextmanager
def open_corpus(directory: Path) -> Iterator[Corpus]:
    """Open the current snapshot of an index until the block ends."""
    with closing(Snapshot.open(directory)) as snapshot, closing(Matcher(snapshot)) as matcher:
        yield Corpus(snapshot, matcher)
