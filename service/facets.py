"""Facets: how many articles of an answer have each value of a field.

A facet is disjunctive: it counts the articles that pass all filters but the field's own, so
that a reader sees what choosing another value of the field would give. Each value, sent back
as the field's only filter, finds exactly as many articles as its count says.
"""

import datetime
from dataclasses import replace

import numpy as np

from index.columns import Columns, Rows, Selection
from index.names import Codes
from service.query import FacetField
from service.results import FacetValue

VALUES_PER_FACET = 20
"""How many authors or journals a facet lists, without the selected ones; years and types are
few and all listed."""

_EPOCH = datetime.date(1970, 1, 1)


def without_own(selection: Selection, field: FacetField) -> Selection:
    """Give the conditions of all fields but one; the dates are those of `years`."""
    if field == "years":
        return replace(selection, first_day=None, last_day=None)
    return replace(selection, **{field: None})


def count_facet(
    columns: Columns, field: FacetField, rows: Rows, *, selection: Selection, beginning: str = ""
) -> tuple[FacetValue, ...]:
    """Count the values of a field over `rows`: those of the answer without its own conditions.

    The highest count comes first; equal counts are in alphabetical order, without regard to
    case and accents, and years from the earliest. With `beginning` only values that begin so,
    or have a word that does. Selected values are listed in any case, also with the count 0;
    a year is selected where the dates asked for touch it, and listed if any article has it.
    """
    codes, counts = columns.count_codes(field, rows)
    fits = columns.begins(field, codes, beginning)
    alphabet = columns.places(field)
    n_listed = VALUES_PER_FACET if field in ("authors", "journals") else len(codes)
    best = _best(codes[fits], counts[fits], alphabet, n_listed)
    selected = _selected(selection, field, codes)
    shown = np.union1d(best, selected)
    of_shown = _counts_of(shown, codes, counts)
    places = _highest_first(shown, of_shown, alphabet)
    spelled = columns.names(field, shown[places])
    is_selected = np.isin(shown[places], selected)
    return tuple(
        FacetValue(value, int(count), bool(chosen))
        for value, count, chosen in zip(spelled, of_shown[places], is_selected, strict=True)
    )


def _best(codes: Codes, counts: Rows, alphabet: Codes | None, n: int) -> Codes:
    """Give the first `n` codes in order, without putting all of them in order."""
    if n < len(codes):
        is_high = counts >= np.partition(counts, len(codes) - n)[len(codes) - n]
        codes, counts = codes[is_high], counts[is_high]
    return codes[_highest_first(codes, counts, alphabet)][:n]


def _highest_first(codes: Codes, counts: Rows, alphabet: Codes | None) -> Rows:
    """Give the places of counts in order; equal ones in the order of the alphabet."""
    return np.lexsort((codes if alphabet is None else alphabet[codes], -counts))


def _counts_of(wanted: Codes, codes: Codes, counts: Rows) -> Rows:
    """Give the counts of some codes; 0 for one that no article has."""
    found = np.zeros(len(wanted), dtype=np.int64)
    is_counted = np.isin(wanted, codes)
    found[is_counted] = counts[np.searchsorted(codes, wanted[is_counted])]
    return found


def _selected(selection: Selection, field: FacetField, codes: Codes) -> Codes:
    """Give, ascending, the codes that the field's own conditions name; of years the counted."""
    if field != "years":
        return np.unique(np.array(getattr(selection, field) or (), dtype=np.int32))
    first, last = selection.first_day, selection.last_day
    if first is None and last is None:
        return codes[:0]
    is_touched = np.ones(len(codes), dtype=np.bool_)
    if first is not None:
        is_touched &= codes >= _year(first)
    if last is not None:
        is_touched &= codes <= _year(last)
    return codes[is_touched]


def _year(day: int) -> int:
    return (_EPOCH + datetime.timedelta(days=day)).year
