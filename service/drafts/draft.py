"""The draft: a manuscript's sentences, where they stand in its source, and what they cite."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from service.drafts.citations import keyed, numbered
from service.drafts.latex_blocks import read_latex
from service.drafts.latex_source import LatexSource
from service.drafts.plain_blocks import after_emphasis, read_plain
from service.drafts.prose import Block
from service.drafts.references import Reference, latex_references
from service.drafts.sentence import Finder, Sentence, sentences_of

__all__ = ["Draft", "DraftFormat", "Reference", "Sentence", "read_draft", "recognise"]

DraftFormat = Literal["text", "latex", "markdown"]

_LATEX = re.compile(
    r"\\(?:documentclass|begin\{|(?:sub)*section\*?\{|usepackage"
    r"|[a-zA-Z]*[cC]ite[a-zA-Z]*\*?[\[{]|emph\{|textbf\{"
    r"|label\{|ref\{|input\{)"
)
_MARKDOWN = re.compile(
    r"^\ufeff?---[ \t]*\r?\n[\w-]+:|^#{1,6}[ \t]+\S|^(?:```|~~~)|\[(?:[^\[\]\n]{0,80}["
    r" ;])?-?@[\w{]|(?<![\w.])@[a-z][\w:-]*\d{4}"
    r"|\[[^\[\]\n]{1,200}\]\(https?://|\*\*[^*\n]{1,200}\*\*|^\|[-: |]+\|[ \t]*$",
    re.MULTILINE,
)
_ABSTRACT = "abstract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    r"""A manuscript that was read.

    `cites` is everything that is cited anywhere, in a table or by `\nocite` too, each once
    and in order. `notes` says in a sentence each what was not read (`\input`).
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
    form = format or recognise(text)
    return _read_latex(text) if form == "latex" else _read_plain(text, form)


def recognise(text: str) -> DraftFormat:
    """Give the format of a draft by what its text holds."""
    if _LATEX.search(text):
        return "latex"
    return "markdown" if _MARKDOWN.search(text) else "text"


def _read_latex(text: str) -> Draft:
    source = LatexSource(text)
    reading = read_latex(source)
    sentences = _sentences(reading.blocks)
    return Draft(
        text=text,
        format="latex",
        sentences=sentences,
        title=reading.title or None,
        abstract=_abstract(sentences),
        references=tuple(latex_references(source)),
        cites=_cites(reading.cites, sentences),
        notes=tuple(reading.notes),
    )


def _read_plain(text: str, form: DraftFormat) -> Draft:
    is_markdown = form == "markdown"
    reading = read_plain(text, is_markdown=is_markdown)
    sentences = _sentences(reading.blocks, (keyed, numbered) if is_markdown else (numbered,))
    if is_markdown:
        sentences = tuple(
            replace(one, insert_at=after_emphasis(text, one.insert_at)) for one in sentences
        )
    return Draft(
        text=text,
        format=form,
        sentences=sentences,
        title=reading.title,
        abstract=_abstract(sentences),
        references=tuple(reading.references),
        cites=_cites((), sentences),
    )


def _sentences(blocks: Iterable[Block], finders: Sequence[Finder] = ()) -> tuple[Sentence, ...]:
    """Give the sentences of all blocks in the order of the source."""
    sentences = [sentence for block in blocks for sentence in sentences_of(block, finders)]
    sentences.sort(key=lambda sentence: (sentence.start, sentence.end))
    if all(_is_of_abstract(sentence) for sentence in sentences):
        return tuple(sentences)  # an abstract alone is the draft
    return tuple(
        replace(one, kind="abstract") if _is_of_abstract(one) and one.needs_citation else one
        for one in sentences
    )


def _is_of_abstract(sentence: Sentence) -> bool:
    return (sentence.section or "").casefold().strip(" .:*") == _ABSTRACT


def _abstract(sentences: Iterable[Sentence]) -> str | None:
    return " ".join(one.text for one in sentences if _is_of_abstract(one)) or None


def _cites(cited: Iterable[str], sentences: Iterable[Sentence]) -> tuple[str, ...]:
    found = dict.fromkeys(cited)
    for sentence in sentences:
        found.update(dict.fromkeys(sentence.cites))
    return tuple(found)
