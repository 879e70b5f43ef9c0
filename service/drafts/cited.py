"""What a draft cites: keys, numbers, authors and years resolved to entries of a bibliography."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.identity import fold_name
from service.drafts.draft import Draft
from service.drafts.entry import Bibliography, Entry, from_references
from service.exports.author_name import split_name

_DATED = re.compile(r"(?P<names>.+),\s(?P<year>\d{4})(?P<letter>[a-z]?)")
_BETWEEN_NAMES = re.compile(r"\s+et\s+al\.?|,?\s+(?:and|und|et|&)\s+|,\s+")
_SHORTEST_TITLE = 15


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


def cited(draft: Draft, bibliography: Bibliography) -> Citations:
    """Resolve what each sentence cites: by key, by number, or by author and year.

    A number, or a key of the draft's own list of references, that the bibliography does not
    have is looked up by what the list says: by DOI or arXiv id, title, or authors and year.
    """
    resolver = _Resolver(draft, bibliography)
    by_sentence = tuple(resolver.entries(sentence.cites) for sentence in draft.sentences)
    everything = {entry.key for entry in resolver.entries(draft.cites)}
    return Citations(
        by_sentence=by_sentence,
        cited=tuple(entry for entry in bibliography.entries if entry.key in everything),
        uncited=tuple(entry for entry in bibliography.entries if entry.key not in everything),
        unknown=tuple(cite for cite in draft.cites if not resolver.entries((cite,))),
    )


class _Resolver:
    """Finds the entries that what is written in a draft stands for."""

    def __init__(self, draft: Draft, bibliography: Bibliography) -> None:
        self._by_key = dict(bibliography.by_key())
        self._by_folded_key = {key.casefold(): entry for key, entry in self._by_key.items()}
        self._by_identifier: dict[str, Entry] = {}
        self._by_title: dict[str, Entry] = {}
        self._by_author: defaultdict[tuple[str, int], list[Entry]] = defaultdict(list)
        for entry in self._by_key.values():
            self._add(entry)
        own = from_references(draft.references).entries
        self._own = {entry.key: entry for entry in own if entry.key not in self._by_key}
        self._own_texts = {reference.key: reference.text for reference in draft.references}
        self._found: dict[str, tuple[Entry, ...]] = {}

    def _add(self, entry: Entry) -> None:
        article = entry.article
        for identifier in article.identifiers:
            self._by_identifier.setdefault(identifier, entry)
        if article.title:
            self._by_title.setdefault(_folded(article.title), entry)
        if article.year:
            for name in article.authors[:1]:
                self._by_author[_folded(split_name(name).family), article.year].append(entry)

    def entries(self, cites: Iterable[str]) -> tuple[Entry, ...]:
        """Give the entries that some citations stand for, each once."""
        found: dict[str, Entry] = {}
        for cite in cites:
            if cite not in self._found:
                self._found[cite] = tuple(self._resolve(cite))
            found.update((entry.key, entry) for entry in self._found[cite])
        return tuple(found.values())

    def _resolve(self, cite: str) -> Sequence[Entry]:
        if entry := self._by_key.get(cite) or self._by_folded_key.get(cite.casefold()):
            return [entry]
        if own := self._own.get(cite):
            return self._like(own)
        if dated := _DATED.fullmatch(cite):
            return self._by_names(dated)
        return []

    def _like(self, own: Entry) -> Sequence[Entry]:
        """Give the entry of the bibliography that one of the draft's own list describes."""
        article = own.article
        for identifier in article.identifiers:
            if entry := self._by_identifier.get(identifier):
                return [entry]
        if article.title and (entry := self._by_title.get(_folded(article.title))):
            return [entry]
        text = _folded(self._own_texts[own.key])
        titled = (
            (title, entry)
            for title, entry in self._by_title.items()
            if len(title) >= _SHORTEST_TITLE and title in text
        )
        longest = max(titled, key=lambda one: len(one[0]), default=None)
        return [longest[1]] if longest else []

    def _by_names(self, dated: re.Match[str]) -> Sequence[Entry]:
        """Give the entries by an author and year; "2020b" is the second of several."""
        names = [_folded(name) for name in _BETWEEN_NAMES.split(dated["names"]) if name.strip()]
        candidates = self._by_author.get((names[0], int(dated["year"])), []) if names else []
        for number, name in enumerate(names[1:], 1):
            candidates = [one for one in candidates if name in _families(one)[number:]]
        letter = dated["letter"]
        if letter and len(candidates) > ord(letter) - ord("a"):
            return [candidates[ord(letter) - ord("a")]]
        return candidates


def _families(entry: Entry) -> list[str]:
    return [_folded(split_name(name).family) for name in entry.article.authors]


def _folded(text: str) -> str:
    return fold_name(text, is_person=False)
