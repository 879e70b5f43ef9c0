"""Faults: what went wrong with a request, as values that know nothing of how they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi.exceptions import RequestValidationError

UNREADABLE = (
    "the body cannot be read as JSON in UTF-8: it is in another encoding, nested too deeply, or "
    "holds a number of thousands of digits"
)
"""What a body is of which the framework says no more than that it cannot be read."""

_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong: its status, a code to branch on, a sentence, what it is about, headers."""

    status: int
    code: str
    message: str
    field: str | None = None
    headers: Mapping[str, str] | None = None


def fault_of(error: RequestValidationError) -> Fault:
    """Give the first fault that was found with a request that does not fit its model."""
    fault = error.errors()[0]
    # a repeated parameter has no number in an address, as an item of a list has in a body
    is_listed = fault["loc"][0] == "query"
    place = [str(part) for part in fault["loc"][1:] if not (is_listed and isinstance(part, int))]
    if fault["type"] == "json_invalid":
        reason = f"the body is not JSON: {fault['ctx']['error']} at character {place[0]}"
        return Fault(400, "malformed_json", reason)
    code = "invalid_value"
    if fault["type"] == "unknown_parameter":
        code = fault["type"]
        place.append(fault["ctx"]["name"])
    field = ".".join(place) or None
    given = fault.get("input")
    message = f"{field or 'the body'}: {fault['msg']}"
    if isinstance(given, str | int | float) and len(str(given)) <= _LONGEST_QUOTE:
        message += f", not {given!r}"
    return Fault(400, code, message, field)
