"""What people have decided about versions: these two are one work, those two are not.

Decisions name articles by their ids, so that they outlive every build; what a build finds by
itself never overrules them. A snapshot keeps them in `decisions.json`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from index.errors import CognateError, DamagedSnapshotError, UnknownArticleError
from index.store import ArticleStore

DECISIONS = "decisions.json"


@dataclass(frozen=True, slots=True)
class Decision:
    """That two articles are, or are not, versions of one work."""

    ids: tuple[str, str]
    same: bool


def decision_between(store: ArticleStore, ids: tuple[str, str], *, same: bool) -> Decision:
    """Decide about two articles of a snapshot, whatever form of their ids names them."""
    rows = [store.find(article_id) for article_id in ids]
    for article_id, row in zip(ids, rows, strict=True):
        if row is None:
            raise UnknownArticleError(article_id)
    first, second = store.article_ids([row for row in rows if row is not None])
    if first == second:
        message = f"{ids[0]!r} and {ids[1]!r} are one article, {first!r}; name two"
        raise CognateError(message)
    return Decision((first, second), same)


def decide(earlier: Iterable[Decision], latest: Decision) -> tuple[Decision, ...]:
    """Add a decision, the last; what was decided of the same pair before goes."""
    pair = frozenset(latest.ids)
    return (*(one for one in earlier if frozenset(one.ids) != pair), latest)


def read_decisions(folder: Path) -> tuple[Decision, ...]:
    """Read the decisions of a snapshot, the oldest first; none where it has no such file."""
    path = folder / DECISIONS
    if not path.exists():
        return ()
    try:
        stored = orjson.loads(path.read_bytes())
        return tuple(Decision((one["ids"][0], one["ids"][1]), one["same"]) for one in stored)
    except (OSError, orjson.JSONDecodeError, KeyError, IndexError, TypeError) as error:
        raise DamagedSnapshotError(str(path), f"cannot be read: {error}") from error


def write_decisions(folder: Path, decisions: Iterable[Decision]) -> None:
    """Write the decisions of a snapshot."""
    stored = [{"ids": list(one.ids), "same": one.same} for one in decisions]
    (folder / DECISIONS).write_bytes(orjson.dumps(stored, option=orjson.OPT_INDENT_2))
