"""What is asked: the question, its filters, and which of their values cannot be answered.

Nothing here knows how the question came (HTTP, page, console) or how it will be answered.
"""

import calendar
import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol, get_args

from index.dates import date_span
from index.errors import QueryError
from index.versions import Prefer

Mode = Literal["hybrid", "semantic", "lexical"]
Sort = Literal["relevance", "recency"]
FacetField = Literal["authors", "journals", "years", "types"]
Days = tuple[datetime.date, datetime.date]

DEFAULT_LIMIT = 20
MOST_NAMES = 1_000
"""So many names may be given in one field of the filters."""

_TIME_BACK = re.compile(r"-P(\d{1,6})([YMWD])", re.ASCII)
_PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one query may ask for."""

    max_matches: int = 10_000
    max_query_chars: int = 20_000
    max_limit: int = 100
    max_batch_ids: int = 500
    max_examples: int = 20
    max_pasted_chars: int = 200_000
    max_draft_chars: int = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Conditions that remove hits: any of the names within a field, every field at once.

    `published_from` and `published_to` are partial ISO dates, inclusive: to "2024" means to the
    end of 2024. An empty tuple is no condition. `asked_on` is the day that `parse_since` counted
    back from, and no condition: a cursor carries it, so that pages agree over midnight.
    """

    authors: tuple[str, ...] = ()
    journals: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    published_from: str | None = None
    published_to: str | None = None
    has_abstract: bool | None = None
    asked_on: datetime.date | None = None

    def __post_init__(self) -> None:
        for name in ("authors", "journals", "types", "languages"):
            values: tuple[str, ...] = getattr(self, name)
            if len(values) > MOST_NAMES:
                raise QueryError(name, f"{len(values)} names; the most is {MOST_NAMES}")
            for value in values:
                if not value.strip():
                    raise QueryError(name, "a name is empty")
                check_text(name, value)
        first, last = self.first_date, self.last_date
        if first and last and first > last:
            reason = f"{self.published_from} is after {self.published_to}, where the filter ends"
            raise QueryError("published_from", reason)

    @property
    def first_date(self) -> datetime.date | None:
        """The first day that passes; None leaves the past open."""
        if self.published_from is None:
            return None
        return parse_span("published_from", self.published_from)[0]

    @property
    def last_date(self) -> datetime.date | None:
        """The last day that passes; None leaves the future open."""
        if self.published_to is None:
            return None
        return parse_span("published_to", self.published_to)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question and how its answer is wanted.

    Without a `text` there is nothing to rank by: the articles that pass the filters are the
    answer, newest first, whatever `mode` and `sort` say.

    `min_match` is the least probability of a match, in [0, 1]; None takes the floor that the
    snapshot was calibrated with, 0 ranks the whole corpus. `prefer` says which version stands
    for a work. `facet_queries` are the beginnings of words that a facet's values must have.
    `counted` are other filters, under each of which the articles that answer are counted.
    """

    text: str | None = None
    filters: Filters = field(default_factory=Filters)
    mode: Mode = "hybrid"
    sort: Sort = "relevance"
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    min_match: float | None = None
    prefer: Prefer = "published"
    facets: tuple[FacetField, ...] = ()
    facet_queries: Mapping[FacetField, str] = field(default_factory=lambda: MappingProxyType({}))
    counted: tuple[Filters, ...] = ()
    highlight: bool = True
    explain: bool = False

    def __post_init__(self) -> None:
        if self.text is not None:
            check_text("text", self.text)
        check_known("mode", [self.mode], get_args(Mode))
        check_wanted(self)

    @property
    def question(self) -> str | None:
        """The text to rank by, or None where only filters were given."""
        return (self.text or "").strip() or None

    def check(self, limits: Limits) -> None:
        """Refuse a query that asks for more than `limits` allow."""
        if self.text is not None and len(self.text) > limits.max_query_chars:
            reason = f"{len(self.text)} characters; the longest is {limits.max_query_chars}"
            raise QueryError("text", reason)
        check_limit(self.limit, limits)


class Wanted(Protocol):
    """How any answer is wanted, whatever is asked."""

    @property
    def filters(self) -> Filters:
        """The conditions that articles have to meet."""

    @property
    def sort(self) -> Sort:
        """The order."""

    @property
    def limit(self) -> int:
        """How many hits at most."""

    @property
    def cursor(self) -> str | None:
        """Where to go on."""

    @property
    def min_match(self) -> float | None:
        """The least probability of a match."""

    @property
    def prefer(self) -> Prefer:
        """Which version stands for a work."""

    @property
    def facets(self) -> tuple[FacetField, ...]:
        """What is counted."""

    @property
    def facet_queries(self) -> Mapping[FacetField, str]:
        """The beginnings that a facet's values must have."""

    @property
    def counted(self) -> tuple[Filters, ...]:
        """Other filters under which to count what answers."""


