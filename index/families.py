"""Find which articles of a corpus are versions of one work.

Candidates are pairs that share an id, a title or rare phrases of their abstracts. A pair is
joined by a person's decision, by what the sources say, or by a rule of `version_rules`. Pairs
are taken in order of their evidence, and a family grows only while every two of its members
could be one work: no chain joins two that differ.
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.article import Article
from index.decisions import Decision
from index.identity import fold_name
from index.resemblance import alike_abstracts
from index.version_rules import PART_WORDS, Profile, could_be_one, likeness_of, rule_for
from index.versions import Family, Reason, Rule

_KEPT_PROFILES = 50_000
_MOST_NAMESAKES = 24
"""A title that more articles have is no one's own."""

_SCHEMES = frozenset(("doi", "arxiv", "pmid", "pmcid", "openalex", "s2", "corpusid", "acl", "wos"))
"""Schemes whose ids name an article; a number of another may be that of a book or a series."""

_KNOWN: tuple[Rule, ...] = ("decision", "identifier")
"""The rules that rest on no likeness."""

_FIRST_PART = re.compile(r"^(.{20,}?)\s*[:–—]\s")
_LAST_PART = re.compile(r"[:–—]\s+(.{20,})$")


class _Edge(NamedTuple):
    """A pair to be joined, and its place in the order of evidence, the strongest first."""

    order: tuple[int, float, str, str]
    reason: Reason


def find_families(articles: Sequence[Article], decisions: Iterable[Decision] = ()) -> list[Family]:
    """Find the works that have several versions; the order of the articles does not matter.

    Costs some 20 seconds for 180,000 articles.
    """
    decided = tuple(decisions)
    rows_of = _RowsOf(articles)
    profiles = _Profiles(articles)
    apart = {
        frozenset((first, second))
        for one in decided
        if not one.same
        for first in rows_of(one.ids[0])
        for second in rows_of(one.ids[1])
    }
    edges = list(_decided_edges(profiles, decided, rows_of))
    edges += _stated_edges(articles, profiles, rows_of)
    edges += _alike_edges(articles, profiles)
    return _Union(profiles, apart).join(sorted(edges, key=lambda edge: edge.order))


class _RowsOf:
    """The rows of each identifier, by its hash: a million articles take some 50 MB."""

    def __init__(self, articles: Iterable[Article]) -> None:
        hashes, rows = array("q"), array("i")
        for row, article in enumerate(articles):
            for identifier in dict.fromkeys((article.article_id, *article.identifiers)):
                hashes.append(hash(identifier))
                rows.append(row)
        self._rows = _Groups(np.array(hashes, np.int64), np.array(rows, np.int64))

    def __call__(self, identifier: str) -> list[int]:
        return self._rows.of(hash(identifier))


