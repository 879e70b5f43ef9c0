"""What requests may say: their parameters and bodies, as pydantic models.

Unknown names are refused, and the nearest known one is named.
"""

import datetime
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Any, TypeGuard, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    model_validator,
)
from pydantic_core import PydanticCustomError

from index.errors import QueryError
from index.versions import Prefer
from service.cursor import asked_on
from service.examples import Example, ExampleKind, Side, SimilarQuery
from service.query import (
    DEFAULT_LIMIT,
    FacetField,
    Filters,
    Mode,
    Query,
    Sort,
    is_time_back,
    parse_since,
)

SORT = (
    "`relevance`: best first. `recency`: the same articles newest first, a partial date counting "
    "as its first day and undated articles last. Equals are in order of `article_id`. Without a "
    "question the order is always `recency`."
)
MODE = "Which legs rank: the meaning (`semantic`), the words (`lexical`), or both (`hybrid`)."
_LIMIT = "How many hits at most."
_FROM = (
    "First date of publication, inclusive: `2024`, `2024-03` or `2024-03-15`; or a time back "
    "from today (UTC): `-P1M`, `-P3M`, `-P1Y`, `-P5Y`, also in weeks (`W`) and days (`D`). Later "
    "pages count from the first page's day."
)
_TO = "Last date of publication, inclusive; `2024` means to the end of 2024."
_NAMES = (
    "Matches the whole name, ignoring case, accents and the order `Family, Given`; any of "
    "several; an unknown name gives no hits."
)
QUESTION = "The question. Without one: what passes the filters, newest first."
_CURSOR = (
    "Where to go on: `next_cursor` of the page before. The question, the filters and the order "
    "have to stay; facets, highlights and the limit may change."
)
MIN_MATCH = (
    "The least probability of a match (`scores.match`) that an article needs; by default the "
    "floor that the index was calibrated with. 0 ranks every article, up to the bound."
)
PREFER = (
    "Which version stands for a work of several: the form `published` most formally (journal, "
    "proceedings, other, preprint), the `earliest` or the `newest`."
)
_HIGHLIGHT = "Whether to show the sentences that carry the match."
_EXPLAIN = "Whether to tell of each hit how it came to its place."
_FACETS = (
    "The fields whose values are counted over all articles that match; a field's own filter does "
    "not shrink its counts."
)
_FACET_QUERIES = (
    "`field:text`, as in `journals:pat`: only those values of a facet that begin so, or have a "
    "word that does. Asks for the facet, too."
)
_BEGINNING = "Only the values that begin so, or have a word that does. Asks for the facet, too."
DIVERSITY = (
    "From 0 to 1: how far the first 100 articles are spread over what they are about, instead of "
    "showing what is most alike one after the other. The best stays first, and no article is "
    "added or lost."
)
_ARTICLE_ID = "An article of the index, by any form of its id."
_DOI = "An article of the index, by its DOI."
_TEXT = "A text in plain words: a title, an abstract, a paragraph of a draft."
_PASTED = "Records as a reference manager exports them; each of them is an example."
_POSITIVE = "What the articles are to be like, at most 20 examples."
_NEGATIVE = "What they are not to be like, at most 20 examples; may be given alone."
_SIMILAR_MIN_MATCH = (
    "The least probability (`scores.match`) of a match with one of the positive examples; by "
    "default the floor that the index was calibrated with. 0 ranks every article, up to the bound."
)
TIMEOUT = (
    "The milliseconds for the answer, waiting included; when they are over, 504. By default "
    "30,000, at most 60,000, unless the service is set otherwise."
)
_TWINS = {"q": "query", "query": "q"}
"""The question is spelled unlike in GET and POST, and resembles other names more."""


