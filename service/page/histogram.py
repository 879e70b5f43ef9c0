"""The histogram: how many articles of an answer appeared when, as bars that filter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from service.page.addresses import Address
from service.page.form import CUSTOM
from service.query import Filters
from service.results import FacetValue

MOST_BARS = 72
WIDTH, HEIGHT = 288, 64
"""In units of the drawing, which is scaled to its place."""

_GAP = 0.2
_LEAST_HEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """The articles of a year, or of some years: where the bar stands, and what choosing it asks."""

    first: int
    last: int
    count: int
    selected: bool
    x: float
    width: float
    height: float
    chosen: Address

    @property
    def years(self) -> str:
        """The years in words."""
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bars from the first year to the last; `is_narrowed` tells that dates are chosen."""

    bars: tuple[Bar, ...]
    is_narrowed: bool

    @property
    def first(self) -> int:
        """The first year."""
        return self.bars[0].first

    @property
    def last(self) -> int:
        """The last year."""
        return self.bars[-1].last

    @property
    def chosen(self) -> tuple[int, int]:
        """The first and last year of the bars that are chosen; all where nothing is."""
        chosen = [bar for bar in self.bars if bar.selected] or self.bars
        return chosen[0].first, chosen[-1].last

    @property
    def words(self) -> str:
        """What it shows, in a sentence."""
        most = max(self.bars, key=lambda bar: bar.count)
        return f"Articles per year, {self.first} to {self.last}; most in {most.years}: {most.count}"


def histogram(years: Sequence[FacetValue], here: Address, filters: Filters) -> Histogram | None:
    """Draw the counts of years; None where no article has a date."""
    counts = {int(year.value): year.count for year in years}
    if not counts:
        return None
    since, until = filters.first_date, filters.last_date
    first, last = min(counts), max(counts)
    step = math.ceil((last - first + 1) / MOST_BARS)
    starts = range(first, last + 1, step)
    slot = WIDTH / len(starts)
    sums = [sum(counts.get(year, 0) for year in range(start, start + step)) for start in starts]
    highest = max([*sums, 1])
    bars = tuple(
        Bar(
            first=start,
            last=min(start + step - 1, last),
            count=n,
            selected=(since is None or since.year <= start + step - 1)
            and (until is None or start <= until.year),
            x=round(number * slot, 2),
            width=round(slot * (1 - _GAP), 2),
            height=round(max(n / highest * HEIGHT, _LEAST_HEIGHT if n else 0), 2),
            chosen=_chosen(here, start, min(start + step - 1, last)),
        )
        for number, (start, n) in enumerate(zip(starts, sums, strict=True))
    )
    return Histogram(bars, since is not None or until is not None)


def _chosen(here: Address, first: int, last: int) -> Address:
    return here.changed({"duration": CUSTOM, "from": f"{first:04}", "to": f"{last:04}"})
