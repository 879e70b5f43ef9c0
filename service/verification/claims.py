"""The claims of an answer: for each the sentence that supports it best, and how likely it does."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from index.columns import Selection
from index.snapshot import Snapshot
from service.deadline import Deadline
from service.related.candidates import Asked, CandidateFinder, least_match
from service.verification.citations import Judged
from service.verification.handed import HandedOver
from service.verification.reading import Answer, is_claim
from service.verification.results import CheckedClaim
from service.verification.units import Unit

_NO_ROWS = np.empty(0, np.int64)


class ClaimChecker:
    """Finds what supports claims in one snapshot; safe for many threads."""

    def __init__(self, snapshot: Snapshot, finder: CandidateFinder) -> None:
        self._snapshot = snapshot
        self._finder = finder

    def check(
        self,
        answer: Answer,
        citations: Sequence[Judged],
        handed: HandedOver | None,
        min_match: float | None,
        deadline: Deadline,
    ) -> list[CheckedClaim]:
        """Give every claim with its support.

        It is looked for in what the claim cites, else in what was handed over, else in the corpus.
        """
        units = [unit for unit in answer.units if is_claim(unit)]
        numbers = [_cited(unit, citations) for unit in units]
        rows = [_rows(cited, citations, handed) for cited in numbers]
        texts = [_text(unit) for unit in units]
        is_searched = [not cited and handed is None for cited in numbers]
        among = [place for place, known in enumerate(rows) if len(known)]
        in_corpus = [place for place, search in enumerate(is_searched) if search]
        known = self._finder.best_among([(texts[n], rows[n]) for n in among], deadline)
        found = dict(zip(among, known, strict=True))
        asked = self._finder.ask(
            [texts[n] for n in in_corpus], 1, min_match, Selection(), _NO_ROWS, deadline
        )
        found |= zip(in_corpus, asked, strict=True)
        return [
            self._claim(unit, numbers[place], found.get(place), min_match)
            for place, unit in enumerate(units)
        ]

    def _claim(
        self, unit: Unit, numbers: tuple[int, ...], asked: Asked | None, min_match: float | None
    ) -> CheckedClaim:
        sentence = unit.sentence
        assert sentence is not None
        claim = CheckedClaim(
            start=sentence.start, end=sentence.end, text=sentence.text, citations=numbers
        )
        if asked is None or not asked.found:
            return claim
        best = asked.found[0]
        (article,) = self._snapshot.store.articles([best.best])
        support, _ = self._finder.support(asked.embedding, best.best, article)
        match = best.scores.match or 0.0
        least = least_match(self._snapshot, "hybrid", sentence.text, min_match)
        return replace(
            claim,
            article_id=article.article_id,
            support=support,
            match=match,
            supported=match >= least,
        )


def _text(unit: Unit) -> str:
    return unit.sentence.text if unit.sentence else ""


def _cited(unit: Unit, citations: Sequence[Judged]) -> tuple[int, ...]:
    """Give the numbers of the citations that stand in a sentence."""
    starts = [one.start for one in citations]
    first = bisect_left(starts, unit.start)
    return tuple(range(first, bisect_left(starts, unit.end, first)))


def _rows(
    numbers: Sequence[int], citations: Sequence[Judged], handed: HandedOver | None
) -> npt.NDArray[np.int64]:
    """Give the rows that a claim is held against, ascending; none where the corpus is asked."""
    if numbers:
        works = [work for n in numbers if (work := citations[n].verdict.work) is not None]
    else:
        works = [one.work for one in handed.works if one.work] if handed else []
    return np.array(sorted({row for work in works for row in work.rows}), np.int64)
