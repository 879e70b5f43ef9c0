"""What "papers like these, not like those" asks: examples, and how their answer is wanted.

Nothing here knows what is in an index; `service.example_reader` finds the articles meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from index.errors import QueryError
from index.versions import Prefer
from service.query import (
    DEFAULT_LIMIT,
    FacetField,
    Filters,
    Limits,
    Sort,
    check_known,
    check_limit,
    check_text,
    check_wanted,
)

ExampleKind = Literal["article_id", "doi", "text", "bibtex", "ris"]
Side = Literal["positive", "negative"]
SIDES: tuple[Side, ...] = get_args(Side)
PASTED: frozenset[ExampleKind] = frozenset({"bibtex", "ris"})


@dataclass(frozen=True, slots=True)
class Example:
    """One example as it is given: an article's id or DOI, a text, or pasted records."""

    kind: ExampleKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarQuery:
    """Examples of what is wanted and of what is not, and how the answer is wanted.

    With negative examples alone everything else is wanted, what is least like them first.
    `diversity`, from 0 to 1, spreads the first articles of the answer; all else is as in `Query`.
    """

    positive: tuple[Example, ...] = ()
    negative: tuple[Example, ...] = ()
    filters: Filters = field(default_factory=Filters)
    sort: Sort = "relevance"
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    min_match: float | None = None
    prefer: Prefer = "published"
    facets: tuple[FacetField, ...] = ()
    facet_queries: Mapping[FacetField, str] = field(default_factory=lambda: MappingProxyType({}))
    counted: tuple[Filters, ...] = ()
    diversity: float = 0.0

    def __post_init__(self) -> None:
        if not self.positive and not self.negative:
            raise QueryError("positive", "give at least one example, here or in negative")
        for side in SIDES:
            for number, example in enumerate(self.examples(side)):
                _check_example(f"{side}.{number}", example)
        check_wanted(self)
        if not 0 <= self.diversity <= 1:
            raise QueryError("diversity", f"{self.diversity} is not between 0 and 1")
        if self.diversity and self.sort == "recency":
            reason = "spreads a list that is ordered by relevance; leave it out, or the sort"
            raise QueryError("diversity", reason)
        if self.min_match is not None and not self.positive:
            reason = "is of a match with a positive example; leave it out, or give one"
            raise QueryError("min_match", reason)

    def examples(self, side: Side) -> tuple[Example, ...]:
        """Give the examples of one side."""
        return self.positive if side == "positive" else self.negative

    def check(self, limits: Limits) -> None:
        """Refuse a query that asks for more than `limits` allow."""
        check_limit(self.limit, limits)
        n_pasted = 0
        for side in SIDES:
            check_number(side, len(self.examples(side)), limits)
            for number, example in enumerate(self.examples(side)):
                place, length = f"{side}.{number}.{example.kind}", len(example.value)
                if example.kind in PASTED:
                    n_pasted += length
                    if n_pasted > limits.max_pasted_chars:
                        reason = (
                            f"the records pasted have more than {limits.max_pasted_chars} "
                            "characters together; paste fewer"
                        )
                        raise QueryError(place, reason)
                elif length > limits.max_query_chars:
                    reason = f"{length} characters; the longest is {limits.max_query_chars}"
                    raise QueryError(place, reason)


def check_number(side: Side, n_examples: int, limits: Limits) -> None:
    """Refuse more examples of a side than are compared."""
    if n_examples > limits.max_examples:
        raise QueryError(side, f"{n_examples} examples; the most is {limits.max_examples}")


def _check_example(place: str, example: Example) -> None:
    check_known(place, [example.kind], get_args(ExampleKind))
    check_text(f"{place}.{example.kind}", example.value)
    if not example.value.strip():
        raise QueryError(f"{place}.{example.kind}", "is empty; name or write what it is about")


def recognised(text: str) -> Example:
    """Tell pasted BibTeX and RIS from a text in plain words, by content."""
    # the readers take a tenth of a second to load: when the first is needed
    from index.sources import bibtex, ris

    if bibtex.recognise(text):
        return Example("bibtex", text)
    return Example("ris" if ris.recognise(text) else "text", text)


def to_json(examples: Sequence[Example]) -> list[tuple[str, str]]:
    """Give examples as JSON values, for the hash of a query."""
    return [(example.kind, example.value) for example in examples]
