"""The articles of a snapshot as citations name them: by identifier, title, author and year."""

import re
from dataclasses import dataclass

import numpy as np

from index.article import Article
from index.columns import NO_YEAR, Selection
from index.snapshot import Snapshot
from service.verification.person_names import CitedNames
from service.verification.titles import is_near_title, is_same_title, n_words, words_apart

MOST_LOOKED_AT = 400
"""Of more articles by one name and year no single one is meant."""
KNOWN_FROM = 0.9
"""The share of articles with authors and year from which a name that none bears is missing."""
_NEAREST = 10
_LONGEST_TITLE = 1_000


@dataclass(frozen=True, slots=True)
class Work:
    """One work of the index: its versions, the one that stands for it first."""

    rows: tuple[int, ...]
    versions: tuple[Article, ...]

    @property
    def article(self) -> Article:
        """The version that stands for it."""
        return self.versions[0]

    @property
    def is_retracted(self) -> bool:
        """Whether a source says of some version that it is retracted."""
        return any(article.retracted for article in self.versions)

    def version(self, article_id: str) -> Article | None:
        """Give the version of this id."""
        return next((one for one in self.versions if one.article_id == article_id), None)


class Library:
    """Looks citations up in one snapshot, for one answer: what was read is kept."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._works: dict[int, Work] = {}
        self._near: dict[str, Work | None] = {}
        self._named: dict[tuple[str, int], tuple[int, ...]] = {}

    def identified(self, identifier: str) -> Work | None:
        """Give the work that an identifier names in any of its forms."""
        row = self._snapshot.store.find(identifier)
        return None if row is None else self.work(row)

    def work(self, row: int) -> Work:
        """Give the work of a row; that row stands for it here."""
        if row not in self._works:
            members = self._snapshot.versions.members(row)
            rows = (row, *(other for other in members if other != row))
            self._works[row] = Work(rows, tuple(self._snapshot.store.articles(rows)))
        return self._works[row]

    def titled(self, title: str) -> tuple[Work, ...]:
        """Give the works that bear a title, each once, to the last letter and sign."""
        if len(title) > _LONGEST_TITLE or not any(map(str.isalnum, title)):
            return ()
        found: dict[int, Work] = {}
        for row in self._snapshot.columns.titles.rows(title).tolist():
            work = self.work(row)
            if is_same_title(title, work.article.title or ""):
                found.setdefault(min(work.rows), work)
        return tuple(found.values())

    def nearly_titled(self, title: str) -> Work | None:
        """Give the work whose title is the nearest to one that no article has, if it is near."""
        if title not in self._near:
            self._near[title] = self._nearest(title)
        return self._near[title]

    def _nearest(self, title: str) -> Work | None:
        if not n_words(title):
            return None
        rows = self._snapshot.lexical.search(title[:_LONGEST_TITLE], _NEAREST).rows.tolist()
        near = [
            (words_apart(title, article.title), row)
            for row, article in zip(rows, self._snapshot.store.articles(rows), strict=True)
            if article.title and is_near_title(title, article.title)
        ]
        return self.work(min(near, key=lambda one: one[0][0])[1]) if near else None

    @property
    def knows_authors(self) -> bool:
        """Whether nearly all articles have authors and a year: who is missing is not here then."""
        columns = self._snapshot.columns
        has_authors = np.diff(columns.authors_offsets) > 0
        is_known = has_authors & (columns.single["years"] != NO_YEAR)
        return bool(is_known.mean() >= KNOWN_FROM)

    def written_by(self, names: CitedNames, year: int) -> tuple[Work, ...] | None:
        """Give the works of a year by such authors; None where they are too many to look at."""
        rows = self._rows_of(names.family(), year)
        if len(rows) > MOST_LOOKED_AT:
            return None
        found: dict[int, Work] = {}
        for row in rows:
            work = self.work(row)
            if names.are_of(work.article) and work.article.year == year:
                found.setdefault(min(work.rows), work)
        return tuple(found.values())

    def _rows_of(self, family: str, year: int) -> tuple[int, ...]:
        """Give the rows of a year by authors who have a word in their names."""
        key = (family.casefold(), year)
        if key not in self._named:
            columns = self._snapshot.columns
            forms = dict.fromkeys((family, _without_umlauts(family)))
            bearers = [bearers for form in forms if (bearers := columns.people.bearers(form))]
            codes = {code for one in bearers for code in one.codes}
            mask = columns.mask(Selection(authors=tuple(sorted(codes)))) if codes else None
            is_of_year = columns.single["years"] == year
            rows = () if mask is None else np.flatnonzero(mask & is_of_year).tolist()
            self._named[key] = tuple(rows)
        return self._named[key]


def _without_umlauts(name: str) -> str:
    """Give "Muller" for "Mueller"."""
    return re.sub(r"(?<=[aouAOU])e", "", name)
