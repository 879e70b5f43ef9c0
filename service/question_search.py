"""Answers to questions, put together from one snapshot; and to none, by the filters alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from index.article import Article
from index.columns import Selection
from index.snapshot import Snapshot
from index.versions import Prefer
from service.answer import (
    Answer,
    Page,
    bare_hits,
    count_facets,
    count_under,
    cut_page,
    cut_part,
    filtered,
    rows_in_order,
    to_exactness,
    to_selection,
)
from service.context.search import Ranked
from service.cursor import Cursor
from service.deadline import NO_DEADLINE, Deadline, OutOfTimeError
from service.explanation import explain
from service.highlights import Highlighter
from service.match import Matcher, MatchSet, Question
from service.naming import MATCH
from service.part import Part
from service.query import Limits, Query
from service.ranking import Rows
from service.reranking import Reranking, rerank_first
from service.results import Explanation, Highlight, Hit, Results
from service.steps import step


class QuestionSearch:
    """Answers questions from one snapshot; safe for many threads."""

    def __init__(
        self, snapshot: Snapshot, matcher: Matcher, limits: Limits, reranking: Reranking
    ) -> None:
        self._snapshot = snapshot
        self._matcher = matcher
        self._limits = limits
        self._reranking = reranking
        self.highlighter = Highlighter(snapshot.lexical, snapshot.encoder)

    def answer(self, query: Query, deadline: Deadline = NO_DEADLINE) -> Results:
        """Give a page of the articles that answer."""
        answer, question = self._found(query, deadline)
        page = cut_page(
            self._snapshot,
            answer,
            query,
            lambda in_order, cursor: self._reranked(
                in_order, answer, query, _walked(cursor), deadline
            ),
        )
        return self._results(query, answer, question, page)

    def part(self, query: Query, part: Part, deadline: Deadline = NO_DEADLINE) -> Results:
        """Give the hits at some places of all that answers."""
        answer, question = self._found(query, deadline)
        # as many for every part: they are of one list
        walked = (part.start, self._reranking.n_articles)
        page = cut_part(
            self._snapshot,
            answer,
            query,
            part,
            lambda in_order, _: self._reranked(in_order, answer, query, walked, deadline),
        )
        return self._results(query, answer, question, page)

    def rows(self, query: Query, deadline: Deadline = NO_DEADLINE) -> Rows:
        """Give all rows of the answer in its order, whatever the page."""
        answer, _ = self._found(query, deadline)
        return self._in_order(answer, query, deadline)

    def ranked(self, asked: Query, deadline: Deadline = NO_DEADLINE) -> Ranked:
        """Give all that answers a question, in the order of the pages."""
        answer, question = self._found(asked, deadline)
        assert answer.matches is not None
        assert question is not None
        rows = self._in_order(answer, asked, deadline)
        match = answer.matches.match[np.searchsorted(answer.rows, rows)]
        return Ranked(rows, match, question.respelled or str(asked.question), question.embedding)

    def _results(
        self, query: Query, answer: Answer, question: Question | None, page: Page
    ) -> Results:
        return Results(
            hits=self._hits(answer, page, query, question),
            total=len(answer.rows),
            total_is_exact=_is_exact(answer.matches, question),
            answerable=answer.is_answerable,
            respelled=None if question is None else question.respelled,
            facets=count_facets(self._snapshot.columns, answer, query),
            next_cursor=page.next_cursor,
            snapshot=self._snapshot.name,
            exactness=to_exactness(self._snapshot, answer.matches, self._limits.max_matches),
            counts=count_under(self._snapshot.columns, answer, query),
            took_ms=0.0,
        )

    def _found(self, query: Query, deadline: Deadline) -> tuple[Answer, Question | None]:
        selection = to_selection(query.filters, self._snapshot.columns)
        if query.question is None:
            return self._browse(selection, query.prefer), None
        question = self._matcher.question(
            query.question,
            query.mode,
            query.min_match,
            self._limits.max_matches,
            deadline=deadline,
        )
        return self._matching(question, selection, query.prefer), question

    def _in_order(self, answer: Answer, asked: Query, deadline: Deadline) -> Rows:
        return rows_in_order(
            self._snapshot,
            answer,
            asked,
            lambda in_order, cursor: self._reranked(
                in_order, answer, asked, _walked(cursor), deadline
            ),
        )

    def _matching(self, question: Question, selection: Selection, prefer: Prefer) -> Answer:
        """Find the match set of the whole corpus once, and filter it."""
        whole = self._matcher.match_set(question, prefer)

        def passing(conditions: Selection) -> MatchSet:
            if whole.is_cut and not conditions.is_everything:
                # the bound would stand before the filter: ask of what passes alone
                return self._matcher.match_set(question, prefer, conditions, whole)
            return filtered(whole, self._snapshot.columns, conditions)

        answerable = _is_answerable(question, whole)
        return Answer.filtered(passing(selection), selection, answerable, passing)

    def _browse(self, selection: Selection, prefer: Prefer) -> Answer:
        """Give every work that passes the filters: without a question nothing is scored."""
        representatives = self._snapshot.versions.representatives(prefer)
        stands = representatives == np.arange(self._snapshot.store.n_articles)

        def passing(conditions: Selection) -> Rows:
            mask = self._snapshot.columns.mask(conditions)
            return np.flatnonzero(stands if mask is None else stands & mask)

        return Answer(passing(selection), None, selection, True, passing)

    def _reranked(
        self,
        in_order: Rows,
        answer: Answer,
        query: Query,
        walked: tuple[int, int] | None,
        deadline: Deadline,
    ) -> tuple[Rows, int]:
        """Let the snapshot's reranker, if it has one, order the first; give how many it did.

        `walked` are how many articles stand before those wanted, and how many were reranked.
        """
        reranker = self._snapshot.reranker
        if reranker is None or query.question is None or query.sort != "relevance":
            return in_order, 0
        deadline.check()
        n, budget_s = self._reranking.n_articles, self._reranking.budget_s
        if walked is not None:
            # as many as on the first page, in all the time there is; none for a page behind them
            (rank, n), budget_s = walked, deadline.left_s
            if rank >= n:
                return in_order, n
        stored = self._snapshot.store.articles([int(row) for row in answer.rows[in_order[:n]]])
        passages = [article.passage() for article in stored]
        with step("rerank"):
            logits = reranker.scores(query.question, passages, budget_s)
        if walked is not None and len(logits) < len(passages):
            raise OutOfTimeError(deadline.due - deadline.came)
        return rerank_first(in_order, logits), len(logits)

    def _hits(
        self, answer: Answer, page: Page, query: Query, question: Question | None
    ) -> tuple[Hit, ...]:
        hits = bare_hits(self._snapshot, answer, page)
        highlights = self._highlights([hit.article for hit in hits], query)
        explanations = self._explanations(answer, page, query, question)
        return tuple(
            replace(hit, highlights=highlights[number], explanation=explanations[number])
            for number, hit in enumerate(hits)
        )

    def _highlights(self, stored: Sequence[Article], query: Query) -> list[tuple[Highlight, ...]]:
        if not query.highlight or query.question is None:
            return [()] * len(stored)
        with step("highlight"):
            words = self.highlighter.question_words(query.question)
            return self.highlighter.highlights(words, stored)

    def _explanations(
        self, answer: Answer, page: Page, query: Query, question: Question | None
    ) -> list[Explanation | None]:
        if not query.explain or question is None or answer.matches is None:
            return [None] * len(page.places)
        mask = self._snapshot.columns.mask(answer.selection)
        selectivity = 1.0 if mask is None else float(mask.mean())
        return [explain(question, answer.matches, int(place), selectivity) for place in page.places]


def _is_exact(matches: MatchSet | None, question: Question | None) -> bool:
    """Tell whether the articles of an answer are all that match."""
    if matches is None or question is None:
        return True
    return not matches.is_cut and (question.words is None or question.words.is_whole)


def _is_answerable(question: Question, whole: MatchSet) -> bool:
    """Tell whether anything matches by the calibrated floor too, however low one was asked."""
    return bool(((whole.match >= question.curve.floor) | (whole.marks > MATCH)).any())


def _walked(cursor: Cursor | None) -> tuple[int, int] | None:
    return None if cursor is None else (cursor.rank, cursor.n_reranked)
