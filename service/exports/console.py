"""The console's exports: options into what is asked, and articles into a file or to stdout."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.errors import QueryError
from index.progress import counted
from service.exports.formats import export
from service.query import Filters, Query
from service.results import FoundArticle
from service.search import Asked


def to_asked(options: argparse.Namespace, filters: Filters) -> Asked:
    """Give what the options of `cognate export` ask for."""
    if options.limit is not None and options.limit < 1:
        raise QueryError("limit", f"{options.limit} is less than 1")
    if options.id:
        if options.question is not None or filters != Filters():
            raise QueryError("id", "names the articles; leave out the question and the filters")
        return tuple(options.id)
    return Query(
        text=options.question,
        filters=filters,
        mode=options.mode,
        sort=options.sort,
        min_match=options.min_match,
        prefer=options.prefer,
    )


def write(options: argparse.Namespace, articles: Iterable[FoundArticle]) -> str | None:
    """Write articles where the options say; say what was written, unless it went to stdout."""
    n_written = 0

    def passing() -> Iterator[FoundArticle]:
        nonlocal n_written
        for n_written, found in enumerate(articles, 1):  # noqa: B007 - counted for the last line
            yield found

    blocks = export(options.format, passing())
    if options.into is None:
        for block in blocks:
            sys.stdout.buffer.write(block)
            # nothing is held back: who reads along may stop us at any time
            sys.stdout.buffer.flush()
        return None
    _replace(options.into, blocks)
    return f"{options.into}: {counted(n_written, 'article')}"


def _replace(path: Path, blocks: Iterable[bytes]) -> None:
    """Write a file; until it is whole, what was there before stays."""
    if path.exists() and not path.is_file():
        # a pipe or a device, /dev/stdout for one, cannot be replaced
        with path.open("wb") as stream:
            stream.writelines(blocks)
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as stream:
            stream.writelines(blocks)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
