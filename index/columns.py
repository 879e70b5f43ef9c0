"""Columns: one small array per filter and facet, memory-mapped, aligned with the rows.

Names (authors, journals, types, languages) are stored as integer codes. Names that fold
to the same key share a code, whose spelling is the one the corpus uses most. A code is given
when a name is first met and stays; beside them lies the place of each in alphabetical order.
"""

import datetime
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from index.arrays import load_array, save_array
from index.article import Article
from index.changes import Changes
from index.dates import date_span
from index.names import Codes, Names, NamesWriter
from index.people import People
from index.titles import Titles, write_titles

Field = Literal["authors", "journals", "types", "languages"]
CountedField = Field | Literal["years"]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

FIELDS: tuple[Field, ...] = ("authors", "journals", "types", "languages")
NAMES = "names.sqlite"
NO_CODE = -1
NO_YEAR = NO_CODE
NO_DAY = np.iinfo(np.int32).min
"""The first and last day of an article without a date."""

_COUNTED_AT = 8
"""Where there are at most so many times as many codes as values, these are counted in place."""
_SINGLE_FIELDS: tuple[Field, ...] = ("journals", "types", "languages")
_SINGLE: dict[str, type[np.generic]] = {
    **dict.fromkeys(_SINGLE_FIELDS, np.int32),
    "first_day": np.int32,
    "last_day": np.int32,
    "has_abstract": np.bool_,
    "years": np.int16,
}
"""The arrays of one value a row, and their types."""

_EPOCH = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows pass: None is no condition, an empty tuple lets nothing pass.

    Codes are those of `Columns.codes`. Days count from 1970-01-01, both ends inclusive; an
    article passes when the span its date names overlaps them, one without a date never does.
    """

    authors: tuple[int, ...] | None = None
    journals: tuple[int, ...] | None = None
    types: tuple[int, ...] | None = None
    languages: tuple[int, ...] | None = None
    first_day: int | None = None
    last_day: int | None = None
    has_abstract: bool | None = None

    @property
    def is_everything(self) -> bool:
        """Whether no condition is set."""
        return self == Selection()


def day_number(date: datetime.date) -> int:
    """Give the days from 1970-01-01 to `date`."""
    return date.toordinal() - _EPOCH


def names_of(article: Article, field: Field) -> tuple[str, ...]:
    """Give the names an article has in a field, as the source spells them."""
    if field == "authors":
        return article.authors
    single = {"journals": article.journal, "types": article.type, "languages": article.language}
    name = single[field]
    return (name,) if name else ()


def write_columns(folder: Path, changes: Changes) -> None:
    """Write the columns of a corpus into `folder`, which is made."""
    folder.mkdir(parents=True)
    earlier = changes.part(folder.name)
    before = None if earlier is None else Columns(earlier)
    single = _SingleWriter(before, changes.n_articles)
    authors = _AuthorsWriter(before)
    names = NamesWriter(folder / NAMES, None if earlier is None else earlier / NAMES)
    for article in changes.replaced_articles():
        for field in FIELDS:
            for name in dict.fromkeys(names_of(article, field)):
                names.meet(field, name, -1)
    titles: list[tuple[int, str | None]] = []
    for row, article in changes.changed():
        titles.append((row, article.title))
        codes = {field: _codes(names, article, field) for field in FIELDS}
        authors.write(row, codes["authors"])
        single.write(row, article, codes)
    names.finish({} if before is None else _counts(before))
    for field in FIELDS:
        save_array(folder / f"{field}.places.npy", names.places(field))
    names.close()
    authors.save(folder)
    single.save(folder)
    write_titles(folder, titles, earlier)
    id_places = np.empty(changes.n_articles, dtype=np.int32)
    in_order = np.fromiter(changes.store.in_order_of_ids(), np.int64, changes.n_articles)
    id_places[in_order] = np.arange(changes.n_articles, dtype=np.int32)
    save_array(folder / "id_places.npy", id_places)
    if before is not None:
        before.close()


def _codes(names: NamesWriter, article: Article, field: Field) -> list[int]:
    """Give the codes of an article's names, each once, and count how they are spelled."""
    spelled = dict.fromkeys(names_of(article, field))
    for name in spelled:
        names.meet(field, name)
    return list(dict.fromkeys(names.code(field, name) for name in spelled))


