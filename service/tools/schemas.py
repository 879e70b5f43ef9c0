"""The schemas of tools: as MCP lists them, and as OpenAI's APIs take them.

All are made of the models that read the arguments. In OpenAI's strict form every property is
required and what is optional may be null, which the models take for the default.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from service.tools.tool import Tool

Form = Literal["chat", "responses"]
FORMS: tuple[Form, ...] = get_args(Form)
Schema = dict[str, Any]

_UNSAID = ("$defs", "title", "minLength", "maxLength")
"""Say little to a model for what they cost; a text that is too long is refused all the same. The
lengths are not among the keywords documented for `strict`, as bounds of numbers and lists are."""


def input_schema(tool: Tool[Any]) -> Schema:
    """Give the schema of a tool's arguments, as short as it can be."""
    schema = _plain(tool.arguments.model_json_schema())
    schema.pop("description", None)
    return schema


def strict_schema(tool: Tool[Any]) -> Schema:
    """Give the schema of a tool's arguments as OpenAI's `strict` wants it."""
    return _strict(input_schema(tool))


def to_form(tools: Iterable[Tool[Any]], form: Form) -> list[Schema]:
    """Give the tools as one of OpenAI's APIs takes them: Chat Completions, or Responses."""
    functions = [
        {
            "name": tool.name,
            "description": tool.description,
            "parameters": strict_schema(tool),
            "strict": True,
        }
        for tool in tools
    ]
    if form == "responses":
        return [{"type": "function", **function} for function in functions]
    return [{"type": "function", "function": function} for function in functions]


def _plain(schema: Schema, defined: Mapping[str, Schema] | None = None) -> Schema:
    """Take definitions in where they are named, and leave out what says nothing to a model."""
    defined = schema.get("$defs", {}) if defined is None else defined
    if "$ref" in schema:
        named = defined[schema["$ref"].rpartition("/")[2]]
        said = {name: value for name, value in schema.items() if name == "description"}
        plain = _plain(named, defined)
        # what a class says of itself is for who reads the code
        plain.pop("description", None)
        return plain | said
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        rest = {name: value for name, value in schema.items() if name != "anyOf"}
        return _plain(rest | choices[0], defined)
    plain = {name: value for name, value in schema.items() if name not in _UNSAID}
    if plain.get("default", True) in (None, [], {}):
        del plain["default"]
    if "properties" in schema:
        properties = schema["properties"].items()
        plain["properties"] = {name: _plain(value, defined) for name, value in properties}
    if "items" in schema:
        plain["items"] = _plain(schema["items"], defined)
    if choices:
        plain["anyOf"] = [_plain(choice, defined) for choice in choices]
    return plain


def _strict(schema: Schema) -> Schema:
    # a default is refused: null says the same
    strict = {name: value for name, value in schema.items() if name != "default"}
    if "items" in schema:
        strict["items"] = _strict(schema["items"])
    if "anyOf" in schema:
        strict["anyOf"] = [_strict(choice) for choice in schema["anyOf"]]
    if "properties" in schema:
        required = schema.get("required", [])
        strict["properties"] = {
            name: _strict(value) if name in required else _or_null(_strict(value))
            for name, value in schema["properties"].items()
        }
        strict["required"] = list(schema["properties"])
    return strict


def _or_null(schema: Schema) -> Schema:
    if "type" in schema and not ({"enum", "properties", "items"} & schema.keys()):
        return schema | {"type": [schema["type"], "null"]}
    said = {name: value for name, value in schema.items() if name == "description"}
    rest = {name: value for name, value in schema.items() if name != "description"}
    return {"anyOf": [rest, {"type": "null"}]} | said
