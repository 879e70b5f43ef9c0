"""Answers in numbered parts: as many as fit, from one of them on, and where to go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.tools.answer import Answer, Budget
from service.tools.fitting import most_that_fit


@dataclass(frozen=True, slots=True)
class InParts:
    """An answer whose `parts` need not all be sent at once; `data` is of the whole of it."""

    heading: str
    parts: Sequence[Answer]
    data: Mapping[str, object]

    def from_part(self, start: int, budget: Budget) -> Answer | None:
        """Give as many parts from `start` on as fit; None where not one does."""
        if start >= len(self.parts):
            return self._nothing(start)
        return most_that_fit(self.parts[start:], lambda n: self._some(start, n), budget)

    def _some(self, start: int, n: int) -> Answer:
        end = start + n
        shown = self.parts[start:end]
        next_start = end if end < len(self.parts) else None
        where = f"Parts {start} to {end - 1} of {len(self.parts)}:"
        last = "That is all." if next_start is None else f"Go on with start: {next_start}"
        return Answer(
            "\n".join([f"{self.heading} {where}", *(part.text for part in shown), last]),
            {**self.data, "parts": [part.data for part in shown], "next_start": next_start},
        )

    def _nothing(self, start: int) -> Answer:
        text = self.heading
        if self.parts:
            text += f" It has {len(self.parts)} parts; start {start} is behind them."
        return Answer(text, {**self.data, "parts": [], "next_start": None})
