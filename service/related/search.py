"""Related work for a draft, put together: read, asked of one snapshot, checked, patched."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from index.machine import n_cores
from index.snapshot import Snapshot
from index.vectors import Embedding
from service.answer import read_found, to_selection
from service.deadline import NO_DEADLINE, Deadline
from service.drafts.bibliography import read_bibliography
from service.drafts.cited import Citations, cited
from service.drafts.draft import Draft, read_draft
from service.drafts.entry import Bibliography, from_references
from service.drafts.patch import patch_draft
from service.drafts.sentence import Sentence
from service.example_reader import ExampleReader
from service.examples import Example, SimilarQuery
from service.exports.bibtex_entry import to_bibtex
from service.exports.reference import reference
from service.match import Matcher
from service.query import Limits
from service.ranking import Rows, is_in
from service.related.candidates import Asked, CandidateFinder, Found
from service.related.checking import check_entries
from service.related.keys import Keys, assign_keys
from service.related.query import RelatedQuery
from service.related.results import AnsweredSentence, Candidate, Neighbour, RelatedResults
from service.results import FoundArticle, Hit, Results

MOST_PARTS = 8
"""So many parts of a draft are the examples that its neighbours are like."""
PART_WORDS = 150

SUPPORTED_FROM = 0.5
"""The patch inserts nothing whose supporting sentence is further away than this cosine."""
PATCHED_WORDS = 6
"""Nor anything into a sentence of fewer words, which many an article has by chance."""

_OF_OWN = re.compile(
    r"(?:we|i|our|here|(?:in )?this (?:paper|work|article|study))\b", re.IGNORECASE
)
"""How a sentence begins that says what the draft does: others may have done it too, so it is
searched; but a citation put there would be misread, so the patch leaves it alone."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A draft as it was read; `rows` are those of its bibliography's entries, by key."""

    draft: Draft
    bibliography: Bibliography
    citations: Citations
    rows: Mapping[str, int | None]


