"""The article store: the records of a snapshot in one SQLite file.

A build writes it while it reads its sources, so that no corpus has to fit into memory; then it
is opened read-only and immutable, so any number of threads and processes read it without a lock.
Row numbers are those of the embedding matrix.
"""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self, overload

import orjson

from index.article import Article
from index.errors import DamagedSnapshotError
from index.identity import lookup_forms

STORE = "articles.sqlite"
IN_MEMORY = Path(":memory:")

_SCHEMA = """
CREATE TABLE articles (
    row INTEGER PRIMARY KEY, article_id TEXT NOT NULL, title TEXT, abstract TEXT,
    authors TEXT NOT NULL, n_authors INTEGER NOT NULL, doi TEXT, journal TEXT, published TEXT,
    type TEXT NOT NULL, url TEXT, language TEXT, is_new INTEGER NOT NULL, retracted INTEGER,
    citation_key TEXT, identifiers TEXT NOT NULL, version_ids TEXT NOT NULL,
    first_indexed TEXT, source TEXT NOT NULL,
    line INTEGER NOT NULL);
CREATE TABLE identifiers (identifier TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
"""
_COLUMNS = (
    "article_id, title, abstract, authors, n_authors, doi, journal, published, type, url, "
    "language, is_new, retracted, citation_key, identifiers, version_ids, first_indexed, source, "
    "line"
)
_INSERT = f"INSERT INTO articles VALUES (?{', ?' * 19})"  # noqa: S608 - a constant
_UPDATE = f"UPDATE articles SET {' = ?, '.join(_COLUMNS.split(', '))} = ? WHERE row = ?"  # noqa: S608
# an article's own id wins over the same text as another's secondary identifier, and of several
# articles with one identifier the first
_IDENTIFY_OWN = """
INSERT INTO identifiers SELECT article_id, row FROM articles WHERE row >= ? ORDER BY row
ON CONFLICT DO UPDATE SET row = excluded.row
WHERE identifier != (SELECT article_id FROM articles AS first WHERE first.row = identifiers.row)
"""
_IDENTIFY = """
INSERT OR IGNORE INTO identifiers
SELECT one.value, articles.row FROM articles, json_each(articles.identifiers) AS one
WHERE articles.row >= ? ORDER BY articles.row, one.key
"""
_RENUMBER = f"""
DELETE FROM identifiers;
CREATE TABLE numbered AS SELECT * FROM articles ORDER BY row;
DELETE FROM articles;
INSERT INTO articles SELECT rowid - 1, {_COLUMNS} FROM numbered ORDER BY rowid;
DROP TABLE numbered;
"""  # noqa: S608 - constants
_MAX_VARIABLES = 500
_WRITER_CACHE_KB = 65_536


class LanguageCounts(NamedTuple):
    """How many articles say that they are in a language (None: do not say), and what they lack."""

    language: str | None
    n_articles: int
    n_without_abstract: int
    n_without_title: int
    n_without_authors: int
    n_undated: int
    n_retracted: int


_COUNT = """
SELECT language, count(*), sum(abstract IS NULL), sum(title IS NULL), sum(n_authors = 0),
    sum(published IS NULL), sum(coalesce(retracted, 0))
FROM articles GROUP BY language ORDER BY count(*) DESC, language
"""


