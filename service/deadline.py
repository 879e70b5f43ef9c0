"""By when an answer is wanted, and whether anybody still waits for it.

The engine looks at a deadline between its steps: one that is past, or that nobody waits for any
more, stops the work by an error. An answer is never cut short by it.
"""

import math
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from index.errors import CognateError, QueryError

_T = TypeVar("_T")


class OutOfTimeError(CognateError, TimeoutError):
    """An answer took longer than it was given."""

    def __init__(self, allowed_s: float) -> None:
        self.allowed_s = allowed_s
        super().__init__(
            f"no answer within {allowed_s * 1000:.0f} ms, waiting included; ask for less, "
            "or allow more by timeout_ms"
        )


class AbandonedError(CognateError, RuntimeError):
    """Nobody waits for the answer any more."""

    def __init__(self) -> None:
        super().__init__("the client has left")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a request came, when its answer is due, and how late that may be set.

    Times are those of `time.monotonic`. `abandoned` is set once the client has left.
    """

    came: float
    due: float = math.inf
    longest_s: float = math.inf
    abandoned: threading.Event = field(default_factory=threading.Event)

    def within(self, timeout_ms: int | None) -> "Deadline":
        """Give the deadline that a request asks for itself, counted from when it came."""
        if timeout_ms is None:
            return self
        most_ms = self.longest_s * 1000
        if not 1 <= timeout_ms <= most_ms:
            raise QueryError("timeout_ms", f"{timeout_ms} is not between 1 and {most_ms:.0f}")
        return replace(self, due=self.came + timeout_ms / 1000)

    @property
    def left_s(self) -> float:
        """The seconds that are left; negative when it is too late."""
        return self.due - time.monotonic()

    def check(self) -> None:
        """Stop the work, by an error, where it is too late or nobody waits."""
        if self.abandoned.is_set():
            raise AbandonedError
        if self.left_s < 0:
            raise OutOfTimeError(self.due - self.came)

    def watching(self, steps: Iterable[_T]) -> Iterator[_T]:
        """Give what each step gives, and check before it."""
        self.check()
        for step in steps:
            yield step
            self.check()


NO_DEADLINE = Deadline(0.0)
"""For who waits as long as it takes: the console, measurements."""
