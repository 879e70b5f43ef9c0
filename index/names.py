"""Names: what the codes of the columns stand for, kept in one small SQLite file.

A corpus can have more authors than memory should hold. The file finds the code of a name
however it is spelled, the spelling of a code, and the codes of the names that begin as a
reader began to type them. Beside them stand the readings of `people`. A name keeps its code as
long as the corpus only grows, so that a larger corpus is written by adding to a copy.
"""

import shutil
import sqlite3
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.identity import fold_name
from index.people import PEOPLE_SCHEMA, People, write_people

Codes = npt.NDArray[np.int32]

_SCHEMA = """
CREATE TABLE names (field TEXT, code INTEGER, name TEXT NOT NULL, folded TEXT NOT NULL,
    PRIMARY KEY (field, code)) WITHOUT ROWID;
CREATE UNIQUE INDEX folded_names ON names (field, folded);
CREATE TABLE words (field TEXT, word TEXT, code INTEGER,
    PRIMARY KEY (field, word, code)) WITHOUT ROWID;
CREATE TABLE spellings (field TEXT, code INTEGER, spelling TEXT, n INTEGER,
    PRIMARY KEY (field, code, spelling)) WITHOUT ROWID;
"""
# how often each spelling was met since; `spellings` holds names of more than one spelling only
_MET = """
CREATE TEMP TABLE met (field TEXT, code INTEGER, spelling TEXT, n INTEGER,
    PRIMARY KEY (field, code, spelling)) WITHOUT ROWID;
"""
_MEET = """
INSERT INTO met VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n
"""
_FINISH = """
INSERT INTO spellings SELECT * FROM met WHERE true ON CONFLICT DO UPDATE SET n = n + excluded.n;
UPDATE names SET name = (
    SELECT spelling FROM spellings AS one
    WHERE one.field = names.field AND one.code = names.code ORDER BY n DESC, spelling LIMIT 1
) WHERE (field, code) IN (SELECT field, code FROM met);
DELETE FROM spellings WHERE n <= 0;
DELETE FROM spellings WHERE (field, code) IN (
    SELECT field, code FROM spellings GROUP BY field, code HAVING count(*) = 1
);
"""
# a build that is interrupted writes the file anew
_UNSAFE = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
_MAX_VARIABLES = 500
_LAST_CHARACTER = "\U0010ffff"
_KEPT_CODES = 1 << 18
_KEPT_COUNTS = 1 << 17


class NamesWriter:
    """The file of names while it is written, with the names of `earlier` in it, if given."""

    def __init__(self, path: Path, earlier: Path | None = None) -> None:
        if earlier is not None:
            shutil.copyfile(earlier, path)
        self._connection = sqlite3.connect(path)
        self._connection.executescript(_UNSAFE + _MET)
        if earlier is None:
            self._connection.executescript(_SCHEMA + PEOPLE_SCHEMA)
        known = self._connection.execute("SELECT field, count(*) FROM names GROUP BY field")
        self.n_names: Counter[str] = Counter(dict(known))
        """How many names each field has; codes are the numbers below."""
        self._codes: dict[tuple[str, str], int] = {}
        self._met: Counter[tuple[str, int, str]] = Counter()

    def code(self, field: str, name: str) -> int:
        """Give the code of a name, a new one where no spelling of it is known."""
        if (field, name) not in self._codes:
            if len(self._codes) >= _KEPT_CODES:
                self._codes.clear()
            self._codes[field, name] = self._found(field, name)
        return self._codes[field, name]

    def _found(self, field: str, name: str) -> int:
        key = fold_name(name, is_person=field == "authors")
        found = self._connection.execute(
            "SELECT code FROM names WHERE field = ? AND folded = ?", (field, key)
        ).fetchone()
        if found is not None:
            return int(found[0])
        code = self.n_names[field]
        self.n_names[field] += 1
        self._connection.execute("INSERT INTO names VALUES (?, ?, ?, ?)", (field, code, name, key))
        return code

    def meet(self, field: str, name: str, times: int = 1) -> None:
        """Count an article that spells a name so; -1 for one that no longer does."""
        self._met[field, self.code(field, name), name] += times
        if len(self._met) >= _KEPT_COUNTS:
            self._count_met()

    def _count_met(self) -> None:
        self._connection.executemany(_MEET, ((*key, n) for key, n in self._met.items()))
        self._met.clear()

    def finish(self, counts: Mapping[str, Codes]) -> None:
        """Choose the usual spellings, and note the words and readings of what was met.

        `counts` says of each code of the earlier file how many articles had it.
        """
        self._count_met()
        if counts:
            self._count_only_spellings(counts)
        self._connection.executescript(_FINISH)
        for field in self.n_names:
            self._note_words(field)
        self._connection.commit()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _count_only_spellings(self, counts: Mapping[str, Codes]) -> None:
        """Count the spelling of names that had only one; the column says how many spelled it so."""
        query = """
            SELECT DISTINCT names.field, names.code, names.name
            FROM met JOIN names USING (field, code) WHERE NOT EXISTS (
                SELECT 1 FROM spellings AS one WHERE one.field = met.field AND one.code = met.code
            )"""
        self._connection.executemany(
            _MEET,
            [
                (field, code, name, int(counts[field][code]))
                for field, code, name in self._connection.execute(query).fetchall()
                if code < len(counts[field])
            ],
        )

    def _note_words(self, field: str) -> None:
        query = """
            SELECT DISTINCT code, name FROM met JOIN names USING (field, code)
            WHERE field = ? ORDER BY code"""
        names = self._connection.execute(query, (field,)).fetchall()
        self._connection.executemany(
            "INSERT OR IGNORE INTO words VALUES (?, ?, ?)",
            ((field, word, code) for code, name in names for word in words_of(name)),
        )
        if field == "authors":
            write_people(self._connection, names)

    def places(self, field: str) -> Codes:
        """Give the place of each code among all of its field, in the order of the folded names."""
        places = np.empty(self.n_names[field], np.int32)
        query = "SELECT code FROM names WHERE field = ? ORDER BY folded"
        ordered = np.fromiter(
            (code for (code,) in self._connection.execute(query, (field,))), np.int32, len(places)
        )
        places[ordered] = np.arange(len(places), dtype=np.int32)
        return places


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
