"""What requests for the whole of an answer say, whatever its pages: those of exports and feeds.

They ask a question as a search does, or name examples as the page of examples does.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pydantic import Field

from index.errors import QueryError, UnknownArticleError
from index.versions import Prefer
from service.examples import SIDES, Example, SimilarQuery, recognised
from service.parameters import (
    DIVERSITY,
    MIN_MATCH,
    MODE,
    PREFER,
    QUESTION,
    SORT,
    TIMEOUT,
    FilterFields,
)
from service.query import FacetField, Mode, Query, Sort

_PASSED_OVER = "Passed over: so that the address of a search, without its cursor, serves here too."
_LIKE = "An article to be like, by any form of its id; may be repeated, as all four of these."
_UNLIKE = "An article to be unlike."
_TEXT = (
    "A text to be like: plain words, or pasted BibTeX or RIS, of which each record is an example."
)
_UNLIKE_TEXT = "A text to be unlike."


class WholeParameters(FilterFields):
    """What a search asks by GET; how its pages are shown is passed over."""

    q: str | None = Field(default=None, description=QUESTION)
    mode: Mode = Field(default="hybrid", description=MODE)
    sort: Sort = Field(default="relevance", description=SORT)
    min_match: float | None = Field(default=None, ge=0, le=1, description=MIN_MATCH)
    prefer: Prefer = Field(default="published", description=PREFER)
    facet: list[FacetField] = Field(default=[], description=_PASSED_OVER)
    facet_query: list[str] = Field(default=[], description=_PASSED_OVER)
    highlight: bool = Field(default=True, description=_PASSED_OVER)
    explain: bool = Field(default=False, description=_PASSED_OVER)
    timeout_ms: int | None = Field(default=None, description=TIMEOUT)
    like: list[str] = Field(default=[], description=_LIKE)
    unlike: list[str] = Field(default=[], description=_UNLIKE)
    text: list[str] = Field(default=[], description=_TEXT)
    unlike_text: list[str] = Field(default=[], description=_UNLIKE_TEXT)
    diversity: float = Field(default=0.0, ge=0, le=1, description=DIVERSITY)

    @property
    def has_examples(self) -> bool:
        """Whether examples are given."""
        return bool(self.like or self.unlike or self.text or self.unlike_text)

    def to_wanted(self) -> Query | SimilarQuery:
        """Give the question, or the examples."""
        if not self.has_examples:
            if self.diversity:
                raise QueryError("diversity", "is of an answer to examples; give one, or leave it")
            return self.to_query()
        if self.q is not None:
            raise QueryError("text", "stands beside examples; ask a question or give examples")
        return SimilarQuery(
            positive=_examples(self.like, self.text),
            negative=_examples(self.unlike, self.unlike_text),
            filters=self.filters_on(None),
            sort=self.sort,
            min_match=self.min_match,
            prefer=self.prefer,
            diversity=self.diversity,
        )

    @contextmanager
    def spelling(self) -> Iterator[None]:
        """Let errors about examples name them as the request does: `text.0`, not `positive.1`."""
        try:
            yield
        except QueryError as error:
            field = error.field and self._spelled(error.field)
            raise QueryError(field, error.reason) from error
        except UnknownArticleError as error:
            raise UnknownArticleError(error.article_id, self._spelled(error.field)) from error

    def _spelled(self, field: str) -> str:
        side, *rest = field.split(".")
        if side not in SIDES:
            return field
        ids, texts = ("unlike", "unlike_text") if side == "negative" else ("like", "text")
        if len(rest) < 2:
            return ids
        if rest[1] == "article_id":
            return f"{ids}.{rest[0]}"
        return f"{texts}.{int(rest[0]) - len(getattr(self, ids))}"

    def to_query(self) -> Query:
        """Give the query asked for."""
        return Query(
            text=self.q,
            filters=self.filters_on(None),
            mode=self.mode,
            sort=self.sort,
            min_match=self.min_match,
            prefer=self.prefer,
        )


def _examples(ids: Sequence[str], texts: Sequence[str]) -> tuple[Example, ...]:
    return (*(Example("article_id", text) for text in ids), *map(recognised, texts))
