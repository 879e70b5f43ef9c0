"""One parsed JSON object becomes one record, whichever service or program wrote it.

An object is told by its keys: OpenAlex, Semantic Scholar, Crossref (and CSL-JSON) and arXiv
have modules of their own; anything else is read as our own form, the article on the wire,
of which BEIR's `{"_id", "title", "text"}` is a part. Files and lines are the business of
`json_lines` and `json_documents`.
"""

import json
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

import orjson

from index.errors import RefusedRecordError
from index.sources import arxiv_json, crossref, openalex, semantic_scholar
from index.sources.author_lists import take_authors
from index.sources.json_values import (
    JsonObject,
    first_text,
    kind_of,
    take_count,
    take_flag,
    take_list,
    take_text,
)
from index.sources.record import Record, Refused

_IDS = ("article_id", "_id", "id")
_ABSTRACTS = ("abstract", "text")
_JOURNALS = ("journal", "venue")
_DATES = ("published", "date", "year")
_MEANINGFUL = frozenset({"title", "doi", *_IDS, *_ABSTRACTS})
# The last line is what the wire form adds to an article, and every build works out anew.
_KNOWN = _MEANINGFUL.union(
    _JOURNALS,
    _DATES,
    ("authors", "n_authors", "url", "language", "type", "is_new", "retracted"),
    ("citation_key", "metadata"),
    ("identifiers", "version_ids", "first_indexed"),
    ("evidence", "truncated", "versions"),
)
_ALIASES = (_IDS, _ABSTRACTS, _JOURNALS, _DATES[:2])
_KNOWN_IN_METADATA = ("authors", "journal", "venue", "published", "date", "year", "doi", "url")

_WRAPPERS = ("article", "paper", "citedPaper", "citingPaper")
_KEY = re.compile(r'"\s*:')

_Reader = Callable[[JsonObject, int], Record]


def parse_record(text: str, line: int) -> Record | Refused:
    """Parse the text of one record that begins on a line.

    Raises `orjson.JSONDecodeError` where it is no JSON: only the caller knows where in the
    file that is.
    """
    value = orjson.loads(text)
    if not isinstance(value, dict):
        return Refused(line, f"is {kind_of(value)} where an object should be")
    record = _unwrapped(value)
    reader = _reader_of(record)
    try:
        if reader is _own_form:
            _check_keys(value, text)
        return reader(record, line)
    except RefusedRecordError as error:
        return Refused(line, error.reason)


def _unwrapped(value: JsonObject) -> JsonObject:
    """Give what is inside a hit or a citation, which hold the article under one key."""
    if "title" not in value:
        for key in _WRAPPERS:
            inner = value.get(key)
            if isinstance(inner, dict):
                return inner
    return value


def _reader_of(record: JsonObject) -> _Reader:
    if openalex.is_openalex(record):
        return openalex.to_record
    if semantic_scholar.is_semantic_scholar(record):
        return semantic_scholar.to_record
    if arxiv_json.is_arxiv(record):
        return arxiv_json.to_record
    if crossref.is_crossref(record):
        return crossref.to_record
    return _own_form


def _own_form(record: JsonObject, line: int) -> Record:
    if _MEANINGFUL.isdisjoint(record):
        raise _no_article(record)
    if "metadata" in record:
        record = _with_metadata(record)
    authors, repairs = take_authors(record, "authors")
    doi = take_text(record, "doi")
    return Record(
        line=line,
        given_id=first_text(record, *_IDS),
        identifiers=((f"doi:{doi}",) if doi else ()) + _texts(record, "identifiers"),
        version_ids=_texts(record, "version_ids"),
        citation_key=take_text(record, "citation_key"),
        title=take_text(record, "title"),
        abstract=first_text(record, *_ABSTRACTS),
        authors=authors,
        n_authors=take_count(record, "n_authors"),
        journal=first_text(record, *_JOURNALS),
        published=first_text(record, *_DATES),
        type=take_text(record, "type"),
        url=take_text(record, "url"),
        language=take_text(record, "language"),
        is_new=take_flag(record, "is_new") or False,
        retracted=take_flag(record, "retracted"),
        first_indexed=take_text(record, "first_indexed"),
        repairs=repairs,
        unknown_keys=_unknown_keys(record),
    )


def _texts(record: JsonObject, key: str) -> tuple[str, ...]:
    return tuple(one for one in take_list(record, key) if isinstance(one, str))


def _with_metadata(record: JsonObject) -> JsonObject:
    """Fill in from BEIR's free `metadata` what the record itself does not say."""
    metadata = record["metadata"]
    if not isinstance(metadata, dict):
        return record
    known = {key: metadata[key] for key in _KNOWN_IN_METADATA if _is_usable(metadata.get(key))}
    authors = metadata.get("authors")
    if isinstance(authors, list) and all(isinstance(author, str) for author in authors):
        known["authors"] = authors
    return known | record


def _is_usable(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _unknown_keys(record: JsonObject) -> tuple[str, ...]:
    """Give the keys that were not read: unknown ones, and a second name of the same thing."""
    unknown = () if record.keys() <= _KNOWN else tuple(key for key in record if key not in _KNOWN)
    for names in _ALIASES:
        given = [name for name in names if record.get(name)]
        if len(given) > 1:
            unknown += tuple(given[1:])
    return unknown


def _no_article(record: JsonObject) -> RefusedRecordError:
    for key in ("error", "message"):
        if isinstance(record.get(key), str):
            return RefusedRecordError(f"is a service's error message: {record[key][:200]!r}")
    keys = ", ".join(key[:40] for key in islice(record, 5)) or "none"
    return RefusedRecordError(f"has no key of an article; its keys are: {keys}")


def _check_keys(record: JsonObject, text: str) -> None:
    """Refuse an object that holds a key twice, which the parser lets pass without a word.

    Only people write such objects, so only our own form is checked. Every key is followed
    by a colon: where the text has no more of these than the parsed record has keys, all is
    well; only else is it parsed again, slowly.
    """
    if len(_KEY.findall(text)) == _count_keys(record):
        return
    try:
        json.loads(text, object_pairs_hook=_check_pairs, parse_int=str, parse_float=str)
    except RecursionError as error:
        raise RefusedRecordError("is nested too deep") from error


def _check_pairs(pairs: list[tuple[str, object]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise RefusedRecordError(f"has the key {key[:40]!r} more than once")
        seen.add(key)


def _count_keys(record: JsonObject) -> int:
    """Count the keys of an object and of all objects in it."""
    count = 0
    pending: list[Any] = [record]
    while pending:
        value = pending.pop()
        if type(value) is dict:
            count += len(value)
            pending.extend(value.values())
        elif type(value) is list:
            pending.extend(value)
    return count
