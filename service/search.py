"""The search engine: one snapshot, asked.

HTTP, pages, console and evaluation are equal readers of `SearchEngine`; none of them ranks.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from cachetools import LRUCache

from index.article import Article
from index.columns import Columns, Selection, day_number
from index.errors import QueryError, UnknownArticleError
from index.onnx import Encoder, OnnxEncoder
from index.snapshot import Snapshot
from index.versions import Prefer, Version, to_version
from service.cursor import Cursor, hash_query, start_after
from service.explanation import explain
from service.facets import count_facet, without_own
from service.highlights import Highlighter
from service.match import SCALED_BY, Matcher, MatchSet, Question
from service.naming import MATCH
from service.query import DEFAULT_LIMIT, FacetField, Filters, Limits, Query, check_limit, check_text
from service.ranking import Rows, order, to_unit
from service.ranking import Scores as Values
from service.reranking import Reranking, rerank_first
from service.results import (
    Exactness,
    Explanation,
    FacetValue,
    FoundArticle,
    Highlight,
    Hit,
    Results,
    Scores,
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """All that answers a query, filtered: rows ascending, and the match set, if one was asked.

    `of` gives the answer without the conditions of one field, for its facet.
    """

    rows: Rows
    matches: MatchSet | None
    selection: Selection
    is_answerable: bool
    of: Callable[[FacetField], Rows]


@dataclass(frozen=True, slots=True)
class _Page:
    """The places of one page's rows in the answer, their scores, and where the list goes on."""

    places: Rows
    scores: Values | None
    first_rank: int
    next_cursor: str | None


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
        self.limits = limits or Limits()
        self._reranking = reranking or Reranking()
        self._matcher = Matcher(snapshot)
        self._highlighter = Highlighter(snapshot.lexical, snapshot.encoder)

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
        asked = repr(query)
        with self._cache_lock:
            results = self._cache.get(asked)
        if results is None:
            results = self._answer(query)
            if self._cache.maxsize:
                with self._cache_lock:
                    self._cache[asked] = results
        return replace(results, took_ms=_took_ms(started))

    def _answer(self, query: Query) -> Results:
        selection = to_selection(query.filters, self._snapshot.columns)
        question = None
        if query.question is None:
            answer = self._browse(selection, query.prefer)
        else:
            question = self._matcher.question(
                query.question, query.mode, query.min_match, self.limits.max_matches
            )
            answer = self._matching(question, selection, query.prefer)
        page = self._page(answer, self._keys(answer, query), query)
        return Results(
            hits=self._hits(answer, page, query, question),
            total=len(answer.rows),
            total_is_exact=_is_exact(answer.matches, question),
            answerable=answer.is_answerable,
            respelled=None if question is None else question.respelled,
            facets=self._facets(answer, query),
            next_cursor=page.next_cursor,
            snapshot=self.snapshot_name,
            exactness=self._exactness(answer.matches),
            took_ms=0.0,
        )

    def similar(
        self, article_id: str, filters: Filters | None = None, limit: int = DEFAULT_LIMIT
    ) -> Results:
        """Give the articles nearest to one, without its work, by its embedding and its words."""
        started = time.perf_counter()
        check_limit(limit, self.limits)
        row = self._row(article_id)
        members = self._snapshot.versions.members(row)
        passage = self._found([row])[0].article.passage()
        question = self._matcher.similar_question(row, passage, SCALED_BY + len(members))
        selection = to_selection(filters or Filters(), self._snapshot.columns)
        matches = self._matcher.match_set(question, "published", selection)
        matches = matches.take(~np.isin(matches.best, members))
        answer = _Answer(
            matches.rows, matches, selection, bool(len(matches)), lambda _: matches.rows
        )
        keys = to_unit(matches.fused)
        best = order(matches.fused, self._snapshot.columns.id_places[matches.rows])[:limit]
        query = Query(limit=limit, highlight=False)
        return Results(
            hits=self._hits(answer, _Page(best, keys[best], 1, None), query, question),
            total=len(matches),
            total_is_exact=_is_exact(matches, question),
            answerable=bool(len(matches)),
            respelled=None,
            facets={},
            next_cursor=None,
            snapshot=self.snapshot_name,
            exactness=self._exactness(matches),
            took_ms=_took_ms(started),
        )

    def article(self, article_id: str) -> FoundArticle:
        """Give the article that any form of an id names; UnknownArticleError where none has it."""
        row = self._row(article_id)
        return self._found([row])[0]

    def articles(self, article_ids: Sequence[str]) -> list[FoundArticle | None]:
        """Give articles in the order of their ids, None where an id is unknown."""
        if len(article_ids) > self.limits.max_batch_ids:
            reason = f"{len(article_ids)} ids; the most is {self.limits.max_batch_ids}"
            raise QueryError("ids", reason)
        rows = [self._find("ids", article_id) for article_id in article_ids]
        known = list(dict.fromkeys(row for row in rows if row is not None))
        found = dict(zip(known, self._found(known), strict=True))
        return [None if row is None else found[row] for row in rows]

    def close(self) -> None:
        """Close the snapshot; no call may follow."""
        self._matcher.close()
        self._snapshot.close()

    def _find(self, field: str, article_id: str) -> int | None:
        check_text(field, article_id)
        return self._snapshot.store.find(article_id)

    def _row(self, article_id: str) -> int:
        row = self._find("id", article_id)
        if row is None:
            raise UnknownArticleError(article_id)
        return row

    def _found(self, rows: Sequence[int]) -> list[FoundArticle]:
        stored = self._snapshot.store.articles(rows)
        versions = self._versions(rows)
        return [
            FoundArticle(article, bool(self._snapshot.truncated[row]), of_one)
            for row, article, of_one in zip(rows, stored, versions, strict=True)
        ]

    def _versions(self, rows: Sequence[int]) -> list[tuple[Version, ...]]:
        """Give the other versions of each article's work, the earliest first."""
        others = [[other for other in self._snapshot.versions.members(row) if other != row]
                  for row in rows]  # fmt: skip
        wanted = list(dict.fromkeys(row for of_one in others for row in of_one))
        known = dict(zip(wanted, self._snapshot.store.articles(wanted), strict=True))
        return [
            tuple(
                sorted(
                    (to_version(known[row]) for row in of_one),
                    key=lambda version: (version.published or "~", version.article_id),
                )
            )
            for of_one in others
        ]

    def _matching(self, question: Question, selection: Selection, prefer: Prefer) -> _Answer:
        """Find the match set of the whole corpus once, and filter it."""
        whole = self._matcher.match_set(question, prefer)

        def passing(conditions: Selection) -> MatchSet:
            mask = self._snapshot.columns.mask(conditions)
            if mask is None:
                return whole
            if whole.is_cut:
                # the bound would stand before the filter: ask of what passes alone
                return self._matcher.match_set(question, prefer, conditions, whole)
            return whole.take(mask[whole.rows])

        matches = passing(selection)
        return _Answer(
            matches.rows,
            matches,
            selection,
            _is_answerable(question, whole),
            lambda field: (
                matches.rows
                if (without := without_own(selection, field)) == selection
                else passing(without).rows
            ),
        )

    def _browse(self, selection: Selection, prefer: Prefer) -> _Answer:
        """Give every work that passes the filters: without a question nothing is scored."""
        representatives = self._snapshot.versions.representatives(prefer)
        stands = representatives == np.arange(self.n_articles)

        def passing(conditions: Selection) -> Rows:
            mask = self._snapshot.columns.mask(conditions)
            return np.flatnonzero(stands if mask is None else stands & mask)

        rows = passing(selection)
        return _Answer(
            rows, None, selection, True, lambda field: passing(without_own(selection, field))
        )

    def _keys(self, answer: _Answer, query: Query) -> Values:
        """Give what each row is sorted by, highest first."""
        if answer.matches is None or query.sort == "recency":
            # what has no date lies before every day, and so comes last
            return self._snapshot.columns.first_day[answer.rows].astype(np.float64)
        return to_unit(answer.matches.fused).round(_KEY_DIGITS)

    def _page(self, answer: _Answer, keys: Values, query: Query) -> _Page:
        """Cut out the page that follows the query's cursor."""
        cursor = None if query.cursor is None else Cursor.from_text(query.cursor)
        query_hash = hash_query(query)
        if cursor is not None:
            cursor.check(query_hash, self.snapshot_name)
        in_order = order(keys, self._snapshot.columns.id_places[answer.rows])
        # a reranker changes which article has a place, not what the places are worth
        keys = keys[in_order]
        in_order, n_reranked = self._reranked(in_order, answer, query, cursor)
        start = 0
        if cursor is not None:
            start = start_after(keys, lambda at: self._id(answer, in_order, at), cursor)
        end = start + query.limit
        following = None
        if end < len(in_order):
            following = Cursor(
                self.snapshot_name,
                query_hash,
                float(keys[end - 1]),
                self._id(answer, in_order, end - 1),
                end,
                query.filters.asked_on,
                n_reranked,
            ).to_text()
        scores = None if answer.matches is None or query.sort == "recency" else keys[start:end]
        return _Page(in_order[start:end], scores, start + 1, following)

    def _reranked(
        self, in_order: Rows, answer: _Answer, query: Query, cursor: Cursor | None
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

    def _id(self, answer: _Answer, in_order: Rows, place: int) -> str:
        return self._snapshot.store.article_ids([int(answer.rows[in_order[place]])])[0]

    def _hits(
        self, answer: _Answer, page: _Page, query: Query, question: Question | None
    ) -> tuple[Hit, ...]:
        rows = [int(row) for row in answer.rows[page.places]]
        stored = self._snapshot.store.articles(rows)
        versions = self._versions(rows)
        highlights = self._highlights(stored, query)
        explanations = self._explanations(answer, page, query, question)
        scores = page.scores
        if scores is None and answer.matches is not None:
            scores = to_unit(answer.matches.fused[page.places])
        return tuple(
            Hit(
                page.first_rank + number,
                None if scores is None else float(scores[number].round(_KEY_DIGITS)),
                _scores(answer.matches, int(place)),
                stored[number],
                bool(self._snapshot.truncated[rows[number]]),
                versions[number],
                highlights[number],
                explanations[number],
            )
            for number, place in enumerate(page.places)
        )

    def _highlights(self, stored: Sequence[Article], query: Query) -> list[tuple[Highlight, ...]]:
        if not query.highlight or query.question is None:
            return [()] * len(stored)
        words = self._highlighter.question_words(query.question)
        return self._highlighter.highlights(words, stored)

    def _explanations(
        self, answer: _Answer, page: _Page, query: Query, question: Question | None
    ) -> list[Explanation | None]:
        if not query.explain or question is None or answer.matches is None:
            return [None] * len(page.places)
        mask = self._snapshot.columns.mask(answer.selection)
        selectivity = 1.0 if mask is None else float(mask.mean())
        return [explain(question, answer.matches, int(place), selectivity) for place in page.places]

    def _facets(self, answer: _Answer, query: Query) -> dict[FacetField, tuple[FacetValue, ...]]:
        asked = dict.fromkeys((*query.facets, *query.facet_queries))
        return {
            field: count_facet(
                self._snapshot.columns,
                field,
                answer.of(field),
                selection=answer.selection,
                beginning=query.facet_queries.get(field, ""),
            )
            for field in asked
        }

    def _exactness(self, matches: MatchSet | None) -> Exactness:
        """Say how the answer was found; with codes of a known error, nothing is missed."""
        if matches is None:
            return Exactness("exact", self.n_articles, self.n_articles, bound_reached=False)
        is_exact = matches.semantic is None or np.isfinite(self._snapshot.vectors.code_error)
        return Exactness(
            "exact" if is_exact else "approximate",
            matches.n_scanned,
            self.limits.max_matches,
            bound_reached=matches.is_cut,
        )


_KEY_DIGITS = 9
# a page is found again by its last key: the last bits of a float are not worth a repeated hit


def _is_exact(matches: MatchSet | None, question: Question | None) -> bool:
    """Tell whether the articles of an answer are all that match."""
    if matches is None or question is None:
        return True
    return not matches.is_cut and (question.words is None or question.words.is_whole)


def _is_answerable(question: Question, whole: MatchSet) -> bool:
    """Tell whether anything matches by the calibrated floor too, however low one was asked."""
    return bool(((whole.match >= question.curve.floor) | (whole.marks > MATCH)).any())


def _scores(matches: MatchSet | None, place: int) -> Scores:
    if matches is None:
        return Scores()
    return Scores(
        None if matches.semantic is None else float(matches.semantic[place]),
        None if matches.lexical is None else float(matches.lexical[place]),
        float(matches.match[place]),
    )


def _took_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


def to_selection(filters: Filters, columns: Columns) -> Selection:
    """Turn the names and dates of filters into the codes and days of a snapshot's columns."""
    first, last = filters.first_date, filters.last_date
    return Selection(
        authors=columns.codes("authors", filters.authors) if filters.authors else None,
        journals=columns.codes("journals", filters.journals) if filters.journals else None,
        types=columns.codes("types", filters.types) if filters.types else None,
        languages=columns.codes("languages", filters.languages) if filters.languages else None,
        first_day=None if first is None else day_number(first),
        last_day=None if last is None else day_number(last),
        has_abstract=filters.has_abstract,
    )
