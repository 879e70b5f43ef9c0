"""The search engine: one snapshot, asked.

HTTP, pages, console and evaluation are equal readers of `SearchEngine`; none of them ranks.
"""

import datetime
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from cachetools import LRUCache

from index.errors import QueryError, UnknownArticleError
from index.health import Health, read_health
from index.onnx import Encoder, OnnxEncoder
from index.snapshot import Snapshot
from service.answer import (
    read_blocks,
    read_found,
)
from service.completion import complete
from service.context.query import ContextQuery
from service.context.results import Context
from service.context.search import ContextSearch
from service.deadline import NO_DEADLINE, Deadline
from service.examples import SimilarQuery
from service.match import Matcher
from service.moments import Moments
from service.part import Part
from service.query import Limits, Query, check_text
from service.question_search import QuestionSearch
from service.ranking import Rows, order
from service.related.query import RelatedQuery
from service.related.results import RelatedResults
from service.related.search import RelatedSearch
from service.reranking import Reranking
from service.results import FoundArticle, Results
from service.similar import SimilarSearch
from service.spelling import Suggestion, spellings
from service.verification.query import VerifyQuery
from service.verification.results import Verification
from service.verification.search import AnswerVerifier

_MOST_COUNTED, _MOST_SUGGESTED = 4, 3
"""So many spellings of a question are asked, and so many of them are suggested."""

Asked = Query | SimilarQuery | tuple[str, ...]
"""What can be exported: what answers a question or examples, or articles by their ids."""


