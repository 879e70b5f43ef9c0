"""Which filter to lift where an answer is empty: how many articles each one keeps out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.page.addresses import Address
from service.page.chips import DATES
from service.query import Query
from service.search import SearchEngine


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


def lifts(engine: SearchEngine, query: Query, here: Address) -> list[Lift]:
    """Ask again without each kind of filter, and give those that leave something, most first."""
    return sorted(_lifts(engine, query, here), key=lambda lift: -lift.total)


def _lifts(engine: SearchEngine, query: Query, here: Address) -> Iterator[Lift]:
    for words, names, free in _KINDS:
        filters = replace(query.filters, **free)
        if filters == query.filters:
            continue
        asked = replace(query, filters=filters, limit=1, cursor=None, facets=(), highlight=False)
        total = engine.search(replace(asked, facet_queries={})).total
        if total:
            yield Lift(words, total, here.without(*names))
