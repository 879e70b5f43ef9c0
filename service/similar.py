"""Papers like these, not like those: an answer to examples, put together.

What is like them is found by `service.likeness`; here the set is filtered, spread, cut into pages
and each hit is given its reasons.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from index.article import Article
from index.columns import Selection
from index.snapshot import Snapshot
from service.answer import (
    Answer,
    Page,
    bare_hits,
    count_facets,
    count_under,
    cut_page,
    cut_part,
    rows_in_order,
    to_exactness,
    to_selection,
)
from service.cursor import Cursor
from service.deadline import NO_DEADLINE, Deadline
from service.diversity import SPREAD, spread_first
from service.example_reader import ExampleReader, FoundExample
from service.examples import SimilarQuery
from service.likeness import Likeness, LikenessMatcher, Likes
from service.match import Matcher, MatchSet
from service.part import Part
from service.query import Limits
from service.ranking import Rows, is_in
from service.reasons import Reasoner, example_pieces
from service.results import Hit, Results, Scores, ShownExample

_Sides = tuple[tuple[FoundExample, ...], tuple[FoundExample, ...]]
"""The positive examples and the negative ones."""


class SimilarSearch:
    """Answers queries by example from one snapshot; safe for many threads."""

    def __init__(self, snapshot: Snapshot, matcher: Matcher, limits: Limits) -> None:
        self._snapshot = snapshot
        self._limits = limits
        self._reader = ExampleReader(snapshot, limits)
        self._likeness = LikenessMatcher(snapshot, matcher)

    def answer(self, query: SimilarQuery, deadline: Deadline = NO_DEADLINE) -> Results:
        """Give a page of the articles that are like the positive examples."""
        sides = self._read(query, deadline)
        likes, answer, liked = self._found(sides, query, deadline)
        deadline.check()
        page = cut_page(
            self._snapshot,
            answer,
            query,
            lambda in_order, cursor: self._spread(in_order, answer, query, cursor),
        )
        hits = bare_hits(self._snapshot, answer, page)
        reasoned = self._reasoned(likes, liked, page.places, hits)
        return self._results(query, likes, answer, page, reasoned)

    def part(self, query: SimilarQuery, part: Part, deadline: Deadline = NO_DEADLINE) -> Results:
        """Give the hits at some places of the answer; they do not tell why they are there."""
        likes, answer, _ = self._found(self._read(query, deadline), query, deadline)
        page = cut_part(
            self._snapshot,
            answer,
            query,
            part,
            lambda in_order, cursor: self._spread(in_order, answer, query, cursor),
        )
        hits = [_scored(hit, likes) for hit in bare_hits(self._snapshot, answer, page)]
        return self._results(query, likes, answer, page, hits)

    def _results(
        self, query: SimilarQuery, likes: Likes, answer: Answer, page: Page, hits: Sequence[Hit]
    ) -> Results:
        assert answer.matches is not None
        return Results(
            hits=tuple(hits),
            total=len(answer.rows),
            total_is_exact=not answer.matches.is_cut and _is_whole(likes),
            answerable=answer.is_answerable,
            respelled=None,
            facets=count_facets(self._snapshot.columns, answer, query),
            next_cursor=page.next_cursor,
            snapshot=self._snapshot.name,
            exactness=to_exactness(self._snapshot, answer.matches, self._limits.max_matches),
            counts=count_under(self._snapshot.columns, answer, query),
            took_ms=0.0,
            positive=tuple(map(_shown, likes.positive)),
            negative=tuple(map(_shown, likes.negative)),
        )

    def rows(self, query: SimilarQuery, deadline: Deadline = NO_DEADLINE) -> Rows:
        """Give all rows of the answer in its order, whatever the page."""
        _, answer, _ = self._found(self._read(query, deadline), query, deadline)
        return rows_in_order(
            self._snapshot,
            answer,
            query,
            lambda in_order, cursor: self._spread(in_order, answer, query, cursor),
        )

    def _read(self, query: SimilarQuery, deadline: Deadline) -> _Sides:
        return (
            self._reader.read(query, "positive", deadline),
            self._reader.read(query, "negative", deadline),
        )

    def _found(
        self, sides: _Sides, query: SimilarQuery, deadline: Deadline
    ) -> tuple[Likes, Answer, Likeness]:
        """Give what the examples ask for, the answer, and why each of its rows is in it."""
        likes = self._likeness.likes(
            sides,
            example_pieces(self._snapshot, sides[0], deadline),
            query.min_match,
            self._limits.max_matches,
            deadline=deadline,
        )
        whole = self._likeness.like(likes, query.prefer)
        answer, liked = self._filtered(likes, whole, query)
        return likes, answer, liked

    def _filtered(
        self, likes: Likes, whole: Likeness, query: SimilarQuery
    ) -> tuple[Answer, Likeness]:
        columns = self._snapshot.columns

        def liked(conditions: Selection) -> Likeness:
            if whole.matches.is_cut and not conditions.is_everything:
                # the bound would stand before the filter: ask of what passes alone
                return self._likeness.like(likes, query.prefer, conditions, whole)
            mask = columns.mask(conditions)
            return whole if mask is None else whole.take(mask[whole.matches.rows])

        def passing(conditions: Selection) -> MatchSet:
            return liked(conditions).matches

        selection = to_selection(query.filters, columns)
        found = liked(selection)
        answerable = _is_answerable(likes, whole)
        return Answer.filtered(found.matches, selection, answerable, passing), found

    def _spread(
        self, in_order: Rows, answer: Answer, query: SimilarQuery, cursor: Cursor | None
    ) -> tuple[Rows, int]:
        """Spread the first articles as far as is asked; give how many they are."""
        if query.diversity == 0 or answer.matches is None:
            return in_order, 0
        first = in_order[:SPREAD]
        if cursor is not None and cursor.rank >= len(first):
            return in_order, len(first)
        embeddings = self._snapshot.vectors.embeddings(answer.matches.best[first])
        spread = spread_first(answer.matches.fused[first], embeddings, query.diversity)
        return np.concatenate((first[spread], in_order[SPREAD:])), len(first)

    def _reasoned(
        self, likes: Likes, liked: Likeness, places: Rows, hits: Sequence[Hit]
    ) -> list[Hit]:
        """Tell of each hit of a page why it is there, and with what probability."""
        pulling = Reasoner(self._snapshot, likes.positive, likes.pieces)
        pushing = self._pushing(likes, liked.pushed[places])
        best = [int(row) for row in liked.matches.best[places]]
        articles = dict(zip(best, self._snapshot.store.articles(best), strict=True))

        def reasoned(hit: Hit, place: int) -> Hit:
            row = int(liked.matches.best[place])
            article: Article = articles[row]
            because = pulling.reason(int(liked.pulled[place]), row, article)
            despite = pushing.reason(int(liked.pushed[place]), row, article)
            return replace(_scored(hit, likes), because=because, despite=despite)

        return [reasoned(hit, int(place)) for hit, place in zip(hits, places, strict=True)]

    def _pushing(self, likes: Likes, pushed: Rows) -> Reasoner:
        """Read the sentences of the negative examples only where one pushed a hit down."""
        is_needed = is_in(np.arange(len(likes.negative)), np.unique(pushed))
        pieces = [np.empty((0, 0), np.float32)] * len(likes.negative)
        needed = [one for one, is_so in zip(likes.negative, is_needed, strict=True) if is_so]
        read = example_pieces(self._snapshot, needed)
        for number, embeddings in zip(np.flatnonzero(is_needed), read, strict=True):
            pieces[number] = embeddings
        return Reasoner(self._snapshot, likes.negative, pieces)


def _scored(hit: Hit, likes: Likes) -> Hit:
    # with negative examples alone the scores are of one that is not wanted
    return hit if likes.positive else replace(hit, scores=Scores())


def _shown(example: FoundExample) -> ShownExample:
    if example.row is not None:
        return ShownExample(example.given, example.article.article_id, example.article.title)
    return ShownExample(example.given, None, example.article.title)


def _is_whole(likes: Likes) -> bool:
    """Tell whether no article is left out that the words alone could make a match."""
    return all(one.words is None or one.words.is_whole for one in likes.wanted)


def _is_answerable(likes: Likes, whole: Likeness) -> bool:
    """Tell whether anything reaches the calibrated floor too, however low one was asked."""
    if not likes.wanted:
        return len(whole.matches) > 0
    floors = np.array([one.curve.floor for one in likes.wanted])
    return bool((whole.matches.match >= floors[whole.pulled]).any())