class KeptAnswers(NamedTuple):
    """How many answers were given that had been kept, and how many had to be made."""

    n_given: int
    n_made: int

    def counted(self, *, is_kept: bool) -> "KeptAnswers":
        """Give the counts with one more answer."""
        return KeptAnswers(self.n_given + is_kept, self.n_made + (not is_kept))


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
        self._trouble: str | None = None
        # of this snapshot alone: a newer one is served by another engine
        self._cache: LRUCache[str, Results] = LRUCache(n_cached)
        self._cache_lock = threading.Lock()
        self._kept_answers = KeptAnswers(0, 0)
        self._health: Health | None = None
        self._health_lock = threading.Lock()
        self.limits = limits or Limits()
        self._matcher = Matcher(snapshot)
        self._questions = QuestionSearch(
            snapshot, self._matcher, self.limits, reranking or Reranking()
        )
        self._similar = SimilarSearch(snapshot, self._matcher, self.limits)
        self._related = RelatedSearch(snapshot, self._matcher, self.limits, self._similar.answer)
        self._verifier = AnswerVerifier(snapshot, self._matcher)
        self._moments = Moments(snapshot.store)
        highlighter = self._questions.highlighter
        self._context = ContextSearch(snapshot, self._questions.ranked, highlighter)

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
        try:
            engine = cls(snapshot, limits, reranking, n_cached=n_cached)
            engine.search(Query(text="a first question", limit=1))
        except BaseException:
            # one that is damaged is not to be held
            snapshot.close()
            raise
        return engine

    @property
    def snapshot_name(self) -> str:
        """The name of the snapshot that answers."""
        return self._snapshot.name

    @property
    def created(self) -> datetime.datetime:
        """When the snapshot was made, in UTC."""
        return datetime.datetime.fromisoformat(self._snapshot.manifest.created)

    @property
    def trouble(self) -> str | None:
        """What is wrong with what is served, in a line for anybody who asks; None if nothing is."""
        damage = self._snapshot.damage
        if damage is None:
            return self._trouble
        return f"the snapshot being served is damaged: {Path(damage.path).name}: {damage.reason}"

    @trouble.setter
    def trouble(self, trouble: str) -> None:
        self._trouble = trouble

    @property
    def n_articles(self) -> int:
        """How many articles there are to find."""
        return self._snapshot.store.n_articles

    def count_tokens(self, text: str) -> int:
        """Tell how many tokens a text is for the tokenizer that lies in the snapshot."""
        return self._snapshot.encoder.count_tokens([text])[0]

    def search(self, query: Query, deadline: Deadline = NO_DEADLINE) -> Results:
        """Give a page of the articles that answer a question, or of all where none is asked.

        The match set is found first; total, facets, order and pages are all taken from it. By
        relevance the best comes first, by recency the newest, what has no date last; equals
        are in order of `article_id`. Without a question the order is always by recency.

        This and the other methods that take a deadline stop there, by an error.
        """
        started = time.perf_counter()
        deadline.check()
        query.check(self.limits)
        results = self._kept(repr(query), lambda: self._questions.answer(query, deadline))
        return replace(results, took_ms=_took_ms(started))

    def suggestions(
        self, query: Query, results: Results, deadline: Deadline = NO_DEADLINE
    ) -> tuple[Suggestion, ...]:
        """Give other spellings of a question, each with how many articles answer it then.

        Only where `results`, its answer, is empty, or it has a word that no article has; what was
        asked in its place already is none of them. At most three, each of which finds something.
        """
        if query.question is None:
            return ()
        is_name = self._snapshot.columns.people.knows
        lexical, is_empty = self._snapshot.lexical, not results.total
        others = spellings(query.question, lexical, is_name, is_empty=is_empty)
        wanted = [
            one
            for one in others
            if one != results.respelled and len(one) <= self.limits.max_query_chars
        ]
        counted = (
            Suggestion(one, self._total(query, one, deadline)) for one in wanted[:_MOST_COUNTED]
        )
        return tuple(islice((one for one in counted if one.total), _MOST_SUGGESTED))

    def _total(self, query: Query, text: str, deadline: Deadline) -> int:
        """Give how many articles answer another question that is asked in the same way."""
        bare = replace(query, text=text, limit=1, cursor=None, facets=(), facet_queries={})
        bare = replace(bare, counted=(), highlight=False, explain=False)
        return self.search(bare, deadline).total

    def _kept(self, asked: str, answer: Callable[[], Results]) -> Results:
        """Give the answer that was kept, or answer and keep it."""
        with self._cache_lock:
            results = self._cache.get(asked)
            self._kept_answers = self._kept_answers.counted(is_kept=results is not None)
        if results is None:
            results = answer()
            if self._cache.maxsize:
                with self._cache_lock:
                    self._cache[asked] = results
        return results

    @property
    def kept_answers(self) -> KeptAnswers:
        """How many answers were given that had been kept, and how many were made."""
        return self._kept_answers

    def part(
        self, asked: Query | SimilarQuery, part: Part, deadline: Deadline = NO_DEADLINE
    ) -> Results:
        """Give the hits at some places of all that answers, whatever the limit of a page.

        Parts agree with each other, however they are cut, and with the pages of `search` and
        `similar`; where there is a reranker, they take the time for all that it may rescore.
        Hits that are like examples do not tell why.
        """
        started = time.perf_counter()
        deadline.check()
        # a part has its own length
        replace(asked, limit=1).check(self.limits)
        if isinstance(asked, SimilarQuery):
            results = self._similar.part(asked, part, deadline)
        else:
            results = self._questions.part(asked, part, deadline)
        return replace(results, took_ms=_took_ms(started))

    def export(
        self,
        asked: Asked,
        most: int | None = None,
        *,
        versions: bool = False,
        deadline: Deadline = NO_DEADLINE,
    ) -> Iterator[FoundArticle]:
        """Give all articles that answer, in the order of the pages, or those of these ids.

        At most so many works, each as the version that stands for it, or followed by its other
        `versions`. What answers is found when this is called, and any error is raised then; the
        articles are read as they are taken, a block at a time, whatever the deadline.
        """
        deadline.check()
        rows = self._selected(asked) if isinstance(asked, tuple) else self._rows(asked, deadline)
        return read_blocks(self._snapshot, rows[:most], versions=versions)

    def latest(
        self, asked: Query | SimilarQuery, most: int, deadline: Deadline = NO_DEADLINE
    ) -> list[FoundArticle]:
        """Give the articles among all that answer which were first indexed last, newest first.

        Equals are in order of `article_id`; what an old index did not date comes last.
        """
        deadline.check()
        rows = self._rows(asked, deadline)
        in_order = order(self._moments.ranks()[rows], self._snapshot.columns.id_places[rows])
        return read_found(self._snapshot, [int(row) for row in rows[in_order[:most]]])

    def _rows(self, asked: Query | SimilarQuery, deadline: Deadline) -> Rows:
        asked.check(self.limits)
        if isinstance(asked, SimilarQuery):
            return self._similar.rows(asked, deadline)
        return self._questions.rows(asked, deadline)

    def _selected(self, ids: Sequence[str]) -> Rows:
        """Give the rows of ids in their order, each once."""
        if len(ids) > self.limits.max_matches:
            raise QueryError("ids", f"{len(ids)} ids; the most is {self.limits.max_matches}")
        rows = dict.fromkeys(self._row(article_id, "ids") for article_id in ids)
        return np.array(list(rows), dtype=np.int64)

    def similar(self, query: SimilarQuery, deadline: Deadline = NO_DEADLINE) -> Results:
        """Give a page of the articles that are like examples, and unlike others.

        The examples and all versions of them are left out. Total, facets, order and pages are
        taken from one match set, as in `search`; each hit tells which example it is there for.
        """
        started = time.perf_counter()
        deadline.check()
        query.check(self.limits)
        results = self._kept(repr(query), lambda: self._similar.answer(query, deadline))
        return replace(results, took_ms=_took_ms(started))

    def related(self, query: RelatedQuery, deadline: Deadline = NO_DEADLINE) -> RelatedResults:
        """Give what the sentences of a draft could cite, and its bibliography checked.

        QueryError where the bibliography cannot be read, or more is asked for than `limits` allow.
        """
        started = time.perf_counter()
        deadline.check()
        query.check(self.limits)
        return replace(self._related.answer(query, deadline), took_ms=_took_ms(started))

    def context(self, query: ContextQuery, deadline: Deadline = NO_DEADLINE) -> Context:
        """Give the excerpts that a language model needs to answer, as many as there is room for.

        They are of the articles that `search` finds, in its order: none where nothing matches.
        """
        started = time.perf_counter()
        deadline.check()
        query.check(self.limits)
        return replace(self._context.answer(query, deadline), took_ms=_took_ms(started))

    def verify(self, query: VerifyQuery, deadline: Deadline = NO_DEADLINE) -> Verification:
        """Check what a model's answer cites, quotes and claims against the articles.

        QueryError where the bundle is none, or the answer holds more than is checked at once.
        """
        started = time.perf_counter()
        deadline.check()
        query.check(self.limits)
        return replace(self._verifier.verify(query, deadline), took_ms=_took_ms(started))

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

    def completions(self, beginning: str, most: int) -> list[FoundArticle]:
        """Give articles whose title has the words of a text in a row, the last one begun.

        Titles that begin so come first, of those the shortest. A work is found by the title of
        the version that stands for it.
        """
        check_text("text", beginning)
        if len(beginning) > self.limits.max_query_chars:
            reason = f"{len(beginning)} characters; the longest is {self.limits.max_query_chars}"
            raise QueryError("text", reason)
        return read_found(self._snapshot, complete(self._snapshot, beginning, most))

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


def _took_ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
