"""CSV, TSV and the like: a header line names the columns, each row is an article.

Scopus, Embase, PubMed, Zotero, OpenAlex, ASReview and tables made by hand differ in the
names of their columns only, so there is one reader and one table of names.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from index.errors import RefusedRecordError, SourceError
from index.sources.author_lists import split_authors
from index.sources.links import identifiers_in
from index.sources.opening import Source
from index.sources.record import Record, Refused
from index.sources.table_rows import Row, read_rows

# The names of columns by what they hold, the one that says it best first; compared without
# case, blanks and punctuation. Those of two letters are Web of Science's.
_COLUMNS = {
    "title": "title, article title, document title, primary title, display name, ti",
    "abstract": "abstract, abstract note, notes abstract, abstract text, ab",
    "authors": "author full names, authors, author, author names, first authors, creators, "
    "authorships.author.display_name, af, au",
    "journal": "journal, source title, publication title, journal title, journal name, "
    "journal/book, venue, container title, publication name, secondary title, "
    "primary_location.source.display_name, so",
    "published": "publication date, published, date published, date, cover date, pd, "
    "publication year, year, pub year, year published, py",
    "type": "document type, type, item type, publication type, type of reference, dt",
    "language": "language of original document, language, la",
    "url": "url, urls, link, landing page url, primary_location.landing_page_url",
    "doi": "doi, di",
    "pmid": "pmid, pubmed id, medline pmid, ids.pmid, pm",
    "pmcid": "pmcid, pmc id",
    "arxiv": "arxiv id, arxiv",
    "eid": "eid",
    "wos": "ut, ut (unique wos id)",
    "id": "article id, id, record id",
    "citation_key": "citation key, cite key, bibtex key",
    "citation": "source",
    "n_authors": "n authors",
    "is_new": "is new",
    "retracted": "retracted, is retracted",
    "identifiers": "identifiers",
    "first_indexed": "first indexed",
}
# Names of columns that are not read, but tell a header line from a line of prose.
_FAMILIAR = (
    "keywords, author keywords, notes, note, included, label included, final included, volume, "
    "issue, pages, start page, issn, isbn, publisher, key, cited by, source type"
)
_SCHEMES = ("doi", "pmid", "pmcid", "arxiv", "eid", "wos")

_DELIMITERS = ",;\t|"
_EXCEL_HINT = re.compile(r"\s*sep=.?\s*", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")
_SCOPUS_ID = re.compile(r"\s*\(\d{5,}\)")
_CITATION = re.compile(r"(?P<journal>.{1,300}?) ?\((?P<year>\d{4})\)")  # Embase's
_CITATION_DATE = re.compile(r"Date of Publication: *([^.]+)")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi: ?)?10\.\d{4,9}/\S+", re.IGNORECASE)
_OPENALEX = re.compile(r"https?://openalex\.org/(W\d+)")
_IDENTIFIER = re.compile(r"(?:doi|arxiv|pmid|pmcid|openalex|s2|acl):\S+")
# Cells whose look alone says which column they belong to.
_ANCHORS = {
    "doi": _DOI,
    "published": re.compile(r"(?:19|20)\d\d(?:[-/]\d{0,2}){0,2}"),
    "url": re.compile(r"https?://\S+"),
}
# A spreadsheet takes what begins so for a formula; our exports put an apostrophe before it, and
# one more before a cell that begins like a defused one.
_DEFUSED = re.compile(r"'+[=+\-@\t＝＋－＠]")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


_FIELDS = {
    _plain(name): (field, rank)
    for field, names in _COLUMNS.items()
    for rank, name in enumerate(names.split(", "))
}
_FAMILIAR_NAMES = frozenset(_plain(name) for name in _FAMILIAR.split(", "))


@dataclass(frozen=True, slots=True)
class _Table:
    """A header: its names, the columns of each field (the best first), the unknown names."""

    delimiter: str
    names: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]
    unknown: tuple[str, ...]

    @property
    def is_ours(self) -> bool:
        """Whether Cognate wrote the table: no other has such a column."""
        return "first_indexed" in self.columns

    @property
    def leading(self) -> int:
        """The column without which a row is no article."""
        return (self.columns.get("title") or self.columns["abstract"])[0]


def recognise(head: str) -> bool:
    """Tell a table by its first line: it names a title or abstract, and another column."""
    lines = head.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _table(_header(iter(lines))) is not None


def read(source: Source) -> Iterator[Record | Refused]:
    """Give a record or a refusal for every row that is not blank."""
    lines = source.lines()
    table = _table(_header(text for _, text in lines))
    if table is None:
        raise SourceError(source.name, "has no header line that names a title or an abstract")
    for row in read_rows(lines, table.delimiter):
        if isinstance(row, Refused):
            yield row
        elif any(cell.strip() for cell in row.cells) and tuple(row.cells) != table.names:
            try:
                yield _record(table, _aligned(table, row))
            except RefusedRecordError as error:
                yield Refused(row.line, error.reason)


def _header(lines: Iterator[str]) -> str:
    """Give the first line that is neither blank nor Excel's hint at the delimiter."""
    return next((text for text in lines if text.strip() and not _EXCEL_HINT.fullmatch(text)), "")


