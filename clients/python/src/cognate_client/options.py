"""What calls may say beside their question: the names and the defaults are those of the API."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypedDict

from cognate_client.filters import Filters

Mode = Literal["hybrid", "semantic", "lexical"]
Sort = Literal["relevance", "recency"]
Prefer = Literal["published", "earliest", "newest"]
FacetField = Literal["authors", "journals", "years", "types"]
ExportFormat = Literal["bibtex", "ris", "csl-json", "csv", "jsonl"]
CiteFormat = Literal["text", "bibtex", "ris", "csl-json"]


class Example(TypedDict, total=False):
    """What articles are to be like or unlike; exactly one of these."""

    article_id: str
    doi: str
    text: str
    bibtex: str
    ris: str


class Message(TypedDict):
    """One turn of a conversation."""

    role: Literal["user", "assistant", "system", "tool"]
    content: str


class AnswerOptions(TypedDict, total=False):
    """What searches and examples have in common."""

    filters: Filters | None
    sort: Sort
    limit: int
    cursor: str | None
    min_match: float | None
    facets: Sequence[FacetField]
    facet_query: Mapping[FacetField, str]
    prefer: Prefer


class SearchOptions(AnswerOptions, total=False):
    """What a search may say."""

    mode: Mode
    highlight: bool
    explain: bool


class SimilarOptions(AnswerOptions, total=False):
    """What a question by examples may say."""

    diversity: float


class Search(SearchOptions, total=False):
    """A search to be exported."""

    query: str | None


class Similar(SimilarOptions, total=False):
    """Examples whose answer is to be exported."""

    positive: Sequence[Example]
    negative: Sequence[Example]


class ExportOptions(TypedDict, total=False):
    """What is exported: exactly one of `search`, `similar` and `ids`; how much of it."""

    search: Search
    similar: Similar
    ids: Iterable[str]
    limit: int
    versions: bool


class RelatedOptions(TypedDict, total=False):
    """What a request for related work may say."""

    format: Literal["latex", "markdown", "text"] | None
    bibliography: str | None
    bibliography_format: str | None
    filters: Filters | None
    limit: int
    neighbours: int
    min_match: float | None
    insert_from: float
    include: Sequence[Literal["bibtex", "patch", "markdown", "html"]]
    name: str


class ContextOptions(TypedDict, total=False):
    """What a request for context may say."""

    max_tokens: int
    max_excerpts: int
    filters: Filters | None
    mode: Mode
    min_match: float | None
    prefer: Prefer
    include_retracted: bool


def to_wire(value: object) -> object:
    """Give what JSON holds; what is None is left out."""
    if isinstance(value, Filters):
        return value.to_wire()
    if isinstance(value, Mapping):
        return {name: to_wire(one) for name, one in value.items() if one is not None}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [to_wire(one) for one in value]
    return value
