"""Columns: one small array per filter and facet, memory-mapped, aligned with the rows.

Names (authors, journals, types, languages) are stored as integer codes. Names that fold
to the same key share a code, whose spelling is the one the corpus uses most. Codes are in
the order of those keys, so that ordering by code is ordering by name, whatever the order
of the corpus.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from index.article import Article
from index.dates import date_span
from index.identity import fold_name
from index.names import Codes, Name, Names, write_names
from index.people import People
from index.titles import Titles, write_titles

Field = Literal["authors", "journals", "types", "languages"]
CountedField = Field | Literal["years"]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

FIELDS: tuple[Field, ...] = ("authors", "journals", "types", "languages")
NO_CODE = -1
NO_YEAR = NO_CODE
NO_DAY = np.iinfo(np.int32).min
"""The first and last day of an article without a date."""

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


def write_columns(folder: Path, articles: Sequence[Article]) -> None:
    """Write the columns of a corpus into `folder`, which is made."""
    folder.mkdir(parents=True)
    names: dict[str, list[Name]] = {
        field: _write_codes(folder, field, [names_of(article, field) for article in articles])
        for field in FIELDS
    }
    write_names(folder / "names.sqlite", names)
    write_titles(folder, [article.title for article in articles])
    _write_days(folder, articles)
    has_abstract = np.array([article.abstract is not None for article in articles], dtype=np.bool_)
    np.save(folder / "has_abstract.npy", has_abstract)
    years = [NO_YEAR if article.year is None else article.year for article in articles]
    np.save(folder / "years.npy", np.array(years, dtype=np.int16))
    by_id = sorted(range(len(articles)), key=lambda row: articles[row].article_id)
    id_places = np.empty(len(articles), dtype=np.int32)
    id_places[by_id] = np.arange(len(articles), dtype=np.int32)
    np.save(folder / "id_places.npy", id_places)


def _write_codes(folder: Path, field: Field, names: Sequence[tuple[str, ...]]) -> list[Name]:
    """Write the codes of a field, each article's names once, and give what they stand for."""
    keys: dict[str, str] = {}
    spellings: dict[str, Counter[str]] = {}
    for of_article in names:
        for name in of_article:
            if name not in keys:
                keys[name] = fold_name(name, is_person=field == "authors")
            spellings.setdefault(keys[name], Counter())[name] += 1
    in_order = sorted(spellings)
    codes = {key: code for code, key in enumerate(in_order)}
    rows = [list(dict.fromkeys(codes[keys[name]] for name in of_article)) for of_article in names]
    if field == "authors":
        offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        values = np.fromiter((code for row in rows for code in row), np.int32, int(offsets[-1]))
        np.save(folder / "authors.offsets.npy", offsets)
        np.save(folder / "authors.values.npy", values)
    else:
        single = np.array([row[0] if row else NO_CODE for row in rows], dtype=np.int32)
        np.save(folder / f"{field}.npy", single)
    return [Name(_usual(spellings[key]), key) for key in in_order]


def _usual(spellings: Counter[str]) -> str:
    # the most frequent spelling; of equally frequent ones the first in the alphabet
    return min(spellings, key=lambda name: (-spellings[name], name))


def _write_days(folder: Path, articles: Iterable[Article]) -> None:
    spans: list[tuple[int, int]] = []
    for article in articles:
        if article.published is None:
            spans.append((NO_DAY, NO_DAY))
        else:
            first, last = date_span(article.published)
            spans.append((day_number(first), day_number(last)))
    days = np.array(spans, dtype=np.int32).reshape(-1, 2)
    np.save(folder / "first_day.npy", days[:, 0].copy())
    np.save(folder / "last_day.npy", days[:, 1].copy())


class Columns:
    """The columns of one snapshot, read-only; every array has one value per row."""

    def __init__(self, folder: Path) -> None:
        self._authors_offsets: npt.NDArray[np.int64] = _load(folder / "authors.offsets.npy")
        self._authors_values: Codes = _load(folder / "authors.values.npy")
        self._single: dict[Field, Codes] = {
            field: _load(folder / f"{field}.npy") for field in FIELDS if field != "authors"
        }
        self.first_day: npt.NDArray[np.int32] = _load(folder / "first_day.npy")
        self.last_day: npt.NDArray[np.int32] = _load(folder / "last_day.npy")
        self.has_abstract: Mask = _load(folder / "has_abstract.npy")
        self.years: npt.NDArray[np.int16] = _load(folder / "years.npy")
        # the place of each article's id among all ids: to order by id without reading one
        self.id_places: npt.NDArray[np.int32] = _load(folder / "id_places.npy")
        self.n_articles = len(self.first_day)
        self.titles = Titles(folder)
        self._names = Names(folder / "names.sqlite")

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
            values = self._authors_of(rows)
        else:
            of_articles = self.years if field == "years" else self._single[field]
            values = of_articles[rows].astype(np.int32, copy=False)
            values = values[values != NO_CODE]
        codes, counts = np.unique(values, return_counts=True)
        return codes, counts.astype(np.int64)

    def _authors_of(self, rows: Rows) -> Codes:
        """Give the codes of the authors of all rows, one article after the other."""
        starts = self._authors_offsets[rows]
        lengths = self._authors_offsets[rows + 1] - starts
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
        for field, of_articles in self._single.items():
            codes: tuple[int, ...] | None = getattr(selection, field)
            if codes is not None:
                passes &= np.isin(of_articles, codes)
        if selection.has_abstract is not None:
            passes &= self.has_abstract == selection.has_abstract
        if selection.first_day is not None or selection.last_day is not None:
            passes &= self._is_within(selection.first_day, selection.last_day)
        return passes

    def _has_author(self, codes: tuple[int, ...]) -> Mask:
        positions = np.flatnonzero(np.isin(self._authors_values, codes))
        passes = np.zeros(self.n_articles, dtype=np.bool_)
        passes[np.searchsorted(self._authors_offsets, positions, side="right") - 1] = True
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


def _load(path: Path) -> Any:  # noqa: ANN401 - its type is that of the file it is called with
    return np.load(path, mmap_mode="r", allow_pickle=False)