class RequestModel(BaseModel):
    """What all requests share: an unknown name is refused, and the nearest known one named."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_names(cls, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        if not isinstance(value, Mapping):
            return value
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for name in value:
            if name not in known:
                # half a character in a name would stop pydantic itself
                shown = str(name).encode("utf-8", "replace").decode()
                near = _TWINS.get(shown)
                if near not in known:
                    near = get_close_matches(shown, known, n=1, cutoff=0)[0]
                raise PydanticCustomError(
                    "unknown_parameter",
                    "unknown name; the nearest known one is '{near}'",
                    {"near": near, "name": shown},
                )
        return value


class FilterFields(RequestModel):
    """The filters of GET requests."""

    author: list[str] = Field(default=[], description=_NAMES)
    journal: list[str] = Field(default=[], description=_NAMES)
    type: list[str] = Field(default=[], description=_NAMES)
    language: list[str] = Field(default=[], description=_NAMES)
    from_: str | None = Field(default=None, alias="from", description=_FROM)
    to: str | None = Field(default=None, description=_TO)
    has_abstract: bool | None = Field(default=None, description="Whether the abstract is known.")

    def filters_on(self, cursor: str | None, today: datetime.date | None = None) -> Filters:
        """Give the filters asked for, on the day of a cursor, or on `today`, or today in UTC."""
        since, day = resolve_since(self.from_, cursor, today)
        return Filters(
            authors=tuple(self.author),
            journals=tuple(self.journal),
            types=tuple(self.type),
            languages=tuple(self.language),
            published_from=since,
            published_to=self.to,
            has_abstract=self.has_abstract,
            asked_on=day,
        )


class FilterParameters(FilterFields):
    """The filters of GET requests, and which page is wanted."""

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, description=_LIMIT)
    cursor: str | None = Field(default=None, description=_CURSOR)

    def to_filters(self, today: datetime.date | None = None) -> Filters:
        """Give the filters asked for; `today` is by default that of UTC."""
        return self.filters_on(self.cursor, today)


class SearchParameters(FilterParameters):
    """The parameters of GET /v1/search."""

    q: str | None = Field(default=None, description=QUESTION)
    mode: Mode = Field(default="hybrid", description=MODE)
    sort: Sort = Field(default="relevance", description=SORT)
    min_match: float | None = Field(default=None, ge=0, le=1, description=MIN_MATCH)
    facet: list[FacetField] = Field(default=[], description=_FACETS)
    facet_query: list[str] = Field(default=[], description=_FACET_QUERIES)
    prefer: Prefer = Field(default="published", description=PREFER)
    highlight: bool = Field(default=True, description=_HIGHLIGHT)
    explain: bool = Field(default=False, description=_EXPLAIN)
    timeout_ms: int | None = Field(default=None, description=TIMEOUT)

    def to_query(self) -> Query:
        """Give the query asked for."""
        facet_queries = parse_facet_queries(self.facet_query)
        return Query(
            text=self.q,
            filters=self.to_filters(),
            mode=self.mode,
            sort=self.sort,
            limit=self.limit,
            cursor=self.cursor,
            min_match=self.min_match,
            prefer=self.prefer,
            facets=_asked_facets(self.facet, facet_queries),
            facet_queries=facet_queries,
            highlight=self.highlight,
            explain=self.explain,
        )


class SimilarParameters(FilterParameters):
    """The parameters of GET /v1/articles/{id}/similar."""

    sort: Sort = Field(default="relevance", description=SORT)
    min_match: float | None = Field(default=None, ge=0, le=1, description=_SIMILAR_MIN_MATCH)
    facet: list[FacetField] = Field(default=[], description=_FACETS)
    facet_query: list[str] = Field(default=[], description=_FACET_QUERIES)
    prefer: Prefer = Field(default="published", description=PREFER)
    diversity: float = Field(default=0.0, ge=0, le=1, description=DIVERSITY)
    timeout_ms: int | None = Field(default=None, description=TIMEOUT)

    def to_query(self, article_id: str) -> SimilarQuery:
        """Give the query for articles like one."""
        facet_queries = parse_facet_queries(self.facet_query)
        return SimilarQuery(
            positive=(Example("article_id", article_id),),
            filters=self.to_filters(),
            sort=self.sort,
            limit=self.limit,
            cursor=self.cursor,
            min_match=self.min_match,
            prefer=self.prefer,
            facets=_asked_facets(self.facet, facet_queries),
            facet_queries=facet_queries,
            diversity=self.diversity,
        )


class FilterBody(RequestModel):
    """The filters of a request body: any of the names within a field, every field at once."""

    authors: list[str] = Field(default=[], description=_NAMES)
    journals: list[str] = Field(default=[], description=_NAMES)
    types: list[str] = Field(default=[], description=_NAMES)
    languages: list[str] = Field(default=[], description=_NAMES)
    published_from: str | None = Field(default=None, description=_FROM)
    published_to: str | None = Field(default=None, description=_TO)
    has_abstract: StrictBool | None = Field(
        default=None, description="Whether the abstract is known."
    )

    def to_filters(self, cursor: str | None, today: datetime.date | None = None) -> Filters:
        """Give the filters asked for; `today` is by default that of UTC."""
        since, day = resolve_since(self.published_from, cursor, today)
        return Filters(
            authors=tuple(self.authors),
            journals=tuple(self.journals),
            types=tuple(self.types),
            languages=tuple(self.languages),
            published_from=since,
            published_to=self.published_to,
            has_abstract=self.has_abstract,
            asked_on=day,
        )


class FacetQueryBody(RequestModel):
    """The beginnings of the values wanted of each facet."""

    authors: str | None = Field(default=None, description=_BEGINNING)
    journals: str | None = Field(default=None, description=_BEGINNING)
    years: str | None = Field(default=None, description=_BEGINNING)
    types: str | None = Field(default=None, description=_BEGINNING)

    def to_facet_queries(self) -> Mapping[FacetField, str]:
        """Give the beginnings that were asked for."""
        given = ((field, getattr(self, field)) for field in get_args(FacetField))
        return MappingProxyType({field: text for field, text in given if text is not None})


class SearchBody(RequestModel):
    """The body of POST /v1/search."""

    query: str | None = Field(default=None, description=QUESTION)
    filters: FilterBody = FilterBody()
    mode: Mode = Field(default="hybrid", description=MODE)
    sort: Sort = Field(default="relevance", description=SORT)
    limit: Annotated[StrictInt, Field(ge=1, description=_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = Field(default=None, description=_CURSOR)
    min_match: Annotated[StrictFloat, Field(ge=0, le=1)] | None = Field(
        default=None, description=MIN_MATCH
    )
    facets: list[FacetField] = Field(default=[], description=_FACETS)
    facet_query: FacetQueryBody = FacetQueryBody()
    prefer: Prefer = Field(default="published", description=PREFER)
    highlight: StrictBool = Field(default=True, description=_HIGHLIGHT)
    explain: StrictBool = Field(default=False, description=_EXPLAIN)
    timeout_ms: StrictInt | None = Field(default=None, description=TIMEOUT)

    def to_query(self) -> Query:
        """Give the query asked for."""
        facet_queries = self.facet_query.to_facet_queries()
        return Query(
            text=self.query,
            filters=self.filters.to_filters(self.cursor),
            mode=self.mode,
            sort=self.sort,
            limit=self.limit,
            cursor=self.cursor,
            min_match=self.min_match,
            prefer=self.prefer,
            facets=_asked_facets(self.facets, facet_queries),
            facet_queries=facet_queries,
            highlight=self.highlight,
            explain=self.explain,
        )


class ExampleBody(RequestModel):
    """One example; exactly one of its fields says what it is."""

    article_id: str | None = Field(default=None, description=_ARTICLE_ID)
    doi: str | None = Field(default=None, description=_DOI)
    text: str | None = Field(default=None, description=_TEXT)
    bibtex: str | None = Field(default=None, description=_PASTED)
    ris: str | None = Field(default=None, description=_PASTED)

    def to_example(self, place: str) -> Example:
        """Give the example that stands at a place, as in `positive.0`."""
        values = ((kind, getattr(self, kind)) for kind in get_args(ExampleKind))
        given = [Example(kind, value) for kind, value in values if value is not None]
        if len(given) != 1:
            known = ", ".join(get_args(ExampleKind))
            raise QueryError(place, f"has {len(given)} of {known}; give exactly one")
        return given[0]


class SimilarBody(RequestModel):
    """The body of POST /v1/similar."""

    positive: list[ExampleBody] = Field(default=[], description=_POSITIVE)
    negative: list[ExampleBody] = Field(default=[], description=_NEGATIVE)
    filters: FilterBody = FilterBody()
    sort: Sort = Field(default="relevance", description=SORT)
    limit: Annotated[StrictInt, Field(ge=1, description=_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = Field(default=None, description=_CURSOR)
    min_match: Annotated[StrictFloat, Field(ge=0, le=1)] | None = Field(
        default=None, description=_SIMILAR_MIN_MATCH
    )
    facets: list[FacetField] = Field(default=[], description=_FACETS)
    facet_query: FacetQueryBody = FacetQueryBody()
    prefer: Prefer = Field(default="published", description=PREFER)
    diversity: Annotated[StrictFloat, Field(ge=0, le=1, description=DIVERSITY)] = 0.0
    timeout_ms: StrictInt | None = Field(default=None, description=TIMEOUT)

    def to_query(self) -> SimilarQuery:
        """Give the query asked for."""
        facet_queries = self.facet_query.to_facet_queries()
        return SimilarQuery(
            positive=_to_examples("positive", self.positive),
            negative=_to_examples("negative", self.negative),
            filters=self.filters.to_filters(self.cursor),
            sort=self.sort,
            limit=self.limit,
            cursor=self.cursor,
            min_match=self.min_match,
            prefer=self.prefer,
            facets=_asked_facets(self.facets, facet_queries),
            facet_queries=facet_queries,
            diversity=self.diversity,
        )


def _to_examples(side: Side, bodies: Iterable[ExampleBody]) -> tuple[Example, ...]:
    return tuple(body.to_example(f"{side}.{number}") for number, body in enumerate(bodies))


class BatchBody(RequestModel):
    """The body of POST /v1/articles:batch."""

    ids: list[str] = Field(description="Ids in any form; at most 500.")


def resolve_since(
    text: str | None, cursor: str | None, today: datetime.date | None = None
) -> tuple[str | None, datetime.date | None]:
    """Give the date that `from` names, and the day it was counted back from, if it was.

    A time back becomes a date here, where a request comes in, so that all behind it is the
    same on every day.
    """
    if text is None or not is_time_back(text):
        return text, None
    day = asked_on(cursor, today or datetime.datetime.now(datetime.UTC).date())
    return parse_since("published_from", text, day), day


def parse_facet_queries(texts: Iterable[str]) -> Mapping[FacetField, str]:
    """Give the beginnings that `field:text` asks for, as in "journals:pat"."""
    queries: dict[FacetField, str] = {}
    for text in texts:
        field, colon, beginning = text.partition(":")
        if not colon:
            reason = f"{text!r} names no facet; write it like journals:{text or 'pat'}"
            raise QueryError("facet_query", reason)
        if not _is_facet_field(field):
            known = ", ".join(get_args(FacetField))
            raise QueryError("facet_query", f"{field!r}, before the colon, is none of {known}")
        if field in queries:
            raise QueryError("facet_query", f"is given for {field} more than once")
        queries[field] = beginning
    return MappingProxyType(queries)


def _is_facet_field(text: str) -> TypeGuard[FacetField]:
    return text in get_args(FacetField)


def _asked_facets(
    facets: Iterable[FacetField], facet_queries: Iterable[FacetField]
) -> tuple[FacetField, ...]:
    """Give the facets to count, each once: who looks for values of a facet asks for it."""
    return tuple(dict.fromkeys([*facets, *facet_queries]))


_GET_NAMES = {
    "text": "q",
    "authors": "author",
    "journals": "journal",
    "types": "type",
    "languages": "language",
    "facets": "facet",
    "published_from": "from",
    "published_to": "to",
    "ids": "id",
    "positive.0.article_id": "id",
}
_POST_NAMES = {"text": "query", "draft": "text", "answer": "text"} | {
    name: f"filters.{name}" for name in FilterBody.model_fields
}


def wire_name(method: str, field: str) -> str:
    """Give the name by which a request of this method spells a field of a query."""
    return (_POST_NAMES if method == "POST" else _GET_NAMES).get(field, field)
