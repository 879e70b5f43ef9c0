"""The corpus: the ordered articles of one build, each work of each DOI once.

Records of one article are joined by their identifiers; of each field the richer value
wins. Two records with different DOIs are never one article, whatever else they share: a
preprint and its published form are versions, not duplicates.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import orjson

from index.article import Article
from index.errors import IdentityError
from index.identity import fingerprint_id
from index.store import StoreWriter

_DERIVED = ("doi", "arxiv", "pmid", "openalex", "wos", "s2", "sha")
"""The schemes of ids that are made of a record's identifiers, the most widely known first."""
HASH_END = 1 << 256


class Absorbed(NamedTuple):
    """An article that turned out to be the same work as an earlier one, and its old row."""

    row: int
    article: Article


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of an added article: the row it joined, and what is better there now."""

    row: int
    absorbed: tuple[Absorbed, ...]
    gained: tuple[str, ...]


class Corpus:
    """Articles in the order they came, joined as they come.

    A row is stable while articles are added; rows of articles that were absorbed by
    another are skipped by `articles`. They lie in a store, in memory unless one is given; only
    their identifiers are kept here. Articles that the store has from an earlier one were joined
    before: their bare ids say nothing of a file that has the same name now.
    """

    def __init__(self, store: StoreWriter | None = None) -> None:
        self._store = StoreWriter() if store is None else store
        # of an article that was absorbed: the row where it is now
        self._moved: dict[int, int] = {}
        self._by_key: dict[str, int] = {}
        self._by_id: dict[str, int] = {}
        self._places: dict[str, str] = {}

    def articles(self) -> list[Article]:
        """Give all articles, in order of first appearance."""
        return list(self._store.articles())

    def __len__(self) -> int:
        """Count the rows, absorbed ones included."""
        return len(self._store)

    def at(self, row: int) -> Article:
        """Give the article at a row that `add` named, or the one that absorbed it."""
        return self._store.article(self._final(row))

    def add(self, article: Article) -> Joined | None:
        """Add an article; None if it is new, else which row it joined and what that gained.

        IdentityError if another work has the same id: one that a file gave it, and that says
        nothing outside of that file, or one that a record with another DOI has too.
        """
        keys = _lasting_keys(article)
        if _is_bare(article.article_id):
            # an id without a scheme says something within its own file only
            keys.append(f"{article.source}\n{article.article_id}")
        same = self._same_work(article, keys)
        if not same:
            self._remember(article, keys, self._store.append(article))
            return None
        row, *absorbed_rows = same
        before = merged = self.at(row)
        absorbed = tuple(Absorbed(other, self.at(other)) for other in absorbed_rows)
        for other in (*(one.article for one in absorbed), article):
            merged = merge(merged, other)
            if other.article_id != before.article_id:
                self._places.setdefault(other.article_id, _place(other))
        for one in absorbed:
            self._moved[one.row] = row
            self._store.remove(one.row)
        if merged != before:
            self._store.replace(row, merged)
        self._remember(article, keys, row)
        return Joined(row, absorbed, _gained(before, merged))

    def _final(self, row: int) -> int:
        while (further := self._moved.get(row)) is not None:
            if (beyond := self._moved.get(further)) is not None:
                self._moved[row] = beyond  # the way is half as long the next time
            row = further
        return row

    def _row_of(self, known: Mapping[str, int], name: str) -> int | None:
        """Give the row that a key or an id leads to, from what was added or was there before."""
        row = known.get(name)
        if row is None and self._store.n_before:
            row = self._store.row_of(name)
        return None if row is None else self._final(row)

    def _same_work(self, article: Article, keys: list[str]) -> list[int]:
        """Give the rows of the same work in order; no two of them have different DOIs."""
        found = (self._row_of(self._by_key, key) for key in keys)
        rows = {row for row in found if row is not None}
        namesake = self._namesake(article)
        if namesake is not None and self._is_credible(article, namesake, rows):
            rows.add(namesake)
        same: list[int] = []
        doi = article.doi
        # a record that came before finds its way to the same work, whatever came since
        for row in sorted(rows, key=lambda row: (row != namesake, row)):
            its_doi = self.at(row).doi
            if doi is None or its_doi is None or its_doi == doi:
                same.append(row)
                doi = doi or its_doi
        if namesake is not None and namesake not in same:
            raise self._identity_error(article, namesake)
        return sorted(same)

    def _namesake(self, article: Article) -> int | None:
        return self._row_of(self._by_id, article.article_id)

    def _is_credible(self, article: Article, namesake: int, rows: set[int]) -> bool:
        # other files may count their articles with the same numbers
        return (
            namesake in rows
            or not _is_bare(article.article_id)
            or fingerprint(self.at(namesake)) == fingerprint(article)
        )

    def _identity_error(self, article: Article, namesake: int) -> IdentityError:
        first = self._places.get(article.article_id) or _place(self.at(namesake))
        return IdentityError(
            f"the id {article.article_id!r} names two different articles: {first} and "
            f"{_place(article)}; give one of them another id, or a prefix of its own such as "
            "'mine:'; to correct an article, first: cognate remove ID"
        )

    def _remember(self, article: Article, keys: list[str], row: int) -> None:
        # who came first stays: a record that shares ids with two works of different DOIs
        # takes none of them from the other
        for key in keys:
            if self._row_of(self._by_key, key) is None:
                self._by_key[key] = row
        for article_id in (article.article_id, *filter(_is_bare, article.identifiers)):
            if self._row_of(self._by_id, article_id) is None:
                self._by_id[article_id] = row
        if article.doi is not None:
            # some records name two DOIs: the second leads to the work whose first it is
            self._by_key[f"doi:{article.doi}"] = row


def _lasting_keys(article: Article) -> list[str]:
    """Give the ids that name the same work in every file."""
    keys = [identifier for identifier in article.identifiers if not _is_bare(identifier)]
    own = [article.article_id] if not _is_bare(article.article_id) else []
    own += [f"doi:{article.doi}"] if article.doi else []
    return keys + [key for key in dict.fromkeys(own) if key not in keys]


def _is_bare(article_id: str) -> bool:
    return ":" not in article_id


def _place(article: Article) -> str:
    return f"{article.source}, line {article.line}"


def fingerprint(article: Article) -> str:
    """Give the id made of an article's normalised title, first author and year."""
    first_author = article.authors[0] if article.authors else None
    return fingerprint_id(article.title or article.abstract or "", first_author, article.year)


