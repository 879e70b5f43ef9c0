"""What requests in place of Semantic Scholar may say, and the queries that they are.

Names are those of its API. What it has and an index cannot answer is refused with the reason.
"""

import re
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from index.errors import QueryError
from service.examples import Example, SimilarQuery
from service.parameters import RequestModel
from service.part import Part
from service.query import Filters, Query, parse_span
from service.results import FoundArticle
from service.semantic_scholar.bulk_query import check_plain, part_order
from service.semantic_scholar.paper import TYPES

MOST_RANKED = 1_000
"""Of a ranked answer so many papers can be reached by counting."""
MOST_A_PAGE = 100
MOST_OF_BULK = 1_000
MOST_RECOMMENDED = 500
MOST_IN_BATCH = 500
MOST_LISTED = 1_000

_YEARS = re.compile(r"(\d{4})(?:(-)(\d{4})?)?|-(\d{4})", re.ASCII)
_WHY_NOT = {
    "fields_of_study": ("fieldsOfStudy", "fields of study are not known here"),
    "min_citation_count": ("minCitationCount", "citations are not counted here"),
    "open_access_pdf": ("openAccessPdf", "open access is not known here"),
    "inserted_before": ("insertedBefore", "papers are not found by when they came to the index"),
    "paper_ids": ("paperIds", "snippets are taken from all papers; fetch the papers themselves"),
}


class FieldParameters(RequestModel):
    """Which fields are wanted, as a list with commas."""

    fields: str | None = None


class PaperFilters(FieldParameters):
    """The filters that all searches have; lists are written with commas."""

    year: str | None = None
    publication_date_or_year: str | None = Field(default=None, alias="publicationDateOrYear")
    publication_types: str | None = Field(default=None, alias="publicationTypes")
    venue: str | None = None
    fields_of_study: str | None = Field(default=None, alias="fieldsOfStudy")
    min_citation_count: str | None = Field(default=None, alias="minCitationCount")
    open_access_pdf: str | None = Field(default=None, alias="openAccessPdf")

    def to_filters(self, authors: tuple[str, ...] = ()) -> Filters:
        """Give the filters asked for; QueryError for one that an index cannot hold."""
        for name, (shown, reason) in _WHY_NOT.items():
            if getattr(self, name, None) is not None:
                raise QueryError(shown, f"{reason}; leave it out")
        first, last = self._dates()
        return Filters(
            authors=authors,
            journals=_venues(self.venue),
            types=tuple(_types(self.publication_types)),
            published_from=first,
            published_to=last,
        )

    def _dates(self) -> tuple[str | None, str | None]:
        if self.year is None:
            name, text = "publicationDateOrYear", self.publication_date_or_year
            return (None, None) if text is None else _checked(name, *_split_dates(text))
        if self.publication_date_or_year is not None:
            raise QueryError("year", "give it or publicationDateOrYear, not both")
        return _checked("year", *_split_years(self.year))


class SearchParameters(PaperFilters):
    """What a ranked search asks."""

    query: str | None = None
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=MOST_A_PAGE, ge=1, le=MOST_A_PAGE)

    def to_query(self) -> Query:
        """Give the query asked for."""
        return Query(text=needed(self.query), filters=self.to_filters(), highlight=False)

    def to_part(self) -> Part:
        """Give which of its papers are wanted."""
        if self.offset + self.limit > MOST_RANKED:
            reason = (
                f"{self.offset} and a limit of {self.limit} reach beyond the first {MOST_RANKED} "
                "papers; all that match are given by /graph/v1/paper/search/bulk"
            )
            raise QueryError("offset", reason)
        return Part(self.offset, self.limit)


class MatchParameters(PaperFilters):
    """What a search for one title asks; `offset` and `limit` say nothing of one paper."""

    query: str | None = None
    offset: str | None = None
    limit: str | None = None

    def to_query(self) -> Query:
        """Give the query asked for: near misses too, and quotation marks are part of a title."""
        text = re.sub(r'["“”„«»]', " ", needed(self.query))
        return Query(text=text, filters=self.to_filters(), min_match=0.0, highlight=False)


class BulkParameters(PaperFilters):
    """What a bulk search asks; pages have their length, and go on by `token` alone."""

    query: str | None = None
    token: str | None = None
    sort: str = "paperId:asc"
    offset: str | None = None
    limit: str | None = None

    def to_query(self) -> Query:
        """Give the query asked for; without a text it is all papers that pass the filters."""
        if self.query is not None:
            check_plain(self.query)
        return Query(text=self.query, filters=self.to_filters(), highlight=False)

    def to_part(self, start: int) -> Part:
        """Give the page that begins at a place."""
        return Part(start, MOST_OF_BULK, part_order(self.sort))


