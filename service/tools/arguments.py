"""What tools take: their arguments, with the bounds that their schemas tell a model.

Names are those of the bodies of the HTTP API, so that one fault has one name. The list of tools
is sent with every request to a model, so descriptions are short.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from index.article import TYPES
from service.context.bundle import LONGEST_BUNDLE_ID
from service.context.query import DEFAULT_EXCERPTS, MOST_EXCERPTS, ContextQuery
from service.cursor import LONGEST_CURSOR
from service.examples import Example, SimilarQuery
from service.parameters import FilterBody, RequestModel
from service.query import Limits, Query, Sort
from service.related.query import RelatedQuery
from service.verification.query import VerifyQuery

Detail = Literal["ids", "short", "full"]

LEAST_TOKENS = 500
MOST_TOKENS = 20_000
"""Below the 25,000 that clients of MCP take of one answer."""
DEFAULT_TOKENS = 6_000
DEFAULT_CONTEXT_TOKENS = 3_000
MOST_HITS = 50
MOST_EXAMPLES = Limits().max_examples
LONGEST_TEXT = Limits().max_query_chars
LONGEST_DRAFT = 100_000
LONGEST_ID = 600
_MOST_NAMES = 20

_LIMIT = "At most so many"
_CURSOR = "From the page before; all else as there"


def _unwrapped(value: object) -> object:
    """Read a list or object that a client sent as JSON within a string, as some do."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


def _known_types(names: list[str]) -> list[str]:
    for name in names:
        if name not in TYPES:
            known = ", ".join(TYPES)
            raise PydanticCustomError(
                "type", "{name} is none of {known}", {"name": repr(name), "known": known}
            )
    return names


Names = Annotated[list[str], BeforeValidator(_unwrapped), Field(max_length=_MOST_NAMES)]
Types = Annotated[
    Names,
    AfterValidator(_known_types),
    WithJsonSchema({"type": "array", "items": {"type": "string", "enum": list(TYPES)}}),
]
InDetail = Annotated[Detail, Field(description="`full` has abstracts")]
Tokens = Annotated[
    int, Field(ge=LEAST_TOKENS, le=MOST_TOKENS, description="Most tokens of the answer")
]
Start = Annotated[int, Field(ge=0, description="Go on with this part")]
Cursor = Annotated[str, Field(max_length=LONGEST_CURSOR, description=_CURSOR)]


class ToolArguments(RequestModel):
    """What all arguments share: null stands for the default, an unknown name is refused."""

    @model_validator(mode="before")
    @classmethod
    def _take_null_for_the_default(cls, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        if isinstance(value, Mapping):
            return {name: given for name, given in value.items() if given is not None}
        return value


class FilterArguments(ToolArguments, FilterBody):
    """Conditions on articles: any of the names within a field, every field at once."""

    authors: Names = Field(default=[])
    journals: Names = Field(default=[])
    types: Types = Field(default=[])
    languages: Names = Field(default=[], description="As `en`")
    published_from: str | None = Field(
        default=None, description="`2024`, `2024-03-15`, or back from today: `-P3M`, `-P5Y`"
    )
    published_to: str | None = None
    has_abstract: bool | None = None


Filtered = Annotated[FilterArguments, BeforeValidator(_unwrapped)]


class SearchArguments(ToolArguments):
    """The one argument of `search`, as ChatGPT's connectors call it."""

    query: str = Field(min_length=1, max_length=LONGEST_TEXT)


class FetchArguments(ToolArguments):
    """The one argument of `fetch`, as ChatGPT's connectors call it."""

    id: str = Field(min_length=1, max_length=LONGEST_ID, description="An id from a tool, or a DOI")


class SearchArticlesArguments(ToolArguments):
    """A question, and how its answer is wanted."""

    query: str | None = Field(
        default=None, max_length=LONGEST_TEXT, description="Without one: the newest"
    )
    filters: Filtered = FilterArguments()
    sort: Sort = "relevance"
    limit: int = Field(default=10, ge=1, le=MOST_HITS, description=_LIMIT)
    min_match: float | None = Field(
        default=None, ge=0, le=1, description="Least probability; 0 shows the nearest misses"
    )
    cursor: Cursor | None = None
    detail: InDetail = "short"
    max_tokens: Tokens = DEFAULT_TOKENS

    def to_query(self, limit: int) -> Query:
        """Give the query for a page of so many hits."""
        return Query(
            text=self.query,
            filters=self.filters.to_filters(self.cursor),
            sort=self.sort,
            limit=limit,
            min_match=self.min_match,
            cursor=self.cursor,
        )


def _one_property(name: str) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {name: {"type": "string"}},
        "required": [name],
        "additionalProperties": False,
    }


