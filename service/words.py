"""What the words of a question say: BM25 of every article, and what it counts for.

All articles are scored, few are looked at: the evidence is worked out where it is asked for, and
which articles reach some evidence is found by comparing scores.
"""

from dataclasses import dataclass

import numpy as np

from index.calibration import COVERED_FROM, LEXICAL_SHARE, Floats, Mode, word_evidence
from index.lexical import WordMatches
from service.ranking import Rows, union_rows

_LEAST = 1e-6
"""An article that shares no word has less evidence, and is no candidate of the words."""
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a question say of the articles of a snapshot in one mode."""

    mode: Mode
    matches: WordMatches

    @property
    def scores(self) -> Floats:
        """BM25 of every article, shape (n_articles,)."""
        return self.matches.scores

    @property
    def ceiling(self) -> float:
        """The highest score there could be."""
        return self.matches.ceiling

    def evidence(self, rows: Rows) -> Floats:
        """Give what the words count for beside a cosine, or by themselves in lexical mode."""
        shares = self.scores[rows] / np.float32(self.ceiling or 1.0)
        if self.mode == "lexical":
            return np.asarray(np.minimum(shares, 1))
        return word_evidence(shares, self.matches.coverage[rows], self.matches.weight)

    def reaching(self, least: float) -> Rows:
        """Give the rows of this evidence and more, ascending, that share a word at least."""
        least = max(least, _LEAST)
        share = 1.0 if self.mode == "lexical" else LEXICAL_SHARE
        # by their score alone, or because they have nearly all words
        wanted = max(least / share - _ROUNDING, 0.0) * self.ceiling
        rows = np.flatnonzero(self.scores >= wanted) if wanted <= self.ceiling else _NONE
        if wanted == 0:
            rows = np.flatnonzero(self.scores)
        elif self.mode != "lexical":
            rows = union_rows(rows, np.flatnonzero(self.matches.coverage > COVERED_FROM))
        return np.asarray(rows[self.evidence(rows) >= least])

    def best(self, k: int, least: float) -> Rows:
        """Give, of the rows that `reaching` gives, the `k` of most evidence, and their equals."""
        rows = self.reaching(least)
        if len(rows) <= k:
            return rows
        found = self.evidence(rows)
        return np.asarray(rows[found >= np.partition(found, len(rows) - k)[len(rows) - k]])


_NONE = np.empty(0, dtype=np.int64)
