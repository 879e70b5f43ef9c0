"""The console's drafts: files into a query, and its answer into files."""

import argparse
from pathlib import Path

from index.errors import QueryError
from index.progress import counted
from service.query import Filters
from service.related.query import RelatedQuery
from service.related.report import write_report
from service.related.results import RelatedResults


def to_related_query(options: argparse.Namespace, filters: Filters) -> RelatedQuery:
    """Give the query that the options of `cognate related` ask."""
    return RelatedQuery(
        text=_read("draft", options.draft),
        format=options.format,
        bibliography=None if options.bib is None else _read("bib", options.bib),
        filters=filters,
        limit=options.limit,
        neighbours=options.neighbours,
        min_match=options.min_match,
        insert_from=options.insert_from,
        name=options.draft.name,
    )


def write_files(results: RelatedResults, options: argparse.Namespace) -> list[str]:
    """Write the files asked for, and say what was written."""
    written = []
    if options.report is not None:
        is_html = options.report.suffix.lower() in (".html", ".htm")
        _write(options.report, write_report(results, "html" if is_html else "markdown"))
        written.append(f"{options.report}: a report on {counted(results.needing, 'sentence')}")
    if options.bibtex is not None:
        _write(options.bibtex, results.bibtex)
        written.append(f"{options.bibtex}: {counted(results.n_new, 'new article')}")
    if options.patch is not None:
        _write(options.patch, results.patch.diff)
        n_inserted = sum(one.gets is not None for one in results.sentences)
        written.append(f"{options.patch}: {counted(n_inserted, 'citation')} inserted")
    return written


def _read(field: str, path: Path) -> str:
    """Read a file as it is: line ends and a byte order mark are the draft's own."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"{path} is not in UTF-8 (byte {error.start}); convert it"
        raise QueryError(field, reason) from error


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))
