"""Typed access to parsed JSON: the one border where values of any type come in.

Every reader of JSON records takes its values through here, so that a wrong type is said
the same way everywhere, as a `RefusedRecordError` naming the key and what it holds.
"""

from typing import Any

from index.errors import RefusedRecordError

JsonObject = dict[str, Any]

_EXACT_IN_A_FLOAT = 2**53


def kind_of(value: object) -> str:
    """Say what a JSON value is, for a message: "a list", "an object", "true"."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "an unknown value")


def take_text(record: JsonObject, key: str) -> str | None:
    """Give the text under a key, None where it is absent, null or blank.

    A whole number counts as text: years and ids are often written without quotes.
    """
    value = record.get(key)
    if value is None:
        return None
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    number = whole_number(value)
    if number is None:
        raise wrong_type(key, value, "text")
    return str(number)


def take_object(record: JsonObject, key: str) -> JsonObject:
    """Give the object under a key, an empty one where it is absent or null."""
    value = record.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong_type(key, value, "an object")
    return value


def take_list(record: JsonObject, key: str) -> list[Any]:
    """Give the list under a key, an empty one where it is absent or null."""
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise wrong_type(key, value, "a list")
    return value


def take_objects(record: JsonObject, key: str) -> list[JsonObject]:
    """Give the objects of the list under a key; what is no object in it is left out."""
    return [value for value in take_list(record, key) if isinstance(value, dict)]


def take_flag(record: JsonObject, key: str) -> bool | None:
    """Give the truth value under a key, None where it is absent or null."""
    value: object = record.get(key)
    if value is None or isinstance(value, bool):
        return value
    if value in (0, 1):
        return value == 1
    raise wrong_type(key, value, "true or false")


def take_count(record: JsonObject, key: str) -> int | None:
    """Give the whole number under a key, None where it is absent or null."""
    value = record.get(key)
    if value is None:
        return None
    number = whole_number(value)
    if number is None or number < 0:
        raise wrong_type(key, value, "a whole number from 0 up")
    return number


def first_text(record: JsonObject, *keys: str) -> str | None:
    """Give the first text found under the keys, in their order."""
    for key in keys:
        text = take_text(record, key)
        if text is not None:
            return text
    return None


def whole_number(value: object) -> int | None:
    """Give a JSON number that is whole and was read exactly (2020 or 2020.0), else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_IN_A_FLOAT:
        return int(value)
    return None


def wrong_type(key: str, value: object, wanted: str) -> RefusedRecordError:
    """Make the error for a value of a type that its key cannot hold."""
    held = f"{kind_of(value)}, {value!r}," if isinstance(value, float) else kind_of(value)
    return RefusedRecordError(f"{key!r} is {held} where {wanted} should be")