def merge(first: Article, second: Article) -> Article:
    """Join two records of one article: of each field the richer value, else the first's."""
    article_id, alias = sorted((first.article_id, second.article_id), key=_id_rank)
    aliases = () if alias == article_id else (alias,)
    identifiers = {*first.identifiers, *second.identifiers, *aliases}
    authors = max(first.authors, second.authors, key=len)
    return replace(
        first,
        article_id=article_id,
        title=first.title or second.title,
        abstract=max(first.abstract, second.abstract, key=lambda text: len(text or "")),
        authors=authors,
        n_authors=max(first.n_authors, second.n_authors, len(authors)),
        doi=first.doi or second.doi,
        journal=first.journal or second.journal,
        published=max(first.published, second.published, key=lambda date: len(date or "")),
        type=first.type if first.type != "other" else second.type,
        url=first.url or second.url,
        language=first.language or second.language,
        is_new=first.is_new or second.is_new,
        retracted=_either(first.retracted, second.retracted),
        citation_key=first.citation_key or second.citation_key,
        identifiers=tuple(sorted(identifiers)),
        version_ids=tuple(sorted({*first.version_ids, *second.version_ids} - identifiers)),
        first_indexed=min(filter(None, (first.first_indexed, second.first_indexed)), default=None),
    )


def _id_rank(article_id: str) -> int:
    # an id the user gave stays; of derived ones the most widely known
    scheme, colon, _ = article_id.partition(":")
    return _DERIVED.index(scheme) + 1 if colon and scheme in _DERIVED else 0


def _either(first: bool | None, second: bool | None) -> bool | None:
    if first or second:
        return True
    return first if first is not None else second


def _gained(before: Article, after: Article) -> tuple[str, ...]:
    names = ("title", "abstract", "authors", "doi", "journal", "published", "type", "retracted")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def hash_articles(articles: Iterable[tuple[int, Article]]) -> int:
    """Give the hash of articles at their rows, of what a reader of them can see.

    It is a sum (an incremental hash, Bellare and Micciancio 1997): of a corpus that grows, what
    is new is added to what it was.
    """
    total = 0
    for row, article in articles:
        visible = orjson.dumps((row, replace(article, source="", line=0)))
        total += int.from_bytes(hashlib.sha256(visible).digest())
    return total % HASH_END