def check_wanted(wanted: Wanted) -> None:
    """Refuse what no answer can be like."""
    check_known("sort", [wanted.sort], get_args(Sort))
    check_known("prefer", [wanted.prefer], get_args(Prefer))
    check_known("facets", wanted.facets, get_args(FacetField))
    check_known("facet_query", wanted.facet_queries, get_args(FacetField))
    for text in wanted.facet_queries.values():
        check_text("facet_query", text)
    if wanted.min_match is not None and not 0 <= wanted.min_match <= 1:
        raise QueryError("min_match", f"{wanted.min_match} is not between 0 and 1")
    if wanted.limit < 1:
        raise QueryError("limit", f"{wanted.limit} is less than 1")


def check_known(field: str, values: Iterable[str], known: tuple[str, ...]) -> None:
    """Refuse a value that is none of the known ones."""
    for value in values:
        if value not in known:
            raise QueryError(field, f"{value!r} is none of {', '.join(known)}")


def check_limit(limit: int, limits: Limits, field: str = "limit") -> None:
    """Refuse a number of hits that no answer holds."""
    if not 1 <= limit <= limits.max_limit:
        raise QueryError(field, f"{limit} is not between 1 and {limits.max_limit}")


def check_text(field: str, text: str) -> None:
    r"""Refuse text that is no Unicode text: JSON can carry half a character as `"\ud800"`."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        reason = f"half a character (a lone surrogate) at position {error.start}"
        raise QueryError(field, reason) from error


def parse_span(field: str, text: str) -> Days:
    """Give the first and last day that a partial ISO date names: "2024" is a year of days."""
    if not _PARTIAL_DATE.fullmatch(text):
        raise QueryError(field, f"{text!r} is no date like 2024, 2024-03 or 2024-03-15")
    try:
        return date_span(text)
    except ValueError as error:
        raise QueryError(field, f"{text!r} is not in the calendar") from error


def is_time_back(text: str) -> bool:
    """Whether a text is meant as a time back from today, like "-P3M"."""
    return text.startswith("-P")


def parse_since(field: str, text: str, today: datetime.date) -> str:
    """Give the ISO date that lies a time back from `today`: "-P3M" is three months ago.

    The units are those of an ISO 8601 duration: Y, M, W and D. Where the month has no such
    day its last one is meant: a month before 31 March is the last of February.
    """
    match = _TIME_BACK.fullmatch(text)
    if match is None:
        reason = f"{text!r} is no time back from today like -P3M or -P1Y"
        raise QueryError(field, reason)
    number, unit = int(match[1]), match[2]
    try:
        if unit in "WD":
            since = today - datetime.timedelta(days=number * (7 if unit == "W" else 1))
        else:
            since = _months_back(today, number * (12 if unit == "Y" else 1))
    except (ValueError, OverflowError) as error:
        raise QueryError(field, f"{text!r} reaches back before the calendar") from error
    return since.isoformat()


def _months_back(day: datetime.date, n_months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 - n_months, 12)
    if year < datetime.MINYEAR:
        raise ValueError(year)
    last_day = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last_day))
