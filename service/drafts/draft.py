"""The draft: a manuscript's sentences, where they stand in its source, and what they cite."""

from dataclasses import dataclass, field
from typing import Literal

from service.drafts.need import Kind, needs_citation

DraftFormat = Literal["text", "latex", "markdown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a draft; places count code points of the draft's source text.

    `text` is plain prose: commands, citations and formulas are gone or replaced by what they
    set. `cites` are keys, or numbers, or an author and a year, as they are written. A citation
    is inserted at `insert_at`: after the last word, before the closing full stop.
    """

    start: int
    end: int
    text: str
    cites: tuple[str, ...] = ()
    insert_at: int
    kind: Kind
    section: str | None = None

    @property
    def needs_citation(self) -> bool:
        """Whether it makes a claim or names prior work, cited or not."""
        return needs_citation(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    r"""One entry of the draft's own list of references: a `\bibitem`, or a numbered line.

    `key` is what the draft cites it by: the key of `\bibitem`, or the number. Its plain text
    is not yet parted into authors, title and year; see `service.drafts.bibliography`.
    """

    key: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    r"""A manuscript that was read.

    `cites` is everything that is cited anywhere, in a table or by `\nocite` too, each once
    and in order. `notes` says in a sentence each what was not read (`\input`) or was damaged.
    """

    text: str = field(repr=False)
    format: DraftFormat
    sentences: tuple[Sentence, ...]
    title: str | None = None
    abstract: str | None = None
    references: tuple[Reference, ...] = ()
    cites: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_draft(text: str, format: DraftFormat | None = None) -> Draft:
    """Read a draft; where its format is not given it is recognised by the text.

    No text is refused, whatever is broken in it, and the time is linear in its length.
    """
    raise NotImplementedError
