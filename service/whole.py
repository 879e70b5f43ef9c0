"""What requests for the whole of an answer say, whatever its pages: those of exports and feeds."""

from pydantic import Field

from index.versions import Prefer
from service.parameters import MIN_MATCH, MODE, PREFER, QUESTION, SORT, TIMEOUT, FilterFields
from service.query import FacetField, Mode, Query, Sort

_PASSED_OVER = "Passed over: so that the address of a search, without its cursor, serves here too."


class WholeParameters(FilterFields):
    """What a search asks by GET; how its pages are shown is passed over."""

    q: str | None = Field(default=None, description=QUESTION)
    mode: Mode = Field(default="hybrid", description=MODE)
    sort: Sort = Field(default="relevance", description=SORT)
    min_match: float | None = Field(default=None, ge=0, le=1, description=MIN_MATCH)
    prefer: Prefer = Field(default="published", description=PREFER)
    facet: list[FacetField] = Field(default=[], description=_PASSED_OVER)
    facet_query: list[str] = Field(default=[], description=_PASSED_OVER)
    highlight: bool = Field(default=True, description=_PASSED_OVER)
    explain: bool = Field(default=False, description=_PASSED_OVER)
    timeout_ms: int | None = Field(default=None, description=TIMEOUT)

    def to_query(self) -> Query:
        """Give the query asked for."""
        return Query(
            text=self.q,
            filters=self.filters_on(None),
            mode=self.mode,
            sort=self.sort,
            min_match=self.min_match,
            prefer=self.prefer,
        )
