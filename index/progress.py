"""Progress of long steps: what is being done, how far it is, how long it will take.

Lines go to stderr, at most one a second on a terminal (rewritten in place) and one every
ten seconds elsewhere, so that a log stays readable.
"""

import sys
import time
from collections.abc import Callable
from typing import TextIO


class Progress:
    """One long step of a known or unknown amount of work.

    `weight` lets the time left follow the true cost (characters to encode, say) while the
    line counts what people count (articles). `clock` gives the time in seconds.
    """

    def __init__(
        self,
        label: str,
        total: int | None = None,
        *,
        total_weight: float | None = None,
        stream: TextIO | None = None,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._label = label
        self._total = total
        self._total_weight = total_weight if total_weight is not None else total
        self._stream = stream if stream is not None else sys.stderr
        self._quiet = quiet
        self._interval_s = 1.0 if self._stream.isatty() else 10.0
        self._clock = clock
        self._started = self._shown = clock()
        self._done = 0
        self._weight = 0.0

    def advance(self, n: int = 1, weight: float | None = None) -> None:
        """Count `n` more done, and show it if it is time to."""
        self._done += n
        self._weight += n if weight is None else weight
        now = self._clock()
        if not self._quiet and now - self._shown >= self._interval_s:
            self._shown = now
            self._write(self.line(now - self._started))

    def line(self, elapsed_s: float) -> str:
        """Describe how far the step is after `elapsed_s` seconds."""
        rate = self._done / elapsed_s if elapsed_s > 0 else 0.0
        if self._total is None:
            return f"{self._label}: {self._done:,} ({rate:,.0f}/s)"
        text = f"{self._label}: {self._done:,} of {self._total:,} ({rate:,.0f}/s)"
        if self._weight > 0 and self._total_weight:
            left_s = elapsed_s * max(self._total_weight - self._weight, 0.0) / self._weight
            text += f", {duration(left_s)} left"
        return text

    def finish(self) -> None:
        """Show the final count and the time the step took."""
        if not self._quiet:
            elapsed_s = self._clock() - self._started
            self._write(f"{self._label}: {self._done:,} in {duration(elapsed_s)}", last=True)

    def _write(self, text: str, *, last: bool = False) -> None:
        if self._stream.isatty():
            self._stream.write(f"\r\x1b[K{text}" + ("\n" if last else ""))
        else:
            self._stream.write(text + "\n")
        self._stream.flush()


def duration(seconds: float) -> str:
    """Write a time span as people say it: "45 s", "3 min 20 s", "1 h 5 min"."""
    if round(seconds) < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def counted(n: int, noun: str) -> str:
    """Write a count with its noun: "1 article", "1,204 articles"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
