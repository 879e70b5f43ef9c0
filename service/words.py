"""What the words of a question say: BM25 of articles, and what it counts for.

In a library every article is scored. In a larger corpus the rare words of a question, which carry
most of its weight and occur in few articles, propose a bounded number; what all words say is then
worked out for these and for the articles that the embeddings propose.
"""

from typing import Protocol

import numpy as np

from index.calibration import COVERED_FROM, LEXICAL_SHARE, Floats, Mode, word_evidence
from index.lexical import LexicalIndex, QuestionTerms, WordMatches
from service.ranking import Rows, best_rows, is_in, union_rows

ALL_SCORED_UP_TO = 200_000
"""In a corpus of up to so many articles all are scored; by words alone, in any corpus."""
COMMON_SHARE = 0.4
"""The commonest words of a question that weigh no more than this propose nothing."""
PROPOSED = 4_096
"""How many articles the rare words propose."""

_LEAST = 1e-6
"""An article that shares no word has less evidence, and is no candidate of the words."""
_ROUNDING = 1e-5
_NONE = np.empty(0, dtype=np.int64)


class Words(Protocol):
    """What the words of a question say of the articles of a snapshot; rows are ascending."""

    ceiling: float
    """The highest score there could be."""
    is_whole: bool
    """Whether no article is left out that the words alone could make a match."""

    def expect(self, rows: Rows) -> None:
        """Say what else will be asked, to be worked out with what is asked first."""
        ...

    def scores(self, rows: Rows) -> Floats:
        """Give BM25 of some articles."""
        ...

    def evidence(self, rows: Rows) -> Floats:
        """Give what the words count for beside a cosine, or by themselves in lexical mode."""
        ...

    def reaching(self, least: float) -> Rows:
        """Give the rows of this evidence and more that share a word at least."""
        ...

    def best(self, k: int, least: float) -> Rows:
        """Give, of the rows that `reaching` gives, the `k` of most evidence, and their equals."""
        ...

    def top(self, k: int) -> Rows:
        """Give the rows of the `k` highest scores, and their equals."""
        ...

    def rank(self, row: int) -> int | None:
        """Give the place of a row in the order of the scores; None where it has no word."""
        ...


def words_of(text: str, mode: Mode, lexical: LexicalIndex) -> Words:
    """Ask the words of a question."""
    if mode == "lexical" or lexical.n_articles <= ALL_SCORED_UP_TO:
        return AllScored(mode, lexical.matches(text))
    return RareFirst(mode, lexical, lexical.terms(text))


def _evidence(mode: Mode, matches: WordMatches) -> Floats:
    shares = matches.scores / np.float32(matches.ceiling or 1.0)
    if mode == "lexical":
        return np.asarray(np.minimum(shares, 1))
    return word_evidence(shares, matches.coverage, matches.weight)


def _share(mode: Mode) -> float:
    """Give what the whole of the highest score counts for."""
    return 1.0 if mode == "lexical" else LEXICAL_SHARE


def _best(words: Words, rows: Rows, k: int) -> Rows:
    if len(rows) <= k:
        return rows
    found = words.evidence(rows)
    return np.asarray(rows[found >= np.partition(found, len(rows) - k)[len(rows) - k]])


class AllScored:
    """Words that have scored every article."""

    is_whole = True

    def __init__(self, mode: Mode, matches: WordMatches) -> None:
        self._mode = mode
        self._matches = matches
        self.ceiling = matches.ceiling

    def expect(self, rows: Rows) -> None:
        """Do nothing: all is known."""

    def scores(self, rows: Rows) -> Floats:
        """Give BM25 of some articles."""
        return np.asarray(self._matches.scores[rows])

    def evidence(self, rows: Rows) -> Floats:
        """Give what the words count for."""
        scores, coverage = self._matches.scores[rows], self._matches.coverage[rows]
        return _evidence(self._mode, self._matches._replace(scores=scores, coverage=coverage))

    def reaching(self, least: float) -> Rows:
        """Give the rows of this evidence and more."""
        least = max(least, _LEAST)
        # by their score alone, or because they have nearly all words
        wanted = max(least / _share(self._mode) - _ROUNDING, 0.0) * self.ceiling
        rows = np.flatnonzero(self._matches.scores >= wanted) if wanted <= self.ceiling else _NONE
        if wanted == 0:
            rows = np.flatnonzero(self._matches.scores)
        elif self._mode != "lexical":
            rows = union_rows(rows, np.flatnonzero(self._matches.coverage > COVERED_FROM))
        return np.asarray(rows[self.evidence(rows) >= least])

    def best(self, k: int, least: float) -> Rows:
        """Give, of the rows that `reaching` gives, those of most evidence."""
        return _best(self, self.reaching(least), k)

    def top(self, k: int) -> Rows:
        """Give the rows of the highest scores."""
        return best_rows(self._matches.scores, k)

    def rank(self, row: int) -> int | None:
        """Give the place of a row in the order of the scores."""
        own = self._matches.scores[row]
        return int((self._matches.scores > own).sum()) + 1 if own > 0 else None


