"""The citation guard on the wire: what is asked in a body, and its answer as JSON."""

from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt

from service.parameters import TIMEOUT, RequestModel
from service.schemas import Wire, rounded
from service.short_article import ShortArticleWire
from service.similar_schemas import PieceOfTextWire, piece_to_wire
from service.verification.comparison import Field as ComparedField
from service.verification.mentions import CitationKind
from service.verification.query import VerifyQuery
from service.verification.results import (
    CheckedCitation,
    CheckedClaim,
    CheckedQuote,
    QuoteStatus,
    Verification,
)
from service.verification.verdict import Status

_TEXT = "The answer to be checked: plain text, Markdown or LaTeX, with its list of references."
_BUNDLE = (
    "What was handed to the model, as POST /v1/context called it: numbers and keys are then those "
    "of the excerpts, and every citation is told to be in it or not."
)
_MIN_MATCH = (
    "The least probability with which a claim is supported; by default .05, or the floor that the "
    "index was calibrated with where that is higher."
)


class VerifyBody(RequestModel):
    """The body of POST /v1/verify."""

    text: str = Field(description=_TEXT)
    bundle_id: str | None = Field(default=None, description=_BUNDLE)
    min_match: Annotated[StrictFloat, Field(gt=0, le=1)] | None = Field(
        default=None, description=_MIN_MATCH
    )
    timeout_ms: StrictInt | None = Field(default=None, description=TIMEOUT)

    def to_query(self) -> VerifyQuery:
        """Give the query asked for."""
        return VerifyQuery(text=self.text, bundle_id=self.bundle_id, min_match=self.min_match)


class SummaryWire(Wire):
    """How many citations have each status."""

    verified: int
    metadata_mismatch: int
    retracted: int
    not_in_corpus: int
    unchecked: int


class DifferenceWire(Wire):
    """A field that is stated otherwise."""

    field: ComparedField
    given: str
    found: str | None = Field(description="Null where the index knows nothing to compare it with.")


class CitationWire(Wire):
    """One citation, at its place in the text, in Unicode code points."""

    start: int
    end: int
    text: str
    kind: CitationKind
    status: Status
    reason: str = Field(description="Why, in a sentence.")
    retracted: bool
    article: ShortArticleWire | None = Field(
        description="What it names; of an undecided one what it may name."
    )
    differs: list[DifferenceWire]
    in_bundle: bool | None = Field(description="Null where no bundle was named.")


class WordsWire(Wire):
    """Words that a quotation has in the place of others; either can be empty."""

    given: str
    found: str


class QuoteWire(Wire):
    """One quotation; places of what was found count code points of that field."""

    start: int
    end: int
    text: str
    status: QuoteStatus
    reason: str
    article_id: str | None
    field: Literal["title", "abstract"] | None
    found_start: int | None
    found_end: int | None
    found_text: str | None
    differs: list[WordsWire]


class SupportWire(PieceOfTextWire):
    """The sentence of an article that is nearest to a claim."""

    article_id: str


class ClaimWire(Wire):
    """One sentence of the answer, and what supports it best."""

    start: int
    end: int
    text: str
    citations: list[int] = Field(description="The numbers, from 0, of its citations.")
    support: SupportWire | None
    match: float | None = Field(description="The probability that this article says it.")
    supported: bool


class VerifyAnswer(Wire):
    """What was found in an answer."""

    summary: SummaryWire
    citations: list[CitationWire]
    quotes: list[QuoteWire]
    claims: list[ClaimWire]
    snapshot: str
    took_ms: float


def verification_to_wire(found: Verification) -> dict[str, object]:
    """Give what was found as JSON values."""
    return {
        "summary": dict(found.summary),
        "citations": [_citation_to_wire(one) for one in found.citations],
        "quotes": [_quote_to_wire(one) for one in found.quotes],
        "claims": [_claim_to_wire(one) for one in found.claims],
        "snapshot": found.snapshot,
        "took_ms": found.took_ms,
    }


def _citation_to_wire(one: CheckedCitation) -> dict[str, object]:
    return {
        "start": one.start,
        "end": one.end,
        "text": one.text,
        "kind": one.kind,
        "status": one.status,
        "reason": one.reason,
        "retracted": one.retracted,
        "article": one.article.to_wire() if one.article else None,
        "differs": [
            {"field": other.field, "given": other.given, "found": other.found}
            for other in one.differs
        ],
        "in_bundle": one.in_bundle,
    }


def _quote_to_wire(one: CheckedQuote) -> dict[str, object]:
    return {
        "start": one.start,
        "end": one.end,
        "text": one.text,
        "status": one.status,
        "reason": one.reason,
        "article_id": one.article_id,
        "field": one.field,
        "found_start": one.found_start,
        "found_end": one.found_end,
        "found_text": one.found_text,
        "differs": [{"given": change.given, "found": change.found} for change in one.differs],
    }


def _claim_to_wire(one: CheckedClaim) -> dict[str, object]:
    support = None
    if one.support is not None:
        support = {"article_id": one.article_id, **piece_to_wire(one.support)}
    return {
        "start": one.start,
        "end": one.end,
        "text": one.text,
        "citations": list(one.citations),
        "support": support,
        "match": rounded(one.match),
        "supported": one.supported,
    }
