"""The bibliography of a draft: its entries as articles, and which sentences cite which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from index.article import Article
from service.drafts.draft import Draft, Reference

BibliographyFormat = Literal["bibtex", "ris", "csl-json", "references"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One work of a bibliography: the key it is cited by, and the work.

    The title of the article is None where a written reference does not tell it safely.
    """

    key: str
    article: Article
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bibliography:
    """The entries in their order; `problems` says what could not be read, and where."""

    format: BibliographyFormat
    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()

    def by_key(self) -> Mapping[str, Entry]:
        """Give the entries by key; of two with one key, the first."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    """What a draft cites: `by_sentence` is aligned with its sentences.

    `cited` are all entries cited anywhere, `uncited` the others; `unknown` is what is cited
    as it is written where no entry answers to it.
    """

    by_sentence: tuple[tuple[Entry, ...], ...]
    cited: tuple[Entry, ...]
    uncited: tuple[Entry, ...]
    unknown: tuple[str, ...]


def read_bibliography(text: str, format: BibliographyFormat | None = None) -> Bibliography:
    """Read a bibliography; where its format is not given it is recognised by the text.

    Raises QueryError where nothing of it can be read.
    """
    raise NotImplementedError


def from_references(references: Sequence[Reference]) -> Bibliography:
    """Give the bibliography that a draft carries in itself."""
    raise NotImplementedError


def cited(draft: Draft, bibliography: Bibliography) -> Citations:
    """Resolve what each sentence cites: by key, by number, or by author and year."""
    raise NotImplementedError