class StoreWriter:
    """The store of a snapshot while it is written, with the articles of `earlier` in it, if given.

    Without a path it lies in memory.
    """

    def __init__(self, path: Path = IN_MEMORY, earlier: Path | None = None) -> None:
        if earlier is not None:
            shutil.copyfile(earlier, path)
        self._connection = sqlite3.connect(path)
        self._connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            f"PRAGMA cache_size = -{_WRITER_CACHE_KB};"
        )
        if earlier is None:
            self._connection.executescript(_SCHEMA)
        self.n_before = self._n_rows()
        """How many articles were there; identifiers of these only are found."""
        self._n_rows_now = self.n_before
        self._replaced: set[int] = set()
        self._removed = 0

    def _n_rows(self) -> int:
        (last,) = self._connection.execute("SELECT max(row) FROM articles").fetchone()
        return 0 if last is None else int(last) + 1

    def __len__(self) -> int:
        """Count the rows, those of removed articles included."""
        return self._n_rows_now

    @property
    def replaced(self) -> tuple[int, ...]:
        """The rows below `n_before` whose articles were replaced, ascending."""
        return tuple(sorted(row for row in self._replaced if row < self.n_before))

    @property
    def is_renumbered(self) -> bool:
        """Whether rows will change when the store is finished, since articles were removed."""
        return self._removed > 0

    def append(self, article: Article) -> int:
        """Add an article and give its row."""
        row = self._n_rows_now
        self._connection.execute(_INSERT, (row, *_to_values(article)))
        self._n_rows_now += 1
        return row

    def replace(self, row: int, article: Article) -> None:
        """Put an article in the place of another."""
        self._connection.execute(_UPDATE, (*_to_values(article), row))
        self._replaced.add(row)

    def remove(self, row: int) -> None:
        """Remove an article; the rows behind it move up when the store is finished."""
        self._connection.execute("DELETE FROM articles WHERE row = ?", (row,))
        self._removed += 1

    def article(self, row: int) -> Article:
        """Give the article at a row."""
        query = f"SELECT {_COLUMNS} FROM articles WHERE row = ?"  # noqa: S608 - constants
        return _from_values(self._connection.execute(query, (row,)).fetchone())

    def articles(self) -> Iterator[Article]:
        """Give all articles in row order."""
        query = f"SELECT {_COLUMNS} FROM articles ORDER BY row"  # noqa: S608 - constants
        return map(_from_values, self._connection.execute(query))

    def row_of(self, identifier: str) -> int | None:
        """Give the row that an identifier names among the articles of the earlier store."""
        return _row_of(self._connection, identifier)

    def date(self, now: str, earlier: "ArticleStore | None") -> None:
        """Say when each article was first indexed: in `earlier`, or `now`.

        Another version of the work is another article. What an article says of itself, as one of
        an export does, holds in an index that is new: who follows one by its feeds has to hear
        of all that comes to it, when it comes.
        """
        is_new = earlier is None and not self.n_before
        doubted = "first_indexed > :now" if is_new else "row >= :before"
        self._connection.execute(
            f"UPDATE articles SET first_indexed = NULL WHERE {doubted}",  # noqa: S608 - constants
            {"now": now, "before": self.n_before},
        )
        if earlier is not None:
            query = (
                "SELECT row, article_id, identifiers, doi FROM articles WHERE first_indexed IS NULL"
            )
            known = (
                (earlier.first_indexed((article_id, *orjson.loads(others)), doi), row)
                for row, article_id, others, doi in self._connection.execute(query).fetchall()
            )
            self._connection.executemany(
                "UPDATE articles SET first_indexed = ? WHERE row = ?",
                ((time, row) for time, row in known if time),
            )
        self._connection.execute(
            "UPDATE articles SET first_indexed = ? WHERE first_indexed IS NULL", (now,)
        )

    def finish(self) -> None:
        """Close the gaps of removed articles, and make all identifiers known; the last call."""
        first = self.n_before
        if self._removed:
            self._connection.executescript(_RENUMBER)
            first = 0
        self._connection.execute(_IDENTIFY_OWN, (first,))
        self._connection.execute(_IDENTIFY, (first,))
        for row in self.replaced if first else ():
            # what a replaced article gained names it too
            article = self.article(row)
            self._connection.executemany(
                "INSERT OR IGNORE INTO identifiers VALUES (?, ?)",
                ((identifier, row) for identifier in (article.article_id, *article.identifiers)),
            )
        self._connection.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS article_ids ON articles (article_id)"
        )
        # some 33 bytes an article: feeds ask for all of these times, and not for the articles
        self._connection.execute("CREATE INDEX IF NOT EXISTS moments ON articles (first_indexed)")
        self._connection.commit()

    def close(self) -> None:
        """Close the file."""
        self._connection.commit()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _row_of(connection: sqlite3.Connection, identifier: str) -> int | None:
    found = connection.execute(
        "SELECT row FROM identifiers WHERE identifier = ?", (identifier,)
    ).fetchone()
    return None if found is None else int(found[0])


def _to_values(article: Article) -> tuple[str | int | None, ...]:
    return (
        article.article_id,
        article.title,
        article.abstract,
        orjson.dumps(article.authors).decode(),
        article.n_authors,
        article.doi,
        article.journal,
        article.published,
        article.type,
        article.url,
        article.language,
        article.is_new,
        article.retracted,
        article.citation_key,
        orjson.dumps(article.identifiers).decode(),
        orjson.dumps(article.version_ids).decode(),
        article.first_indexed,
        article.source,
        article.line,
    )