class RelatedSearch:
    """Finds related work in one snapshot; safe for many threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        matcher: Matcher,
        limits: Limits,
        similar: Callable[[SimilarQuery, Deadline], Results],
    ) -> None:
        self._snapshot = snapshot
        self._limits = limits
        self._similar = similar
        self._reader = ExampleReader(snapshot, limits)
        self._pool = ThreadPoolExecutor(n_cores(), thread_name_prefix="cognate-draft")
        self._finder = CandidateFinder(snapshot, matcher, self._pool)

    def close(self) -> None:
        """End the threads; no call may follow."""
        self._pool.shutdown()

    def answer(self, query: RelatedQuery, deadline: Deadline = NO_DEADLINE) -> RelatedResults:
        """Give what each sentence could cite, what is near the whole, and the bibliography checked.

        QueryError where the bibliography cannot be read; a draft is read whatever is broken in it.
        There is no answer to a part of it: that would look like a draft that needs nothing more.
        """
        read = self._read(query)
        deadline.check()
        left_out = self._left_out(read)
        asked = self._asked(query, read.draft, left_out, deadline)
        near = self._near(query, read.draft, left_out, deadline)
        works = self._works([one.row for of_one in asked.values() for one in of_one.found], near)
        keys = assign_keys(self._snapshot, read.bibliography, read.rows, works)
        answered = tuple(
            deadline.watching(self._answered(read, asked, works, keys, query.insert_from))
        )
        patch = patch_draft(
            read.draft,
            {number: [one.gets] for number, one in enumerate(answered) if one.gets},
            references={key: reference(article) for key, article in keys.new.items()},
            name=query.name,
        )
        return RelatedResults(
            draft=read.draft,
            bibliography=read.bibliography,
            sentences=answered,
            neighbours=tuple(Neighbour(one, keys.of_row[row]) for row, one in near.items()),
            entries=check_entries(
                self._snapshot,
                read.draft,
                read.bibliography,
                read.citations,
                read.rows,
                {number: one.embedding for number, one in asked.items()},
                query.min_match,
                deadline,
            ),
            unknown=read.citations.unknown,
            patch=patch,
            bibtex="\n".join(to_bibtex(article, key) for key, article in keys.new.items()),
            n_new=len(keys.new),
            snapshot=self._snapshot.name,
        )

    def _read(self, query: RelatedQuery) -> _Read:
        draft = read_draft(query.text, query.format)
        if query.bibliography is None:
            bibliography = from_references(draft.references)
        else:
            bibliography = read_bibliography(query.bibliography, query.bibliography_format)
        rows = {key: self._reader.row_of(one.article) for key, one in bibliography.by_key().items()}
        return _Read(draft, bibliography, cited(draft, bibliography), rows)

    def _left_out(self, read: _Read) -> Rows:
        """Give what stands for the works that are cited, and for the draft itself, ascending."""
        own = self._snapshot.columns.titles.rows(read.draft.title) if read.draft.title else ()
        found = [read.rows[entry.key] for entry in read.citations.cited]
        rows = [row for row in (*found, *own) if row is not None]
        representatives = self._snapshot.versions.representatives("published")
        return np.unique(representatives[np.array(rows, np.int64)]).astype(np.int64)

    def _asked(
        self, query: RelatedQuery, draft: Draft, left_out: Rows, deadline: Deadline
    ) -> dict[int, Asked]:
        """Ask the sentences that need a citation, by their numbers."""
        texts = {n: one.text for n, one in enumerate(draft.sentences) if one.needs_citation}
        selection = to_selection(query.filters, self._snapshot.columns)
        found = self._finder.ask(
            texts.values(), query.limit, query.min_match, selection, left_out, deadline
        )
        return dict(zip(texts, found, strict=True))

    def _near(
        self, query: RelatedQuery, draft: Draft, left_out: Rows, deadline: Deadline
    ) -> dict[int, Hit]:
        """Give the articles like the parts of the draft, but those left out, by row."""
        texts = _parts([one for one in draft.sentences if one.text])
        if not query.neighbours or not texts:
            return {}
        results = self._similar(
            SimilarQuery(
                positive=tuple(Example("text", text) for text in texts),
                filters=query.filters,
                limit=min(self._limits.max_limit, query.neighbours + len(left_out)),
                min_match=query.min_match,
            ),
            deadline,
        )
        rows = np.array([self._snapshot.store.find(hit.article.article_id) for hit in results.hits])
        is_left_out = is_in(rows.astype(np.int64), left_out)
        near = [
            (int(row), hit)
            for row, hit, is_out in zip(rows, results.hits, is_left_out, strict=True)
            if not is_out
        ]
        return dict(near[: query.neighbours])

    def _works(self, rows: Sequence[int], near: Mapping[int, Hit]) -> dict[int, FoundArticle]:
        """Read the articles that are offered, by row."""
        known = list(dict.fromkeys((*rows, *near)))
        return dict(zip(known, read_found(self._snapshot, known), strict=True))

    def _answered(
        self,
        read: _Read,
        asked: Mapping[int, Asked],
        works: Mapping[int, FoundArticle],
        keys: Keys,
        insert_from: float,
    ) -> Iterator[AnsweredSentence]:
        articles = {row: work.article for row, work in works.items()}
        best = {one.best for of_one in asked.values() for one in of_one.found}
        others = sorted(best - articles.keys())
        articles |= zip(others, self._snapshot.store.articles(others), strict=True)

        def candidate(rank: int, embedding: Embedding, found: Found) -> Candidate:
            work, key = works[found.row], keys.of_row[found.row]
            support, cosine = self._finder.support(embedding, found.best, articles[found.best])
            return Candidate(
                rank=rank,
                article=work.article,
                truncated=work.truncated,
                versions=work.versions,
                scores=found.scores,
                support=support,
                cosine=cosine,
                key=key,
                known=key not in keys.new,
            )

        for number, sentence in enumerate(read.draft.sentences):
            one = asked.get(number, _NOT_ASKED)
            candidates = tuple(
                candidate(rank, one.embedding, found) for rank, found in enumerate(one.found, 1)
            )
            sure = [best for best in candidates[:1] if _is_sure(best, insert_from)]
            gets = sure[0].key if sure and _is_patched(sentence) else None
            yield AnsweredSentence(sentence, read.citations.by_sentence[number], candidates, gets)


_NOT_ASKED = Asked(np.empty(0, np.float32), ())


def _is_sure(candidate: Candidate, insert_from: float) -> bool:
    match = candidate.scores.match or 0.0
    return match >= insert_from and candidate.cosine >= SUPPORTED_FROM


def _is_patched(sentence: Sentence) -> bool:
    """Tell whether a citation may be put into a sentence: an uncited statement about others."""
    is_question = sentence.text.endswith("?")
    is_short = len(sentence.text.split()) < PATCHED_WORDS
    is_own = _OF_OWN.match(sentence.text) is not None
    return not (sentence.cites or is_question or is_short or is_own)


def _parts(sentences: Sequence[Sentence]) -> list[str]:
    """Cut what a draft says into parts of like length; of a long one, some of them."""
    parts: list[list[str]] = [[]]
    n_words = 0
    for sentence in sentences:
        if n_words >= PART_WORDS:
            parts.append([])
            n_words = 0
        parts[-1].append(sentence.text)
        n_words += len(sentence.text.split())
    texts = [" ".join(part) for part in parts if part]
    places = np.linspace(0, len(texts) - 1, min(MOST_PARTS, len(texts))).round().astype(int)
    return [texts[place] for place in places]