class RareFirst:
    """Words of which the rare ones propose; what was worked out of an article is kept."""

    is_whole = False

    def __init__(self, mode: Mode, lexical: LexicalIndex, terms: QuestionTerms) -> None:
        self._mode = mode
        self._lexical = lexical
        self._terms = terms
        self.ceiling = terms.ceiling
        self._rows = _NONE
        self._matches = WordMatches(_NO_SCORES, _NO_SCORES, terms.weight, terms.ceiling)
        self._expected = lexical.best(terms, _rare(terms, lexical), PROPOSED)

    def expect(self, rows: Rows) -> None:
        """Say what else will be asked, to be worked out with what is asked first."""
        self._expected = union_rows(self._expected, rows)

    def scores(self, rows: Rows) -> Floats:
        """Give BM25 of some articles."""
        return self._said(rows).scores

    def evidence(self, rows: Rows) -> Floats:
        """Give what the words count for."""
        return _evidence(self._mode, self._said(rows))

    def _said(self, rows: Rows) -> WordMatches:
        places = np.searchsorted(self._rows, rows)
        # one search tells both where they are and that all are there, which they mostly are
        is_known = np.append(self._rows, -1)[places] == rows
        if len(self._expected) or not is_known.all():
            self._work_out(union_rows(rows[~is_known], self._expected))
            places = np.searchsorted(self._rows, rows)
        scores, coverage = self._matches.scores[places], self._matches.coverage[places]
        return self._matches._replace(scores=scores, coverage=coverage)

    def _work_out(self, asked: Rows) -> None:
        """Ask what the words say of rows that were not asked for yet, and keep it."""
        asked, self._expected = asked[~is_in(asked, self._rows)], _NONE
        found = self._lexical.matches_of(self._terms, asked)
        every = np.concatenate([self._rows, asked])
        order = np.argsort(every, kind="stable")
        self._rows = every[order]
        self._matches = self._matches._replace(
            scores=np.concatenate([self._matches.scores, found.scores])[order],
            coverage=np.concatenate([self._matches.coverage, found.coverage])[order],
        )

    def _known(self) -> WordMatches:
        """Give what the words say of all articles that were proposed or asked for."""
        self._said(_NONE)
        return self._matches

    def reaching(self, least: float) -> Rows:
        """Give the rows of this evidence and more."""
        is_reaching = _evidence(self._mode, self._known()) >= max(least, _LEAST)
        return np.asarray(self._rows[is_reaching])

    def best(self, k: int, least: float) -> Rows:
        """Give, of the rows that `reaching` gives, those of most evidence."""
        return _best(self, self.reaching(least), k)

    def top(self, k: int) -> Rows:
        """Give the rows of the highest scores."""
        best = best_rows(self._known().scores, k)
        return np.asarray(self._rows[best])

    def rank(self, row: int) -> int | None:
        """Give the place of a row in the order of the scores that were worked out."""
        own = self.scores(np.array([row]))[0]
        return int((self._matches.scores > own).sum()) + 1 if own > 0 else None


def _rare(terms: QuestionTerms, lexical: LexicalIndex) -> list[str]:
    """Give the terms of a question without the commonest, which weigh so little together."""
    rarest_first = sorted(terms.said, key=lambda term: (-lexical.rarity(term), term))
    left, n_rare = terms.weight, 0
    while n_rare < len(rarest_first) and left > COMMON_SHARE * terms.weight:
        left -= terms.weights[rarest_first[n_rare]]
        n_rare += 1
    return rarest_first[:n_rare]


_NO_SCORES = np.empty(0, dtype=np.float32)
