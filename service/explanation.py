"""Explanations: how one hit came to its place and to its match probability, in numbers."""

import numpy as np

from index.calibration import LEXICAL_SHARE
from service.match import MatchSet, Question
from service.naming import MARK_NAMES
from service.ranking import Scale
from service.ranking import Scores as Values
from service.results import Explanation, Leg


def explain(question: Question, matches: MatchSet, place: int, selectivity: float) -> Explanation:
    """Explain the article at one place of a match set."""
    lexical, words = matches.lexical, question.words
    share = said = 0.0
    if words is not None:
        row = matches.best[place]
        share = float(words.scores(np.array([row]))[0]) / (words.ceiling or 1.0)
        said = float(words.evidence(np.array([row]))[0])
    marks = int(matches.marks[place])
    return Explanation(
        semantic=_leg(
            matches.fusion.semantic,
            (matches.semantic, matches.nearness),
            place,
            _semantic_rank(matches, place),
        ),
        lexical=_leg(
            matches.fusion.lexical,
            (lexical, lexical),
            place,
            _lexical_rank(question, matches, place),
        ),
        fused=float(matches.fused[place]),
        second_look=_second_look(matches, place),
        query_kind=question.kind,
        evidence={
            "lexical_share": min(share, 1.0),
            "lexical_weight": LEXICAL_SHARE if question.mode == "hybrid" else float(share > 0),
            "words": said,
            "evidence": float(matches.evidence[place]),
            "intercept": question.curve.intercept,
            "slope": question.curve.slope,
            "floor": question.floor,
        },
        matched_by=tuple(name for mark, name in MARK_NAMES.items() if marks & mark),
        selectivity=selectivity,
    )


def _semantic_rank(matches: MatchSet, place: int) -> int | None:
    if matches.proposed is None:
        return None
    ranks = np.flatnonzero(matches.proposed.rows == matches.best[place])
    return int(ranks[0]) + 1 if len(ranks) else None


def _lexical_rank(question: Question, matches: MatchSet, place: int) -> int | None:
    if question.words is None:
        return None
    return question.words.rank(int(matches.best[place]))


def _second_look(matches: MatchSet, place: int) -> dict[str, float] | None:
    look, row = matches.look, matches.rows[place]
    if look is None or row not in look.rows:
        return None
    at = int(np.searchsorted(look.rows, row))
    return {"nearness": float(look.nearness[at]), "best_sentence": float(look.piece[at])}


def _leg(
    scale: Scale | None,
    scores: tuple[Values | None, Values | None],
    place: int,
    rank: int | None,
) -> Leg | None:
    """Give what a leg says of an article, from its score and from what of it is put on a scale."""
    shown, scaled = scores
    if scale is None or shown is None or scaled is None:
        return None
    return Leg(
        rank=rank,
        score=float(shown[place]),
        z_score=float(scale.z_scores(scaled[place : place + 1])[0]),
        weight=scale.weight,
    )
