"""What "related work" asks: a draft, its bibliography, and how much is wanted of the answer."""

from dataclasses import dataclass, field

from index.errors import QueryError
from service.drafts.bibliography import BibliographyFormat
from service.drafts.draft import DraftFormat
from service.query import Filters, Limits, check_limit, check_text

LEAST_MATCH = 0.05
"""Nothing less probable is offered by default, where the floor of a large corpus would let it pass:
a draft asks so often that one chance in twenty is noise."""
INSERTED_FROM = 0.5
"""The patch inserts what is more likely right than wrong."""
DEFAULT_CANDIDATES = 5
MOST_CANDIDATES = 20
DEFAULT_NEIGHBOURS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedQuery:
    """A draft, whole or a paragraph of it, and how its answer is wanted.

    Formats that are None are recognised by content. `limit` is the most candidates for a
    sentence, `neighbours` the most articles that are near the whole draft; `min_match` the least
    probability of either, None the floor of the calibration, or `LEAST_MATCH`. Of the best
    candidates the patch inserts those of `insert_from` and more. `name` is what it calls the draft.
    """

    text: str
    format: DraftFormat | None = None
    bibliography: str | None = None
    bibliography_format: BibliographyFormat | None = None
    filters: Filters = field(default_factory=Filters)
    limit: int = DEFAULT_CANDIDATES
    neighbours: int = DEFAULT_NEIGHBOURS
    min_match: float | None = None
    insert_from: float = INSERTED_FROM
    name: str = "draft"

    def __post_init__(self) -> None:
        check_text("draft", self.text)
        check_text("name", self.name)
        if not self.text.strip():
            raise QueryError("draft", "is empty; give a paragraph, or a whole draft")
        if not 1 <= self.limit <= MOST_CANDIDATES:
            raise QueryError("limit", f"{self.limit} is not between 1 and {MOST_CANDIDATES}")
        for name, value in (("min_match", self.min_match), ("insert_from", self.insert_from)):
            if value is not None and not 0 < value <= 1:
                raise QueryError(name, f"{value} is not above 0 and at most 1")

    def check(self, limits: Limits) -> None:
        """Refuse a query that asks for more than `limits` allow."""
        if self.neighbours:
            check_limit(self.neighbours, limits, "neighbours")
        for name, text in (("draft", self.text), ("bibliography", self.bibliography or "")):
            if len(text) > limits.max_draft_chars:
                reason = f"{len(text)} characters; the most is {limits.max_draft_chars}"
                raise QueryError(name, f"{reason}; send it in parts")
