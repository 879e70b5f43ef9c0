"""Cursors: where a page of an answer ended, as text that any worker can go on from.

A cursor needs no secret and is not trusted: a forged one can only ask for what a query could
have asked for as well. It names the snapshot it walks, so that all pages are of one match
set, and the query, so that it cannot be carried to another one.
"""

import base64
import datetime
import hashlib
import json
import math
import struct
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from index.errors import CursorExpiredError, QueryError
from service.examples import SIDES, SimilarQuery, to_json
from service.query import Filters, Query
from service.reranking import MOST_RERANKED

VERSION = 1
"""To be raised whenever the order of an answer changes: an older cursor is then refused."""

LONGEST_CURSOR = 6_000
# version, hash of the query, sort key, rank, day (0 for none), length of the snapshot's name
_HEAD = struct.Struct(">B16sdIIB")
_CHECKSUM = struct.Struct(">I")
_IS_RERANKED = 0x80
"""Set in the version's byte where one byte more, the number reranked, follows the head."""
_MAY_CHANGE = ("cursor", "limit", "facets", "facet_queries", "counted", "highlight", "explain")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last article of a page: in which snapshot, for which query, and its place there.

    `key` is what the answer is sorted by, exactly: the score, or the first day of publication
    as `Columns` counts days. `rank` is the hit's own, from 1. `asked_on` is that of `Filters`.
    The first `n_reranked` articles are in the order of a reranker and not of their keys.
    """

    snapshot: str
    query_hash: str
    key: float
    article_id: str
    rank: int
    asked_on: datetime.date | None = None
    n_reranked: int = 0

    def to_text(self) -> str:
        """Give the cursor as text that is safe in an address."""
        name = self.snapshot.encode()
        day = 0 if self.asked_on is None else self.asked_on.toordinal()
        digest = bytes.fromhex(self.query_hash)
        version = VERSION | (_IS_RERANKED if self.n_reranked else 0)
        head = _HEAD.pack(version, digest, self.key, self.rank, day, len(name))
        if self.n_reranked:
            head += bytes([self.n_reranked])
        body = head + name + self.article_id.encode()
        raw = body + _CHECKSUM.pack(zlib.crc32(body))
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a cursor back; QueryError for anything that `to_text` did not write."""
        if len(text) > LONGEST_CURSOR:
            reason = f"{len(text)} characters; the longest is {LONGEST_CURSOR}: ask without it"
            raise QueryError("cursor", reason)
        try:
            cursor = cls._from_text(text)
        except (ValueError, IndexError, struct.error, OverflowError) as error:
            reason = "this is no cursor of this version, or not all of one; ask without it"
            raise QueryError("cursor", reason) from error
        return cursor

    @classmethod
    def _from_text(cls, text: str) -> Self:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        body, end = raw[: -_CHECKSUM.size], raw[-_CHECKSUM.size :]
        version, digest, key, rank, day, length = _HEAD.unpack(body[: _HEAD.size])
        rest = body[_HEAD.size :]
        n_reranked = 0
        if version & _IS_RERANKED:
            n_reranked, rest = rest[0], rest[1:]
        name, article_id = rest[:length], rest[length:]
        asked_on = datetime.date.fromordinal(day) if day else None
        cursor = cls(
            name.decode(), digest.hex(), key, article_id.decode(), rank, asked_on, n_reranked
        )
        is_whole = end == _CHECKSUM.pack(zlib.crc32(body)) and len(name) == length
        is_possible = math.isfinite(key) and rank >= 1 and n_reranked <= MOST_RERANKED
        if not (version & ~_IS_RERANKED == VERSION and is_whole and is_possible):
            raise ValueError("not one of ours")
        # the same bytes can be written as base64 in more than one way
        if cursor.to_text() != text:
            raise ValueError("not as we write it")
        return cursor

    def check(self, query_hash: str, snapshot: str) -> None:
        """Refuse the cursor of another query; CursorExpiredError where it walks another snapshot.

        A service that keeps older snapshots asks the right one in the first place; see
        `walked_snapshot`.
        """
        if self.query_hash != query_hash:
            reason = "belongs to another query; its text, filters, mode and order must not change"
            raise QueryError("cursor", reason)
        if self.snapshot != snapshot:
            raise CursorExpiredError(self.snapshot)


def hash_query(query: Query | SimilarQuery) -> str:
    """Give 32 hex digits of all that decides which articles answer a query, and their order.

    What may change from page to page is left out: the limit, the facets, what is shown of a
    hit. A new field of `Query` or `Filters` counts unless it is left out here.
    """
    values = {name: value for name, value in _values(query) if name not in _MAY_CHANGE}
    if isinstance(query, Query):
        values["text"] = query.question
    else:
        values |= {side: to_json(query.examples(side)) for side in SIDES}
        values["diversity"] = float(query.diversity)
    values["min_match"] = None if query.min_match is None else float(query.min_match)
    values["filters"] = {
        name: sorted(set(value)) if isinstance(value, tuple) else value
        for name, value in _values(query.filters)
        if name != "asked_on"
    }
    return hash_question(values)


def hash_question(values: Mapping[str, object]) -> str:
    """Give 32 hex digits for JSON values; equal values give equal digits."""
    canonical = json.dumps(values, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def _values(record: Query | SimilarQuery | Filters) -> Iterator[tuple[str, object]]:
    # not `asdict`, which copies, and cannot copy every mapping
    return ((field.name, getattr(record, field.name)) for field in fields(record))


def walked_snapshot(query: Query | SimilarQuery) -> str | None:
    """Give the snapshot that the query's cursor walks; None without a cursor.

    QueryError where the cursor is none of ours or belongs to another query.
    """
    if query.cursor is None:
        return None
    cursor = Cursor.from_text(query.cursor)
    cursor.check(hash_query(query), cursor.snapshot)
    return cursor.snapshot


def asked_on(cursor: str | None, today: datetime.date) -> datetime.date:
    """Give the day from which a time back is counted: the first page's, else `today`.

    A walk that goes on over midnight would otherwise ask for other dates on its next page.
    """
    return today if cursor is None else Cursor.from_text(cursor).asked_on or today


def start_after(
    values: npt.NDArray[np.float64 | np.int64], id_at: Callable[[int], str], cursor: Cursor
) -> int:
    """Give the place of the first article behind the cursor's.

    `values` are the sort keys of the whole answer in order, highest first; `id_at` gives the
    article id at a place, ascending among equal keys. Where the cursor's article is not in
    the answer, the place is where it would stand. Among the articles that were reranked, whose
    order is not that of the keys, it is the one behind the cursor's rank.
    """
    if cursor.rank <= cursor.n_reranked:
        return min(cursor.rank, len(values))
    reached = cursor.rank - 1
    # the same article at the same place: a key that another machine rounded otherwise, in
    # its last bit, does no harm
    if reached < len(values) and id_at(reached) == cursor.article_id:
        return cursor.rank
    rising = -values.astype(np.float64)
    first = int(np.searchsorted(rising, -cursor.key, "left"))
    end = int(np.searchsorted(rising, -cursor.key, "right"))
    return first + bisect_right(range(first, end), cursor.article_id, key=id_at)
