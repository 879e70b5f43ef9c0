"""The console's examples: ids, texts and files of records into a query."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from index.errors import QueryError
from service.examples import PASTED, Example, SimilarQuery, recognised
from service.query import Filters


def to_similar_query(options: argparse.Namespace, filters: Filters) -> SimilarQuery:
    """Give the query that the options of `cognate similar` ask."""
    return SimilarQuery(
        positive=_examples([*options.ids, *options.like], options.text, options.file),
        negative=_examples(options.unlike, options.unlike_text, options.unlike_file),
        filters=filters,
        sort=options.sort,
        limit=options.limit,
        cursor=options.cursor,
        min_match=options.min_match,
        prefer=options.prefer,
        facets=tuple(dict.fromkeys(options.facet)),
        diversity=options.diversity,
    )


def _examples(
    ids: Sequence[str], texts: Sequence[str], files: Sequence[Path]
) -> tuple[Example, ...]:
    return (
        *(Example("article_id", text) for text in ids),
        *(Example("text", text) for text in texts),
        *map(_read, files),
    )


def _read(path: Path) -> Example:
    """Read a file of references; QueryError where it is neither BibTeX nor RIS."""
    try:
        example = recognised(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise QueryError("file", f"{path} is not in UTF-8; convert it") from error
    if example.kind not in PASTED:
        raise QueryError("file", f"{path} holds neither BibTeX nor RIS; give a text by --text")
    return example
