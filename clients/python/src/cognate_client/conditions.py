"""From the conditions of frameworks, as `year >= 2020`, to Cognate's filters.

What Cognate has no filter for is refused: a condition left out would give articles that were
not wanted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cognate_client.errors import FilterError
from cognate_client.filters import Filters

_NAMES = {"authors": "authors", "journal": "journals", "type": "types", "language": "languages"}
_DATES = ("year", "published")
_KNOWN = ", ".join((*_NAMES, *_DATES, "has_abstract"))


@dataclass(frozen=True, slots=True)
class Condition:
    """A field of a document's metadata, compared with a value."""

    field: str
    operator: str
    value: object


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions of which all hold (`and`) or any does (`or`)."""

    operator: str
    conditions: tuple["Condition | Joined", ...]


def to_filters(wanted: Condition | Joined) -> Filters:
    """Give the filters that hold where the condition does."""
    said: dict[str, object] = {}
    for condition in _flat(wanted):
        for name, value in _to_filter(condition).items():
            said[name] = value if name not in said else _both(name, said[name], value)
    return Filters(**said)  # type: ignore[arg-type]  # each is of its field's kind


def _flat(wanted: Condition | Joined) -> Iterator[Condition]:
    """Give conditions that all have to hold."""
    if isinstance(wanted, Condition):
        yield wanted
    elif wanted.operator == "and":
        for one in wanted.conditions:
            yield from _flat(one)
    else:
        yield _any_name(wanted)


def _any_name(wanted: Joined) -> Condition:
    """Give one condition for several of which any holds: names of one field."""
    names: list[str] = []
    fields = {one.field for one in wanted.conditions if isinstance(one, Condition)}
    for one in wanted.conditions:
        if wanted.operator != "or" or isinstance(one, Joined) or one.field not in _NAMES:
            break
        names += _to_names(one)
    else:
        if len(fields) == 1:
            return Condition(fields.pop(), "in", names)
    raise FilterError(
        f"Cognate cannot join these by {wanted.operator!r}: it filters by names of one field of "
        "which any holds, and by several fields that all hold"
    )


def _to_filter(condition: Condition) -> dict[str, object]:
    if condition.field in _NAMES:
        return {_NAMES[condition.field]: _to_names(condition)}
    if condition.field in _DATES:
        return _to_dates(condition)
    if condition.field != "has_abstract":
        raise _refusal(condition, f"the fields are {_KNOWN}")
    if condition.operator != "==" or not isinstance(condition.value, bool):
        raise _refusal(condition, "write == with true or false")
    return {"has_abstract": condition.value}


def _to_names(condition: Condition) -> tuple[str, ...]:
    value = condition.value
    if condition.operator == "==" and isinstance(value, str):
        return (value,)
    names = value if isinstance(value, list | tuple) else ()
    if condition.operator == "in" and names and all(isinstance(name, str) for name in names):
        return tuple(names)
    raise _refusal(condition, "write == with a name, or in with a list of names")


def _to_dates(condition: Condition) -> dict[str, object]:
    value, operator = condition.value, condition.operator
    if condition.field == "year":
        if isinstance(value, bool) or not isinstance(value, int):
            raise _refusal(condition, "compare with a whole number")
        if operator in ("<", ">"):
            value, operator = value + (1 if operator == ">" else -1), f"{operator}="
        value = f"{value:04}"
    if not isinstance(value, str):
        raise _refusal(condition, "compare with a date as 2024, 2024-03 or 2024-03-15")
    if operator == "==":
        return {"published_from": value, "published_to": value}
    if operator not in (">=", "<="):
        raise _refusal(condition, "write ==, >= or <=")
    return {"published_from" if operator == ">=" else "published_to": value}


def _both(name: str, first: object, second: object) -> object:
    """Give the condition that holds where both do."""
    if first == second:
        return first
    if isinstance(first, str) and isinstance(second, str) and "P" not in first + second:
        if name == "published_from":
            return max(first, second)
        # to 2024 is to its end
        return min(first, second, key=lambda date: f"{date}~")
    raise FilterError(f"{name}: both {first!r} and {second!r} cannot be asked for; leave one out")


def _refusal(condition: Condition, cure: str) -> FilterError:
    shown = f"{condition.field} {condition.operator} {condition.value!r}"
    return FilterError(f"Cognate cannot filter by {shown}: {cure}")
