"""Candidates: the articles that a sentence of a draft could cite, found as a search finds them."""

from collections.abc import Iterable
from concurrent.futures import Executor
from typing import NamedTuple

import numpy as np

from index.article import Article
from index.calibration import Mode
from index.columns import Selection
from index.pieces import located_pieces
from index.snapshot import Snapshot
from index.vectors import Embedding, Embeddings
from service.deadline import NO_DEADLINE, Deadline
from service.match import Candidates, Matcher, MatchSet
from service.ranking import Rows, is_in, order
from service.related.query import LEAST_MATCH
from service.results import PieceOfText, Scores
from service.steps import encoding

_BOUND = 200
"""Of so many articles that match a sentence the best are offered."""
_LOOKED_AT = 1_000
"""So many articles the embeddings propose for a sentence: of more the best would be the same."""
_DIGITS = 6


class Found(NamedTuple):
    """An article found for a sentence: the row that stands for its work, and that which matched."""

    row: int
    best: int
    scores: Scores


class Asked(NamedTuple):
    """A sentence's embedding, and what was found for it, best first."""

    embedding: Embedding
    found: tuple[Found, ...]


class CandidateFinder:
    """Finds in one snapshot what sentences could cite; safe for many threads."""

    def __init__(self, snapshot: Snapshot, matcher: Matcher, pool: Executor) -> None:
        self._snapshot = snapshot
        self._matcher = matcher
        self._pool = pool

    def ask(
        self,
        texts: Iterable[str],
        limit: int,
        min_match: float | None,
        selection: Selection,
        left_out: Rows,
        deadline: Deadline = NO_DEADLINE,
    ) -> list[Asked]:
        """Ask of every text; up to `limit` works are found for each, those `left_out` not.

        `left_out` are ascending rows that stand for works.
        """

        def ask_one(text: str) -> Asked:
            deadline.check()
            with encoding(1):
                embedding = self._snapshot.encoder.encode_query(text)
            least = least_match(self._snapshot, "hybrid", text, min_match)
            question = self._matcher.example_question(text, embedding, least, _BOUND, _LOOKED_AT)
            matches = self._matcher.match_set(question, "published", selection)
            matches = matches.take(~is_in(matches.rows, left_out))
            places = order(matches.fused, self._snapshot.columns.id_places[matches.rows])
            return Asked(embedding, tuple(_found(matches, place) for place in places[:limit]))

        return list(self._pool.map(ask_one, texts))

    def best_among(
        self, asked: Iterable[tuple[str, Rows]], deadline: Deadline = NO_DEADLINE
    ) -> list[Asked]:
        """Give of each text's own ascending rows the one that most likely says it."""

        def ask_one(one: tuple[str, Rows]) -> Asked:
            deadline.check()
            text, rows = one
            with encoding(1):
                embedding = self._snapshot.encoder.encode_query(text)
            question = self._matcher.example_question(text, embedding, 0.0, _BOUND, _LOOKED_AT)
            candidates = Candidates(rows, None, len(rows), is_cut=False)
            matches = self._matcher.weigh(question, candidates)
            best = int(np.lexsort((self._snapshot.columns.id_places[rows], -matches.evidence))[0])
            return Asked(embedding, (_found(matches, best),))

        return list(self._pool.map(ask_one, asked))

    def support(
        self, embedding: Embedding, row: int, article: Article
    ) -> tuple[PieceOfText, float]:
        """Give the sentence of an abstract that is nearest to a sentence, and their cosine.

        Of an article without an abstract it is the title.
        """
        pieces = located_pieces(article)
        embeddings = self._piece_embeddings(row, len(pieces))
        cosines = (embeddings @ embedding).round(_DIGITS)
        in_abstract = [number for number, one in enumerate(pieces) if one.field == "abstract"]
        places = in_abstract or [*range(len(pieces))]
        best = places[int(np.argmax(cosines[places]))]
        piece = pieces[best]
        # codes of four bits can say a little more than 1
        cosine = min(1.0, float(cosines[best]))
        return PieceOfText(piece.field, piece.text, piece.start, piece.end), cosine

    def _piece_embeddings(self, row: int, n_pieces: int) -> Embeddings:
        rows = np.array([row])
        dimension = self._snapshot.vectors.dimension
        stored = self._snapshot.pieces.embeddings(rows, dimension)
        # an article that is all one piece has the embedding of the whole
        return stored if len(stored) == n_pieces else np.repeat(self._whole(rows), n_pieces, axis=0)

    def _whole(self, rows: Rows) -> Embeddings:
        return self._snapshot.vectors.embeddings(rows)


def _found(matches: MatchSet, place: int) -> Found:
    assert matches.semantic is not None
    assert matches.lexical is not None
    scores = (matches.semantic[place], matches.lexical[place], matches.match[place])
    return Found(int(matches.rows[place]), int(matches.best[place]), Scores(*map(float, scores)))


def least_match(snapshot: Snapshot, mode: Mode, text: str, min_match: float | None) -> float:
    """Give the least probability with which a text is answered."""
    if min_match is not None:
        return min_match
    return max(LEAST_MATCH, snapshot.manifest.calibration.curve(mode, text).floor)
