"""Which articles are like examples and unlike others, and in which order.

Each example is a question of its own, weighed as a search weighs one: an article is in the match
set when its probability with any of the positive examples reaches the floor, and it is no more
likely to match a negative one. That depends on the examples and the article alone. The order
mixes what the examples say softly (`soft_best`) and takes off what the nearest negative one says;
the first articles are looked at again, sentence by sentence (`service.example_look`). Why this
and no other mixture: scripts/results/similar.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from index.columns import Selection
from index.snapshot import Snapshot
from index.vectors import Embeddings
from index.versions import Prefer
from service.deadline import NO_DEADLINE, Deadline
from service.example_look import Compared, look_closer
from service.example_reader import FoundExample, left_out
from service.match import SCALED_BY, Candidates, Matcher, MatchSet, Question
from service.naming import MATCH
from service.ranking import Fusion, Rows, Scale, is_in, soft_best, union_rows
from service.ranking import Scores as Values
from service.second_look import LOOKED_AT, SecondLook

PUSH = 3.0
"""How much of a negative example's score, where it is above the mean, is taken off an article's:
of 0 to 8, what takes away most of its topic and keeps the other (scripts/results/similar.md)."""
LEFT_OUT_FROM = 0.0
"""Logits by which an article has to be likelier to match a negative example than any positive one
to be left out."""
NOBODY = -1
"""No example pulled an article in, or pushed it down."""


@dataclass(frozen=True, slots=True)
class Likes:
    """Examples, as questions to one snapshot; `pieces` are the embeddings of their sentences."""

    positive: tuple[FoundExample, ...]
    negative: tuple[FoundExample, ...]
    wanted: tuple[Question, ...]
    unwanted: tuple[Question, ...]
    pieces: tuple[Embeddings, ...]
    """Of the positive examples."""
    bound: int

    @property
    def left_out(self) -> Rows:
        """The rows of all examples and their versions."""
        return left_out(self.positive, self.negative)


@dataclass(frozen=True, slots=True)
class Likeness:
    """The match set of examples; in its `match`, what the example says that pulled each in.

    `pulled` and `pushed` are numbers of positive and of negative examples, `NOBODY` for none;
    `scales` are those of all questions, `push_scales` those of the negative examples among what the
    positive ones find; a filter changes neither.
    """

    matches: MatchSet
    pulled: Rows
    pushed: Rows
    scales: tuple[Fusion, ...]
    push_scales: tuple[Scale, ...]

    def take(self, places: Rows | npt.NDArray[np.bool_]) -> "Likeness":
        """Give the set of some of its places."""
        return replace(
            self,
            matches=self.matches.take(places),
            pulled=self.pulled[places],
            pushed=self.pushed[places],
        )


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What every question says of the same rows; arrays of shape (questions, rows)."""

    sets: tuple[MatchSet, ...]
    odds: Values
    fused: Values

    @classmethod
    def of(cls, questions: Sequence[Question], sets: Sequence[MatchSet], n_rows: int) -> "_Weighed":
        # of probabilities: those of a title and of an abstract compare, their evidence does not
        odds = [
            question.curve.intercept + question.curve.slope * one.evidence
            for question, one in zip(questions, sets, strict=True)
        ]
        shape = (len(sets), n_rows)
        fused = np.array([one.fused for one in sets]).reshape(shape)
        return cls(tuple(sets), np.array(odds).reshape(shape), fused)


