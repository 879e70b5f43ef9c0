"""Source files: where they are, which format each holds, and the records in it.

    for found in find_sources(paths):
        source = open_source(found.path, found.name)
        form, records = read_records(source)
        for record in records:      # a Record, or a Refused that says where and why
            ...

Every step may raise SourceError, the last while it is iterated. A format is a module with
`recognise(head)` and `read(source)` and a line in FORMATS; nothing else knows of it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import SourceError
from index.sources import (
    arxiv_atom,
    bibtex,
    endnote_xml,
    json_documents,
    json_lines,
    listing,
    nbib,
    pubmed_xml,
    ris,
    tabular,
    web_of_science,
)
from index.sources.opening import Source, open_content, open_source
from index.sources.record import Record, Refused

__all__ = [
    "FORMATS",
    "Format",
    "FoundSource",
    "find_sources",
    "open_content",
    "open_source",
    "read_records",
    "recognise",
]


@dataclass(frozen=True, slots=True)
class Format:
    """A form that lists of articles come in: how to tell it, and how to read it."""

    name: str
    recognise: Callable[[str], bool]
    read: Callable[[Source], Iterator[Record | Refused]]


FORMATS = (
    Format("JSON Lines", json_lines.recognise, json_lines.read),
    Format("JSON", json_documents.recognise, json_documents.read),
    Format("PubMed XML", pubmed_xml.recognise, pubmed_xml.read),
    Format("EndNote XML", endnote_xml.recognise, endnote_xml.read),
    Format("arXiv Atom", arxiv_atom.recognise, arxiv_atom.read),
    Format("CSV or TSV", tabular.recognise, tabular.read),
    Format("Web of Science", web_of_science.recognise, web_of_science.read),
    Format("PubMed nbib", nbib.recognise, nbib.read),
    Format("RIS", ris.recognise, ris.read),
    Format("BibTeX", bibtex.recognise, bibtex.read),
    Format("plain-text listing", listing.recognise, listing.read),
)
"""What Cognate reads, in the order in which a source is tried.

First the formats that the first characters or the first line tell; then those told by one
line among others, which a long text in a table's cell might hold too.
"""


_MARKS_OF_AN_INDEX = ({"CURRENT", "snapshots"}, {"lock", "building"})


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A file to read. One that was named must be readable; in a folder there may be others."""

    path: Path
    name: str
    is_named: bool


def find_sources(paths: Sequence[Path]) -> list[FoundSource]:
    """Give every file named, and those in the folders named, sorted and recursively, each once.

    Hidden files and folders are left out, a folder reached a second time by a link, and an
    index of Cognate: it often lies among the files it was made from.
    """
    found: dict[Path, FoundSource] = {}
    folders: set[Path] = set()
    for path in paths:
        is_named = not path.is_dir()
        for file in [path] if is_named else _walk(path, folders):
            place = file.resolve()
            if is_named or place not in found:
                found[place] = FoundSource(file, str(file), is_named)
    return list(found.values())


def _walk(folder: Path, seen: set[Path]) -> Iterator[Path]:
    try:
        place = folder.resolve(strict=True)
        if place in seen:
            return
        seen.add(place)
        children = sorted(folder.iterdir())
    except OSError as error:
        raise SourceError(str(folder), f"cannot be read: {error.strerror or error}") from error
    names = {child.name for child in children}
    if any(marks <= names for marks in _MARKS_OF_AN_INDEX):
        return
    for child in children:
        if child.name.startswith("."):
            continue
        if child.is_dir():
            yield from _walk(child, seen)
        elif child.is_file():
            yield child


def recognise(source: Source) -> Format:
    """Give the format a source holds, by its content; its name has no say."""
    for form in FORMATS:
        if form.recognise(source.head):
            return form
    known = ", ".join(form.name for form in FORMATS)
    raise SourceError(
        source.name, f"holds none of the formats that Cognate reads ({known}); export it as one"
    )


def read_records(source: Source) -> tuple[Format, Iterator[Record | Refused]]:
    """Give the format of a source, and its records as they are read, in their order."""
    form = recognise(source)
    return form, form.read(source)
