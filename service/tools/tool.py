"""A tool: a name, what it takes, and how it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import ValidationError

from index.errors import QueryError
from service.deadline import NO_DEADLINE, Deadline
from service.holder import EngineHolder
from service.parameters import wire_name
from service.tools.answer import Answer

if TYPE_CHECKING:  # the models of arguments take a while to make, and errors do not need them
    from service.tools.arguments import ToolArguments

Arguments = TypeVar("Arguments", bound="ToolArguments")

_LONGEST_QUOTE = 60
_MOST_FAULTS = 5


class ArgumentError(QueryError):
    """A tool cannot answer these arguments; `field` is named as the tool names it."""


@dataclass(frozen=True, slots=True)
class Tool(Generic[Arguments]):
    """Something that a language model can ask for; all of ours only read."""

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    answer: Callable[[EngineHolder, Arguments, Deadline], Answer]

    def call(
        self,
        holder: EngineHolder,
        given: Mapping[str, object],
        deadline: Deadline = NO_DEADLINE,
    ) -> Answer:
        """Answer a call; ArgumentError, with what is to be mended, where arguments are wrong."""
        arguments = self.parse(given)
        try:
            return self.answer(holder, arguments, deadline)
        except QueryError as error:
            raise ArgumentError(error.field and self._named(error.field), error.reason) from error

    def _named(self, field: str) -> str:
        """Give a field of a query the name that it has here: that in the bodies of the HTTP API."""
        if field in self.arguments.model_fields:
            return field
        return wire_name("POST", field)

    def parse(self, given: Mapping[str, object]) -> Arguments:
        """Read arguments, and check them."""
        try:
            return self.arguments.model_validate(given)
        except ValidationError as error:
            raise _mended_by(error) from error


def _mended_by(error: ValidationError) -> ArgumentError:
    faults = error.errors(include_url=False)
    named = [(_place(fault), _reason(fault)) for fault in faults[:_MOST_FAULTS]]
    if len(faults) == 1:
        return ArgumentError(*named[0])
    lines = [f"{place}: {reason}" if place else reason for place, reason in named]
    more = len(faults) - len(named)
    return ArgumentError(None, "; ".join([*lines, *([f"and {more} more"] if more else [])]))


def _place(fault: Mapping[str, object]) -> str | None:
    loc, context = fault["loc"], fault.get("ctx")
    assert isinstance(loc, tuple)
    place = [str(part) for part in loc]
    if fault["type"] == "unknown_parameter" and isinstance(context, Mapping):
        place.append(str(context["name"]))
    return ".".join(place) or None


def _reason(fault: Mapping[str, object]) -> str:
    given, message = fault.get("input"), str(fault["msg"])
    is_quoted = isinstance(given, str | int | float) and len(str(given)) <= _LONGEST_QUOTE
    return f"{message}, not {given!r}" if is_quoted and fault["type"] != "missing" else message
