"""The search engine: one snapshot, asked.

HTTP, pages, console and evaluation are equal readers of `SearchEngine`; none of them ranks.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from index.columns import Columns, Selection, day_number
from index.errors import QueryError, UnknownArticleError
from index.onnx import Encoder, OnnxEncoder
from index.snapshot import Snapshot
from index.store import StoredArticle
from index.vectors import Embedding, Ranked
from service.query import DEFAULT_LIMIT, Filters, Limits, Query, check_limit, check_text
from service.ranking import (
    Rows,
    align_scores,
    fuse,
    leaders,
    lexical_say,
    order,
    to_unit,
    union_rows,
)
from service.ranking import Scores as Values
from service.results import Hit, Results, Scores

CANDIDATES = 1_000
"""How many articles each leg proposes; ten times the longest answer, so that fusing does not
depend on where a leg was cut."""
RECENCY_DEPTH = 200
"""How many of the best articles are put in order of date: every article answers a question a
little, and the newest of all would have nothing to do with it."""

_COSINE_DIGITS = 6
# sums of products differ in their last bits with the place of a row among others; without
# them two articles of the same text score the same


@dataclass(frozen=True, slots=True)
class _Question:
    """What the legs are asked; a leg without its part does not run."""

    embedding: Embedding | None
    words: str | None


@dataclass(frozen=True, slots=True)
class _Candidates:
    """The rows that may answer, ascending, with what each leg says of them."""

    rows: Rows
    semantic: Values | None
    lexical: Values | None
    lexical_say: float

    def scores(self, position: int) -> Scores:
        return Scores(
            None if self.semantic is None else float(self.semantic[position]),
            None if self.lexical is None else float(self.lexical[position]),
        )


class SearchEngine:
    """Answers queries from one snapshot; safe for many threads."""

    def __init__(self, snapshot: Snapshot, limits: Limits | None = None) -> None:
        self._snapshot = snapshot
        self.limits = limits or Limits()

    @classmethod
    def open(
        cls,
        directory: Path,
        limits: Limits | None = None,
        *,
        load_encoder: Callable[[Path], Encoder] = OnnxEncoder.load,
    ) -> "SearchEngine":
        """Open the snapshot that CURRENT names and answer one query, so that the next is fast."""
        engine = cls(Snapshot.open(directory, load_encoder=load_encoder), limits)
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
        """Give the best articles for a question, or the newest where none is asked.

        With `sort="recency"` the 200 best articles for the question are put in order of date.
        Equal scores, and equal dates, are in order of `article_id`; an article without a date
        comes after all that have one.
        """
        started = time.perf_counter()
        query.check(self.limits)
        selection = to_selection(query.filters, self._snapshot.columns)
        if query.question is None:
            return self._browse(selection, query.limit, started)
        encoder = self._snapshot.encoder
        question = _Question(
            None if query.mode == "lexical" else encoder.encode_query(query.question),
            None if query.mode == "semantic" else query.question,
        )
        candidates = self._candidates(question, selection)
        return self._ranked(candidates, query.sort, query.limit, started)

    def similar(
        self, article_id: str, filters: Filters | None = None, limit: int = DEFAULT_LIMIT
    ) -> Results:
        """Give the articles nearest to one, without itself, by its embedding and its words."""
        started = time.perf_counter()
        check_limit(limit, self.limits)
        row = self._row(article_id)
        article = self._snapshot.store.articles([row])[0].article
        selection = to_selection(filters or Filters(), self._snapshot.columns)
        question = _Question(self._snapshot.vectors.embedding(row), article.passage())
        candidates = self._candidates(question, selection, without=row)
        return self._ranked(candidates, "relevance", limit, started)

    def article(self, article_id: str) -> StoredArticle:
        """Give the article that any form of an id names; UnknownArticleError where none has it."""
        return self._snapshot.store.articles([self._row(article_id)])[0]

    def articles(self, article_ids: Sequence[str]) -> list[StoredArticle | None]:
        """Give articles in the order of their ids, None where an id is unknown."""
        if len(article_ids) > self.limits.max_batch_ids:
            reason = f"{len(article_ids)} ids; the most is {self.limits.max_batch_ids}"
            raise QueryError("ids", reason)
        rows = [self._find("ids", article_id) for article_id in article_ids]
        known = list(dict.fromkeys(row for row in rows if row is not None))
        stored = dict(zip(known, self._snapshot.store.articles(known), strict=True))
        return [None if row is None else stored[row] for row in rows]

    def close(self) -> None:
        """Close the snapshot; no call may follow."""
        self._snapshot.close()

    def _find(self, field: str, article_id: str) -> int | None:
        check_text(field, article_id)
        return self._snapshot.store.find(article_id)

    def _row(self, article_id: str) -> int:
        row = self._find("id", article_id)
        if row is None:
            raise UnknownArticleError(article_id)
        return row

    def _candidates(
        self, question: _Question, selection: Selection, *, without: int = -1
    ) -> _Candidates:
        snapshot = self._snapshot
        dense = words = None
        if question.embedding is not None:
            mask = snapshot.columns.mask(selection)
            dense = snapshot.vectors.search(question.embedding, CANDIDATES, mask)
        if question.words is not None:
            words = snapshot.lexical.search(question.words, CANDIDATES, selection)
        rows = union_rows(*(leg.rows for leg in (dense, words) if leg is not None))
        rows = rows[rows != without]
        return _Candidates(
            rows,
            None if dense is None else self._cosines(question, rows, dense),
            None if words is None else align_scores(rows, words.rows, words.scores),
            0.0 if words is None else self._say(question, words),
        )

    def _say(self, question: _Question, words: Ranked) -> float:
        assert question.words is not None
        best = float(words.scores[0]) if len(words.scores) else 0.0
        return lexical_say(best, self._snapshot.lexical.ceiling(question.words))

    def _cosines(self, question: _Question, rows: Rows, dense: Ranked) -> Values:
        """Give every row its true cosine, also where only the words found it."""
        assert question.embedding is not None
        cosines = align_scores(rows, dense.rows, dense.scores)
        is_unscored = ~np.isin(rows, dense.rows)
        cosines[is_unscored] = self._snapshot.vectors.cosines(question.embedding, rows[is_unscored])
        return cosines.round(_COSINE_DIGITS)

    def _ranked(
        self,
        candidates: _Candidates,
        sort: Literal["relevance", "recency"],
        limit: int,
        started: float,
    ) -> Results:
        fused = fuse(candidates.semantic, candidates.lexical, candidates.lexical_say)
        if sort == "recency":
            best = self._first(candidates.rows, fused, RECENCY_DEPTH)
            days = self._days(candidates.rows[best])
            positions = [best[place] for place in self._first(candidates.rows[best], days, limit)]
        else:
            positions = self._first(candidates.rows, fused, limit)
        stored = self._snapshot.store.articles([int(row) for row in candidates.rows[positions]])
        units = to_unit(fused)
        hits = (
            Hit(
                rank,
                float(units[position]),
                candidates.scores(position),
                article.article,
                article.truncated,
            )
            for rank, (position, article) in enumerate(zip(positions, stored, strict=True), 1)
        )
        return self._results(tuple(hits), started)

    def _browse(self, selection: Selection, limit: int, started: float) -> Results:
        mask = self._snapshot.columns.mask(selection)
        rows = np.arange(self.n_articles) if mask is None else np.flatnonzero(mask)
        newest = rows[self._first(rows, self._days(rows), limit)]
        stored = self._snapshot.store.articles([int(row) for row in newest])
        hits = (
            Hit(rank, None, Scores(), article.article, article.truncated)
            for rank, article in enumerate(stored, 1)
        )
        return self._results(tuple(hits), started, total=len(rows))

    def _first(
        self, rows: Rows, values: npt.NDArray[np.float64 | np.int64], limit: int
    ) -> list[int]:
        """Give the positions of the `limit` highest values, equal ones by article id."""
        positions = leaders(values, limit)
        ids = self._snapshot.store.article_ids([int(row) for row in rows[positions]])
        return [int(positions[place]) for place in order(values[positions], ids)[:limit]]

    def _days(self, rows: Rows) -> npt.NDArray[np.int64]:
        # what has no date lies before every day, and so comes last
        return self._snapshot.columns.first_day[rows].astype(np.int64)

    def _results(
        self, hits: tuple[Hit, ...], started: float, *, total: int | None = None
    ) -> Results:
        took_ms = round((time.perf_counter() - started) * 1000, 2)
        return Results(hits, self.snapshot_name, took_ms, total)


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
