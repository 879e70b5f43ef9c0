"""The ledger of a check: what was compared, behaviour by behaviour, and what did not agree."""

from collections import Counter
from dataclasses import dataclass, field

_SHOWN = 300


@dataclass(slots=True)
class Ledger:
    """Counts comparisons; `failures` are those of unequal sides, in words."""

    compared: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    found: dict[str, object] = field(default_factory=dict)

    def equal(self, behaviour: str, what: str, seen: object, expected: object) -> None:
        """Compare what the page shows with what it should."""
        self.compared[behaviour] += 1
        if seen != expected:
            said = f"{str(seen)[:_SHOWN]} instead of {str(expected)[:_SHOWN]}"
            self.failures.append(f"{behaviour}: {what}: {said}")

    def holds(self, behaviour: str, what: str, *, is_so: bool) -> None:
        """Note that something has to be so."""
        self.equal(behaviour, what, is_so, True)

    def failed(self, behaviour: str, error: Exception) -> None:
        """Note that a behaviour could not be looked at to its end."""
        self.compared[behaviour] += 1
        self.failures.append(f"{behaviour}: {type(error).__name__}: {str(error)[:_SHOWN]}")

    def to_json(self) -> dict[str, object]:
        """Give what was compared, found and failed."""
        return {
            "n_compared": self.compared.total(),
            "compared": dict(self.compared),
            "failures": self.failures,
            **self.found,
        }