class LikenessMatcher:
    """Finds the match sets of examples in one snapshot; safe for many threads."""

    def __init__(self, snapshot: Snapshot, matcher: Matcher) -> None:
        self._snapshot = snapshot
        self._matcher = matcher

    def likes(
        self,
        sides: tuple[Sequence[FoundExample], Sequence[FoundExample]],
        pieces: Sequence[Embeddings],
        min_match: float | None,
        bound: int,
        *,
        deadline: Deadline = NO_DEADLINE,
    ) -> Likes:
        """Prepare the questions that positive and negative examples are."""
        positive, negative = sides
        # the examples themselves are found first, and are no part of the bound
        deeper = bound + len(left_out(*sides))

        def question(one: FoundExample, floor: float | None) -> Question:
            asked = self._matcher.example_question(one.text, one.embedding, floor, deeper)
            return replace(asked, deadline=deadline)

        wanted = [question(one, min_match) for one in positive]
        unwanted = [question(one, None) for one in negative]
        return Likes(
            tuple(positive), tuple(negative), tuple(wanted), tuple(unwanted), tuple(pieces), bound
        )

    def like(
        self,
        likes: Likes,
        prefer: Prefer,
        selection: Selection | None = None,
        whole: Likeness | None = None,
    ) -> Likeness:
        """Give the match set, of the articles that pass the selection if one is given.

        The order does not depend on a selection where the `whole` set is given, without it.
        """
        if not likes.wanted:
            return self._unlike(likes, prefer)
        representatives = self._snapshot.versions.representatives(prefer)
        mask = None if selection is None else self._snapshot.columns.mask(selection)
        passes = None if mask is None else mask[representatives]
        found = [self._matcher.candidates(question, passes) for question in likes.wanted]
        rows = union_rows(*(one.rows for one in found))
        rows = rows[~is_in(rows, likes.left_out)]
        scales = whole.scales if whole else (None,) * len(likes.wanted + likes.unwanted)
        sets = [
            self._matcher.weigh(question, replace(one, rows=rows), scale)
            for question, one, scale in zip(likes.wanted, found, scales, strict=False)
        ]
        unwanted = [
            self._matcher.weigh(question, self._against(question, rows, scale), scale)
            for question, scale in zip(likes.unwanted, scales[len(sets) :], strict=True)
        ]
        pro = _Weighed.of(likes.wanted, sets, len(rows))
        contra = _Weighed.of(likes.unwanted, unwanted, len(rows))
        push_scales = whole.push_scales if whole else _push_scales(pro, contra)
        contra = replace(contra, fused=_scaled(contra.fused, push_scales))
        works = replace(self._works(pro, contra, representatives), push_scales=push_scales)
        look = whole.matches.look if whole else self._look(likes, works, pro, contra)
        matches = self._matcher.bounded(works.matches, likes.bound)
        if look is not None:
            matches = replace(matches, fused=look.ordered(matches.rows, matches.fused), look=look)
        return replace(works.take(is_in(works.matches.rows, matches.rows)), matches=matches)

    def _against(self, question: Question, rows: Rows, scale: Fusion | None) -> Candidates:
        """Give the rows to be weighed by a negative example, and its best to scale it by."""
        if scale is not None:
            return Candidates(rows, None, len(rows), is_cut=False)
        return replace(self._matcher.candidates(question, None), rows=rows)

    def _works(
        self, pro: _Weighed, contra: _Weighed, representatives: npt.NDArray[np.int32]
    ) -> Likeness:
        """Make one set of what all examples say: one row of each work, the unwanted left out."""
        rows = pro.sets[0].rows
        pulled = pro.odds.argmax(axis=0) if len(rows) else np.empty(0, np.int64)
        pushed, push = _pushed(contra.fused)
        together = replace(
            _picked(pro.sets, pulled),
            evidence=pro.odds.max(axis=0, initial=-np.inf),
            fused=soft_best(pro.fused) - PUSH * push,
            marks=np.bitwise_or.reduce([one.marks for one in pro.sets]),
            is_cut=any(one.is_cut for one in pro.sets),
        )
        members = together.take(together.marks > 0)
        works = self._matcher.one_of_each_work(members, representatives)
        places = np.searchsorted(rows, works.best)
        against = contra.odds.max(axis=0, initial=-np.inf)[places] - works.evidence
        is_wanted = against <= LEFT_OUT_FROM
        scales = tuple(one.fusion for one in (*pro.sets, *contra.sets))
        found = Likeness(works, pulled[places], pushed[places], scales, ())
        return found.take(is_wanted)

    def _look(
        self, likes: Likes, works: Likeness, pro: _Weighed, contra: _Weighed
    ) -> SecondLook | None:
        matches = works.matches
        in_order = np.lexsort((self._snapshot.columns.id_places[matches.rows], -matches.fused))
        first = matches.take(in_order[:LOOKED_AT])
        places = np.searchsorted(pro.sets[0].rows, first.best)
        compared = [
            Compared(example.embedding, pieces, one.take(places))
            for example, pieces, one in zip(likes.positive, likes.pieces, pro.sets, strict=True)
        ]
        against = contra.fused[:, places]
        # anew, on the scale of these alone: what is wanted lies near what is not
        _, push = _pushed(_scaled(against, [Scale.of(one, 1.0) for one in against]))
        return look_closer(self._snapshot, first, compared, PUSH * push)

    def _unlike(self, likes: Likes, prefer: Prefer) -> Likeness:
        """Give all works that match no negative example, what is least like them first.

        Every article is weighed, and no filter changes what is found: it is taken afterwards.
        """
        representatives = self._snapshot.versions.representatives(prefer)
        every = np.arange(self._snapshot.vectors.n_articles)
        rows = every[~is_in(every, likes.left_out)]
        sets = [
            self._matcher.weigh(question, self._against(question, rows, None))
            for question in likes.unwanted
        ]
        contra = _Weighed.of(likes.unwanted, sets, len(rows))
        nearest = contra.odds.argmax(axis=0) if len(rows) else np.empty(0, np.int64)
        together = replace(
            _picked(sets, nearest),
            evidence=contra.odds.max(axis=0, initial=-np.inf),
            marks=np.bitwise_or.reduce([one.marks & MATCH for one in sets]),
            is_cut=False,
        )
        works = self._matcher.one_of_each_work(together, representatives)
        pushed = nearest[np.searchsorted(rows, works.best)]
        unlikely = -works.evidence
        works = replace(works, fused=Scale.of(unlikely, 1.0).z_scores(unlikely))
        scales = tuple(one.fusion for one in sets)
        nobody = np.full(len(works), NOBODY)
        return Likeness(works, nobody, pushed, scales, ()).take(works.marks == 0)


