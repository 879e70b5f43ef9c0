"""What the citation guard is asked: a model's answer, and what was handed to the model."""

from dataclasses import dataclass

from index.errors import QueryError
from service.query import Limits, check_text

FIELD = "answer"
"""What errors call the text that is checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyQuery:
    """A model's answer, as plain text, Markdown or LaTeX.

    `bundle_id` is that of the excerpts that were handed over. A claim is supported from the
    probability `min_match` on; None takes the floor of the calibration.
    """

    text: str
    bundle_id: str | None = None
    min_match: float | None = None

    def __post_init__(self) -> None:
        check_text(FIELD, self.text)
        if not self.text.strip():
            raise QueryError(FIELD, "is empty; send the answer that is to be checked")
        if self.min_match is not None and not 0 < self.min_match <= 1:
            raise QueryError("min_match", f"{self.min_match} is not above 0 and at most 1")

    def check(self, limits: Limits) -> None:
        """Refuse a longer answer than `limits` allow."""
        if len(self.text) > limits.max_draft_chars:
            reason = f"{len(self.text)} characters; the most is {limits.max_draft_chars}"
            raise QueryError(FIELD, f"{reason}; send it in parts")
