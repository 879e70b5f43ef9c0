"""What an answer cites in its running text: identifiers, titles, keys, numbers, names and years."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Literal, NamedTuple, get_args

from service.drafts.citations import keyed, numbered
from service.verification.identifiers import find_identifiers
from service.verification.named_years import named_years

CitationKind = Literal["doi", "arxiv", "pmid", "title", "key", "number", "author_year"]
CITATION_KINDS: tuple[CitationKind, ...] = get_args(CitationKind)

_CITE = re.compile(
    r"\\[a-zA-Z]{0,12}cite[a-zA-Z]{0,12}\*?\s?(?:\[[^\]\n]{0,200}\]\s?){0,2}\{(?P<keys>[^{}\n]{1,1000})\}"
)
_NOTE = re.compile(r"\[\^(?P<note>\w{1,20})\](?!:)")
_KEY_SHAPED = r"[A-Za-z][A-Za-z_:+-]{1,40}(?:19|20)\d\d[A-Za-z0-9_:+-]{0,50}"
_BRACKETED = re.compile(
    rf"[\[(](?P<keys>{_KEY_SHAPED}(?:\s?[,;]\s?{_KEY_SHAPED}){{0,20}})[\])](?![(:])"
)
_ONE_KEY = re.compile(_KEY_SHAPED)
_BARE_KEY = re.compile(rf"(?<![\w@{{/.:#-]){_KEY_SHAPED}(?![\w/-])")


class Mention(NamedTuple):
    """One citation in running text; several can stand at one place, as in [1, 2].

    `value` is the identifier, the number, the key, or the title; of names and a year it is the
    names as they are written, `year` the year, and `venue` what stands between them.
    """

    start: int
    end: int
    kind: CitationKind
    value: str
    year: int = 0
    venue: str | None = None

    @property
    def is_identifier(self) -> bool:
        """Whether it names a work by an identifier."""
        return self.kind in ("doi", "arxiv", "pmid")

    @property
    def is_pointer(self) -> bool:
        """Whether it points to what stands in a list or a bundle."""
        return self.kind in ("key", "number")


IsKnown = Callable[[str], bool]


def find_mentions(text: str, is_key: IsKnown, is_identifier: IsKnown, most: int) -> list[Mention]:
    """Give what a text cites, in order; of two that overlap the first, or the longer.

    Where there are more than `most` in one way of citing, that many and one are enough.
    `is_key` tells keys that are known; what looks like a key and is none of them is one where it
    stands in brackets. `is_identifier` tells a number that is an arXiv id from any other.
    """
    found = [
        *(
            Mention(one.start, one.end, one.kind, one.identifier)
            for one in find_identifiers(text)
            if one.is_sure or is_identifier(one.identifier)
        ),
        *islice(_keys(text, is_key), most + 1),
        *islice(_numbers(text), most + 1),
        *islice(_named(text), most + 1),
    ]
    return without_overlaps(found)


def without_overlaps(mentions: Iterable[Mention]) -> list[Mention]:
    """Give mentions in order without those that overlap one before them."""
    chosen: list[Mention] = []
    for one in sorted(mentions, key=lambda one: (one.start, -one.end)):
        last = chosen[-1] if chosen else None
        is_beside = last is not None and (one.start, one.end) == (last.start, last.end)
        if last is None or one.start >= last.end or (is_beside and one.kind == last.kind):
            chosen.append(one)
    return chosen


def _numbers(text: str) -> Iterator[Mention]:
    for one in numbered(text):
        yield from (Mention(one.start, one.end, "number", key) for key in one.keys)
    for note in _NOTE.finditer(text):
        yield Mention(note.start(), note.end(), "number", f"^{note['note']}")


def _keys(text: str, is_key: IsKnown) -> Iterator[Mention]:
    for found in _CITE.finditer(text):
        keys = [key.strip() for key in found["keys"].split(",")]
        yield from (Mention(*found.span(), "key", key) for key in keys if key)
    for one in keyed(text):
        sure = [key for key in one.keys if is_key(key) or _ONE_KEY.fullmatch(key)]
        if text[one.start] == "[" or sure:
            yield from (Mention(one.start, one.end, "key", key) for key in sure or one.keys)
    for found in _BRACKETED.finditer(text):
        keys = _ONE_KEY.findall(found["keys"])
        yield from (Mention(*found.span(), "key", key) for key in keys)
    for found in _BARE_KEY.finditer(text):
        if is_key(found[0]):
            yield Mention(*found.span(), "key", found[0])


def _named(text: str) -> Iterator[Mention]:
    for one in named_years(text):
        yield Mention(one.start, one.end, "author_year", one.names, one.year, one.venue)
