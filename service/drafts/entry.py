"""The entries of a bibliography as articles, those too that are only written out in words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from index.article import Article, parse_article
from index.errors import RefusedRecordError
from index.sources.author_lists import split_authors
from index.sources.record import Record
from service.drafts.references import Reference

BibliographyFormat = Literal["bibtex", "ris", "csl-json", "references"]

FIELD = "bibliography"
"""What errors and reports call the bibliography."""

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s,;\"<>]+", re.IGNORECASE)
_ARXIV = re.compile(
    r"arxiv(?:\.org/(?:abs|pdf)/|[:\s]\s?)(\d{4}\.\d{4,5}|[a-z-]+/\d{7})", re.IGNORECASE
)
_QUOTED = re.compile(r"[“\"]([^“”\"]{10,400}?)[,.]?[”\"]")
_AUTHORS_YEAR_TITLE = re.compile(
    r"(?P<authors>.{2,400}?)[.,]?\s\(?(?P<year>(?:1[5-9]|20)\d\d)[a-z]?\)?[.:]\s+(?P<title>[^.?!]{10,400}(?:[?!]|\.(?=\s|$)))"
)
_YEAR = re.compile(r"(?<![\d.:/-])(1[5-9]\d\d|20\d\d)[a-z]?(?![\d/-])")
_FEWEST_TITLE_WORDS = 3


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
        found: dict[str, Entry] = {}
        for entry in self.entries:
            found.setdefault(entry.key, entry)
        return found


def from_references(references: Iterable[Reference]) -> Bibliography:
    """Give the bibliography that a draft carries in itself."""
    entries = tuple(
        Entry(key=reference.key, article=_article(reference, number), line=number)
        for number, reference in enumerate(references, 1)
        if reference.text.strip()
    )
    return Bibliography(
        format="references", entries=entries, problems=tuple(repeated_keys(entries))
    )


def _article(reference: Reference, line: int) -> Article:
    """Read a written reference: identifiers and year, authors and title where they are sure."""
    text = " ".join(reference.text.split())
    identifiers = [f"doi:{found[0].rstrip('.)')}" for found in _DOI.finditer(text)]
    identifiers += [f"arxiv:{found[1]}" for found in _ARXIV.finditer(text)]
    authors, title = _authors_and_title(reference.text)
    years = _YEAR.findall(_DOI.sub("", _ARXIV.sub("", text)))
    record = Record(
        line=line,
        identifiers=tuple(dict.fromkeys(identifiers)),
        citation_key=reference.key,
        title=title or text,
        authors=authors,
        published=years[-1] if years else None,
    )
    try:
        article = parse_article(record, FIELD)[0]
    except RefusedRecordError:  # nothing but a placeholder such as "n/a"
        article = untitled(record, reference.key)
    return article if title else replace(article, title=None)


def _authors_and_title(written: str) -> tuple[tuple[str, ...], str | None]:
    blocks = [" ".join(block.split()) for block in written.split("\n") if block.strip()]
    if len(blocks) > 1:  # the blocks of a \bibitem
        return split_authors(blocks[0].rstrip(".")), _sure(blocks[1])
    text = blocks[0]
    if quoted := _QUOTED.search(text):
        return split_authors(text[: quoted.start()].strip(" ,.")), _sure(quoted[1])
    if parts := _AUTHORS_YEAR_TITLE.match(text):
        return split_authors(parts["authors"].strip(" ,.(")), _sure(parts["title"])
    return (), None


def _sure(title: str) -> str | None:
    title = title.strip(" .,")
    return title if len(title.split()) >= _FEWEST_TITLE_WORDS else None


def untitled(record: Record, text: str) -> Article:
    """Give the article of a record whose title is not known."""
    article, _ = parse_article(replace(record, title=text, given_id=None), FIELD)
    return replace(article, title=None)


def repeated_keys(entries: Iterable[Entry]) -> Iterator[str]:
    """Say which keys are there more than once."""
    for key, number in Counter(entry.key for entry in entries).items():
        if number > 1:
            yield f"the key {key!r} is there {number} times; the first entry is taken"
