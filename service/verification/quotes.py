"""The quotations of an answer, looked for in what they are cited from, then in the whole corpus."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index.article import Article
from index.snapshot import Snapshot
from service.deadline import Deadline
from service.verification.citations import Judged
from service.verification.handed import HandedOver
from service.verification.library import Library, Work
from service.verification.passages import Passage, SearchedText, parts_of
from service.verification.reading import Answer
from service.verification.results import CheckedQuote, QuoteStatus
from service.verification.set_apart import Quoted

TextField = Literal["title", "abstract"]

_FIELDS: tuple[TextField, ...] = ("abstract", "title")
_HOLDING = 20
"""So many articles that hold a quotation's words in order are looked at."""
_NEAREST = 10
_LONGEST_SEARCH = 2_000
_BEFORE_BLOCK = 400
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_HERE_ONLY = "This corpus holds titles and abstracts, so it may stand in the rest of the article."


@dataclass(frozen=True, slots=True)
class _Found:
    """A passage in a field of an article."""

    article: Article
    field: TextField
    passage: Passage

    @property
    def n_apart(self) -> int:
        return self.passage.n_apart if self.passage.changes else 0


class QuoteChecker:
    """Checks the quotations of one answer; what was read is kept."""

    def __init__(
        self,
        snapshot: Snapshot,
        library: Library,
        answer: Answer,
        citations: Sequence[Judged],
        handed: HandedOver | None,
    ) -> None:
        self._snapshot = snapshot
        self._library = library
        self._answer = answer
        self._citations = citations
        self._handed = handed
        self._texts: dict[tuple[str, TextField], SearchedText] = {}

    def check(self, deadline: Deadline) -> list[CheckedQuote]:
        """Check all quotations, in order."""
        return [self._checked(quote) for quote in deadline.watching(self._answer.quotes)]

    def _checked(self, quote: Quoted) -> CheckedQuote:
        works = [one.verdict.work for one in self._cited_with(quote) if one.verdict.work]
        is_cited = bool(works)
        if not works and self._handed is not None:
            works = [one.work for one in self._handed.works if one.work]
        found = self._in_works(quote.text, works)
        if found is not None:
            return self._result(quote, found)
        elsewhere = self._in_corpus(quote.text)
        if is_cited:
            return self._not_in_cited(quote, elsewhere)
        if elsewhere is not None:
            return self._result(quote, elsewhere)
        if self._handed is not None:
            reason = f"It stands in nothing that was handed over. {_HERE_ONLY}"
            return _checked(quote, "not_found", reason)
        reason = f"No article is known that it is from. {_HERE_ONLY}"
        return _checked(quote, "unchecked", reason)

    def _not_in_cited(self, quote: Quoted, elsewhere: _Found | None) -> CheckedQuote:
        if elsewhere is None or elsewhere.passage.changes:
            reason = f"It does not stand in what is cited with it. {_HERE_ONLY}"
            return _checked(quote, "not_found", reason)
        other = elsewhere.article.article_id
        reason = f"It does not stand in what is cited with it, but in {other}."
        return _checked(quote, "not_found", reason, elsewhere)

    def _result(self, quote: Quoted, found: _Found) -> CheckedQuote:
        if found.passage.changes:
            return _checked(quote, "altered", "Some of its words are others.", found)
        return _checked(quote, "verbatim", self._where(found), found)

    def _where(self, found: _Found) -> str:
        if self._handed is None:
            return f"It stands in the {found.field}."
        spans = [
            span
            for one in self._handed.works
            if one.article is not None
            and one.article.article_id == found.article.article_id
            and one.handed.field == found.field
            and not one.is_changed
            for span in one.handed.spans
        ]
        start, end = found.passage.start, found.passage.end
        if any(first <= start and end <= last for first, last in spans):
            return "It stands in what was handed over."
        return f"It stands in the {found.field}, though not as a whole in what was handed over."

    def _cited_with(self, quote: Quoted) -> list[Judged]:
        """Give the citations of a quotation: in its sentence, else next to it in its paragraph."""
        units = [
            one for one in self._answer.units if one.end > quote.start and one.start < quote.end
        ]
        start = min([quote.start, *(one.start for one in units)])
        end = max([quote.end, *(one.end for one in units)])
        within = [one for one in self._citations if start <= one.start < end]
        if within:
            return sorted(within, key=lambda one: abs(one.start - quote.end))
        text = self._answer.text
        closing = _PARAGRAPH.search(text, quote.end)
        behind = [one for one in self._citations if quote.end <= one.start]
        if behind and behind[0].start < (closing.start() if closing else len(text)):
            return behind[:1]
        before = [one for one in self._citations if one.end <= quote.start]
        near = before[-1:] if before and quote.start - before[-1].end < _BEFORE_BLOCK else []
        is_apart = bool(near and _PARAGRAPH.search(text, near[0].end, quote.start))
        is_block = text[: quote.start].rstrip(' "“*_').endswith(">")
        return near if not is_apart or is_block else []

    def _in_works(self, quote: str, works: Iterable[Work]) -> _Found | None:
        """Give where a quotation stands in some works, word for word, else the nearest passage."""
        found: list[_Found] = []
        for one in self._passages(quote, (article for work in works for article in work.versions)):
            if not one.passage.changes:
                return one
            found.append(one)
        return min(found, key=lambda one: one.n_apart, default=None)

    def _passages(self, quote: str, articles: Iterable[Article]) -> Iterator[_Found]:
        for article in articles:
            for field in _FIELDS:
                searched = self._searched(article, field)
                passage = searched.find(quote) if searched else None
                if passage is not None:
                    yield _Found(article, field, passage)

    def _searched(self, article: Article, field: TextField) -> SearchedText | None:
        text = article.abstract if field == "abstract" else article.title
        if not text:
            return None
        key = (article.article_id, field)
        if key not in self._texts:
            self._texts[key] = SearchedText(text)
        return self._texts[key]

    def _in_corpus(self, quote: str) -> _Found | None:
        """Give where in the whole corpus a quotation stands, found by its words."""
        parts = parts_of(quote)
        if not parts:
            return None
        longest = max(parts, key=len)
        phrase = " ".join(word.text for word in longest)
        lexical, store = self._snapshot.lexical, self._snapshot.store
        rows = sorted(lexical.phrase_rows(phrase, "text", _HOLDING).tolist())
        for one in self._passages(quote, store.articles(rows)):
            if not one.passage.changes:
                return one
        rows = lexical.search(quote[:_LONGEST_SEARCH], _NEAREST).rows.tolist()
        near = [*self._passages(quote, store.articles(rows))]
        return min(near, key=lambda one: one.n_apart, default=None)


def _checked(
    quote: Quoted, status: QuoteStatus, reason: str, found: _Found | None = None
) -> CheckedQuote:
    if found is None:
        return CheckedQuote(
            start=quote.start, end=quote.end, text=quote.text, status=status, reason=reason
        )
    passage = found.passage
    text = (found.article.abstract if found.field == "abstract" else found.article.title) or ""
    return CheckedQuote(
        start=quote.start,
        end=quote.end,
        text=quote.text,
        status=status,
        reason=reason,
        article_id=found.article.article_id,
        field=found.field,
        found_start=passage.start,
        found_end=passage.end,
        found_text=text[passage.start : passage.end],
        differs=passage.changes,
    )