class ExampleArguments(ToolArguments):
    """One example: exactly one of its fields says what it is."""

    article_id: str | None = Field(default=None, max_length=LONGEST_ID)
    text: str | None = Field(default=None, max_length=LONGEST_TEXT)

    @model_validator(mode="after")
    def _is_one(self) -> "ExampleArguments":
        if (self.article_id is None) == (self.text is None):
            raise PydanticCustomError("example", "give exactly one of article_id and text")
        return self

    def to_example(self) -> Example:
        """Give the example."""
        if self.article_id is not None:
            return Example("article_id", self.article_id)
        return Example("text", self.text or "")


_ONE_OF_TWO = WithJsonSchema({"anyOf": [_one_property("article_id"), _one_property("text")]})
Examples = Annotated[
    list[Annotated[ExampleArguments, _ONE_OF_TWO]],
    BeforeValidator(_unwrapped),
    Field(max_length=MOST_EXAMPLES),
]


class SimilarArticlesArguments(ToolArguments):
    """Examples, and how their answer is wanted."""

    positive: Examples = Field(default=[], description="To be like: ids, DOIs or texts")
    negative: Examples = Field(default=[], description="To be unlike")
    filters: Filtered = FilterArguments()
    limit: int = Field(default=10, ge=1, le=MOST_HITS, description=_LIMIT)
    cursor: Cursor | None = None
    detail: InDetail = "short"
    max_tokens: Tokens = DEFAULT_TOKENS

    def to_query(self, limit: int) -> SimilarQuery:
        """Give the query for a page of so many hits."""
        return SimilarQuery(
            positive=tuple(example.to_example() for example in self.positive),
            negative=tuple(example.to_example() for example in self.negative),
            filters=self.filters.to_filters(self.cursor),
            limit=limit,
            cursor=self.cursor,
        )


class GetContextArguments(ToolArguments):
    """A question, and how much may be handed over to answer it from."""

    query: str = Field(min_length=1, max_length=LONGEST_TEXT)
    filters: Filtered = FilterArguments()
    max_excerpts: int = Field(default=DEFAULT_EXCERPTS, ge=1, le=MOST_EXCERPTS)
    include_retracted: bool = False
    max_tokens: Tokens = DEFAULT_CONTEXT_TOKENS

    def to_query(self, max_tokens: int) -> ContextQuery:
        """Give the query for so many tokens of excerpts."""
        return ContextQuery(
            text=self.query,
            filters=self.filters.to_filters(None),
            max_excerpts=self.max_excerpts,
            include_retracted=self.include_retracted,
            max_tokens=max_tokens,
        )


class VerifyCitationsArguments(ToolArguments):
    """An answer to be checked, and what was handed over to write it from."""

    text: str = Field(min_length=1, max_length=LONGEST_DRAFT, description="The answer, whole")
    bundle_id: str | None = Field(
        default=None, max_length=LONGEST_BUNDLE_ID, description="Of get_context, if it was used"
    )
    start: Start = 0
    max_tokens: Tokens = DEFAULT_TOKENS

    def to_query(self) -> VerifyQuery:
        """Give the query for the whole answer."""
        return VerifyQuery(text=self.text, bundle_id=self.bundle_id)


class RelatedWorkArguments(ToolArguments):
    """A draft, and how much is wanted of what it could cite."""

    text: str = Field(min_length=1, max_length=LONGEST_DRAFT, description="LaTeX, Markdown, plain")
    bibliography: str | None = Field(
        default=None, max_length=LONGEST_DRAFT, description="What it cites already: BibTeX, RIS"
    )
    limit: int = Field(default=3, ge=1, le=10, description="Candidates a sentence")
    neighbours: int = Field(default=5, ge=0, le=20, description="Articles near the whole")
    start: Start = 0
    detail: InDetail = "short"
    max_tokens: Tokens = DEFAULT_TOKENS

    def to_query(self) -> RelatedQuery:
        """Give the query for the whole draft."""
        return RelatedQuery(
            text=self.text,
            bibliography=self.bibliography,
            limit=self.limit,
            neighbours=self.neighbours,
        )
