"""Which filter to lift where an answer is empty: how many articles each one keeps out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from service.page.addresses import Address
from service.page.chips import DATES
from service.query import Filters


@dataclass(frozen=True, slots=True)
class Lift:
    """A kind of filter without which something is found, and how much."""

    words: str
    total: int
    lifted: Address


_KINDS = (
    ("author", ("author",), {"authors": ()}),
    ("journal", ("journal",), {"journals": ()}),
    ("type", ("type",), {"types": ()}),
    ("language", ("language",), {"languages": ()}),
    ("dates", DATES, {"published_from": None, "published_to": None}),
)


def lifts(filters: Filters, here: Address, total: Callable[[Filters], int]) -> list[Lift]:
    """Ask for the total without each kind of filter; give those that leave something, most first.

    `total` asks the same again under other filters.
    """
    return sorted(_lifts(filters, here, total), key=lambda lift: -lift.total)


def _lifts(filters: Filters, here: Address, total: Callable[[Filters], int]) -> Iterator[Lift]:
    for words, names, free in _KINDS:
        others = replace(filters, **free)
        n_found = 0 if others == filters else total(others)
        if n_found:
            yield Lift(words, n_found, here.without(*names))
