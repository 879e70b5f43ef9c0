"""A closer look at the first articles found by examples, with what would cost too much for all.

Beside the legs: the cosine after feedback, the first piece (most often the title) against the
first piece, and all sentences of the example, each against the sentence of the article that is
nearest to it. Then every article is judged by its neighbours, too: what is like the examples lies
together (score regularisation, Diaz 2005). It changes the order of these articles and nothing
else. What each brings, on collections that may be tuned on, is in scripts/results/similar.md.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from index.snapshot import Snapshot
from index.vectors import Embedding, Embeddings
from service.match import MatchSet
from service.ranking import HUBNESS_TAKEN, Rows, Scale, soft_best
from service.ranking import Scores as Values
from service.second_look import FED_BACK, FEEDBACK, SecondLook

TITLE_WEIGHT = 0.2
ALIGNED_WEIGHT = 0.2
ALIGNED_HUBNESS_TAKEN = 0.3
NEIGHBOURS = 5
NEIGHBOUR_WEIGHT = 0.6

_DIGITS = 6


class Compared(NamedTuple):
    """One positive example, its pieces, and what its legs say of the first articles, in order."""

    embedding: Embedding
    pieces: Embeddings
    said: MatchSet


class _First(NamedTuple):
    """The first articles: embeddings, pieces, where those of each begin, and hubness."""

    embeddings: Embeddings
    pieces: Embeddings
    starts: Rows
    hubness: Values


def look_closer(
    snapshot: Snapshot, first: MatchSet, examples: Sequence[Compared], push: Values
) -> SecondLook | None:
    """Look again at the first articles, given in order; `push` is what is taken off each."""
    if not len(first):
        return None
    read = _read(snapshot, first)
    nearness, aligned, scores = zip(*(_compared(one, read) for one in examples), strict=True)
    together = _z_scores(soft_best(np.array(scores)))
    together += NEIGHBOUR_WEIGHT * _z_scores(_neighbours_say(together, read.embeddings))
    together -= push
    # above all others as they were: the last of these stays before its equals that lie behind it
    keys = (together - together.min()).round(_DIGITS) + (first.fused[-1] + 10.0**-_DIGITS)
    ascending = np.argsort(first.rows)
    return SecondLook(
        first.rows[ascending],
        np.max(nearness, axis=0)[ascending].round(_DIGITS),
        np.max(aligned, axis=0)[ascending].round(_DIGITS),
        keys[ascending],
    )


def _read(snapshot: Snapshot, first: MatchSet) -> _First:
    rows = first.best
    embeddings = snapshot.vectors.embeddings(rows)
    counts = snapshot.pieces.counts(rows)
    coded = snapshot.pieces.embeddings(rows, embeddings.shape[1])
    # an article that is all one piece is that piece
    ends = np.cumsum(np.maximum(counts, 1))
    starts = ends - np.maximum(counts, 1)
    pieces = np.empty((int(ends[-1]), embeddings.shape[1]), np.float32)
    is_whole = np.zeros(len(pieces), dtype=np.bool_)
    is_whole[starts[counts == 0]] = True
    pieces[is_whole] = embeddings[counts == 0]
    pieces[~is_whole] = coded
    return _First(embeddings, pieces, starts, snapshot.hubness[rows].astype(np.float64))


def _compared(example: Compared, first: _First) -> tuple[Values, Values, Values]:
    """Give an example's cosine after feedback, how it is aligned, and its score of each article."""
    best = np.argsort(-example.said.fused, kind="stable")[:FED_BACK]
    widened = example.embedding + np.float32(FEEDBACK) * first.embeddings[best].mean(axis=0)
    widened /= np.linalg.norm(widened)
    nearness = np.einsum("ij,j->i", first.embeddings, widened).astype(np.float64)
    cosines = example.pieces @ first.pieces.T
    aligned = np.maximum.reduceat(cosines, first.starts, axis=1).mean(axis=0).astype(np.float64)
    titles = cosines[0, first.starts].astype(np.float64)
    semantic, lexical = example.said.fusion.semantic, example.said.fusion.lexical
    assert semantic is not None
    assert lexical is not None
    assert example.said.lexical is not None
    scores = semantic.weight * _z_scores(nearness - HUBNESS_TAKEN * first.hubness)
    scores += lexical.weight * _z_scores(example.said.lexical)
    scores += TITLE_WEIGHT * _z_scores(titles)
    scores += ALIGNED_WEIGHT * _z_scores(aligned - ALIGNED_HUBNESS_TAKEN * first.hubness)
    return nearness, aligned, scores


def _z_scores(values: Values) -> Values:
    return Scale.of(values, 1.0).z_scores(values)


def _neighbours_say(scores: Values, embeddings: Embeddings) -> Values:
    """Give the mean score of the nearest neighbours of each among these articles."""
    n_neighbours = min(NEIGHBOURS, len(scores) - 1)
    if not n_neighbours:
        return np.zeros(len(scores))
    cosines = (embeddings @ embeddings.T).round(_DIGITS)
    np.fill_diagonal(cosines, -np.inf)
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :n_neighbours]
    return np.asarray(scores[nearest].mean(axis=1))
