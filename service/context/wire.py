"""Context on the wire: what is asked in a body, and how the answer is written as JSON."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from index.versions import Prefer
from service.context.query import (
    DEFAULT_EXCERPTS,
    DEFAULT_TOKENS,
    LEAST_TOKENS,
    MOST_EXCERPTS,
    MOST_TOKENS,
    ContextQuery,
    Message,
    Role,
)
from service.context.results import Context, Excerpt
from service.parameters import MIN_MATCH, MODE, PREFER, TIMEOUT, FilterBody, RequestModel
from service.query import Mode
from service.schemas import Wire, rounded
from service.short_article import ShortArticleWire

_QUERY = "The question. Give it, or the `messages` of a conversation."
_MESSAGES = (
    "A conversation, the user's question last. Where that cannot stand alone, what the user said "
    "before is searched with it; other roles are not read. At most 500 messages of 400,000 "
    "characters together."
)
_MAX_TOKENS = "How long `text` may be, as the tokenizer of the index counts."
_MAX_EXCERPTS = "The most excerpts, each of another work."
_RETRACTED = "Whether retracted articles are handed over, too, marked as such."


class MessageBody(RequestModel):
    """One message of a conversation."""

    role: Role
    content: str


class ContextBody(RequestModel):
    """The body of POST /v1/context."""

    query: str | None = Field(default=None, description=_QUERY)
    messages: list[MessageBody] = Field(default=[], description=_MESSAGES)
    max_tokens: Annotated[
        StrictInt, Field(ge=LEAST_TOKENS, le=MOST_TOKENS, description=_MAX_TOKENS)
    ] = DEFAULT_TOKENS
    max_excerpts: Annotated[StrictInt, Field(ge=1, le=MOST_EXCERPTS, description=_MAX_EXCERPTS)] = (
        DEFAULT_EXCERPTS
    )
    filters: FilterBody = FilterBody()
    mode: Mode = Field(default="hybrid", description=MODE)
    min_match: Annotated[StrictFloat, Field(ge=0, le=1)] | None = Field(
        default=None, description=MIN_MATCH
    )
    prefer: Prefer = Field(default="published", description=PREFER)
    include_retracted: StrictBool = Field(default=False, description=_RETRACTED)
    timeout_ms: StrictInt | None = Field(default=None, description=TIMEOUT)

    def to_query(self) -> ContextQuery:
        """Give the query asked for."""
        return ContextQuery(
            text=self.query,
            messages=tuple(Message(one.role, one.content) for one in self.messages),
            max_tokens=self.max_tokens,
            max_excerpts=self.max_excerpts,
            filters=self.filters.to_filters(None),
            mode=self.mode,
            min_match=self.min_match,
            prefer=self.prefer,
            include_retracted=self.include_retracted,
        )


class SpanWire(Wire):
    """A place in a field of an article, in Unicode code points."""

    start: int
    end: int = Field(description="The first code point behind it.")


class ExcerptWire(Wire):
    """What of one article is handed over."""

    number: int = Field(description="From 1: the number in brackets above it.")
    key: str = Field(description="What to cite the article by; it has no other, in any index.")
    article: ShortArticleWire
    match: float = Field(description="The calibrated probability that the article matches.")
    field: Literal["abstract", "title"]
    text: str = Field(description='What lies at `spans`, joined by " … ".')
    spans: list[SpanWire]
    sha256: str = Field(description="The hash of `text` in UTF-8.")
    tokens: int = Field(description="The tokens of `text`.")


class ContextAnswer(Wire):
    """Excerpts that a language model can answer from."""

    query: str = Field(description="What was searched.")
    answerable: bool = Field(
        description="Whether anything matches. If not there is nothing to answer from."
    )
    bundle_id: str | None = Field(description="What was handed over, to check an answer against.")
    text: str = Field(description="All excerpts under their headings, as a prompt takes them over.")
    tokens: int = Field(description="The tokens of `text`.")
    max_tokens: int
    tokenizer: str = Field(description="What counted the tokens.")
    excerpts: list[ExcerptWire]
    snapshot: str
    took_ms: float


def context_to_wire(context: Context) -> dict[str, object]:
    """Give the answer as JSON values."""
    bundle = context.bundle
    return {
        "query": context.query,
        "answerable": context.answerable,
        "bundle_id": None if bundle is None else bundle.to_id(),
        "text": context.text,
        "tokens": context.tokens,
        "max_tokens": context.max_tokens,
        "tokenizer": context.tokenizer,
        "excerpts": [_excerpt_to_wire(one) for one in context.excerpts],
        "snapshot": context.snapshot,
        "took_ms": context.took_ms,
    }


def _excerpt_to_wire(excerpt: Excerpt) -> dict[str, object]:
    return {
        "number": excerpt.number,
        "key": excerpt.key,
        "article": excerpt.article.to_wire(),
        "match": rounded(excerpt.match),
        "field": excerpt.field,
        "text": excerpt.text,
        "spans": [{"start": start, "end": end} for start, end in excerpt.spans],
        "sha256": excerpt.sha256,
        "tokens": excerpt.tokens,
    }
