"""An answer before it is written out: the rows that answer, in order, and cut into pages.

Search and examples find their rows in different ways; what is made of them is the same here, so
that totals, facets, pages and cursors agree in one way.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.columns import Columns, Selection, day_number
from index.snapshot import Snapshot
from index.versions import Version, to_version
from service.cursor import Cursor, hash_query, start_after
from service.examples import SimilarQuery
from service.facets import count_facet, without_own
from service.match import MatchSet
from service.part import Part, part_keys
from service.query import FacetField, Filters, Query
from service.ranking import Rows, order, to_unit
from service.ranking import Scores as Values
from service.results import Exactness, FacetValue, FoundArticle, Hit, Scores
from service.steps import step

KEY_DIGITS = 9
# a page is found again by its last key: the last bits of a float are not worth a repeated hit

_BLOCK = 500
"""So many articles are read at once: what an export holds in memory."""

Reorder = Callable[[Rows, Cursor | None], tuple[Rows, int]]
"""Gives an order with its first places anew, and how many they are."""


@dataclass(frozen=True, slots=True)
class Answer:
    """All that answers a query, filtered: rows ascending, and the match set, if one was asked.

    `passing` gives the rows that answer under other conditions.
    """

    rows: Rows
    matches: MatchSet | None
    selection: Selection
    is_answerable: bool
    passing: Callable[[Selection], Rows]

    @classmethod
    def filtered(
        cls, matches: MatchSet, selection: Selection, is_answerable: bool, passing: "Passing"
    ) -> "Answer":
        """Give the answer that a filtered match set is; `passing` filters it in another way."""
        return cls(
            matches.rows, matches, selection, is_answerable, lambda others: passing(others).rows
        )

    def under(self, conditions: Selection) -> Rows:
        """Give the rows that answer under some conditions."""
        return self.rows if conditions == self.selection else self.passing(conditions)

    def of(self, field: FacetField) -> Rows:
        """Give the rows without the conditions of one field, for its facet."""
        return self.under(without_own(self.selection, field))


Passing = Callable[[Selection], MatchSet]
"""Gives the part of a match set that passes some conditions."""


@dataclass(frozen=True, slots=True)
class Page:
    """The places of one page's rows in the answer, their scores, and where the list goes on."""

    places: Rows
    scores: Values | None
    first_rank: int
    next_cursor: str | None


def to_selection(filters: Filters, columns: Columns) -> Selection:
    """Turn the names and dates of filters into the codes and days of a snapshot's columns."""
    first, last = filters.first_date, filters.last_date
    return Selection(
        authors=columns.codes("authors", filters.authors) if filters.authors else None,
        journals=columns.codes("journals", filters.journals) if filters.journals else None,
        types=columns.codes("types", filters.types) if filters.types else None,
        languages=columns.codes("languages", filters.languages) if filters.languages else None,
        first_day=None if first is None else day_number(first),
        last_day=None if last is None else day_number(last),
        has_abstract=filters.has_abstract,
    )


def cut_page(
    snapshot: Snapshot, answer: Answer, query: Query | SimilarQuery, reorder: Reorder
) -> Page:
    """Cut out the page that follows the query's cursor."""
    cursor = None if query.cursor is None else Cursor.from_text(query.cursor)
    query_hash = hash_query(query)
    if cursor is not None:
        cursor.check(query_hash, snapshot.name)
    in_order, keys = _order(snapshot, answer, query)
    # who reorders changes which article has a place, not what the places are worth
    in_order, n_reordered = reorder(in_order, cursor)

    def id_at(place: int) -> str:
        return snapshot.store.article_ids([int(answer.rows[in_order[place]])])[0]

    start = 0 if cursor is None else start_after(keys, id_at, cursor)
    end = start + query.limit
    following = None
    if end < len(in_order):
        following = Cursor(
            snapshot.name,
            query_hash,
            float(keys[end - 1]),
            id_at(end - 1),
            end,
            query.filters.asked_on,
            n_reordered,
        ).to_text()
    is_ranked = answer.matches is not None and query.sort != "recency"
    return Page(in_order[start:end], keys[start:end] if is_ranked else None, start + 1, following)


def cut_part(
    snapshot: Snapshot, answer: Answer, query: Query | SimilarQuery, part: Part, reorder: Reorder
) -> Page:
    """Cut out a part of an answer; only the answer's own order has scores, and is done anew."""
    end = part.start + part.most
    if part.order != "answer":
        keys = part_keys(snapshot.columns, answer.rows, part.order)
        in_order = order(keys, snapshot.columns.id_places[answer.rows])
        return Page(in_order[part.start : end], None, part.start + 1, None)
    in_order, keys = _order(snapshot, answer, query)
    in_order, _ = reorder(in_order, None)
    is_ranked = answer.matches is not None and query.sort != "recency"
    scores = keys[part.start : end] if is_ranked else None
    return Page(in_order[part.start : end], scores, part.start + 1, None)


def rows_in_order(
    snapshot: Snapshot, answer: Answer, query: Query | SimilarQuery, reorder: Reorder
) -> Rows:
    """Give all rows of an answer, in the order in which its pages show them."""
    in_order, _ = _order(snapshot, answer, query)
    return answer.rows[reorder(in_order, None)[0]]


