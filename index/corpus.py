"""The corpus: the ordered articles of one build, each work of each DOI once.

Records of one article are joined by their identifiers; of each field the richer value
wins. Two records with different DOIs are never one article, whatever else they share: a
preprint and its published form are versions, not duplicates.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import orjson

from index.article import Article
from index.errors import IdentityError
from index.identity import fingerprint_id

_DERIVED = ("doi", "arxiv", "pmid", "openalex")
_BUILD_FIELDS = ("source", "line")


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of an added article: the row it joined, and what is better there now."""

    row: int
    absorbed_rows: tuple[int, ...]
    gained: tuple[str, ...]


class Corpus:
    """Articles in the order they came, joined as they come.

    A row is stable while articles are added; rows of articles that were absorbed by
    another are skipped by `articles`.
    """

    def __init__(self, articles: Iterable[Article] = ()) -> None:
        self._rows: list[Article | None] = []
        self._by_key: dict[str, int] = {}
        self._by_bare_id: dict[str, int] = {}
        for article in articles:
            self.add(article)

    def articles(self) -> list[Article]:
        """Give all articles, in order of first appearance."""
        return [article for article in self._rows if article is not None]

    def __len__(self) -> int:
        """Count the rows, absorbed ones included."""
        return len(self._rows)

    def at(self, row: int) -> Article:
        """Give the article at a row that `add` named."""
        article = self._rows[row]
        assert article is not None
        return article

    def add(self, article: Article) -> Joined | None:
        """Add an article; None if it is new, else which row it joined and what that gained.

        IdentityError if another work has the same bare id (one without a scheme).
        """
        keys = _join_keys(article)
        same = self._same_work(article, keys)
        if not same:
            row = len(self._rows)
            self._rows.append(article)
            self._remember(article, keys, row)
            return None
        row, *absorbed = same
        before = merged = self.at(row)
        for other in (article, *map(self.at, absorbed)):
            merged = merge(merged, other)
            self._by_key |= dict.fromkeys(_join_keys(other), row)
        for absorbed_row in absorbed:
            self._rows[absorbed_row] = None
        self._rows[row] = merged
        self._remember(merged, _join_keys(merged), row)
        return Joined(row, tuple(absorbed), _gained(before, merged))

    def _same_work(self, article: Article, keys: list[str]) -> list[int]:
        rows = {self._by_key[key] for key in keys if key in self._by_key}
        if _is_bare(article.article_id):
            twin = self._by_bare_id.get(article.article_id)
            if twin is not None and twin not in rows:
                self._check_twin(article, twin)
                rows.add(twin)
        same: list[int] = []
        dois = {article.doi} - {None}
        for row in sorted(rows):
            doi = self.at(row).doi
            if doi is None or not dois or doi in dois:
                same.append(row)
                dois |= {doi} - {None}
        return same

    def _check_twin(self, article: Article, twin: int) -> None:
        known = self.at(twin)
        if fingerprint(known) != fingerprint(article):
            message = (
                f"the id {article.article_id!r} names two different articles: "
                f"{known.source}, line {known.line} and {article.source}, line {article.line}; "
                f"give one of them another id, or a prefix of its own such as 'mine:'"
            )
            raise IdentityError(message)

    def _remember(self, article: Article, keys: list[str], row: int) -> None:
        for key in keys:
            self._by_key.setdefault(key, row)
        if _is_bare(article.article_id):
            self._by_bare_id.setdefault(article.article_id, row)


def _join_keys(article: Article) -> list[str]:
    keys = list(article.identifiers)
    if _is_bare(article.article_id):
        # an id without a scheme says something within its own file only
        keys.append(f"{article.source}\n{article.article_id}")
    elif article.article_id not in keys:
        keys.append(article.article_id)
    return keys


def _is_bare(article_id: str) -> bool:
    return ":" not in article_id


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
        first_indexed=min(filter(None, (first.first_indexed, second.first_indexed)), default=None),
    )


def _id_rank(article_id: str) -> int:
    # an id the user gave stays; of derived ones the most widely known
    scheme, colon, _ = article_id.partition(":")
    if scheme == "sha":
        return len(_DERIVED) + 1
    return _DERIVED.index(scheme) + 1 if colon and scheme in _DERIVED else 0


def _either(first: bool | None, second: bool | None) -> bool | None:
    if first or second:
        return True
    return first if first is not None else second


def _gained(before: Article, after: Article) -> tuple[str, ...]:
    names = ("title", "abstract", "authors", "doi", "journal", "published", "type", "retracted")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def corpus_sha256(articles: Iterable[Article]) -> str:
    """Give the hash of a corpus: what a reader of it can see, in order."""
    digest = hashlib.sha256()
    for article in articles:
        value = {key: part for key, part in asdict(article).items() if key not in _BUILD_FIELDS}
        digest.update(orjson.dumps(value))
    return digest.hexdigest()