class ArticleStore(Sequence[Article]):
    """The articles of one snapshot, by row or by any identifier; safe for many threads.

    It is the corpus as a sequence of which one article at a time is in memory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # without a map of the file: its pages stay in the kernel's cache, and are no memory of ours
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        with self._reading():
            (last,) = self._connection.execute("SELECT max(row) FROM articles").fetchone()
        self.n_articles = 0 if last is None else int(last) + 1

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Turn what is raised where the file is damaged into one error that names it."""
        try:
            yield
        except (sqlite3.DatabaseError, orjson.JSONDecodeError) as error:
            # a closed connection, or a wrong query, is no damage
            if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError):
                raise
            reason = f"cannot be read ({error}); check all of the index with: cognate verify"
            raise DamagedSnapshotError(str(self.path), reason) from error

    def __len__(self) -> int:
        """Count the articles."""
        return self.n_articles

    @overload
    def __getitem__(self, place: int) -> Article: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Article]: ...
    def __getitem__(self, place: int | slice) -> Article | Sequence[Article]:
        """Give the article at a row; some 20 µs."""
        if isinstance(place, slice):
            return self.articles(range(*place.indices(len(self))))
        return self.articles([range(len(self))[place]])[0]

    def __iter__(self) -> Iterator[Article]:
        """Give every article in row order, without holding them all in memory."""
        return self.since(0)

    def since(self, row: int) -> Iterator[Article]:
        """Give the articles from a row on."""
        columns = _COLUMNS
        if not self._has("version_ids"):
            # a store of format 1, whose articles a build takes over
            columns = columns.replace("version_ids", "'[]'")
        query = f"SELECT {columns} FROM articles WHERE row >= ? ORDER BY row"  # noqa: S608
        with self._reading():
            yield from map(_from_values, self._connection.execute(query, (row,)))

    def articles(self, rows: Sequence[int]) -> list[Article]:
        """Give the articles at `rows`, in the order asked."""
        with self._reading():
            found = {row: _from_values(values) for row, *values in self._select(_COLUMNS, rows)}
        return [found[int(row)] for row in rows]

    def article_ids(self, rows: Sequence[int]) -> list[str]:
        """Give only the ids at `rows`, in the order asked."""
        found = dict(self._select("article_id", rows))
        return [found[int(row)] for row in rows]

    def _select(self, columns: str, rows: Sequence[int]) -> list[tuple[Any, ...]]:
        """Give the row and these columns of each article, in any order."""
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(rows), _MAX_VARIABLES):
            part = [int(row) for row in rows[start : start + _MAX_VARIABLES]]
            marks = ", ".join("?" * len(part))
            query = f"SELECT row, {columns} FROM articles WHERE row IN ({marks})"  # noqa: S608
            with self._reading():
                # all at once: a cursor that an interrupt leaves open outlives the connection
                found += self._connection.execute(query, part).fetchall()
        missing = set(map(int, rows)) - {row for row, *_ in found}
        if missing:
            reason = f"holds no article at row {min(missing)}; check it with: cognate verify"
            raise DamagedSnapshotError(str(self.path), reason)
        return found

    def in_order_of_ids(self) -> Iterator[int]:
        """Give all rows in the order of the articles' ids."""
        query = "SELECT row FROM articles ORDER BY article_id"
        with self._reading():
            yield from (row for (row,) in self._connection.execute(query))

    def count_by_language(self) -> list[LanguageCounts]:
        """Count the articles of each language, the commonest first, reading every article once."""
        with self._reading():
            return [LanguageCounts(*values) for values in self._connection.execute(_COUNT)]

    def _has(self, column: str) -> bool:
        known = self._connection.execute("PRAGMA table_info(articles)")
        return column in {str(row[1]) for row in known}

    def find(self, text: str) -> int | None:
        """Give the row of the article that any form of an id names (`doi:…`, a DOI URL, …)."""
        if not _is_encodable(text):
            return None
        found = (_row_of(self._connection, form) for form in lookup_forms(text))
        with self._reading():
            return next((row for row in found if row is not None), None)

    def first_indexed(self, identifiers: Iterable[str], doi: str | None) -> str | None:
        """Give when an article of these identifiers, and of no other DOI, was first indexed."""
        rows = {_row_of(self._connection, identifier) for identifier in identifiers} - {None}
        known = self._select("doi, first_indexed", [row for row in rows if row is not None])
        times = [time for _, other, time in known if None in (other, doi) or other == doi]
        return min(filter(None, times), default=None)

    def moments(self) -> Iterator[tuple[int, str]]:
        """Give the row of each article, in any order, and when it was first indexed, if known."""
        query = "SELECT row, first_indexed FROM articles WHERE first_indexed IS NOT NULL"
        with self._reading():
            yield from self._connection.execute(query)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _is_encodable(text: str) -> bool:
    # an argument of the console that is not UTF-8 arrives as halves of characters
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _from_values(values: Iterable[object]) -> Article:
    fields = dict(zip(_COLUMNS.split(", "), values, strict=True))
    fields["authors"] = tuple(orjson.loads(str(fields["authors"])))
    fields["identifiers"] = tuple(orjson.loads(str(fields["identifiers"])))
    fields["version_ids"] = tuple(orjson.loads(str(fields["version_ids"])))
    fields["is_new"] = bool(fields["is_new"])
    retracted = fields["retracted"]
    fields["retracted"] = None if retracted is None else bool(retracted)
    return Article(**fields)  # type: ignore[arg-type]  # the schema above gives each its type
