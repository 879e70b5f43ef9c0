"""A second look at the first articles of an answer, with what would cost too much for all.

Three things beside the legs' scores: how near an article is to the question *and* to the first
articles found (pseudo-relevance feedback, Rocchio 1971), how near its best single sentence is,
and how near it is to everything (`index.hubness`). It changes the order of these articles and
nothing else. What each brings on several collections is in scripts/results/ranking.md.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.snapshot import Snapshot
from index.vectors import Embedding
from service.ranking import HUBNESS_TAKEN, Rows, Scale, is_in
from service.ranking import Scores as Values

if TYPE_CHECKING:
    from service.match import MatchSet

LOOKED_AT = 200
FED_BACK = 3
"""So many of the first articles are taken to be right."""
FEEDBACK = 0.6
"""The weight of their mean beside the question."""
PIECE_WEIGHT = 0.25
"""The weight of the best sentence beside the legs' own."""
PIECE_SHARPNESS = 5.0
"""Cosines of sentences are raised to e's power by it: one that stands out says more."""
PIECE_HUBNESS_TAKEN = 0.2

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class SecondLook:
    """What the second look made of some articles: rows ascending, and a value for each.

    `nearness` is the cosine with the question after feedback, `piece` that of the question with
    the best sentence or title, `keys` what takes the place of the fused score.
    """

    rows: Rows
    nearness: Values
    piece: Values
    keys: Values

    def ordered(self, rows: Rows, fused: Values) -> Values:
        """Give the fused scores of ascending rows, with those that were looked at again anew."""
        keys = fused.copy()
        is_seen = is_in(rows, self.rows)
        keys[is_seen] = self.keys[np.searchsorted(self.rows, rows[is_seen])]
        return keys


def look_again(snapshot: Snapshot, embedding: Embedding, first: "MatchSet") -> SecondLook | None:
    """Look again at the first articles of an answer, given in order; None where there are none."""
    if not len(first):
        return None
    hubness = snapshot.hubness[first.best].astype(np.float64)
    nearest = np.mean([snapshot.vectors.embedding(int(row)) for row in first.best[:FED_BACK]], 0)
    widened = embedding + np.float32(FEEDBACK) * nearest
    widened /= np.linalg.norm(widened)
    nearness = snapshot.vectors.cosines(widened, first.best).astype(np.float64)
    piece = snapshot.pieces.best_cosines(embedding, first.best).astype(np.float64)
    assert first.semantic is not None
    # an article that is all one piece is as near as the whole
    piece = np.where(np.isnan(piece), first.semantic, piece)
    standing_out = np.exp(PIECE_SHARPNESS * (piece - PIECE_HUBNESS_TAKEN * hubness))
    scores = _weighted(first, nearness - HUBNESS_TAKEN * hubness)
    scores += PIECE_WEIGHT * Scale.of(standing_out, 1.0).z_scores(standing_out)
    # above all others as they were: the last of these stays before its equals that lie behind it
    keys = (scores - scores.min()).round(_DIGITS) + (first.fused[-1] + 10.0**-_DIGITS)
    ascending = np.argsort(first.rows)
    return SecondLook(
        first.rows[ascending],
        nearness[ascending].round(_DIGITS),
        piece[ascending].round(_DIGITS),
        keys[ascending],
    )


def _weighted(first: "MatchSet", nearness: Values) -> Values:
    """Mix the legs again, on the scales of these articles alone."""
    semantic, lexical = first.fusion.semantic, first.fusion.lexical
    assert semantic is not None
    scores = semantic.weight * Scale.of(nearness, 1.0).z_scores(nearness)
    if lexical is not None and first.lexical is not None:
        scores += lexical.weight * Scale.of(first.lexical, 1.0).z_scores(first.lexical)
    return np.asarray(scores)