def _order(snapshot: Snapshot, answer: Answer, query: Query | SimilarQuery) -> tuple[Rows, Values]:
    """Give the places of an answer's rows in order, and what they are sorted by."""
    keys = _keys(snapshot, answer, query)
    in_order = order(keys, snapshot.columns.id_places[answer.rows])
    return in_order, keys[in_order]


def _keys(snapshot: Snapshot, answer: Answer, query: Query | SimilarQuery) -> Values:
    """Give what each row is sorted by, highest first."""
    if answer.matches is None or query.sort == "recency":
        # what has no date lies before every day, and so comes last
        return snapshot.columns.first_day[answer.rows].astype(np.float64)
    return to_unit(answer.matches.fused).round(KEY_DIGITS)


def count_facets(
    columns: Columns, answer: Answer, query: Query | SimilarQuery
) -> dict[FacetField, tuple[FacetValue, ...]]:
    """Count the values of the facets asked for."""
    with step("facets"):
        return {
            field: count_facet(
                columns,
                field,
                answer.of(field),
                selection=answer.selection,
                beginning=query.facet_queries.get(field, ""),
            )
            for field in dict.fromkeys((*query.facets, *query.facet_queries))
        }


def count_under(columns: Columns, answer: Answer, query: Query | SimilarQuery) -> tuple[int, ...]:
    """Count what answers under each of the other filters that the query wants counted."""
    return tuple(len(answer.under(to_selection(one, columns))) for one in query.counted)


def bare_hits(snapshot: Snapshot, answer: Answer, page: Page) -> list[Hit]:
    """Give the hits of a page, without the reasons that they are there for."""
    rows = [int(row) for row in answer.rows[page.places]]
    with step("read"):
        found = read_found(snapshot, rows)
    scores = page.scores
    if scores is None and answer.matches is not None:
        scores = to_unit(answer.matches.fused[page.places])
    return [
        Hit(
            page.first_rank + number,
            None if scores is None else float(scores[number].round(KEY_DIGITS)),
            _scores(answer.matches, int(place)),
            one.article,
            one.truncated,
            one.versions,
        )
        for number, (place, one) in enumerate(zip(page.places, found, strict=True))
    ]


def _scores(matches: MatchSet | None, place: int) -> Scores:
    if matches is None:
        return Scores()
    return Scores(
        None if matches.semantic is None else float(matches.semantic[place]),
        None if matches.lexical is None else float(matches.lexical[place]),
        float(matches.match[place]),
    )


def read_found(snapshot: Snapshot, rows: Sequence[int]) -> list[FoundArticle]:
    """Read articles as they are shown, each with the other versions of its work."""
    stored = snapshot.store.articles(rows)
    versions = _versions(snapshot, rows)
    return [
        FoundArticle(article, bool(snapshot.truncated[row]), of_one)
        for row, article, of_one in zip(rows, stored, versions, strict=True)
    ]


def read_blocks(
    snapshot: Snapshot, rows: Rows, *, versions: bool = False
) -> Iterator[FoundArticle]:
    """Read any number of articles, a block of them at a time; each once.

    With `versions`, each is followed by the other versions of its work, in order of rows.
    """
    known: set[int] = set()
    for start in range(0, len(rows), _BLOCK):
        block = [int(row) for row in rows[start : start + _BLOCK]]
        if versions:
            block = [one for row in block for one in _new_of_work(snapshot, row, known)]
        yield from read_found(snapshot, block)


def _new_of_work(snapshot: Snapshot, row: int, known: set[int]) -> list[int]:
    """Give a row and those of the other versions, without what is known; know them from now on."""
    members = snapshot.versions.members(row)
    if len(members) < 2:
        return [row]
    new = [one for one in dict.fromkeys((row, *members)) if one not in known]
    known.update(new)
    return new


def _versions(snapshot: Snapshot, rows: Sequence[int]) -> list[tuple[Version, ...]]:
    """Give the other versions of each article's work, the earliest first."""
    others = [[other for other in snapshot.versions.members(row) if other != row] for row in rows]
    wanted = list(dict.fromkeys(row for of_one in others for row in of_one))
    known = dict(zip(wanted, snapshot.store.articles(wanted), strict=True))
    return [
        tuple(
            sorted(
                (to_version(known[row]) for row in of_one),
                key=lambda version: (version.published or "~", version.article_id),
            )
        )
        for of_one in others
    ]


def filtered(whole: MatchSet, columns: Columns, conditions: Selection) -> MatchSet:
    """Give the part of a match set that passes some conditions."""
    mask = columns.mask(conditions)
    return whole if mask is None else whole.take(mask[whole.rows])


def to_exactness(snapshot: Snapshot, matches: MatchSet | None, bound: int) -> Exactness:
    """Say how an answer was found; with codes of a known error, nothing is missed."""
    n_articles = snapshot.store.n_articles
    if matches is None:
        return Exactness("exact", n_articles, n_articles, bound_reached=False)
    is_exact = matches.semantic is None or np.isfinite(snapshot.vectors.code_error)
    return Exactness(
        "exact" if is_exact else "approximate",
        matches.n_scanned,
        bound,
        bound_reached=matches.is_cut,
    )
