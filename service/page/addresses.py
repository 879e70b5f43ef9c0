"""The address of a state of the page, and those of its neighbours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

Item = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a state of the page, from which those of its neighbours are made.

    Whatever changes the answer begins at its first page: the cursor is left out.
    """

    path: str
    items: tuple[Item, ...] = ()

    @classmethod
    def of(cls, path: str, form: QueryParams) -> Self:
        """Give the address of a form as it was sent, without its blank fields."""
        return cls(path, tuple(item for item in form.multi_items() if item[1].strip()))

    def __str__(self) -> str:
        return f"{self.path}?{urlencode(self.items)}" if self.items else self.path

    def values(self, name: str) -> list[str]:
        """Give the values of a name."""
        return [value for known, value in self.items if known == name]

    def without(self, *names: str) -> Self:
        """Leave names out, and the cursor."""
        return self._with(item for item in self.items if item[0] not in {"cursor", *names})

    def changed(self, changes: Mapping[str, str]) -> Self:
        """Give names one value each, in place of those they have; a blank value takes it away."""
        kept = self.without(*changes)
        return kept._with([*kept.items, *(item for item in changes.items() if item[1])])

    def minus(self, name: str, value: str) -> Self:
        """Take one value of a name away."""
        return self.without()._with(item for item in self.without().items if item != (name, value))

    def collecting(self, side: str, article_id: str) -> Self:
        """Put an article on one side of the examples, or take it back from there.

        The answer to a question stays as it is, and so its page: the cursor is kept there.
        """
        other = "unlike" if side == "like" else "like"
        items = [item for item in self.items if item != (other, article_id)]
        if (side, article_id) in items:
            items.remove((side, article_id))
        else:
            items.append((side, article_id))
        if self.path != "/":
            items = [item for item in items if item[0] != "cursor"]
        return self._with(items)

    def _with(self, items: Iterable[Item]) -> Self:
        return type(self)(self.path, tuple(items))
