"""Explanations: how one hit came to its place and to its match probability, in numbers."""

import numpy as np

from index.calibration import LEXICAL_SHARE
from index.vectors import Ranked
from service.match import MARK_NAMES, MatchSet, Question
from service.ranking import Scale
from service.ranking import Scores as Values
from service.results import Explanation, Leg


def explain(question: Question, matches: MatchSet, place: int, selectivity: float) -> Explanation:
    """Explain the article at one place of a match set."""
    row = int(matches.best[place])
    lexical = matches.lexical
    share = 0.0 if lexical is None else float(question.shares(lexical[place : place + 1])[0])
    marks = int(matches.marks[place])
    return Explanation(
        semantic=_leg(matches.fusion.semantic, matches.semantic, matches.legs.semantic, row, place),
        lexical=_leg(matches.fusion.lexical, lexical, matches.legs.lexical, row, place),
        fused=float(matches.fused[place]),
        query_kind=question.kind,
        evidence={
            "lexical_share": min(share, 1.0),
            "lexical_weight": LEXICAL_SHARE if question.mode == "hybrid" else float(share > 0),
            "evidence": float(matches.evidence[place]),
            "intercept": question.curve.intercept,
            "slope": question.curve.slope,
            "floor": question.floor,
        },
        matched_by=tuple(name for mark, name in MARK_NAMES.items() if marks & mark),
        selectivity=selectivity,
    )


def _leg(
    scale: Scale | None, scores: Values | None, ranked: Ranked | None, row: int, place: int
) -> Leg | None:
    if scale is None or scores is None or ranked is None:
        return None
    ranks = np.flatnonzero(ranked.rows == row)
    return Leg(
        rank=int(ranks[0]) + 1 if len(ranks) else None,
        score=float(scores[place]),
        z_score=float(scale.z_scores(scores[place : place + 1])[0]),
        weight=scale.weight,
    )
