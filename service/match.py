"""The match set: which articles answer a question, and what both legs say of them.

An article is in the set when its calibrated probability reaches the floor, or when it has the
question's quoted phrase, identifier or title. That depends on the question and the article
alone, so filters, facets, totals and pages can all be taken from one set and agree.

The embeddings propose as many articles as it takes until the last is below the floor; the words
propose the corpus' best 4,096 by BM25, for which alone they are evidence. Versions of one work
count as one article: the one that is preferred, with the scores of the one that matches best.
"""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.calibration import LEXICAL_SHARE, Curve, Mode, QueryKind, evidence, query_kind
from index.columns import Mask, Selection
from index.snapshot import Snapshot
from index.vectors import REFINED, Embedding, Ranked
from index.versions import Prefer
from service.ranking import Fusion, Rows, align_scores, is_in, lexical_say, union_rows
from service.ranking import Scores as Values

SCALED_BY = 1_000
"""How many of each leg's best articles the legs' scores are put on one scale by."""
FIRST_LOOK = 2_048
"""How many articles the embeddings propose at first; four times as many until it is enough."""
FIRST_WORDS = 4_096
"""How many articles the words propose; beside an embedding, sharing words is evidence for these."""
TITLES_READ = 50
"""How many titles that hold all words of a question are read to find the one equal to it."""

_FOUND_BY_NAME = 40.0
# beside sums of z-scores: what a question names stands before all that it resembles
_COSINE_DIGITS = 6
# sums of products differ in their last bits with the place of a row among others; without
# rounding, two articles of the same text could score differently
_MATCH_DIGITS = 6
# of a probability as it is shown, so that a hit's own is one that it reaches
_QUOTED = re.compile(r'["“„«]([^"“”„«»]+)["”“»]')
_TITLE_WORDS = 40

