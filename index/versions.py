"""Versions of one work: what kinds there are, which of them stands for it, how they are kept.

A preprint, its proceedings form and its journal form are three articles and one work: a
family. `index.families` finds them; this file writes them into a snapshot and reads them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import orjson

from index.arrays import save_array
from index.article import Article
from index.dates import date_span

Prefer = Literal["published", "earliest", "newest"]
"""Which version stands for a work in an answer."""

VersionKind = Literal["preprint", "conference", "journal", "other"]

Rule = Literal["decision", "identifier", "title", "abstract", "part of title"]
"""Why two articles are versions: a person or a source says so, or what they have in common."""

Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

ALONE = -1
"""The family of an article that has no other version."""

_REPRESENTATIVES = "representatives.npy"
_FAMILY = "family.npy"
_OFFSETS = "families.offsets.npy"
_ROWS = "families.rows.npy"
_REASONS = "families.json"

_PUBLISHED_FIRST: tuple[VersionKind, ...] = ("journal", "conference", "other", "preprint")
_PREPRINT_VENUE = re.compile(
    r"(?:arxiv|biorxiv|medrxiv|chemrxiv|psyarxiv|ssrn|preprints?\.org|research square|corr)\b", re.I
)
_CONFERENCE_VENUE = re.compile(
    r"\b(?:proceedings|conference|workshops?|symposium|annual meeting|findings of|actes"
    r"|congress|coling|shared tasks?)\b",
    re.I,
)
_JOURNAL_VENUE = re.compile(
    r"\b(?:journal|transactions|revue|zeitschrift|annals|letters|magazine)\b|\bvolume\b.*\b(?:issue|number)\b",
    re.I,
)
_PREPRINT_DOI = re.compile(r"10\.(?:48550/|1101/|26434/|21203/|2139/|31234/|20944/|36227/)")


@dataclass(frozen=True, slots=True)
class Version:
    """One form of a work, as it is shown beside another form of it."""

    article_id: str
    kind: VersionKind
    published: str | None
    doi: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two rows are one work: the rule, and how alike they are, each from 0 to 1.

    `authors` is the share of the shorter list; `abstract` the share of all runs of three
    words, None where one has no abstract; `years` how far apart they appeared.
    """

    rows: tuple[int, int]
    rule: Rule
    title: float
    authors: float
    abstract: float | None
    years: int | None


@dataclass(frozen=True, slots=True)
class Family:
    """The rows of one work's versions, ascending, and the reasons that join them."""

    rows: tuple[int, ...]
    reasons: tuple[Reason, ...]


def kind_of(article: Article) -> VersionKind:
    """Give what form of a work an article is: by its type, else by where it appeared."""
    if article.type == "preprint":
        return "preprint"
    if article.type in ("conference-paper", "abstract"):
        return "conference"
    venue = article.journal or ""
    if _PREPRINT_VENUE.match(venue) or (not venue and _has_preprint_id(article)):
        return "preprint"
    # of proceedings, some are journals (of an academy, a society); where the source says so
    # it is believed
    if article.type in ("research-article", "review") or _is_journal(venue):
        return "journal"
    return "conference" if _CONFERENCE_VENUE.search(venue) else "other"


def _has_preprint_id(article: Article) -> bool:
    if article.doi:
        return _PREPRINT_DOI.match(article.doi) is not None
    return any(identifier.startswith("arxiv:") for identifier in article.identifiers)


def _is_journal(venue: str) -> bool:
    is_named = _JOURNAL_VENUE.search(venue) is not None
    return is_named and not venue.casefold().startswith("proceedings")


def to_version(article: Article) -> Version:
    """Give an article as one version of its work."""
    return Version(
        article.article_id, kind_of(article), article.published, article.doi, article.url
    )


def representative(rows: Sequence[int], articles: Sequence[Article], prefer: Prefer) -> int:
    """Give the row that stands for the work of all `rows`.

    `published`: the journal form, else that of a conference, another, the preprint; of
    several the newest. `earliest` and `newest` go by the first day that the date names, and
    one without a date comes last. What is left equal: the smallest `article_id`.
    """

    def order(row: int) -> tuple[float, float, str]:
        article = articles[row]
        rank = _PUBLISHED_FIRST.index(kind_of(article)) if prefer == "published" else 0
        days = date_span(article.published)[0].toordinal() if article.published else None
        if days is None:
            return rank, float("inf"), article.article_id
        return rank, days if prefer == "earliest" else -days, article.article_id

    return min(rows, key=order)


def write_versions(folder: Path, families: Iterable[Family], articles: Sequence[Article]) -> None:
    """Write which articles are versions of each other into `folder`, which exists."""
    families = sorted(families, key=lambda family: family.rows)
    n_articles = len(articles)
    family_of = np.full(n_articles, ALONE, dtype=np.int32)
    chosen = np.tile(np.arange(n_articles, dtype=np.int32), (len(get_args(Prefer)), 1))
    for number, family in enumerate(families):
        rows = list(family.rows)
        family_of[rows] = number
        for index, prefer in enumerate(get_args(Prefer)):
            chosen[index, rows] = representative(rows, articles, prefer)
    save_array(folder / _REPRESENTATIVES, chosen)
    save_array(folder / _FAMILY, family_of)
    save_array(
        folder / _OFFSETS, np.cumsum([0, *(len(one.rows) for one in families)], dtype=np.int64)
    )
    save_array(
        folder / _ROWS, np.array([row for one in families for row in one.rows], dtype=np.int32)
    )
    reasons = [[asdict(reason) for reason in family.reasons] for family in families]
    (folder / _REASONS).write_bytes(orjson.dumps(reasons))


class Versions:
    """The families of one snapshot, read-only; every array has one value per row."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._representatives: Rows = np.load(folder / _REPRESENTATIVES, mmap_mode="r")
        self._family: Rows = np.load(folder / _FAMILY, mmap_mode="r")
        self._offsets: npt.NDArray[np.int64] = np.load(folder / _OFFSETS, mmap_mode="r")
        self._rows: Rows = np.load(folder / _ROWS)  # a file of nothing cannot be mapped
        self.n_articles = len(self._family)
        self.n_families = len(self._offsets) - 1

    def representatives(self, prefer: Prefer) -> Rows:
        """Give the row that stands for the work of each row, itself where it is alone."""
        chosen: Rows = self._representatives[get_args(Prefer).index(prefer)]
        return chosen

    @property
    def in_family(self) -> Mask:
        """Which rows have another version."""
        mask: Mask = self._family != ALONE
        return mask

    @property
    def family(self) -> Rows:
        """The number of each row's family; `ALONE` where it has no other version."""
        return self._family

    def members(self, row: int) -> tuple[int, ...]:
        """Give all rows of a row's work in ascending order, itself included."""
        number = int(self._family[row])
        return (int(row),) if number == ALONE else self._members(number)

    def families(self) -> list[Family]:
        """Give all families with their reasons, by their first rows."""
        stored = orjson.loads((self._folder / _REASONS).read_bytes())
        return [
            Family(self._members(number), tuple(map(_to_reason, reasons)))
            for number, reasons in enumerate(stored)
        ]

    def _members(self, number: int) -> tuple[int, ...]:
        start, end = self._offsets[number : number + 2]
        return tuple(int(row) for row in self._rows[start:end])


def _to_reason(value: dict[str, Any]) -> Reason:
    first, second = value["rows"]
    return Reason(**(value | {"rows": (first, second)}))
