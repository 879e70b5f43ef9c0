"""The state of a page with an answer: what was sent, and what became of it."""

from dataclasses import dataclass, replace
from typing import TypeVar

from starlette.datastructures import QueryParams

from service.deadline import Deadline
from service.examples import SimilarQuery
from service.page.addresses import Address
from service.page.chips import chips
from service.page.form import COUNTED, form_dates
from service.page.histogram import histogram
from service.page.tray import read_tray
from service.page.values import choices
from service.query import Filters, Query
from service.results import Results
from service.search import SearchEngine

_Asked = TypeVar("_Asked", Query, SimilarQuery)


@dataclass(frozen=True, slots=True)
class Answered:
    """A query, the engine that answered it, its answer, and by when the page is due."""

    engine: SearchEngine
    query: Query | SimilarQuery
    results: Results
    deadline: Deadline

    def total_under(self, filters: Filters) -> int:
        """Give how many articles the same query finds under other filters."""
        if isinstance(self.query, SimilarQuery):
            return self.engine.similar(_bare(self.query, filters), self.deadline).total
        bare = replace(_bare(self.query, filters), highlight=False)
        return self.engine.search(bare, self.deadline).total


def _bare(query: _Asked, filters: Filters) -> _Asked:
    """Give the same query under other filters, with nothing shown but its total."""
    return replace(
        query, filters=filters, limit=1, cursor=None, facets=(), facet_queries={}, counted=()
    )


@dataclass(frozen=True, slots=True)
class State:
    """A form as it was sent to an address, and its answer; None where there is none."""

    here: Address
    form: QueryParams
    answered: Answered | None = None

    def shown(self) -> dict[str, object]:
        """Give what the templates of all answers show."""
        answered = self.answered
        return {
            "form": self.form,
            "here": self.here,
            "dates": form_dates(self.form),
            "counts": dict(zip(COUNTED, answered.results.counts, strict=True)) if answered else {},
            "chips": chips(self.form, self.here),
            "choices": choices(self.form, answered.results if answered else None),
            "tray": read_tray(self.form, self.here, answered.engine if answered else None),
            "query": answered.query if answered else None,
            "results": answered.results if answered else None,
            "histogram": answered
            and histogram(answered.results.facets["years"], self.here, answered.query.filters),
        }