Marks = npt.NDArray[np.uint8]
MATCH, PHRASE, IDENTIFIER, TITLE = 1, 2, 4, 8
MARK_NAMES = {MATCH: "match", PHRASE: "phrase", IDENTIFIER: "identifier", TITLE: "title"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the legs are asked it; a leg without its part does not run.

    An article must have a probability of `floor`; with less evidence than `least` none has. No
    more than `bound` articles answer.
    """

    text: str
    mode: Mode
    kind: QueryKind
    curve: Curve
    floor: float
    least: float
    bound: int
    embedding: Embedding | None
    words: str | None
    ceiling: float

    def shares(self, lexical: Values) -> Values:
        """Give BM25 scores as shares of the highest there could be."""
        return lexical / (self.ceiling or 1.0)

    @property
    def depth(self) -> int:
        """How many articles a leg proposes at most: one more tells that the bound is reached."""
        return max(FIRST_LOOK, FIRST_WORDS, self.bound + 1)


class Legs(NamedTuple):
    """What each leg proposed, best first; None where it did not run."""

    semantic: Ranked | None
    lexical: Ranked | None
    is_cut: bool


@dataclass(frozen=True, slots=True)
class MatchSet:
    """The articles that answer a question: rows ascending, and what is known of each.

    A row stands for its work; `best` is the row of the version that the scores are of. `marks`
    are the reasons of its membership. `n_scanned` articles were compared; `is_cut` tells that
    the bound left some out.
    """

    rows: Rows
    best: Rows
    semantic: Values | None
    lexical: Values | None
    evidence: Values
    match: Values
    fused: Values
    marks: Marks
    fusion: Fusion
    legs: Legs
    n_scanned: int
    is_cut: bool

    def __len__(self) -> int:
        """Count the articles."""
        return len(self.rows)

    def take(self, places: Rows | Mask) -> "MatchSet":
        """Give the set of some of its places."""
        return MatchSet(
            self.rows[places],
            self.best[places],
            None if self.semantic is None else self.semantic[places],
            None if self.lexical is None else self.lexical[places],
            self.evidence[places],
            self.match[places],
            self.fused[places],
            self.marks[places],
            self.fusion,
            self.legs,
            self.n_scanned,
            self.is_cut,
        )


class Matcher:
    """Finds match sets in one snapshot; safe for many threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="cognate-scan")

    def close(self) -> None:
        """End the threads; no call may follow."""
        self._pool.shutdown()

    def question(self, text: str, mode: Mode, min_match: float | None, bound: int) -> Question:
        """Prepare a question; `min_match` None takes the floor of its calibration."""
        snapshot = self._snapshot
        curve = snapshot.manifest.calibration.curve(mode, text)
        floor = curve.floor if min_match is None else min_match
        words = None if mode == "semantic" else text
        return Question(
            text,
            mode,
            query_kind(text),
            curve,
            floor,
            _least_evidence(curve, floor),
            bound,
            None if mode == "lexical" else snapshot.encoder.encode_query(text),
            words,
            0.0 if words is None else snapshot.lexical.ceiling(words),
        )

    def similar_question(self, row: int, passage: str, bound: int) -> Question:
        """Prepare the question for articles like the one at `row`; nothing is below its floor."""
        lexical = self._snapshot.lexical
        curve = self._snapshot.manifest.calibration.curves["hybrid"]["article"]
        embedding = self._snapshot.vectors.embedding(row)
        ceiling = lexical.ceiling(passage)
        return Question(
            passage, "hybrid", "article", curve, 0.0, -np.inf, bound, embedding, passage, ceiling
        )

    def match_set(
        self,
        question: Question,
        prefer: Prefer,
        selection: Selection | None = None,
        fusion: Fusion | None = None,
    ) -> MatchSet:
        """Give the match set, of the articles that pass the selection if one is given.

        The order does not depend on a selection when `fusion` is that of the whole set.
        """
        representatives = self._snapshot.versions.representatives(prefer)
        passes = None
        if selection is not None:
            mask = self._snapshot.columns.mask(selection)
            # what holds of the article that stands for a work holds of all its versions
            passes = None if mask is None else mask[representatives]
        legs = self._ask(question, passes)
        found = self._evident(question, legs, passes, fusion)
        whole = self._one_of_each_work(found, representatives)
        if len(whole) <= question.bound:
            return whole
        is_unnamed = whole.marks == MATCH
        best_first = np.lexsort((self._id_places(whole.rows), -whole.evidence, is_unnamed))
        return replace(whole.take(np.sort(best_first[: question.bound])), is_cut=True)

    def _id_places(self, rows: Rows) -> npt.NDArray[np.int32]:
        return self._snapshot.columns.id_places[rows]

    def _ask(self, question: Question, passes: Mask | None) -> Legs:
        """Let the embeddings propose all that could be members, and the words their best."""
        if question.words is None:
            semantic, is_cut = self._semantic(question, passes)
            return Legs(semantic, None, is_cut)
        if question.embedding is None:
            if passes is not None:
                # a version counts for its work, whether it passes itself or not: no filter of the
                # lexical index's own says which do
                n_articles = self._snapshot.lexical.n_articles
                return Legs(None, self._lexical_of(question.words, n_articles), False)
            words = self._lexical_of(question.words, FIRST_WORDS)
            return Legs(None, *self._deepened(question, words))
        scan = self._start(question, passes)
        words = self._lexical_of(question.words, FIRST_WORDS)
        semantic, is_cut = scan.result()
        # words beyond these are no evidence: any depth that changed with what is asked would
        # make another match set of it
        return Legs(semantic, words, is_cut)

    def _start(self, question: Question, passes: Mask | None) -> Future[tuple[Ranked, bool]]:
        """Start the scan of the embeddings beside this thread, and see it under way.

        tantivy keeps Python's lock while it searches and FAISS does not: only in this order
        do the two legs run at once.
        """
        is_started = threading.Event()

        def scan() -> tuple[Ranked, bool]:
            is_started.set()
            return self._semantic(question, passes)

        future = self._pool.submit(scan)
        is_started.wait()
        return future

    def _semantic(self, question: Question, passes: Mask | None) -> tuple[Ranked, bool]:
        assert question.embedding is not None
        vectors, k = self._snapshot.vectors, min(FIRST_LOOK, question.depth)
        while True:
            ranked = vectors.propose(question.embedding, k, passes)
            if len(ranked.rows) < k or ranked.scores[-1] < question.least - vectors.code_error:
                return ranked, False
            if k >= question.depth:
                return ranked, self._n_passing(passes) > k
            k = min(4 * k, question.depth)

    def _deepened(self, question: Question, ranked: Ranked) -> tuple[Ranked, bool]:
        """Ask the lexical leg on until its last share of the ceiling is below the floor's."""
        assert question.words is not None
        k = FIRST_WORDS
        needed = max(question.least, 0.0) * question.ceiling
        while len(ranked.rows) >= k and ranked.scores[-1] >= needed:
            if k >= question.depth:
                return ranked, k < self._snapshot.lexical.n_articles
            k = min(4 * k, question.depth)
            ranked = self._lexical_of(question.words, k)
        return ranked, False

    def _lexical_of(self, words: str, k: int) -> Ranked:
        return self._snapshot.lexical.search(words, k)

    def _evident(
        self, question: Question, legs: Legs, passes: Mask | None, fusion: Fusion | None
    ) -> MatchSet:
        """Weigh all candidates and keep those that reach the floor, or are named."""
        # what passes a filter may be anywhere among the articles that hold a phrase
        depth = question.depth if passes is None else self._snapshot.lexical.n_articles
        named = _Named(tuple(self._names(question.text, depth)))
        candidates = union_rows(
            *(leg.rows for leg in (legs.semantic, legs.lexical) if leg is not None)
        )
        rows = union_rows(self._possible(question, legs, candidates), named.rows)
        if passes is not None:
            rows = rows[passes[rows]]
        tops = _tops(legs)
        # one look at the embeddings for both: it costs as much for a few rows as for many
        known = union_rows(rows, tops)
        cosines = self._cosines(question, legs, known)
        semantic = None if cosines is None else cosines[is_in(known, rows)]
        lexical = None if legs.lexical is None else align_scores(rows, *legs.lexical)
        if fusion is None:
            of_tops = None if cosines is None else cosines[is_in(known, tops)]
            fusion = _fusion(question, legs, tops, of_tops)
        weighed = self._weighed(question, rows, semantic, lexical)
        marks = named.marks_of(rows)
        match = question.curve.probability(weighed).round(_MATCH_DIGITS)
        marks[match >= question.floor] |= MATCH
        match[marks >= IDENTIFIER] = 1.0
        fused = fusion.fuse(semantic, lexical) + _FOUND_BY_NAME * (marks >= IDENTIFIER)
        everything = MatchSet(
            rows, rows, semantic, lexical, weighed, match, fused, marks, fusion, legs,
            self._n_passing(passes), legs.is_cut,
        )  # fmt: skip
        return everything.take(marks > 0)

    def _n_passing(self, passes: Mask | None) -> int:
        return self._snapshot.vectors.n_articles if passes is None else int(passes.sum())

    def _weighed(
        self, question: Question, rows: Rows, semantic: Values | None, lexical: Values | None
    ) -> Values:
        shares = None if lexical is None else question.shares(lexical)
        is_title_alone = ~self._snapshot.columns.has_abstract[rows]
        return evidence(question.mode, semantic, shares, is_title_alone).round(_COSINE_DIGITS)

    def _possible(self, question: Question, legs: Legs, candidates: Rows) -> Rows:
        """Leave out what could not reach the floor, before its cosine is computed."""
        if legs.semantic is None or not len(legs.semantic.rows):
            return candidates
        # where the embeddings did not propose an article, the last they did is an upper bound
        highest = np.full(len(candidates), float(legs.semantic.scores[-1]))
        highest[np.searchsorted(candidates, legs.semantic.rows)] = legs.semantic.scores
        if legs.lexical is not None:
            shares = question.shares(align_scores(candidates, *legs.lexical))
            highest += LEXICAL_SHARE * np.minimum(shares, 1.0)
        return candidates[highest >= question.least - self._snapshot.vectors.code_error]

    def _cosines(self, question: Question, legs: Legs, rows: Rows) -> Values | None:
        """Give every row its true cosine, also where only the words found it."""
        if legs.semantic is None or question.embedding is None:
            return None
        exact = legs.semantic.rows[:REFINED]
        cosines = align_scores(rows, exact, legs.semantic.scores[:REFINED])
        is_unscored = ~is_in(rows, np.sort(exact))
        cosines[is_unscored] = self._snapshot.vectors.cosines(question.embedding, rows[is_unscored])
        return np.asarray(cosines.round(_COSINE_DIGITS))

    def _names(self, text: str, depth: int) -> Iterator[tuple[int, Rows]]:
        """Find what the question names: a quoted phrase, an identifier, a whole title."""
        for phrase in _QUOTED.findall(text):
            yield PHRASE, self._snapshot.lexical.phrase_rows(phrase, "text", depth)
        plain = text.strip()
        if len(plain.split()) == 1 and (row := self._snapshot.store.find(plain)) is not None:
            yield IDENTIFIER, np.array([row], dtype=np.int64)
        if len(plain.split()) <= _TITLE_WORDS:
            yield TITLE, self._titled(plain)

    def _titled(self, title: str) -> Rows:
        """Give the rows of a title, letter case and punctuation apart."""
        k, wanted = TITLES_READ, _title_words(title)
        while True:
            rows = self._snapshot.lexical.phrase_rows(title, "title", k)
            stored = self._snapshot.store.articles([int(row) for row in rows])
            is_equal = [_title_words(one.article.title or "") == wanted for one in stored]
            # the shortest titles come first; there are hundreds of the title "Editorial"
            if len(rows) < k or not any(is_equal[k // 2 :]):
                return rows[np.array(is_equal, dtype=np.bool_)]
            k *= 4

    def _one_of_each_work(
        self, match_set: MatchSet, representatives: npt.NDArray[np.int32]
    ) -> MatchSet:
        """Let one row stand for all versions of a work, with the scores of the best of them."""
        works = representatives[match_set.rows].astype(np.int64)
        named = match_set.marks >= IDENTIFIER
        best_first = np.lexsort((self._id_places(match_set.rows), -match_set.evidence, ~named))
        rows, first = np.unique(works[best_first], return_index=True)
        chosen = match_set.take(best_first[first])
        marks = np.zeros(len(rows), dtype=np.uint8)
        np.bitwise_or.at(marks, np.searchsorted(rows, works), match_set.marks)
        return replace(chosen, rows=rows, marks=marks)


class _Named(NamedTuple):
    """Rows by the way in which the question names them."""

    found: tuple[tuple[int, Rows], ...]

    @property
    def rows(self) -> Rows:
        return union_rows(*(rows for _, rows in self.found)) if self.found else _NO_ROWS

    def marks_of(self, rows: Rows) -> Marks:
        marks = np.zeros(len(rows), dtype=np.uint8)
        for mark, named in self.found:
            marks[is_in(rows, np.sort(named))] |= mark
        return marks


_NO_ROWS = np.empty(0, dtype=np.int64)


def _least_evidence(curve: Curve, floor: float) -> float:
    """Give an evidence below which no probability is rounded to the floor."""
    return curve.evidence(floor - 10.0**-_MATCH_DIGITS) - 10.0**-_COSINE_DIGITS


def _title_words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _tops(legs: Legs) -> Rows:
    """Give the best rows of each leg, which its scale is measured over, members or not."""
    return union_rows(
        *(leg.rows[:SCALED_BY] for leg in (legs.semantic, legs.lexical) if leg is not None)
    )


def _fusion(question: Question, legs: Legs, tops: Rows, semantic: Values | None) -> Fusion:
    """Measure the scale of each leg over the best rows of both."""
    if legs.lexical is None:
        return Fusion.of(semantic, None)
    best = float(legs.lexical.scores[0]) if len(legs.lexical.scores) else 0.0
    top = Ranked(legs.lexical.rows[:SCALED_BY], legs.lexical.scores[:SCALED_BY])
    return Fusion.of(semantic, align_scores(tops, *top), lexical_say(best, question.ceiling))
