"""What requests may say: their parameters and bodies, as pydantic models.

Unknown names are refused. What the wire format has and this version does not serve is
accepted and named in a warning, or refused where ignoring it would change the answer.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from index.errors import QueryError
from service.query import DEFAULT_LIMIT, Filters, Mode, Query, Sort

_SORT = (
    "`relevance`: best first. `recency`: newest first, a partial date counting as its first day "
    "and undated articles last; with a question the best 200 articles are put in this order. "
    "Equals are in order of `article_id`. Without a question the order is always `recency`."
)
_MODE = "Which legs rank: the meaning (`semantic`), the words (`lexical`), or both (`hybrid`)."
_LIMIT = "How many hits at most."
_FROM = "First date of publication, inclusive: `2024`, `2024-03` or `2024-03-15`."
_TO = "Last date of publication, inclusive; `2024` means to the end of 2024."
_NAMES = (
    "Matches the whole name, ignoring case, accents and the order `Family, Given`; any of "
    "several; an unknown name gives no hits."
)
_IGNORED = "Not served by this version: ignored, with a warning."
_MIN_MATCH = "This version ranks the whole corpus: only 0 is accepted."
_TWINS = {"q": "query", "query": "q"}
"""The question is spelled unlike in GET and POST, and resembles other names more."""
_CURSOR = "This version gives out no cursors and accepts none."


class _Request(BaseModel):
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


class FilterParameters(_Request):
    """The filters of GET requests."""

    author: list[str] = Field(default=[], description=_NAMES)
    journal: list[str] = Field(default=[], description=_NAMES)
    type: list[str] = Field(default=[], description=_NAMES)
    language: list[str] = Field(default=[], description=_NAMES)
    from_: str | None = Field(default=None, alias="from", description=_FROM)
    to: str | None = Field(default=None, description=_TO)
    has_abstract: bool | None = Field(default=None, description="Whether the abstract is known.")
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, description=_LIMIT)
    cursor: str | None = Field(default=None, description=_CURSOR)
    facet: list[str] = Field(default=[], description=_IGNORED)

    def to_filters(self) -> Filters:
        """Give the filters asked for."""
        return Filters(
            authors=tuple(self.author),
            journals=tuple(self.journal),
            types=tuple(self.type),
            languages=tuple(self.language),
            published_from=self.from_,
            published_to=self.to,
            has_abstract=self.has_abstract,
        )

    def warnings(self) -> list[str]:
        """Refuse what cannot be right in this version; name what is ignored."""
        _refuse_cursor(self.cursor)
        return _ignored({"facets": self.facet})


class SearchParameters(FilterParameters):
    """The parameters of GET /v1/search."""

    q: str | None = Field(
        default=None,
        description="The question. Without one: what passes the filters, newest first.",
    )
    mode: Mode = Field(default="hybrid", description=_MODE)
    sort: Sort = Field(default="relevance", description=_SORT)
    min_match: float | None = Field(default=None, description=_MIN_MATCH)
    facet_query: str | None = Field(default=None, description=_IGNORED)
    prefer: str | None = Field(default=None, description=_IGNORED)
    highlight: bool = Field(default=False, description=_IGNORED)
    explain: bool = Field(default=False, description=_IGNORED)
    timeout_ms: int | None = Field(default=None, description=_IGNORED)

    def to_query(self) -> Query:
        """Give the query asked for."""
        return Query(
            text=self.q,
            filters=self.to_filters(),
            mode=self.mode,
            sort=self.sort,
            limit=self.limit,
        )

    def warnings(self) -> list[str]:
        """Refuse what cannot be right in this version; name what is ignored."""
        _refuse_min_match(self.min_match)
        return super().warnings() + _ignored(
            {
                "facet queries": self.facet_query,
                "preferences": self.prefer,
                "highlights": self.highlight,
                "explanations": self.explain,
                "deadlines": self.timeout_ms,
            }
        )


class SimilarParameters(FilterParameters):
    """The parameters of GET /v1/articles/{id}/similar."""

    diversity: float | None = Field(default=None, ge=0, le=1, description=_IGNORED)

    def warnings(self) -> list[str]:
        """Refuse what cannot be right in this version; name what is ignored."""
        return super().warnings() + _ignored({"diverse answers": self.diversity})


class FilterBody(_Request):
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

    def to_filters(self) -> Filters:
        """Give the filters asked for."""
        return Filters(
            authors=tuple(self.authors),
            journals=tuple(self.journals),
            types=tuple(self.types),
            languages=tuple(self.languages),
            published_from=self.published_from,
            published_to=self.published_to,
            has_abstract=self.has_abstract,
        )


class SearchBody(_Request):
    """The body of POST /v1/search."""

    query: str | None = Field(
        default=None,
        description="The question. Without one: what passes the filters, newest first.",
    )
    filters: FilterBody = FilterBody()
    mode: Mode = Field(default="hybrid", description=_MODE)
    sort: Sort = Field(default="relevance", description=_SORT)
    limit: Annotated[StrictInt, Field(ge=1, description=_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = Field(default=None, description=_CURSOR)
    min_match: float | None = Field(default=None, description=_MIN_MATCH)
    facets: list[str] = Field(default=[], description=_IGNORED)
    facet_query: dict[str, str] = Field(default={}, description=_IGNORED)
    prefer: str | None = Field(default=None, description=_IGNORED)
    highlight: StrictBool = Field(default=False, description=_IGNORED)
    explain: StrictBool = Field(default=False, description=_IGNORED)
    timeout_ms: StrictInt | None = Field(default=None, description=_IGNORED)

    def to_query(self) -> Query:
        """Give the query asked for."""
        return Query(
            text=self.query,
            filters=self.filters.to_filters(),
            mode=self.mode,
            sort=self.sort,
            limit=self.limit,
        )

    def warnings(self) -> list[str]:
        """Refuse what cannot be right in this version; name what is ignored."""
        _refuse_cursor(self.cursor)
        _refuse_min_match(self.min_match)
        return _ignored(
            {
                "facets": self.facets,
                "facet queries": self.facet_query,
                "preferences": self.prefer,
                "highlights": self.highlight,
                "explanations": self.explain,
                "deadlines": self.timeout_ms,
            }
        )


class BatchBody(_Request):
    """The body of POST /v1/articles:batch."""

    ids: list[str] = Field(description="Ids in any form; at most 500.")


def _ignored(asked: Mapping[str, object]) -> list[str]:
    return [
        f"{what} are not served by this version; the parameter was ignored"
        for what, value in asked.items()
        if value is not None and value is not False and value not in ([], {})
    ]


def _refuse_cursor(cursor: str | None) -> None:
    if cursor is not None:
        raise QueryError("cursor", "this version gives out no cursors and accepts none")


def _refuse_min_match(min_match: float | None) -> None:
    if min_match not in (None, 0):
        reason = f"{min_match} cannot be served: this version ranks the whole corpus; only 0 is"
        raise QueryError("min_match", reason)


_GET_NAMES = {
    "text": "q",
    "authors": "author",
    "journals": "journal",
    "types": "type",
    "languages": "language",
    "published_from": "from",
    "published_to": "to",
}
_POST_NAMES = {"text": "query"} | {name: f"filters.{name}" for name in FilterBody.model_fields}


def wire_name(method: str, field: str) -> str:
    """Give the name by which a request of this method spells a field of a query."""
    return (_POST_NAMES if method == "POST" else _GET_NAMES).get(field, field)