class _Groups:
    """Rows by a number that several can have, ascending."""

    def __init__(self, numbers: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> None:
        order = np.lexsort((rows, numbers))
        self._numbers, self._rows = numbers[order], rows[order]

    def of(self, number: int) -> list[int]:
        first, end = (np.searchsorted(self._numbers, number, side) for side in ("left", "right"))
        found: list[int] = self._rows[first:end].tolist()
        return found

    def shared(self) -> Iterator[list[int]]:
        """Give the rows of each number that several have."""
        starts = np.flatnonzero(np.diff(self._numbers, prepend=self._numbers[:1] - 1))
        ends = np.append(starts[1:], len(self._numbers))
        for first, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
            found: list[int] = self._rows[first:end].tolist()
            yield found


class _Profiles:
    """Articles as they are compared, of which only the last so many are kept."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = articles
        self._kept: dict[int, Profile] = {}

    def __getitem__(self, row: int) -> Profile:
        profile = self._kept.get(row)
        if profile is None:
            if len(self._kept) >= _KEPT_PROFILES:
                self._kept.clear()
            profile = self._kept[row] = Profile(self._articles[row])
        return profile


def _decided_edges(
    profiles: _Profiles, decisions: Sequence[Decision], rows_of: _RowsOf
) -> Iterator[_Edge]:
    for age, decision in enumerate(reversed(decisions)):
        if decision.same:
            for first in rows_of(decision.ids[0]):
                for second in rows_of(decision.ids[1]):
                    if first != second:
                        yield _edge(profiles, first, second, "decision", age)


def _stated_edges(
    articles: Iterable[Article], profiles: _Profiles, rows_of: _RowsOf
) -> Iterator[_Edge]:
    """Join what a source calls versions of each other, and what share an id of any scheme."""
    for row, article in enumerate(articles):
        scoped = (name for name in article.identifiers if name.partition(":")[0] in _SCHEMES)
        for identifier in (*article.version_ids, *scoped):
            for other in rows_of(identifier):
                if other != row:
                    yield _edge(profiles, row, other, "identifier")


def _alike_edges(articles: Iterable[Article], profiles: _Profiles) -> Iterator[_Edge]:
    for first, second in _candidates(articles):
        rule = rule_for(profiles[first], profiles[second])
        if rule is not None:
            yield _edge(profiles, first, second, rule)


def _edge(profiles: _Profiles, first: int, second: int, rule: Rule, age: int = 0) -> _Edge:
    """Make a pair an edge; `age` orders decisions, the latest first."""
    first, second = sorted((first, second), key=lambda row: profiles[row].article.article_id)
    ours, theirs = profiles[first], profiles[second]
    likeness = likeness_of(ours, theirs)
    rank = {"decision": 0, "identifier": 1}.get(rule, 2)
    strength = float(age) if rank == 0 else -(likeness.title + likeness.abstracts)
    shown = None if likeness.abstract is None else round(likeness.abstract, 3)
    return _Edge(
        (rank, strength, ours.article.article_id, theirs.article.article_id),
        Reason(
            (first, second),
            rule,
            round(likeness.title, 3),
            round(likeness.authors, 3),
            shown,
            likeness.years,
        ),
    )


def _candidates(articles: Iterable[Article]) -> Iterator[tuple[int, int]]:
    """Give the pairs worth comparing, each once: of one title, or sharing rare phrases."""
    pairs = set(alike_abstracts(article.abstract for article in articles))
    keys, bearers = array("q"), array("q")
    parts: list[tuple[int, int]] = []
    for row, article in enumerate(articles):
        title = article.title or ""
        if key := fold_name(title, is_person=False):
            keys.append(hash(key))
            bearers.append(row)
        parts += ((row, hash(part)) for part in _parts(title))
    whole = _Groups(np.array(keys, np.int64), np.array(bearers, np.int64))
    for rows in whole.shared():
        if len(rows) <= _MOST_NAMESAKES:
            pairs.update(combinations(rows, 2))
    for row, part in parts:
        rows = whole.of(part)
        if len(rows) <= _MOST_NAMESAKES:
            pairs.update((min(row, other), max(row, other)) for other in rows if other != row)
    yield from sorted(pairs)


def _parts(title: str) -> Iterator[str]:
    """Give the keys of what stands before the first colon of a title, and after each colon."""
    found = [match[1] for pattern in (_FIRST_PART, _LAST_PART) if (match := pattern.search(title))]
    for part in found:
        if len(part.split()) >= PART_WORDS:
            yield fold_name(part, is_person=False)


class _Union:
    """Families as they grow, pair by pair; those that people and sources give come first."""

    def __init__(self, profiles: _Profiles, apart: set[frozenset[int]]) -> None:
        self._profiles = profiles
        self._apart = apart
        self._family_of: dict[int, int] = {}
        self._rows: dict[int, list[int]] = {}
        self._reasons: dict[int, list[Reason]] = defaultdict(list)
        self._known: dict[int, tuple[int, ...]] = {}

    def join(self, edges: Sequence[_Edge]) -> list[Family]:
        """Join pairs in the order given and give the families, by their first rows."""
        for edge in edges:
            if edge.reason.rule in _KNOWN:
                self._add(edge.reason)
        self._known = {row: tuple(rows) for rows in self._rows.values() for row in rows}
        for edge in edges:
            if edge.reason.rule not in _KNOWN:
                self._add(edge.reason)
        families = [
            Family(tuple(sorted(rows)), tuple(self._reasons[number]))
            for number, rows in self._rows.items()
            if len(rows) > 1
        ]
        return sorted(families, key=lambda family: family.rows)

    def _add(self, reason: Reason) -> None:
        first, second = (self._number(row) for row in reason.rows)
        if first == second or not self._may_join(first, second, reason):
            return
        for row in self._rows[second]:
            self._family_of[row] = first
        self._rows[first] += self._rows.pop(second)
        self._reasons[first] += [*self._reasons.pop(second, []), reason]

    def _number(self, row: int) -> int:
        if row not in self._family_of:
            self._family_of[row] = row
            self._rows[row] = [row]
        return self._family_of[row]

    def _may_join(self, first: int, second: int, reason: Reason) -> bool:
        """Whether nobody parted two members, and every two of them could be one work.

        What is known to be one work is compared as one: of it, one member has to be alike.
        """
        pairs = product(self._rows[first], self._rows[second])
        if any(frozenset(pair) in self._apart for pair in pairs):
            return False
        if reason.rule in _KNOWN:
            return True
        return all(
            any(self._could_be_one(pair, reason) for pair in product(ours, theirs))
            for ours in {self._known.get(row, (row,)) for row in self._rows[first]}
            for theirs in {self._known.get(row, (row,)) for row in self._rows[second]}
        )

    def _could_be_one(self, pair: tuple[int, int], reason: Reason) -> bool:
        if set(pair) == set(reason.rows):
            return True
        return could_be_one(self._profiles[pair[0]], self._profiles[pair[1]])
