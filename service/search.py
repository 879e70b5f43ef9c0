"""The search engine: one snapshot, asked.

HTTP, pages, console and evaluation are equal readers of `SearchEngine`; none of them ranks.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from cachetools import LRUCache

from index.article import Article
from index.columns import Selection
from index.errors import QueryError, UnknownArticleError
from index.health import Health, read_health
from index.onnx import Encoder, OnnxEncoder
from index.snapshot import Snapshot
from index.versions import Prefer
from service.answer import (
    Answer,
    Page,
    bare_hits,
    count_facets,
    cut_page,
    filtered,
    read_blocks,
    read_found,
    rows_in_order,
    to_exactness,
    to_selection,
)
from service.context.query import ContextQuery
from service.context.results import Context
from service.context.search import ContextSearch, Ranked
from service.cursor import Cursor
from service.examples import SimilarQuery
from service.explanation import explain
from service.facets import without_own
from service.highlights import Highlighter
from service.match import Matcher, MatchSet, Question
from service.moments import Moments
from service.naming import MATCH
from service.query import Limits, Query, check_text
from service.ranking import Rows, order
from service.related.query import RelatedQuery
from service.related.results import RelatedResults
from service.related.search import RelatedSearch
from service.reranking import Reranking, rerank_first
from service.results import Explanation, FoundArticle, Highlight, Hit, Results
from service.similar import SimilarSearch
from service.verification.query import VerifyQuery
from service.verification.results import Verification
from service.verification.search import AnswerVerifier

Asked = Query | SimilarQuery | tuple[str, ...]
"""What can be exported: what answers a question or examples, or articles by their ids."""


class SearchEngine:
    """Answers queries from one snapshot; safe for many threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        limits: Limits | None = None,
        reranking: Reranking | None = None,
        *,
        n_cached: int = 0,
    ) -> None:
        self._snapshot = snapshot
        # of this snapshot alone: a newer one is served by another engine
        self._cache: LRUCache[str, Results] = LRUCache(n_cached)
        self._cache_lock = threading.Lock()
        self._health: Health | None = None
        self._health_lock = threading.Lock()
        self.limits = limits or Limits()
        self._reranking = reranking or Reranking()
        self._matcher = Matcher(snapshot)
        self._similar = SimilarSearch(snapshot, self._matcher, self.limits)
        self._related = RelatedSearch(snapshot, self._matcher, self.limits, self._similar.answer)
        self._verifier = AnswerVerifier(snapshot, self._matcher)
        self._moments = Moments(snapshot.store)
        self._highlighter = Highlighter(snapshot.lexical, snapshot.encoder)
        self._context = ContextSearch(snapshot, self._ranked, self._highlighter)

    @classmethod
    def open(
        cls,
        directory: Path,
        limits: Limits | None = None,
        reranking: Reranking | None = None,
        *,
        n_cached: int = 0,
        name: str | None = None,
        load_encoder: Callable[[Path], Encoder] = OnnxEncoder.load,
    ) -> "SearchEngine":
        """Open a snapshot, by default the current one, and answer one query to warm up.

        The last `n_cached` different answers are kept for those who ask the same again.
        """
        snapshot = Snapshot.open(directory, name=name, load_encoder=load_encoder)
        engine = cls(snapshot, limits, reranking, n_cached=n_cached)
        engine.search(Query(text="a first question", limit=1))
        return engine

    @property
    def snapshot_name(self) -> str:
        """The name of the snapshot that answers."""
        return self._snapshot.name

    @property
    def n_articles(self) -> int:
        """How many articles there are to find."""
        return self._snapshot.store.n_articles

    def search(self, query: Query) -> Results:
        """Give a page of the articles that answer a question, or of all where none is asked.

        The match set is found first; total, facets, order and pages are all taken from it. By
        relevance the best comes first, by recency the newest, what has no date last; equals
        are in order of `article_id`. Without a question the order is always by recency.
        """
        started = time.perf_counter()
        query.check(self.limits)
        results = self._kept(repr(query), lambda: self._answer(query))
        return replace(results, took_ms=_took_ms(started))

    def _kept(self, asked: str, answer: Callable[[], Results]) -> Results:
        """Give the answer that was kept, or answer and keep it."""
        with self._cache_lock:
            results = self._cache.get(asked)
        if results is None:
            results = answer()
            if self._cache.maxsize:
                with self._cache_lock:
                    self._cache[asked] = results
        return results

    def _answer(self, query: Query) -> Results:
        answer, question = self._found(query)
        page = cut_page(
            self._snapshot,
            answer,
            query,
            lambda in_order, cursor: self._reranked(in_order, answer, query, cursor),
        )
        return Results(
            hits=self._hits(answer, page, query, question),
            total=len(answer.rows),
            total_is_exact=_is_exact(answer.matches, question),
            answerable=answer.is_answerable,
            respelled=None if question is None else question.respelled,
            facets=count_facets(self._snapshot.columns, answer, query),
            next_cursor=page.next_cursor,
            snapshot=self.snapshot_name,
            exactness=to_exactness(self._snapshot, answer.matches, self.limits.max_matches),
            took_ms=0.0,
        )

    def _found(self, query: Query) -> tuple[Answer, Question | None]:
        selection = to_selection(query.filters, self._snapshot.columns)
        if query.question is None:
            return self._browse(selection, query.prefer), None
        question = self._matcher.question(
            query.question, query.mode, query.min_match, self.limits.max_matches
        )
        return self._matching(question, selection, query.prefer), question

    def export(
        self, asked: Asked, most: int | None = None, *, versions: bool = False
    ) -> Iterator[FoundArticle]:
        """Give all articles that answer, in the order of the pages, or those of these ids.

        At most so many works, each as the version that stands for it, or followed by its other
        `versions`. What answers is found when this is called, and any error is raised then; the
        articles are read as they are taken, a block at a time.
        """
        rows = self._selected(asked) if isinstance(asked, tuple) else self._rows(asked)
        return read_blocks(self._snapshot, rows[:most], versions=versions)

    def latest(self, asked: Query | SimilarQuery, most: int) -> list[FoundArticle]:
        """Give the articles among all that answer which were first indexed last, newest first.

        Equals are in order of `article_id`; what an old index did not date comes last.
        """
        rows = self._rows(asked)
        in_order = order(self._moments.ranks()[rows], self._snapshot.columns.id_places[rows])
        return read_found(self._snapshot, [int(row) for row in rows[in_order[:most]]])

    def _ranked(self, asked: Query) -> Ranked:
        """Give all that answers a question, in the order of the pages."""
        answer, question = self._found(asked)
        assert answer.matches is not None
        assert question is not None
        rows = self._in_order(answer, asked)
        match = answer.matches.match[np.searchsorted(answer.rows, rows)]
        return Ranked(rows, match, question.respelled or str(asked.question), question.embedding)

    def _rows(self, asked: Query | SimilarQuery) -> Rows:
        asked.check(self.limits)
        if isinstance(asked, SimilarQuery):
            return self._similar.rows(asked)
        answer, _ = self._found(asked)
        return self._in_order(answer, asked)

    def _in_order(self, answer: Answer, asked: Query) -> Rows:
        return rows_in_order(
            self._snapshot,
            answer,
            asked,
            lambda in_order, cursor: self._reranked(in_order, answer, asked, cursor),
        )

    def _selected(self, ids: Sequence[str]) -> Rows:
        """Give the rows of ids in their order, each once."""
        if len(ids) > self.limits.max_matches:
            raise QueryError("ids", f"{len(ids)} ids; the most is {self.limits.max_matches}")
        rows = dict.fromkeys(self._row(article_id, "ids") for article_id in ids)
        return np.array(list(rows), dtype=np.int64)

    def similar(self, query: SimilarQuery) -> Results:
        """Give a page of the articles that are like examples, and unlike others.

        The examples and all versions of them are left out. Total, facets, order and pages are
        taken from one match set, as in `search`; each hit tells which example it is there for.
        """
        started = time.perf_counter()
        query.check(self.limits)
        results = self._kept(repr(query), lambda: self._similar.answer(query))
        return replace(results, took_ms=_took_ms(started))

    def related(self, query: RelatedQuery) -> RelatedResults:
        """Give what the sentences of a draft could cite, and its bibliography checked.

        QueryError where the bibliography cannot be read, or more is asked for than `limits` allow.
        """
        started = time.perf_counter()
        query.check(self.limits)
        return replace(self._related.answer(query), took_ms=_took_ms(started))

    def context(self, query: ContextQuery) -> Context:
        """Give the excerpts that a language model needs to answer, as many as there is room for.

        They are of the articles that `search` finds, in its order: none where nothing matches.
        """
        started = time.perf_counter()
        query.check(self.limits)
        return replace(self._context.answer(query), took_ms=_took_ms(started))

    def verify(self, query: VerifyQuery) -> Verification:
        """Check what a model's answer cites, quotes and claims against the articles.

        QueryError where the bundle is none, or the answer holds more than is checked at once.
        """
        started = time.perf_counter()
        query.check(self.limits)
        return replace(self._verifier.verify(query), took_ms=_took_ms(started))

    def article(self, article_id: str) -> FoundArticle:
        """Give the article that any form of an id names; UnknownArticleError where none has it."""
        row = self._row(article_id)
        return read_found(self._snapshot, [row])[0]

    def articles(self, article_ids: Sequence[str]) -> list[FoundArticle | None]:
        """Give articles in the order of their ids, None where an id is unknown."""
        if len(article_ids) > self.limits.max_batch_ids:
            reason = f"{len(article_ids)} ids; the most is {self.limits.max_batch_ids}"
            raise QueryError("ids", reason)
        rows = [self._find("ids", article_id) for article_id in article_ids]
        known = list(dict.fromkeys(row for row in rows if row is not None))
        found = dict(zip(known, read_found(self._snapshot, known), strict=True))
        return [None if row is None else found[row] for row in rows]

    def health(self) -> Health:
        """Tell what the articles lack; all are read when this is first asked, and it is kept."""
        with self._health_lock:
            if self._health is None:
                self._health = read_health(self._snapshot.store.path.parent)
            return self._health

    def close(self) -> None:
        """Close the snapshot; no call may follow."""
        self._related.close()
        self._verifier.close()
        self._matcher.close()
        self._snapshot.close()

    def _find(self, field: str, article_id: str) -> int | None:
        check_text(field, article_id)
        return self._snapshot.store.find(article_id)

    def _row(self, article_id: str, field: str = "id") -> int:
        row = self._find(field, article_id)
        if row is None:
            raise UnknownArticleError(article_id, field)
        return row

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
        stands = representatives == np.arange(self.n_articles)

        def passing(conditions: Selection) -> Rows:
            mask = self._snapshot.columns.mask(conditions)
            return np.flatnonzero(stands if mask is None else stands & mask)

        rows = passing(selection)
        return Answer(
            rows, None, selection, True, lambda field: passing(without_own(selection, field))
        )

    def _reranked(
        self, in_order: Rows, answer: Answer, query: Query, cursor: Cursor | None
    ) -> tuple[Rows, int]:
        """Let the snapshot's reranker, if it has one, order the first; give how many it did."""
        reranker = self._snapshot.reranker
        if reranker is None or query.question is None or query.sort != "relevance":
            return in_order, 0
        n, budget_s = self._reranking.n_articles, self._reranking.budget_s
        if cursor is not None:
            # as many as on the first page, whatever it takes; none for a page behind them
            n, budget_s = cursor.n_reranked, math.inf
            if cursor.rank >= n:
                return in_order, n
        stored = self._snapshot.store.articles([int(row) for row in answer.rows[in_order[:n]]])
        passages = [article.passage() for article in stored]
        logits = reranker.scores(query.question, passages, budget_s)
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
        words = self._highlighter.question_words(query.question)
        return self._highlighter.highlights(words, stored)

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


def _took_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
