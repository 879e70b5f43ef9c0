"""A citation compared with the work that it names, field by field, in any of its versions."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from index.article import Article
from index.versions import kind_of
from service.verification.person_names import CitedNames
from service.verification.statement import Statement
from service.verification.titles import is_same_title
from service.verification.venues import is_same_venue

Field = Literal["title", "authors", "year", "journal", "doi", "arxiv", "pmid"]
FIELDS: tuple[Field, ...] = get_args(Field)

_PREPRINT = re.compile(r"(?:ar|bio|med|chem|psyar)xiv\b|corr\b|preprints?\b|ssrn\b", re.IGNORECASE)
_MOST_SHOWN = 3
_LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is stated otherwise; `found` is None where nothing is known to compare."""

    field: Field
    given: str
    found: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of a statement differs, agrees, and cannot be compared as the index does not know it.

    `by_version` says of a field that agrees with another version than the one that stands for
    the work which one that is.
    """

    differs: tuple[Difference, ...] = ()
    agrees: tuple[Field, ...] = ()
    unknown: tuple[Difference, ...] = ()
    by_version: tuple[tuple[Field, str], ...] = ()


def compare(statement: Statement, versions: Sequence[Article]) -> Comparison:
    """Compare what is stated with the versions of a work; the first of them stands for it.

    Each field has to agree with some version: a preprint's year beside a journal's title is no
    fault.
    """
    found = _Findings(versions)
    if statement.title is not None:
        title = statement.title
        found.add("title", title, lambda one: one.title, lambda one: is_same_title(title, one))
    if statement.names is not None:
        found.add_names(statement.names)
    for year in map(str, statement.years):
        found.add("year", year, _year_of, year.__eq__)
    if statement.venue is not None:
        venue = statement.venue
        found.add_venue(venue)
    for identifier in statement.identifiers:
        found.add_identifier(identifier)
    return found.comparison()


def _year_of(article: Article) -> str | None:
    return str(article.year) if article.year else None


class _Findings:
    """What was found of one statement so far."""

    def __init__(self, versions: Sequence[Article]) -> None:
        self._versions = versions
        self._differs: list[Difference] = []
        self._agrees: dict[Field, None] = {}
        self._unknown: list[Difference] = []
        self._by_version: dict[Field, str] = {}

    def add(
        self,
        field: Field,
        given: str,
        known: Callable[[Article], str | None],
        agrees: Callable[[str], bool],
    ) -> None:
        """Compare one value with what the versions say of a field."""
        values = [(article, value) for article in self._versions if (value := known(article))]
        agreeing = [article for article, value in values if agrees(value)]
        self._note(field, given, agreeing, [value for _, value in values])

    def add_names(self, names: CitedNames) -> None:
        """Compare names with the authors."""
        known = [article for article in self._versions if article.authors]
        agreeing = [article for article in known if names.are_of(article)]
        self._note("authors", names.text, agreeing, [_shown_authors(article) for article in known])

    def add_venue(self, venue: str) -> None:
        """Compare a journal; that a work is on a preprint server too is not known of every one."""
        if _PREPRINT.match(venue):
            agreeing = [one for one in self._versions if kind_of(one) == "preprint"]
            self._note("journal", venue, agreeing, ())
        else:
            known = [(one, one.journal) for one in self._versions if one.journal]
            agreeing = [one for one, journal in known if is_same_venue(venue, journal)]
            self._note("journal", venue, agreeing, [journal for _, journal in known])

    def add_identifier(self, identifier: str) -> None:
        """Compare an identifier with those of its scheme."""
        scheme, _, value = identifier.partition(":")
        field = next((one for one in FIELDS if one == scheme), None)
        if field is None:
            return
        agreeing = [one for one in self._versions if identifier in identifiers_of(one)]
        known = [
            other.partition(":")[2]
            for article in self._versions
            for other in identifiers_of(article)
            if other.startswith(f"{scheme}:")
        ]
        self._note(field, value, agreeing, known)

    def _note(
        self, field: Field, given: str, agreeing: Sequence[Article], known: Sequence[str]
    ) -> None:
        if agreeing:
            self._agrees[field] = None
            if agreeing[0] is not self._versions[0]:
                self._by_version[field] = agreeing[0].article_id
        elif known:
            shown = "; ".join(list(dict.fromkeys(known))[:_MOST_SHOWN])
            self._differs.append(Difference(field, _cut(given), _cut(shown)))
        else:
            self._unknown.append(Difference(field, _cut(given), None))

    def comparison(self) -> Comparison:
        """Give what was found."""
        return Comparison(
            tuple(self._differs),
            tuple(self._agrees),
            tuple(self._unknown),
            tuple(self._by_version.items()),
        )


def identifiers_of(article: Article) -> Iterable[str]:
    """Give all identifiers of an article, its DOI among them."""
    own = (f"doi:{article.doi}",) if article.doi else ()
    return (*own, article.article_id, *article.identifiers)


def _shown_authors(article: Article) -> str:
    shown = ", ".join(article.authors[:_MOST_SHOWN])
    n_authors = max(article.n_authors, len(article.authors))
    return f"{shown} et al." if n_authors > _MOST_SHOWN else shown


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
