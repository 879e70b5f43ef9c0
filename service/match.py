"""The match set: which articles answer a question, and what both legs say of them.

An article is in the set when its calibrated probability reaches the floor, or when the question
names it: by an identifier, its title or an author. Where the question quotes phrases, it must
have them all. That depends on the question and the article alone, so filters, facets, totals and
pages can all be taken from one set and agree.

The words score every article; the embeddings propose as many as it takes until no other can
reach the floor. Versions of one work count as one article: the one that is preferred, with the
scores of the one that matches best.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.calibration import Curve, Mode, QueryKind, evidence, query_kind
from index.columns import Mask, Selection
from index.snapshot import Snapshot
from index.vectors import REFINED, Embedding, Ranked
from index.versions import Prefer
from service.deadline import NO_DEADLINE, Deadline
from service.naming import IDENTIFIER, MATCH, Marks, Named, Namer
from service.ranking import (
    HUBNESS_TAKEN,
    Fusion,
    Rows,
    align_scores,
    is_in,
    lexical_say,
    union_rows,
)
from service.ranking import Scores as Values
from service.second_look import LOOKED_AT, SecondLook, look_again
from service.steps import encoding, step
from service.words import Words, words_of

SCALED_BY = 1_000
"""How many of each leg's best articles the legs' scores are put on one scale by."""
FIRST_LOOK = 10_240
"""How many articles the embeddings propose at first; four times as many until it is enough. That is
what the default bound asks for: one scan is enough then."""
MOST_BY_WORDS = 4_096
"""The embeddings propose more where more articles than that could match by their words too."""

_FOUND_BY_NAME = 20.0
# beside sums of z-scores: what a question names stands before all that it resembles
_COSINE_DIGITS = 6
# sums of products differ in their last bits with the place of a row among others; without
# rounding, two articles of the same text could score differently
_MATCH_DIGITS = 6
# of a probability as it is shown, so that a hit's own is one that it reaches


@dataclass(frozen=True, slots=True)
class Question:
    """A question and all that no filter changes of it; a leg without its part does not run.

    `respelled` is the text with typing errors mended, where there are any: what the legs are
    asked. `nearest` is what the embeddings propose first, of all articles. `named` is what its text
    names. An article must have a probability of `floor`; with
    less evidence than `least` none has. No more than `bound` articles answer. `looked_at` is how
    many the embeddings propose at first. Work for it stops at its `deadline`.
    """

    respelled: str | None
    mode: Mode
    kind: QueryKind
    curve: Curve
    floor: float
    least: float
    bound: int
    embedding: Embedding | None
    nearest: Ranked | None
    words: Words | None
    named: Named
    looked_at: int
    deadline: Deadline = NO_DEADLINE

    @property
    def depth(self) -> int:
        """How many articles a leg proposes at most: one more tells that the bound is reached."""
        return max(self.looked_at, self.bound + 1)


@dataclass(frozen=True, slots=True)
class MatchSet:
    """The articles that answer a question: rows ascending, and what is known of each.

    A row stands for its work; `best` is the row of the version that the scores are of.
    `nearness` is the cosine less what hubness takes off. `marks` are the reasons of its
    membership. `n_scanned` articles were compared; `is_cut` tells that the bound left some
    out. `proposed` is what the embeddings did, best first. `fused` is what the order is made
    of, `look` what of it came from the second look.
    """

    rows: Rows
    best: Rows
    semantic: Values | None
    nearness: Values | None
    lexical: Values | None
    evidence: Values
    match: Values
    fused: Values
    marks: Marks
    fusion: Fusion
    look: SecondLook | None
    proposed: Ranked | None
    n_scanned: int
    is_cut: bool

    def __len__(self) -> int:
        """Count the articles."""
        return len(self.rows)

    def take(self, places: Rows | Mask) -> "MatchSet":
        """Give the set of some of its places."""
        return replace(
            self,
            rows=self.rows[places],
            best=self.best[places],
            semantic=None if self.semantic is None else self.semantic[places],
            nearness=None if self.nearness is None else self.nearness[places],
            lexical=None if self.lexical is None else self.lexical[places],
            evidence=self.evidence[places],
            match=self.match[places],
            fused=self.fused[places],
            marks=self.marks[places],
        )


@dataclass(frozen=True, slots=True)
class Candidates:
    """The rows, ascending, that could answer a question, and what else `MatchSet` says of them."""

    rows: Rows
    proposed: Ranked | None
    n_scanned: int
    is_cut: bool


class Matcher:
    """Finds match sets in one snapshot; safe for many threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._namer = Namer(snapshot)
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="cognate-encode")

    def close(self) -> None:
        """End the threads; no call may follow."""
        self._pool.shutdown()

    def question(
        self,
        text: str,
        mode: Mode,
        min_match: float | None,
        bound: int,
        *,
        deadline: Deadline = NO_DEADLINE,
    ) -> Question:
        """Prepare a question; `min_match` None takes the floor of its calibration."""
        snapshot = self._snapshot
        curve = snapshot.manifest.calibration.curve(mode, text)
        floor = curve.floor if min_match is None else min_match
        with step("names"):
            respelled = self._namer.respelled(text)
        asked = respelled or text
        # encoder and scan compute without Python's lock: beside them the words cost no time
        looking = None if mode == "lexical" else self._pool.submit(self._look, asked, deadline)
        words = None
        if mode != "semantic":
            with step("words"):
                words = words_of(asked, mode, snapshot.lexical)
        with step("names"):
            named = self._namer.named(text, respelled, snapshot.lexical.n_articles)
        embedding, nearest = (None, None) if looking is None else looking.result()
        if words is not None and nearest is not None:
            words.expect(nearest.rows)
        return Question(
            respelled,
            mode,
            query_kind(text),
            curve,
            floor,
            _least_evidence(curve, floor),
            bound,
            embedding,
            nearest,
            words,
            named,
            FIRST_LOOK,
            deadline,
        )

    def _look(self, asked: str, deadline: Deadline) -> tuple[Embedding, Ranked]:
        deadline.check()
        with encoding(1):
            embedding = self._snapshot.encoder.encode_query(asked)
        deadline.check()
        with step("scan"):
            return embedding, self._snapshot.vectors.propose(embedding, FIRST_LOOK)

    def example_question(
        self,
        text: str,
        embedding: Embedding,
        min_match: float | None,
        bound: int,
        looked_at: int | None = None,
    ) -> Question:
        """Prepare the question for articles like a text, which names nothing and has no slips.

        Who wants the best alone has fewer `looked_at` than a match set needs.
        """
        curve = self._snapshot.manifest.calibration.curve("hybrid", text)
        floor = curve.floor if min_match is None else min_match
        words = words_of(text, "hybrid", self._snapshot.lexical)
        least = _least_evidence(curve, floor)
        kind = query_kind(text)
        return Question(
            None, "hybrid", kind, curve, floor, least, bound, embedding, None, words, Named(),
            looked_at or FIRST_LOOK,
        )  # fmt: skip

    def match_set(
        self,
        question: Question,
        prefer: Prefer,
        selection: Selection | None = None,
        whole: MatchSet | None = None,
    ) -> MatchSet:
        """Give the match set, of the articles that pass the selection if one is given.

        The order does not depend on a selection where the `whole` set is given, without it.
        """
        representatives = self._snapshot.versions.representatives(prefer)
        passes = None
        if selection is not None:
            mask = self._snapshot.columns.mask(selection)
            # what holds of the article that stands for a work holds of all its versions
            passes = None if mask is None else mask[representatives]
        if question.named.phrase_rows is not None:
            has_phrases = np.zeros(len(representatives), dtype=np.bool_)
            has_phrases[question.named.phrase_rows] = True
            passes = has_phrases if passes is None else passes & has_phrases
        candidates = self.candidates(question, passes)
        found = self.weigh(question, candidates, whole.fusion if whole else None)
        found = self.one_of_each_work(found.take(found.marks > 0), representatives)
        # before the bound, which is no reason to order what is within it in another way
        question.deadline.check()
        look = whole.look if whole else self._second_look(question, found)
        found = self.bounded(found, question.bound)
        if look is None:
            return found
        return replace(found, fused=look.ordered(found.rows, found.fused), look=look)

    def bounded(self, found: MatchSet, bound: int) -> MatchSet:
        """Keep the `bound` articles of most evidence, after those that are named."""
        if len(found) <= bound:
            return found
        is_unnamed = found.marks == MATCH
        best_first = np.lexsort((self._id_places(found.rows), -found.evidence, is_unnamed))
        return replace(found.take(np.sort(best_first[:bound])), is_cut=True)

    def _id_places(self, rows: Rows) -> npt.NDArray[np.int32]:
        return self._snapshot.columns.id_places[rows]

    def _proposed(self, question: Question, passes: Mask | None) -> tuple[Ranked | None, bool]:
        """Let the embeddings propose all that could be members, and tell if the bound cut it.

        More are asked for until no other could reach the floor by its cosine alone, and not
        more by their words too than are worth a look; `short` is how far the last is from it.
        """
        if question.embedding is None:
            return None, False
        vectors, k = self._snapshot.vectors, question.looked_at
        while True:
            question.deadline.check()
            ranked = question.nearest if passes is None and k == question.looked_at else None
            if ranked is None:
                with step("scan"):
                    ranked = vectors.propose(question.embedding, k, passes)
            if len(ranked.rows) < k:
                return ranked, False
            short = question.least - vectors.code_error - float(ranked.scores[-1])
            n_by_words = 0
            if short > 0 and question.words is not None:
                n_by_words = len(question.words.reaching(short))
            if short > 0 and n_by_words <= MOST_BY_WORDS:
                return ranked, False
            if k >= question.depth:
                is_whole = short > 0 and n_by_words <= k
                return ranked, self._n_passing(passes) > k and not is_whole
            k = min(4 * k, question.depth)

    def candidates(self, question: Question, passes: Mask | None) -> Candidates:
        """Give all that could reach the floor, or is named, of what passes."""
        proposed, is_cut = self._proposed(question, passes)
        rows = union_rows(self._possible(question, proposed), question.named.rows)
        if passes is not None:
            rows = rows[passes[rows]]
        return Candidates(rows, proposed, self._n_passing(passes), is_cut)

    def weigh(
        self, question: Question, candidates: Candidates, fusion: Fusion | None = None
    ) -> MatchSet:
        """Say what both legs do of all candidates; what has no mark does not answer.

        The legs are put on the scales of `fusion`, by default those of the question's own best.
        """
        rows, proposed, named = candidates.rows, candidates.proposed, question.named
        tops = self._tops(question, proposed)
        # one look at the embeddings for both: it costs as much for a few rows as for many
        known = union_rows(rows, tops)
        cosines = self._cosines(question, proposed, known)
        semantic = None if cosines is None else cosines[is_in(known, rows)]
        lexical = None if question.words is None else question.words.scores(rows).astype(np.float64)
        if fusion is None:
            of_tops = None if cosines is None else cosines[is_in(known, tops)]
            fusion = self._fusion(question, tops, of_tops)
        weighed = self._weighed(question, rows, semantic)
        marks = named.marks_of(rows)
        match = question.curve.probability(weighed).round(_MATCH_DIGITS)
        marks[match >= question.floor] |= MATCH
        match[marks >= IDENTIFIER] = 1.0
        nearness = None if semantic is None else semantic - HUBNESS_TAKEN * self._hubness(rows)
        fused = fusion.fuse(nearness, lexical) + _FOUND_BY_NAME * (marks >= IDENTIFIER)
        return MatchSet(
            rows, rows, semantic, nearness, lexical, weighed, match, fused, marks, fusion, None,
            proposed, candidates.n_scanned, candidates.is_cut,
        )  # fmt: skip

    def _n_passing(self, passes: Mask | None) -> int:
        return self._snapshot.vectors.n_articles if passes is None else int(passes.sum())

    def _hubness(self, rows: Rows) -> Values:
        return self._snapshot.hubness[rows].astype(np.float64)

    def _weighed(self, question: Question, rows: Rows, semantic: Values | None) -> Values:
        words = question.words
        of_words = None if words is None else words.evidence(rows).astype(np.float64)
        is_title_alone = ~self._snapshot.columns.has_abstract[rows]
        return evidence(question.mode, semantic, of_words, is_title_alone).round(_COSINE_DIGITS)

    def _possible(self, question: Question, proposed: Ranked | None) -> Rows:
        """Give the rows that could reach the floor, before their cosines are computed."""
        words = question.words
        if proposed is None:
            assert words is not None
            return words.reaching(question.least)
        least = question.least - self._snapshot.vectors.code_error
        if words is None:
            return np.sort(proposed.rows[proposed.scores >= least])
        by_row = np.argsort(proposed.rows)
        rows, scores = proposed.rows[by_row], proposed.scores[by_row]
        near = rows[scores + words.evidence(rows) >= least]
        # what the embeddings did not propose is no nearer than the last they did
        last = float(proposed.scores[-1]) if len(proposed.rows) else 1.0
        return union_rows(near, words.best(question.depth, least - last))

    def _cosines(self, question: Question, proposed: Ranked | None, rows: Rows) -> Values | None:
        """Give every row its true cosine, also where only the words found it."""
        if question.embedding is None:
            return None
        if proposed is None:
            cosines = self._snapshot.vectors.cosines(question.embedding, rows).astype(np.float64)
            return np.asarray(cosines.round(_COSINE_DIGITS))
        exact = proposed.rows[:REFINED]
        cosines = align_scores(rows, exact, proposed.scores[:REFINED])
        is_unscored = ~is_in(rows, np.sort(exact))
        cosines[is_unscored] = self._snapshot.vectors.cosines(question.embedding, rows[is_unscored])
        return np.asarray(cosines.round(_COSINE_DIGITS))

    def _tops(self, question: Question, proposed: Ranked | None) -> Rows:
        """Give the best rows of each leg, which its scale is measured over, members or not."""
        semantic = () if proposed is None else (proposed.rows[:SCALED_BY],)
        words = question.words
        lexical = () if words is None else (words.top(SCALED_BY),)
        return union_rows(*semantic, *lexical)

    def _fusion(self, question: Question, tops: Rows, semantic: Values | None) -> Fusion:
        """Measure the scale of each leg over the best rows of both."""
        nearness = None if semantic is None else semantic - HUBNESS_TAKEN * self._hubness(tops)
        words = question.words
        if words is None:
            return Fusion.of(nearness, None)
        scores = words.scores(tops).astype(np.float64)
        return Fusion.of(nearness, scores, lexical_say(scores.max(initial=0.0), words.ceiling))

    def _second_look(self, question: Question, found: MatchSet) -> SecondLook | None:
        if question.embedding is None or found.semantic is None:
            return None
        is_unnamed = np.flatnonzero(found.marks < IDENTIFIER)
        in_order = np.lexsort((self._id_places(found.rows[is_unnamed]), -found.fused[is_unnamed]))
        first = found.take(is_unnamed[in_order[:LOOKED_AT]])
        with step("second_look"):
            return look_again(self._snapshot, question.embedding, first)

    def one_of_each_work(
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


def _least_evidence(curve: Curve, floor: float) -> float:
    """Give an evidence below which no probability is rounded to the floor."""
    return curve.evidence(floor - 10.0**-_MATCH_DIGITS) - 10.0**-_COSINE_DIGITS
