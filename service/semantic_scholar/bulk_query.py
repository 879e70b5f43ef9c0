"""Bulk search: what its query may hold, its orders, and tokens that go on from page to page."""

import re

from index.errors import QueryError
from service.cursor import Cursor, hash_query, hash_question
from service.part import Part, PartOrder
from service.query import Query
from service.results import Results

_QUOTED = re.compile(r'["“„«][^"“”„«»]*["”“»]')
_OPERATOR = re.compile(r"\||(?<!\S)\+|(?<!\S)-(?=\S)|\*(?!\S)|~\d*(?!\S)")
_ORDERS: dict[str, PartOrder] = {
    "paperId:asc": "id",
    "paperId:desc": "id_backwards",
    "publicationDate:asc": "oldest",
    "publicationDate:desc": "newest",
}


def check_plain(text: str) -> None:
    """Refuse the operators of Semantic Scholar's bulk search, but for quoted phrases.

    Parentheses only group what operators part, so without any they are as good as spaces.
    """
    operator = _OPERATOR.search(_QUOTED.sub(lambda match: "_" * len(match[0]), text))
    if operator is not None:
        reason = (
            f"{operator[0]!r} at character {operator.start() + 1} is an operator, which is not "
            'served here; plain words match by meaning, and a "quoted phrase" must occur'
        )
        raise QueryError("query", reason)


def part_order(sort: str) -> PartOrder:
    """Read an order like `publicationDate:desc`; by itself a field is ascending."""
    order = _ORDERS.get(sort if ":" in sort else f"{sort}:asc")
    if order is None:
        field = sort.partition(":")[0]
        why = "; citations are not counted here" if field == "citationCount" else ""
        raise QueryError("sort", f"{sort!r} is none of {', '.join(_ORDERS)}{why}")
    return order


def token_after(results: Results, query: Query, part: Part) -> str | None:
    """Give the token for what follows a part, or None where it is the last."""
    end = part.start + len(results.hits)
    if not results.hits or end >= results.total:
        return None
    last = results.hits[-1].article.article_id
    return Cursor(results.snapshot, _hash(query, part.order), 0.0, last, end).to_text()


def read_token(token: str | None, query: Query, order: PartOrder) -> tuple[str | None, int]:
    """Give the snapshot that a token walks, None for the one being served, and where to go on."""
    if token is None:
        return None, 0
    cursor = Cursor.from_text(token)
    if cursor.query_hash != _hash(query, order):
        reason = "belongs to another query; its text, filters and order must not change"
        raise QueryError("cursor", reason)
    return cursor.snapshot, cursor.rank


def _hash(query: Query, order: PartOrder) -> str:
    return hash_question({"bulk": hash_query(query), "order": order})
