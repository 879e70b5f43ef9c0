"""The article store: the records of a snapshot in one SQLite file.

Written once by a build, then opened read-only and immutable, so any number of threads and
processes read it without a lock. Row numbers are those of the embedding matrix.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from index.article import Article
from index.identity import lookup_forms

_SCHEMA = """
CREATE TABLE articles (
    row INTEGER PRIMARY KEY, article_id TEXT NOT NULL UNIQUE, title TEXT, abstract TEXT,
    authors TEXT NOT NULL, n_authors INTEGER NOT NULL, doi TEXT, journal TEXT, published TEXT,
    type TEXT NOT NULL, url TEXT, language TEXT, is_new INTEGER NOT NULL, retracted INTEGER,
    citation_key TEXT, identifiers TEXT NOT NULL, version_ids TEXT NOT NULL,
    first_indexed TEXT, source TEXT NOT NULL,
    line INTEGER NOT NULL, truncated INTEGER NOT NULL);
CREATE TABLE identifiers (identifier TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
"""
_COLUMNS = (
    "article_id, title, abstract, authors, n_authors, doi, journal, published, type, url, "
    "language, is_new, retracted, citation_key, identifiers, version_ids, first_indexed, source, "
    "line"
)
_INSERT = f"INSERT INTO articles VALUES (?{', ?' * 20})"  # noqa: S608 - a constant
_MAX_VARIABLES = 500


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as a snapshot holds it; `truncated` where its passage overflows the window."""

    article: Article
    truncated: bool


def write_store(path: Path, articles: Sequence[Article], truncated: Sequence[bool]) -> None:
    """Write all articles of a corpus, row by row, into a new SQLite file at `path`."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        connection.executemany(
            _INSERT,
            (
                (row, *_to_values(article), cut)
                for row, (article, cut) in enumerate(zip(articles, truncated, strict=True))
            ),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO identifiers VALUES (?, ?)", _identifier_rows(articles)
        )
        connection.commit()
    finally:
        connection.close()


def _identifier_rows(articles: Sequence[Article]) -> Iterator[tuple[str, int]]:
    # an article's own id wins over the same text as another's secondary identifier
    for row, article in enumerate(articles):
        yield article.article_id, row
    for row, article in enumerate(articles):
        for identifier in article.identifiers:
            yield identifier, row


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


class ArticleStore:
    """The articles of one snapshot, by row or by any identifier; safe for many threads."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        # the corpus may be larger than memory: let the kernel's page cache hold it
        self._connection.execute("PRAGMA mmap_size = 1073741824")
        self.n_articles = int(
            self._connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        )

    def articles(self, rows: Sequence[int]) -> list[StoredArticle]:
        """Give the articles at `rows`, in the order asked."""
        found = {
            row: StoredArticle(_from_values(values), bool(truncated))
            for row, truncated, *values in self._select(f"truncated, {_COLUMNS}", rows)
        }
        return [found[int(row)] for row in rows]

    def article_ids(self, rows: Sequence[int]) -> list[str]:
        """Give only the ids at `rows`, in the order asked."""
        found = dict(self._select("article_id", rows))
        return [found[int(row)] for row in rows]

    def _select(self, columns: str, rows: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """Give the row and these columns of each article, in any order."""
        for start in range(0, len(rows), _MAX_VARIABLES):
            part = [int(row) for row in rows[start : start + _MAX_VARIABLES]]
            marks = ", ".join("?" * len(part))
            query = f"SELECT row, {columns} FROM articles WHERE row IN ({marks})"  # noqa: S608
            yield from self._connection.execute(query, part)

    def all_articles(self) -> Iterator[StoredArticle]:
        """Give every article in row order, without holding them all in memory."""
        columns = _COLUMNS
        if not self._has("version_ids"):
            # a store of format 1, whose articles a build takes over
            columns = columns.replace("version_ids", "'[]'")
        query = f"SELECT truncated, {columns} FROM articles ORDER BY row"  # noqa: S608
        for truncated, *values in self._connection.execute(query):
            yield StoredArticle(_from_values(values), bool(truncated))

    def _has(self, column: str) -> bool:
        known = self._connection.execute("PRAGMA table_info(articles)")
        return column in {str(row[1]) for row in known}

    def find(self, text: str) -> int | None:
        """Give the row of the article that any form of an id names (`doi:…`, a DOI URL, …)."""
        if not _is_encodable(text):
            return None
        for form in lookup_forms(text):
            found = self._connection.execute(
                "SELECT row FROM identifiers WHERE identifier = ?", (form,)
            ).fetchone()
            if found is not None:
                return int(found[0])
        return None

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
