"""The bibliography of a draft read: BibTeX, RIS, CSL-JSON, or references written out."""

import codecs
import re
from collections.abc import Iterator, Sequence

from index.article import Article, parse_article
from index.errors import QueryError, RefusedRecordError, SourceError
from index.sources import bibtex, json_documents, ris
from index.sources.opening import Source, open_content
from index.sources.record import Refused
from service.drafts.cited import Citations, cited
from service.drafts.entry import (
    FIELD,
    Bibliography,
    BibliographyFormat,
    Entry,
    from_references,
    repeated_keys,
    untitled,
)
from service.drafts.latex_source import LatexSource
from service.drafts.references import Reference, latex_references, listed_references
from service.exports.citation_keys import new_keys
from service.query import check_text

__all__ = [
    "Bibliography",
    "BibliographyFormat",
    "Citations",
    "Entry",
    "cited",
    "from_references",
    "read_bibliography",
    "recognise",
]

_READERS = {"bibtex": bibtex, "ris": ris, "csl-json": json_documents}
_SHOWN = 60
_BIBITEM = "\\bibitem"
_NUMBERED = re.compile(r"^[ \t]*(?:\[\d{1,4}\]|\d{1,4}[.)])[ \t]+\S", re.MULTILINE)


def read_bibliography(text: str, format: BibliographyFormat | None = None) -> Bibliography:
    """Read a bibliography; where its format is not given it is recognised by the text.

    Blank text is an empty one. Raises QueryError where nothing of it can be read.
    """
    check_text(FIELD, text)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return Bibliography(format=format or "bibtex")
    form = format or recognise(text)
    if form == "references":
        return from_references(_references(text))
    return _read_records(text, form)


def recognise(text: str) -> BibliographyFormat:
    """Give the format of a bibliography by what its text holds."""
    if ris.recognise(text):
        return "ris"
    if json_documents.recognise(text):
        return "csl-json"
    if bibtex.recognise(text):
        return "bibtex"
    if _BIBITEM in text or _NUMBERED.search(text):
        return "references"
    shown = " ".join(text.split())[:_SHOWN]
    reason = (
        f"{shown!r}… begins no BibTeX, RIS, CSL-JSON or numbered list of references; "
        "export it as one of these"
    )
    raise QueryError(FIELD, reason)


def _read_records(text: str, form: BibliographyFormat) -> Bibliography:
    # A byte order mark says UTF-8, whatever encoding a line of the file names.
    content = codecs.BOM_UTF8 + text.encode()
    problems: list[str] = []
    try:
        source = open_content(content, FIELD)
        found = list(_read(source, form, problems))
    except SourceError as error:
        reason = f"{error.place}: {error.reason}".removeprefix(f"{FIELD}: ")
        raise QueryError(FIELD, reason) from error
    if not found and not problems:
        raise QueryError(FIELD, f"holds no entry of {form}; export it again, or name its format")
    keyed = [key for key, _ in found if key]
    nameless = iter(new_keys([article for key, article in found if not key], keyed))
    entries = tuple(
        Entry(key=key or next(nameless), article=article, line=article.line)
        for key, article in found
    )
    return Bibliography(format=form, entries=entries, problems=(*problems, *repeated_keys(entries)))


def _read(
    source: Source, form: BibliographyFormat, problems: list[str]
) -> Iterator[tuple[str | None, Article]]:
    for record in _READERS[form].read(source):
        if isinstance(record, Refused):
            problems.append(f"line {record.line}: {record.reason}")
            continue
        key = record.citation_key or record.given_id
        try:
            yield key, parse_article(record, FIELD)[0]
        except RefusedRecordError as error:
            problems.append(f"line {record.line}: {error.reason}")
            if key and not (record.title or record.abstract):
                yield key, untitled(record, key)


def _references(text: str) -> Sequence[Reference]:
    if _BIBITEM in text:
        return tuple(latex_references(LatexSource(text)))
    return tuple(listed_references(text, 0, len(text)))