def _counts(columns: "Columns") -> dict[str, Codes]:
    """Give how many articles have each code of each field."""
    rows = np.arange(columns.n_articles)
    counts: dict[str, Codes] = {}
    for field in FIELDS:
        alphabet = columns.places(field)
        assert alphabet is not None
        counts[field] = np.zeros(len(alphabet), np.int32)
        codes, n_articles = columns.count_codes(field, rows)
        counts[field][codes] = n_articles
    return counts


class _AuthorsWriter:
    """The codes of all authors, row after row; rows that are not written are those before."""

    def __init__(self, before: "Columns | None") -> None:
        self._before = before
        self._values = array("i")
        self._ends = array("q", [0])

    def write(self, row: int, codes: Sequence[int]) -> None:
        """Write a row; rows come in ascending order."""
        self._take(row)
        self._values.extend(codes)
        self._ends.append(len(self._values))

    def _take(self, end: int) -> None:
        """Take over the rows before `end` that were not written."""
        first = len(self._ends) - 1
        if self._before is None or first >= min(end, self._before.n_articles):
            return
        end = min(end, self._before.n_articles)
        rows = np.arange(first, end)
        offsets = self._before.authors_offsets
        shift = len(self._values) - offsets[first]
        self._values.frombytes(self._before.authors_of(rows).tobytes())
        self._ends.frombytes((offsets[first + 1 : end + 1] + shift).tobytes())

    def save(self, folder: Path) -> None:
        """Write the two arrays."""
        if self._before is not None:
            self._take(self._before.n_articles)
        save_array(folder / "authors.offsets.npy", np.array(self._ends, np.int64))
        save_array(folder / "authors.values.npy", np.array(self._values, np.int32))


class _SingleWriter:
    """The arrays of one value a row; rows that are not written are those before."""

    def __init__(self, before: "Columns | None", n_articles: int) -> None:
        self._arrays: dict[str, npt.NDArray[Any]] = {
            name: np.zeros(n_articles, kind) for name, kind in _SINGLE.items()
        }
        if before is not None:
            for name, values in self._arrays.items():
                values[: before.n_articles] = before.single[name]

    def write(self, row: int, article: Article, codes: Mapping[Field, Sequence[int]]) -> None:
        """Write the values of an article."""
        first, last = _days(article)
        values: dict[str, int | bool] = {
            "first_day": first,
            "last_day": last,
            "has_abstract": article.abstract is not None,
            "years": NO_YEAR if article.year is None else article.year,
        }
        for field in _SINGLE_FIELDS:
            values[field] = codes[field][0] if codes[field] else NO_CODE
        for name, value in values.items():
            self._arrays[name][row] = value

    def save(self, folder: Path) -> None:
        """Write all arrays."""
        for name, values in self._arrays.items():
            save_array(folder / f"{name}.npy", values)


def _days(article: Article) -> tuple[int, int]:
    if article.published is None:
        return NO_DAY, NO_DAY
    first, last = date_span(article.published)
    return day_number(first), day_number(last)


