"""The tray: articles collected as examples, by their ids in the address."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from service.page.addresses import Address
from service.page.form import given
from service.search import SearchEngine
from service.wording import heading

SIDES = ("like", "unlike")


@dataclass(frozen=True, slots=True)
class Collected:
    """An article in the tray; its name is its id where it is not in the index."""

    side: str
    article_id: str
    name: str
    is_known: bool
    taken_out: Address


@dataclass(frozen=True, slots=True)
class Tray:
    """What was collected, and the addresses of its answer and of the page without it."""

    collected: tuple[Collected, ...]
    answer: Address
    emptied: Address

    def side(self, side: str) -> list[Collected]:
        """Give what is on one side."""
        return [one for one in self.collected if one.side == side]


def read_tray(form: QueryParams, here: Address, engine: SearchEngine | None) -> Tray:
    """Give the tray that an address holds; without an engine its articles keep their ids."""
    ids = [(side, article_id) for side in SIDES for article_id in given(form, side)]
    ids = ids[: engine.limits.max_batch_ids] if engine else ids
    names = _names([article_id for _, article_id in ids], engine)
    collected = tuple(
        Collected(
            side, article_id, name or article_id, name is not None, here.minus(side, article_id)
        )
        for (side, article_id), name in zip(ids, names, strict=True)
    )
    return Tray(collected, Address("/similar", tuple(ids)), here.without(*SIDES))


def _names(ids: Sequence[str], engine: SearchEngine | None) -> list[str | None]:
    if engine is None or not ids:
        return [None] * len(ids)
    return [heading(found.article) if found else None for found in engine.articles(ids)]
