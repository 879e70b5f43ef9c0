"""What a citation states of the work that it names, whatever its style."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.article import Article
from service.verification.person_names import CitedNames

YEAR = re.compile(
    r"(?<![\d.:/–—-])(?<!\bvol\. )(?<!\bno\. )(?<!\bpp\. )(?<!\bp\. )(?<!\bpages )"
    r"(?P<year>1[5-9]\d\d|20\d\d)(?:[a-z]\b|-\d\d(?:-\d\d)?\b)?(?![\d/–—\w-])"
)
"""A year of publication as references write it; no page, no part of a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is stated; what is not is None or empty.

    `identifiers` are written `scheme:value`. `unread` is what looks like a statement and was not
    understood: with it nothing is certain.
    """

    identifiers: tuple[str, ...] = ()
    title: str | None = None
    names: CitedNames | None = None
    years: tuple[int, ...] = ()
    venue: str | None = None
    unread: str | None = None


class Reference(Protocol):
    """A citation as it can be looked up and read."""

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The identifiers in it."""

    def titles(self) -> Iterable[str]:
        """Give what could be the title, the likeliest first."""

    def statement(self, articles: Sequence[Article]) -> Statement:
        """Give what is stated, read in the light of the articles that could be meant."""


def years_in(text: str) -> tuple[int, ...]:
    """Give the years of publication that a text names, each once."""
    return tuple(dict.fromkeys(int(found["year"]) for found in YEAR.finditer(text)))


@dataclass(frozen=True, slots=True)
class RecordReference:
    """An entry in BibTeX, whose fields say what is what."""

    article: Article

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The identifiers of the entry."""
        return self.article.identifiers

    def titles(self) -> Iterable[str]:
        """Give its title."""
        return (self.article.title,) if self.article.title else ()

    def statement(self, articles: Sequence[Article]) -> Statement:
        """Give what its fields say."""
        del articles
        article = self.article
        names = "; ".join(article.authors)
        if article.n_authors > len(article.authors):
            names += " et al."
        return Statement(
            identifiers=article.identifiers,
            title=article.title,
            names=CitedNames(names) if article.authors else None,
            years=(article.year,) if article.year else (),
            venue=article.journal,
        )


@dataclass(frozen=True, slots=True)
class StatedReference:
    """A citation whose parts are known already: one in running text."""

    stated: Statement

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The identifiers that stand together."""
        return self.stated.identifiers

    def titles(self) -> Iterable[str]:
        """Give the title that stands there."""
        return (self.stated.title,) if self.stated.title else ()

    def statement(self, articles: Sequence[Article]) -> Statement:
        """Give what is stated."""
        del articles
        return self.stated