class Columns:
    """The columns of one snapshot, read-only; every array has one value per row."""

    def __init__(self, folder: Path) -> None:
        self.authors_offsets: Rows = load_array(folder, "authors.offsets.npy", np.int64)
        self._authors_values: Codes = load_array(folder, "authors.values.npy", np.int32)
        self.single: dict[str, npt.NDArray[Any]] = {
            name: load_array(folder, f"{name}.npy", kind) for name, kind in _SINGLE.items()
        }
        self._places: dict[str, Codes] = {
            field: load_array(folder, f"{field}.places.npy", np.int32) for field in FIELDS
        }
        self.first_day: npt.NDArray[np.int32] = self.single["first_day"]
        self.last_day: npt.NDArray[np.int32] = self.single["last_day"]
        self.has_abstract: Mask = self.single["has_abstract"]
        # the place of each article's id among all ids: to order by id without reading one
        self.id_places: npt.NDArray[np.int32] = load_array(folder, "id_places.npy", np.int32)
        self.n_articles = len(self.first_day)
        self.titles = Titles(folder)
        self._names = Names(folder / NAMES)

    @property
    def people(self) -> People:
        """The authors by every reading of their names."""
        return self._names.people

    def codes(self, field: Field, names: Sequence[str]) -> tuple[int, ...]:
        """Give the codes of names, unknown ones dropped.

        Case, accents and the order of "Family, Given" do not matter.
        """
        return self._names.codes(field, names)

    def names(self, field: CountedField, codes: Sequence[int] | Codes) -> list[str]:
        """Give the usual spelling of each code, in the order asked; a year's are its digits."""
        plain = [int(code) for code in codes]
        if field == "years":
            return [f"{code:04}" for code in plain]
        return self._names.spellings(field, plain)

    def places(self, field: CountedField) -> Codes | None:
        """Give the place of each code in alphabetical order; a year's is the year: None."""
        return None if field == "years" else self._places[field]

    def begins(self, field: CountedField, codes: Codes, text: str) -> Mask:
        """Tell of each code whether its name, or a word of it, begins with `text`.

        "pat" finds "Pattern Recognition" and "Journal of Pattern Analysis", "sch" finds
        "Jürgen Schmidhuber", "j schm" too; "202" finds the years 2020 to 2029. Blank text is
        no condition.
        """
        if not text.strip():
            return np.ones(len(codes), dtype=np.bool_)
        if field == "years":
            fits = [year.startswith(text.strip()) for year in self.names(field, codes)]
            return np.array(fits, dtype=np.bool_)
        return np.isin(codes, self._names.beginning(field, text))

    def count_codes(self, field: CountedField, rows: Rows) -> tuple[Codes, Rows]:
        """Give each code that articles have in a field, ascending, and how many have it.

        `rows` are distinct. A year is its own code. Ten thousand articles take under 1 ms.
        """
        if field == "authors":
            values = self.authors_of(rows)
        else:
            values = self.single[field][rows].astype(np.int32, copy=False)
            values = values[values != NO_CODE]
        most = int(values.max(initial=0))
        if most < _COUNTED_AT * len(values):
            counts = np.bincount(values)
            codes = np.flatnonzero(counts)
            return codes.astype(np.int32), counts[codes]
        # by sorting: np.unique hashes, which takes several times as long
        values = np.sort(values)
        starts = np.flatnonzero(np.append(True, values[1:] != values[:-1])[: len(values)])
        return values[starts], np.diff(starts, append=len(values)).astype(np.int64)

    def authors_of(self, rows: Rows) -> Codes:
        """Give the codes of the authors of all rows, one article after the other."""
        starts = self.authors_offsets[rows]
        lengths = self.authors_offsets[rows + 1] - starts
        ends = np.cumsum(lengths)
        n_authors = int(ends[-1]) if len(ends) else 0
        # from the place in the answer to the place in the column
        shifts = np.repeat(starts - ends + lengths, lengths)
        authors: Codes = self._authors_values[shifts + np.arange(n_authors)]
        return authors

    def mask(self, selection: Selection) -> Mask | None:
        """Give which rows pass, shape (n_articles,), or None where all do."""
        if selection.is_everything:
            return None
        passes = np.ones(self.n_articles, dtype=np.bool_)
        if selection.authors is not None:
            passes &= self._has_author(selection.authors)
        for field in _SINGLE_FIELDS:
            codes: tuple[int, ...] | None = getattr(selection, field)
            if codes is not None:
                passes &= np.isin(self.single[field], codes)
        if selection.has_abstract is not None:
            passes &= self.has_abstract == selection.has_abstract
        if selection.first_day is not None or selection.last_day is not None:
            passes &= self._is_within(selection.first_day, selection.last_day)
        return passes

    def _has_author(self, codes: tuple[int, ...]) -> Mask:
        positions = np.flatnonzero(np.isin(self._authors_values, codes))
        passes = np.zeros(self.n_articles, dtype=np.bool_)
        passes[np.searchsorted(self.authors_offsets, positions, side="right") - 1] = True
        return passes

    def _is_within(self, first_day: int | None, last_day: int | None) -> Mask:
        passes: Mask = self.first_day != NO_DAY
        if first_day is not None:
            passes &= self.last_day >= first_day
        if last_day is not None:
            passes &= self.first_day <= last_day
        return passes

    def close(self) -> None:
        """Close the names; the arrays go with their last reader."""
        self._names.close()
