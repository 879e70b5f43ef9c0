"""The filters of a question, as one value."""

from dataclasses import dataclass

_NAMES = ("authors", "journals", "types", "languages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Conditions that remove hits: any of the names within a field, every field at once.

    Dates are `2024`, `2024-03` or `2024-03-15`, inclusive; `published_from` may be a time back
    from today, as `-P3M`.

        Filters(authors=("Goldberg, Yoav",), published_from="2020")
    """

    authors: tuple[str, ...] = ()
    journals: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    published_from: str | None = None
    published_to: str | None = None
    has_abstract: bool | None = None

    def __post_init__(self) -> None:
        for name in _NAMES:
            names = getattr(self, name)
            if isinstance(names, str):
                raise ValueError(f"{name} is a text; write a tuple: {name}=({names!r},)")
            # a list that comes from JSON would make the value neither frozen nor hashable
            object.__setattr__(self, name, tuple(names))

    def to_wire(self) -> dict[str, object]:
        """Give what a request says: only the conditions that there are."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value not in ((), None)}
