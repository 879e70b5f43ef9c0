"""What is wrong with a request that does not fit its model, in words that name place and value."""

from typing import NamedTuple

from fastapi.exceptions import RequestValidationError

UNREADABLE = (
    "the body cannot be read as JSON in UTF-8: it is in another encoding, nested too deeply, or "
    "holds a number of thousands of digits"
)
"""What a body is of which the framework says no more than that it cannot be read."""

_LONGEST_QUOTE = 60


class Fault(NamedTuple):
    """The first fault of a request: its code, what it is, and the parameter it is about."""

    code: str
    message: str
    field: str | None = None


def fault_of(error: RequestValidationError) -> Fault:
    """Give the first fault that was found."""
    fault = error.errors()[0]
    # a repeated parameter has no number in an address, as an item of a list has in a body
    is_listed = fault["loc"][0] == "query"
    place = [str(part) for part in fault["loc"][1:] if not (is_listed and isinstance(part, int))]
    if fault["type"] == "json_invalid":
        reason = f"the body is not JSON: {fault['ctx']['error']} at character {place[0]}"
        return Fault("malformed_json", reason)
    code = "invalid_value"
    if fault["type"] == "unknown_parameter":
        code = fault["type"]
        place.append(fault["ctx"]["name"])
    field = ".".join(place) or None
    given = fault.get("input")
    message = f"{field or 'the body'}: {fault['msg']}"
    if isinstance(given, str | int | float) and len(str(given)) <= _LONGEST_QUOTE:
        message += f", not {given!r}"
    return Fault(code, message, field)
