"""What a reader yields: one raw entry of a source, or the reason there is none.

A reader knows its format and nothing else. It maps the format's own tags to the fields
below and leaves the text as it found it; `index.article.parse_article` cleans every
format's text in one place.
"""

from dataclasses import dataclass
from typing import Literal

Markup = Literal["plain", "latex"]
"""How text is marked up. HTML, JATS and MathML tags and entities are recognised in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry of a source, as its format gives it: raw text, before any cleaning.

    `line` is the 1-based line of the (decompressed) file the entry begins on.
    `given_id` is the `_id`/`id` of a JSON Lines record, exactly as given; `identifiers`
    are the others as `scheme:value` (`doi:`, `arxiv:`, `pmid:`, `openalex:`, or another
    prefix), raw; `version_ids`, written likewise, are of other versions of the same work, and
    not of a correction, a translation or a part. `published` is the date as written, or ISO
    where the format has parts.
    `n_authors` is given where the source counts more authors than it names; `first_indexed`
    where it comes from an index of Cognate.
    `repairs` says what the reader itself had to mend, one sentence each.
    """

    line: int
    markup: Markup = "plain"
    given_id: str | None = None
    identifiers: tuple[str, ...] = ()
    version_ids: tuple[str, ...] = ()
    citation_key: str | None = None
    title: str | None = None
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    n_authors: int | None = None
    journal: str | None = None
    published: str | None = None
    type: str | None = None
    url: str | None = None
    language: str | None = None
    is_new: bool = False
    retracted: bool | None = None
    first_indexed: str | None = None
    repairs: tuple[str, ...] = ()
    unknown_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry of a source that gave no record: where it begins, and why."""

    line: int
    reason: str
