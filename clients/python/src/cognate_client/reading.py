"""From JSON to the frozen values of answers.

Fields that this version does not know are passed over, so a newer service can say more; one that
is missing, or of another kind, means that something else than Cognate answered.
"""

import dataclasses
import functools
import types
from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from cognate_client.errors import UnexpectedAnswerError

T = TypeVar("T")


def read(kind: type[T], value: object) -> T:
    """Give the answer that a JSON value holds."""
    answer: T = _read(kind, value, "the answer")
    return answer


def _read(hint: Any, value: Any, place: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is types.UnionType:
        return None if value is None else _read(arguments[0], value, place)
    if origin is tuple and isinstance(value, list):
        return tuple(_read(arguments[0], one, f"{place}.{n}") for n, one in enumerate(value))
    if origin is Mapping and isinstance(value, dict):
        return {name: _read(arguments[1], one, f"{place}.{name}") for name, one in value.items()}
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return _read_fields(hint, value, place)
    if hint is float and isinstance(value, int):
        return float(value)
    if origin is None and isinstance(value, hint):
        return value
    raise UnexpectedAnswerError(
        f"{place} is not as Cognate writes it; is the address that of a Cognate service?",
        code="unexpected_answer",
    )


def _read_fields(kind: Any, value: dict[str, Any], place: str) -> Any:  # noqa: ANN401 - see above
    wanted = {
        name: hint
        for name, (hint, is_needed) in _fields(kind).items()
        if is_needed or name in value
    }
    return kind(
        **{name: _read(hint, value.get(name), f"{place}.{name}") for name, hint in wanted.items()}
    )


@functools.cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:  # noqa: ANN401 - a class
    hints = get_type_hints(kind)
    return {
        field.name: (hints[field.name], field.default is dataclasses.MISSING)
        for field in dataclasses.fields(kind)
    }
