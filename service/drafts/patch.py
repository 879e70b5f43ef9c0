"""The patch: a draft with citations inserted, and nothing else in it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from service.drafts.draft import Draft

_NO_REFERENCES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Insertion:
    """A piece of text that the patch put in; `start` is its place in the patched text."""

    start: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """The patched text, what was inserted in it, in order, and a unified diff.

    `numbers` gives the number that each new key was given in a draft that cites by numbers.
    """

    text: str = field(repr=False)
    insertions: tuple[Insertion, ...]
    diff: str = field(repr=False)
    numbers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def patch_draft(
    draft: Draft,
    citations: Mapping[int, Sequence[str]],
    *,
    references: Mapping[str, str] = _NO_REFERENCES,
    name: str = "draft",
) -> Patch:
    """Insert citations: keys by the place of a sentence in `draft.sentences`.

    `references` are whole references by key, in words: where a draft cites by numbers and
    has a numbered list of references, they are added to it. `name` is the file's in the diff.
    """
    raise NotImplementedError


def remove_insertions(patched: str, insertions: Sequence[Insertion]) -> str:
    """Give the draft back as it was, to the last byte."""
    raise NotImplementedError