class SnippetParameters(PaperFilters):
    """What a search for snippets asks."""

    query: str | None = None
    limit: int = Field(default=10, ge=1, le=MOST_LISTED)
    authors: str | None = None
    paper_ids: str | None = Field(default=None, alias="paperIds")
    inserted_before: str | None = Field(default=None, alias="insertedBefore")

    def to_query(self) -> Query:
        """Give the query asked for."""
        if self.authors and "," in self.authors:
            raise QueryError("authors", "give one author; papers by several are not told apart")
        authors = (self.authors,) if self.authors else ()
        return Query(text=needed(self.query), filters=self.to_filters(authors))


class CompletionParameters(RequestModel):
    """What is typed so far."""

    query: str | None = None


class ListParameters(FieldParameters):
    """Which part of a list is wanted."""

    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=MOST_A_PAGE, ge=1, le=MOST_LISTED)


NAMES = frozenset(
    field.alias or name
    for model in (SearchParameters, BulkParameters, SnippetParameters)
    for name, field in model.model_fields.items()
)
"""The names of all parameters that a search can have."""


class BatchBody(RequestModel):
    """The ids of the papers wanted."""

    ids: list[str]

    def checked(self) -> list[str]:
        """Give the ids; QueryError where there are none, or too many."""
        if not 1 <= len(self.ids) <= MOST_IN_BATCH:
            raise QueryError("ids", f"{len(self.ids)} ids; give 1 to {MOST_IN_BATCH}")
        return self.ids


class RecommendationParameters(FieldParameters):
    """How recommendations are wanted."""

    limit: int = Field(default=MOST_A_PAGE, ge=1, le=MOST_RECOMMENDED)

    def to_part(self) -> Part:
        """Give which of the papers are wanted: the first."""
        return Part(0, self.limit)


class ForPaperParameters(RecommendationParameters):
    """How recommendations for one paper are wanted; either pool is the whole index here."""

    from_: Literal["recent", "all-cs"] = Field(default="recent", alias="from")


class ExamplesBody(RequestModel):
    """The papers that recommendations are to be like, and unlike."""

    positive: list[str] | None = Field(default=None, alias="positivePaperIds")
    negative: list[str] | None = Field(default=None, alias="negativePaperIds")

    def ids(self) -> tuple[list[str], list[str]]:
        """Give the ids of both sides; QueryError where none is positive."""
        if not self.positive:
            # word for word what Semantic Scholar says
            raise QueryError(None, "No positive paper examples given")
        return self.positive, self.negative or []


def to_similar(positive: list[FoundArticle], negative: list[FoundArticle]) -> SimilarQuery:
    """Give the query for papers like some and unlike others."""

    def examples(found: list[FoundArticle]) -> tuple[Example, ...]:
        return tuple(Example("article_id", one.article.article_id) for one in found)

    return SimilarQuery(positive=examples(positive), negative=examples(negative))


def needed(query: str | None) -> str:
    """Give the text of a query; QueryError where there is none."""
    if query is None or not query.strip():
        raise QueryError("query", "is missing or blank; say what to look for")
    return query


def _venues(text: str | None) -> tuple[str, ...]:
    """Give the names of a list; a name may hold commas itself, so the whole counts as one too."""
    names = [name.strip() for name in (text or "").split(",")]
    if text is None:
        return ()
    return tuple(dict.fromkeys([*names, text.strip()]))


def _types(text: str | None) -> Iterator[str]:
    for name in () if text is None else (part.strip() for part in text.split(",")):
        if name not in TYPES:
            reason = f"{name!r} is not known here; of the types these are: {', '.join(TYPES)}"
            raise QueryError("publicationTypes", reason)
        yield TYPES[name]


def _split_years(text: str) -> tuple[str | None, str | None]:
    match = _YEARS.fullmatch(text)
    if match is None:
        raise QueryError("year", f"{text!r} is no year like 2019, 2016-2020, 2010- or -2015")
    first, dash, last, until = match.groups()
    return (None, until) if until else (first, last if dash else first)


def _split_dates(text: str) -> tuple[str | None, str | None]:
    first, colon, last = text.partition(":")
    if not first and not last:
        reason = f"{text!r} names no date; write it like 2019-03-05:2020-06, 2019: or :2020"
        raise QueryError("publicationDateOrYear", reason)
    return first or None, (last or None) if colon else first


def _checked(name: str, first: str | None, last: str | None) -> tuple[str | None, str | None]:
    begin = parse_span(name, first)[0] if first else None
    end = parse_span(name, last)[1] if last else None
    if begin and end and begin > end:
        raise QueryError(name, f"{first} is after {last}")
    return first, last
