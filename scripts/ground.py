"""The common ground of a comparison: articles, embeddings and questions out of a built index.

Questions are drawn (seeded) so that none is asked twice and none is an article's exact title:
titles with words dropped, and single sentences of abstracts, by turns.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.article import Article
from index.models import find_model
from index.snapshot import SNAPSHOTS, current_name, read_manifest
from index.store import STORE, ArticleStore
from index.vectors import load_embeddings
from scripts.peers.given import ARTICLES, EMBEDDINGS, MODEL, Given

SEED = 20261125
SHARE = 0.01
"""How much of the corpus the filter lets pass, as near as one journal comes to it."""
_SHARE_DROPPED = 0.3
_FEWEST_WORDS = 4
_MOST_WORDS = 40
_NO_QUOTES = dict.fromkeys(map(ord, '"“”„«»'))
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_TRIES = 4
"""So often every article is tried on average before there are too few questions."""
_STAMP = "snapshot"


@dataclass(frozen=True, slots=True)
class Ground:
    """What all systems have in common, and the snapshot it was taken from."""

    given: Given
    snapshot: Path
    articles: Sequence[dict[str, Any]]

    def journal(self) -> tuple[str, int]:
        """Give the journal that has nearest to 1 % of the articles, and how many it has."""
        counts = Counter(one["journal"] for one in self.articles if one["journal"])
        # where names differ in case only, Cognate's filter would mean all of them
        folded = Counter(name.casefold() for name in counts)
        sought = SHARE * len(self.articles)
        alone = [name for name in sorted(counts) if folded[name.casefold()] == 1]
        if not alone:
            raise ValueError("no article of the corpus has a journal to filter by")
        chosen = min(alone, key=lambda name: abs(counts[name] - sought))
        return chosen, counts[chosen]

    def passages(self, n: int) -> list[int]:
        """Draw (seeded) the rows of `n` different articles, or of all where there are fewer."""
        rows = range(len(self.articles))
        return random.Random(SEED).sample(rows, min(n, len(rows)))


def take_ground(index: Path, folder: Path) -> Ground:
    """Write what every system is given into a folder, unless it is there already."""
    snapshot = index / SNAPSHOTS / current_name(index)
    given = Given(folder)
    stamp = folder / _STAMP
    if not stamp.exists() or stamp.read_text() != snapshot.name:
        _write(snapshot, given)
        stamp.write_text(snapshot.name)
    return Ground(given, snapshot, given.articles())


def _write(snapshot: Path, given: Given) -> None:
    given.folder.mkdir(parents=True, exist_ok=True)
    with closing(ArticleStore(snapshot / STORE)) as store:
        articles = [_to_given(article) for article in store]
    embeddings = load_embeddings(snapshot / "vectors").astype(np.float32)
    # exact again after half precision: what takes products for cosines is right to
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    (given.folder / ARTICLES).write_text(json.dumps(articles), encoding="utf-8")
    np.save(given.folder / EMBEDDINGS, embeddings)
    link = given.folder / MODEL
    link.unlink(missing_ok=True)
    link.symlink_to(find_model(read_manifest(snapshot).encoder.model, print).folder)


def _to_given(article: Article) -> dict[str, Any]:
    return {
        "id": article.article_id,
        "title": article.title,
        "abstract": article.abstract,
        "authors": list(article.authors),
        "journal": article.journal,
        "published": article.published,
        "text": article.passage(),
    }


def draw_questions(articles: Sequence[dict[str, Any]], n: int) -> list[str]:
    """Draw `n` distinct questions; ValueError where the corpus has not so many."""
    drawn: dict[str, None] = {}
    for question in _candidates(articles, random.Random(SEED)):
        drawn[question] = None
        if len(drawn) == n:
            return list(drawn)
    raise ValueError(f"{len(articles)} articles give only {len(drawn)} of {n} distinct questions")


def _candidates(articles: Sequence[dict[str, Any]], draw: random.Random) -> Iterator[str]:
    titles = {one["title"] for one in articles}
    for number in range(_TRIES * len(articles)):
        article = draw.choice(articles)
        text = article["title"] if number % 2 else _sentence(article["abstract"], draw)
        # a quoted phrase must occur in Cognate's answers, and means nothing to the others
        words = (text or "").translate(_NO_QUOTES).split()
        if number % 2:
            words = [word for word in words if draw.random() >= _SHARE_DROPPED]
        question = " ".join(words[:_MOST_WORDS])
        if len(words) >= _FEWEST_WORDS and question not in titles:
            yield question


def _sentence(abstract: str | None, draw: random.Random) -> str:
    return draw.choice(_SENTENCE_END.split(abstract)) if abstract else ""
