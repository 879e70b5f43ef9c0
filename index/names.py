"""Names: what the codes of the columns stand for, kept in one small SQLite file.

A corpus can have more authors than memory should hold. The file finds the code of a name
however it is spelled, the spelling of a code, and the codes of the names that begin as a
reader began to type them. Beside them stand the readings of `people`.
"""

import sqlite3
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.identity import fold_name
from index.people import People, write_people

Codes = npt.NDArray[np.int32]

_SCHEMA = """
CREATE TABLE names (field TEXT, code INTEGER, name TEXT NOT NULL, folded TEXT NOT NULL,
    PRIMARY KEY (field, code)) WITHOUT ROWID;
CREATE TABLE words (field TEXT, word TEXT, code INTEGER,
    PRIMARY KEY (field, word, code)) WITHOUT ROWID;
"""
_MAX_VARIABLES = 500
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the corpus spells it most often, and the key that all its spellings share."""

    spelling: str
    folded: str


def write_names(path: Path, names: Mapping[str, Sequence[Name]]) -> None:
    """Write the names of each field into a new file; a name's code is its place."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        for field, of_field in names.items():
            connection.executemany(
                "INSERT INTO names VALUES (?, ?, ?, ?)",
                ((field, code, name.spelling, name.folded) for code, name in enumerate(of_field)),
            )
            connection.executemany(
                "INSERT INTO words VALUES (?, ?, ?)",
                (
                    (field, word, code)
                    for code, name in enumerate(of_field)
                    for word in words_of(name.spelling)
                ),
            )
        connection.execute("CREATE INDEX folded_names ON names (field, folded)")
        write_people(connection, [name.spelling for name in names.get("authors", ())])
        connection.commit()
    finally:
        connection.close()


def words_of(name: str) -> set[str]:
    """Give the words a name is found by, folded: "O'Brien" by itself, by "O" and by "Brien"."""
    parts = "".join(c if _is_of_a_word(c) else " " for c in name).split()
    return {_folded(word) for word in (*name.split(), *parts)} - {""}


def _is_of_a_word(character: str) -> bool:
    # a combining mark belongs to its letter, and is a vowel in some scripts
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _folded(word: str) -> str:
    """Fold one word as a whole name is folded; "" where it has neither letter nor digit."""
    folded = fold_name(word, is_person=False)
    return folded if any(map(str.isalnum, folded)) else ""


class Names:
    """The names of one snapshot, read-only; safe for many threads."""

    def __init__(self, path: Path) -> None:
        # one connection, and a lock of our own around each whole statement: SQLite's own does
        # not keep one thread from resetting a cached statement that another has just begun
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self.people = People(self._ask)

    def codes(self, field: str, names: Sequence[str]) -> tuple[int, ...]:
        """Give the codes of names, unknown ones dropped; see `fold_name` for what is the same."""
        query = "SELECT code FROM names WHERE field = ? AND folded = ?"
        keys = (fold_name(name, is_person=field == "authors") for name in names)
        return tuple(int(code) for key in keys for (code,) in self._ask(query, field, key))

    def spellings(self, field: str, codes: Sequence[int]) -> list[str]:
        """Give the usual spelling of each code, in the order asked."""
        found = {
            code: spelling
            for part in _parts(codes)
            for code, spelling in self._ask(
                "SELECT code, name FROM names WHERE field = ?"  # noqa: S608 - only marks
                f" AND code IN ({', '.join('?' * len(part))})",
                field,
                *part,
            )
        }
        return [str(found[int(code)]) for code in codes]

    def beginning(self, field: str, text: str) -> Codes:
        """Give, ascending, the codes of the names that begin with `text` or have words that do.

        As in `fold_name`, case, accents and punctuation do not matter. Of several words each
        must begin some word of the name, in any order. All names begin with blank text.
        """
        key = fold_name(text, is_person=False)
        whole = self._from(field, "names", "folded", key)
        words = [
            self._from(field, "words", "word", word) for word in map(_folded, text.split()) if word
        ]
        return np.union1d(whole, reduce(np.intersect1d, words)) if words else whole

    def _from(self, field: str, table: str, column: str, prefix: str) -> Codes:
        # a range, not LIKE: it takes the index and has no wildcards
        query = f"SELECT code FROM {table} WHERE field = ? AND {column} >= ? AND {column} < ?"  # noqa: S608 - constants
        codes = self._ask(query, field, prefix, prefix + _LAST_CHARACTER)
        return np.unique(np.fromiter((code for (code,) in codes), np.int32, len(codes)))

    def _ask(self, query: str, *values: object) -> list[tuple[int, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def _parts(codes: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(codes), _MAX_VARIABLES):
        yield [int(code) for code in codes[start : start + _MAX_VARIABLES]]