def _table(header: str) -> _Table | None:
    """Read a header line with the delimiter that gives the most names we know."""
    best: _Table | None = None
    most = 1
    for delimiter in _DELIMITERS:
        try:
            names = next(csv.reader([header], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            continue
        plain = [_plain(name) for name in names]
        n_known = sum(name in _FIELDS or name in _FAMILIAR_NAMES for name in plain)
        columns = _columns(plain)
        if n_known > most and ("title" in columns or "abstract" in columns):
            unknown = (
                name.strip()
                for name, key in zip(names, plain, strict=True)
                if key and key not in _FIELDS
            )
            best = _Table(delimiter, tuple(names), columns, tuple(unknown))
            most = n_known
    return best


def _columns(plain: list[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for column, name in enumerate(plain):
        if name in _FIELDS:
            field, rank = _FIELDS[name]
            found.setdefault(field, []).append((rank, column))
    return {field: tuple(column for _, column in sorted(ranked)) for field, ranked in found.items()}


def _aligned(table: _Table, row: Row) -> Row:
    """Bring a row to the length of the header, or refuse it where its title is uncertain."""
    width, cells = len(table.names), row.cells
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) == width:
        return Row(row.line, cells, row.repairs)
    fault = f"has {len(cells)} cells where the header has {width}"
    if len(cells) > width:
        cells, kept = _cells_we_are_sure_of(table, cells)
        fault += f"; only those {kept} were read"
    elif len(cells) < 2 or len(cells) <= table.leading:
        cells = []
    if not cells or not cells[table.leading].strip():
        raise RefusedRecordError(
            f"{fault}, and which of them is the {table.names[table.leading].strip()!r} is uncertain"
        )
    cells = cells + [""] * (width - len(cells))
    return Row(row.line, cells, (*row.repairs, f"the row {fault}"))


def _cells_we_are_sure_of(table: _Table, cells: list[str]) -> tuple[list[str], str]:
    """Keep one side of a row with too many cells: a delimiter stood in a cell unquoted.

    A cell that looks as its column should, at its place counted from the left (or from the
    right), shows that everything on that side of it is at its place too.
    """
    anchors = [
        (column, pattern)
        for field, pattern in _ANCHORS.items()
        for column in table.columns.get(field, ())
    ]
    excess = len(cells) - len(table.names)
    for column, pattern in sorted(anchors, key=itemgetter(0), reverse=True):
        if column > table.leading and pattern.fullmatch(cells[column].strip()):
            return cells[: column + 1], f"up to {table.names[column].strip()!r}"
    for column, pattern in sorted(anchors, key=itemgetter(0)):
        if column < table.leading and pattern.fullmatch(cells[column + excess].strip()):
            return [""] * column + cells[
                column + excess :
            ], f"from {table.names[column].strip()!r} on"
    return [], "at their places"


def _record(table: _Table, row: Row) -> Record:
    cells = {
        field: _cell(row.cells, columns, is_ours=table.is_ours)
        for field, columns in table.columns.items()
    }
    journal, published = _citation(cells.get("citation"))
    identifiers, is_id_used = _identifiers(cells)
    if table.is_ours:
        identifiers += tuple((cells.get("identifiers") or "").split())
    n_authors = cells.get("n_authors") or ""
    id_names = tuple(table.names[column].strip() for column in table.columns.get("id", ()))
    return Record(
        line=row.line,
        given_id=cells.get("id") if table.is_ours else None,
        identifiers=identifiers,
        citation_key=cells.get("citation_key"),
        title=cells.get("title"),
        abstract=cells.get("abstract"),
        authors=_authors(table, cells.get("authors") or ""),
        n_authors=int(n_authors) if n_authors.isascii() and n_authors.isdigit() else None,
        journal=cells.get("journal") or journal,
        published=_published(row.cells, table.columns.get("published", ())) or published,
        type=cells.get("type"),
        url=cells.get("url"),
        language=cells.get("language"),
        is_new=_TRUTH.get((cells.get("is_new") or "").casefold(), False),
        retracted=_TRUTH.get((cells.get("retracted") or "").casefold()),
        first_indexed=cells.get("first_indexed"),
        repairs=row.repairs,
        unknown_keys=table.unknown if is_id_used or table.is_ours else table.unknown + id_names,
    )


def _cell(cells: list[str], columns: Sequence[int], *, is_ours: bool) -> str | None:
    text = next((text for column in columns if (text := cells[column].strip())), None)
    return text[1:] if text and is_ours and _DEFUSED.match(text) else text


def _authors(table: _Table, text: str) -> tuple[str, ...]:
    return split_authors(text if table.is_ours else _SCOPUS_ID.sub("", text))


def _published(cells: list[str], columns: Sequence[int]) -> str | None:
    """Give the date; where it lacks the year ("MAR 5", Web of Science), with that before it."""
    dates = [text for column in columns if (text := cells[column].strip())]
    if not dates or _YEAR.search(dates[0]):
        return dates[0] if dates else None
    year = next((text for text in dates if _YEAR.fullmatch(text)), None)
    return f"{year} {dates[0]}" if year else dates[0]


def _identifiers(cells: Mapping[str, str | None]) -> tuple[tuple[str, ...], bool]:
    """Give the ids of a row, and whether the column called "id" holds one of them.

    In most tables such a column numbers the rows, which identifies nothing elsewhere.
    """
    own = cells.get("id") or ""
    if _DOI.fullmatch(own):
        own = f"doi:{own}"
    elif openalex := _OPENALEX.fullmatch(own):
        own = f"openalex:{openalex[1]}"
    elif not _IDENTIFIER.fullmatch(own):
        own = ""
    given = ((scheme, cells.get(scheme)) for scheme in _SCHEMES)
    known = [f"{scheme}:{value.removeprefix('WOS:')}" for scheme, value in given if value]
    if own and own not in known:
        known.append(own)
    known.extend(identifiers_in([cells.get("url") or ""], known))
    return tuple(known), bool(own)


def _citation(citation: str | None) -> tuple[str | None, str | None]:
    """Give journal and date from Embase's "Journal (2014) 3:3 (152-160). Date of …"."""
    match = _CITATION.match(citation or "")
    if match is None or citation is None:
        return None, None
    date = _CITATION_DATE.search(citation)
    return match["journal"].strip(), date[1].strip() if date else match["year"]