def _picked(sets: Sequence[MatchSet], picked: Rows) -> MatchSet:
    """Give of each row what one of the sets says of it, the one of that number."""

    def pick(name: str) -> Values:
        return np.asarray(np.take_along_axis(_stacked(sets, name), picked[None, :], axis=0)[0])

    return replace(
        sets[0],
        semantic=pick("semantic"),
        nearness=pick("nearness"),
        lexical=pick("lexical"),
        match=pick("match"),
    )


def _stacked(sets: Sequence[MatchSet], name: str) -> Values:
    return np.array([getattr(one, name) for one in sets])


def _push_scales(pro: _Weighed, contra: _Weighed) -> tuple[Scale, ...]:
    """Measure each negative example over the best that the positive ones find.

    On a scale of its own best nothing of what is wanted would stand out.
    """
    together = soft_best(pro.fused)
    n_best = min(SCALED_BY, len(together))
    best = np.argsort(-together, kind="stable")[:n_best]
    return tuple(Scale.of(one[best], 1.0) for one in contra.fused)


def _scaled(fused: Values, scales: Sequence[Scale]) -> Values:
    pairs = zip(scales, fused, strict=True)
    return np.array([scale.z_scores(one) for scale, one in pairs]).reshape(fused.shape)


def _pushed(fused: Values) -> tuple[Rows, Values]:
    """Give the negative example that each row is most like, and how far above the mean it is."""
    n_examples, n_rows = fused.shape
    if not n_examples or not n_rows:
        return np.full(n_rows, NOBODY), np.zeros(n_rows)
    push = np.maximum(fused.max(axis=0), 0.0)
    return np.where(push > 0, fused.argmax(axis=0), NOBODY), push
