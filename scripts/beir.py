"""A collection in BEIR layout: its queries, what was judged relevant to them, its corpus.

A folder holds corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv, each as it is or gzipped.
"""

import csv
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from ir_measures import Qrel

DEFAULT_SPLIT = "test"
_LONG_ENOUGH = 10
"""So many words do not begin a document by chance."""


class JudgedQuery(NamedTuple):
    """The text of a query, and the id of the document that the query is, if it is one."""

    text: str
    own_id: str | None


@dataclass(frozen=True, slots=True)
class Collection:
    """The judged queries of one split, by their ids, and their judgements."""

    folder: Path
    split: str
    queries: Mapping[str, JudgedQuery]
    qrels: Sequence[Qrel]

    @property
    def name(self) -> str:
        """What the folder is called."""
        return self.folder.name

    @property
    def corpus(self) -> Path:
        """The file of the corpus."""
        return find_file(self.folder / "corpus.jsonl")


def read_collection(spec: str) -> Collection:
    """Read `FOLDER` or `FOLDER:SPLIT`; ValueError where a judged query has no text.

    A query is itself a document where `metadata.query_doc` says so, or where it has the id and
    the text of one. The id alone says nothing: some collections number queries and documents
    from 1, each for themselves.
    """
    folder, split = _parse_spec(spec)
    qrels = list(read_qrels(folder / "qrels" / f"{split}.tsv"))
    queries = read_queries(folder, {qrel.query_id for qrel in qrels})
    if missing := sorted({qrel.query_id for qrel in qrels} - queries.keys()):
        message = f"{folder}: of {len(missing)} judged queries the text is missing: {missing[:5]}"
        raise ValueError(message)
    return Collection(folder, split, _with_own_ids(folder, queries), qrels)


def _parse_spec(spec: str) -> tuple[Path, str]:
    folder, colon, split = spec.rpartition(":")
    if not colon or Path(spec).is_dir():
        folder, split = spec, DEFAULT_SPLIT
    # a folder given as "." is called what it is
    return Path(folder).resolve(), split


def read_qrels(path: Path) -> Iterator[Qrel]:
    """Read judgements from a TSV file with a header: query id, document id, relevance."""
    path = find_file(path)
    with _open(path) as stream:
        rows = csv.reader(stream, delimiter="\t")
        next(rows, None)
        for row in rows:
            try:
                query_id, doc_id, relevance = row
                yield Qrel(query_id, doc_id, int(relevance))
            except ValueError as error:
                message = f"{path}, line {rows.line_num}: {row} is no query, document, whole number"
                raise ValueError(message) from error


def read_queries(folder: Path, judged: set[str]) -> dict[str, JudgedQuery]:
    """Read the judged queries: text, and the id of the article that `metadata` says it is."""
    queries: dict[str, JudgedQuery] = {}
    for record in _read_lines(find_file(folder / "queries.jsonl")):
        query_id = str(record["_id"])
        if query_id in judged:
            own_id = (record.get("metadata") or {}).get("query_doc")
            queries[query_id] = JudgedQuery(record["text"], None if own_id is None else str(own_id))
    return queries


def find_file(path: Path) -> Path:
    """Give the path of a file, or of its gzipped form where only that exists."""
    packed = path.with_name(f"{path.name}.gz")
    return packed if packed.exists() and not path.exists() else path


def _with_own_ids(folder: Path, queries: Mapping[str, JudgedQuery]) -> dict[str, JudgedQuery]:
    owned = dict(queries)
    for record in _read_lines(find_file(folder / "corpus.jsonl")):
        query = owned.get(str(record["_id"]))
        if query is not None and query.own_id is None and _is_document(query.text, record):
            owned[str(record["_id"])] = query._replace(own_id=str(record["_id"]))
    return owned


def _is_document(text: str, record: Mapping[str, Any]) -> bool:
    """Tell whether a text is the title, the text or the long beginning of a document."""
    query = _words(text)
    title, body = _words(record.get("title") or ""), _words(record.get("text") or "")
    whole = title + body
    return bool(query) and (
        query in (title, body, whole)
        or (len(query) >= _LONG_ENOUGH and query in (body[: len(query)], whole[: len(query)]))
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with _open(path) as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)


def _open(path: Path) -> IO[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    return opened(path, "rt", encoding="utf-8", newline="")
