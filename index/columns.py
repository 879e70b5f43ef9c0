"""Columns: one small array per filter and facet, memory-mapped, aligned with the rows.

Names (authors, journals, types, languages) are stored as integer codes. Names that fold
to the same key share a code, whose spelling is the one the corpus uses most; the names
themselves stay in a small SQLite file, since a corpus can have more authors than memory
should hold.
"""

import datetime
import sqlite3
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

Field = Literal["authors", "journals", "types", "languages"]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

FIELDS: tuple[Field, ...] = ("authors", "journals", "types", "languages")
NO_CODE = -1
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
    connection = sqlite3.connect(folder / "names.sqlite")
    try:
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE names (field TEXT, code INTEGER, name TEXT NOT NULL,"
            " folded TEXT NOT NULL, PRIMARY KEY (field, code)) WITHOUT ROWID;"
        )
        for field in FIELDS:
            _write_names(
                folder, connection, field, [names_of(article, field) for article in articles]
            )
        connection.execute("CREATE INDEX folded_names ON names (field, folded)")
        connection.commit()
    finally:
        connection.close()
    _write_days(folder, articles)
    has_abstract = np.array([article.abstract is not None for article in articles], dtype=np.bool_)
    np.save(folder / "has_abstract.npy", has_abstract)


def _write_names(
    folder: Path, connection: sqlite3.Connection, field: Field, names: list[tuple[str, ...]]
) -> None:
    codes: dict[str, int] = {}
    spellings: list[Counter[str]] = []
    folded: dict[str, int] = {}
    rows: list[list[int]] = []
    for of_article in names:
        row = []
        for name in of_article:
            code = codes.get(name)
            if code is None:
                key = fold_name(name, is_person=field == "authors")
                code = codes[name] = folded.setdefault(key, len(folded))
                if code == len(spellings):
                    spellings.append(Counter())
            spellings[code][name] += 1
            row.append(code)
        rows.append(list(dict.fromkeys(row)))
    connection.executemany(
        "INSERT INTO names VALUES (?, ?, ?, ?)",
        ((field, code, _usual(spellings[code]), key) for key, code in folded.items()),
    )
    if field == "authors":
        offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        values = np.fromiter((code for row in rows for code in row), np.int32, int(offsets[-1]))
        np.save(folder / "authors.offsets.npy", offsets)
        np.save(folder / "authors.values.npy", values)
    else:
        single = np.array([row[0] if row else NO_CODE for row in rows], dtype=np.int32)
        np.save(folder / f"{field}.npy", single)


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
        self.n_articles = len(self.first_day)
        path = folder / "names.sqlite"
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )

    def codes(self, field: Field, names: Sequence[str]) -> tuple[int, ...]:
        """Give the codes of names, unknown ones dropped.

        Case, accents and the order of "Family, Given" do not matter.
        """
        found: list[int] = []
        for name in names:
            row = self._connection.execute(
                "SELECT code FROM names WHERE field = ? AND folded = ?",
                (field, fold_name(name, is_person=field == "authors")),
            ).fetchone()
            if row is not None:
                found.append(int(row[0]))
        return tuple(found)

    def names(self, field: Field, codes: Sequence[int]) -> list[str]:
        """Give the usual spelling of each code, in the order asked."""
        query = "SELECT name FROM names WHERE field = ? AND code = ?"
        return [
            str(self._connection.execute(query, (field, int(code))).fetchone()[0]) for code in codes
        ]

    def row_codes(self, field: Field, row: int) -> list[int]:
        """Give the codes an article has in a field."""
        if field == "authors":
            start, end = self._authors_offsets[row : row + 2]
            return [int(code) for code in self._authors_values[start:end]]
        code = int(self._single[field][row])
        return [] if code == NO_CODE else [code]

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
        self._connection.close()


def _load(path: Path) -> Any:  # noqa: ANN401 - its type is that of the file it is called with
    return np.load(path, mmap_mode="r", allow_pickle=False)
