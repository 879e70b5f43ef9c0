"""What the citation guard finds: citations, quotations and claims, each at its place in the text.

All places count Unicode code points.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from service.results import PieceOfText
from service.short_article import ShortArticle
from service.verification.comparison import Difference
from service.verification.mentions import CitationKind
from service.verification.passages import Change
from service.verification.verdict import STATUSES, Status

QuoteStatus = Literal["verbatim", "altered", "not_found", "unchecked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCitation:
    """One citation, what it was found to be, and why.

    `in_bundle` tells whether the work was handed over; None where no bundle was named.
    """

    start: int
    end: int
    text: str
    kind: CitationKind
    status: Status
    reason: str
    article: ShortArticle | None
    differs: tuple[Difference, ...]
    in_bundle: bool | None
    retracted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedQuote:
    """One quotation, and where it stands in an article; `differs` are the words that do."""

    start: int
    end: int
    text: str
    status: QuoteStatus
    reason: str
    article_id: str | None = None
    field: Literal["title", "abstract"] | None = None
    found_start: int | None = None
    found_end: int | None = None
    found_text: str | None = None
    differs: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedClaim:
    """One sentence of the answer, the numbers of its citations, and what supports it best."""

    start: int
    end: int
    text: str
    citations: tuple[int, ...]
    article_id: str | None = None
    support: PieceOfText | None = None
    match: float | None = None
    supported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All that was found in an answer."""

    citations: tuple[CheckedCitation, ...]
    quotes: tuple[CheckedQuote, ...]
    claims: tuple[CheckedClaim, ...]
    snapshot: str
    took_ms: float = 0.0

    @property
    def summary(self) -> Mapping[Status, int]:
        """How many citations have each status."""
        counts = Counter(one.status for one in self.citations)
        return {status: counts[status] for status in STATUSES}

    @property
    def is_sound(self) -> bool:
        """Whether every citation is verified, and handed over, and every quotation verbatim."""
        citations = all(
            one.status == "verified" and one.in_bundle is not False for one in self.citations
        )
        return citations and all(one.status == "verbatim" for one in self.quotes)

    @property
    def is_wrong(self) -> bool:
        """Whether anything that could be decided is not as it is said to be."""
        citations = any(
            one.in_bundle is False or one.status not in ("verified", "unchecked")
            for one in self.citations
        )
        return citations or any(one.status in ("altered", "not_found") for one in self.quotes)
