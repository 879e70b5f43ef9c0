"""The schemas: valid, strict where they have to be, and true of what the tools take."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from service.tools.catalogue import TOOLS
from service.tools.schemas import FORMS, Schema, input_schema, strict_schema, to_form
from service.tools.tool import Tool

STRICT_KEYWORDS = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "anyOf"),
    *("description", "minimum", "maximum", "minItems", "maxItems"),
}
"""Of what OpenAI documents for `strict`, what is used here."""

each_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


def parts(schema: Schema) -> list[Schema]:
    """Give a schema and all schemas within it."""
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    inner += [schema["items"]] if "items" in schema else []
    return [schema, *(part for one in inner for part in parts(one))]


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Draw values that a schema of these keywords allows; no empty texts."""
    if "anyOf" in schema:
        return st.one_of([values(one) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([_of_kind(kind, schema) for kind in kinds])


def _of_kind(kind: str, schema: Schema) -> st.SearchStrategy[Any]:
    if kind == "object":
        known = schema["properties"].items()
        required = schema.get("required", [])
        return st.fixed_dictionaries(
            {name: values(one) for name, one in known if name in required},
            optional={name: values(one) for name, one in known if name not in required},
        )
    if kind == "array":
        return st.lists(values(schema["items"]), max_size=3)
    low, high = schema.get("minimum"), schema.get("maximum")
    return {
        "null": st.none(),
        "boolean": st.booleans(),
        "string": st.text(min_size=1, max_size=20),
        "integer": st.integers(low, high),
        "number": st.floats(low, high),
    }[kind]


@each_tool
def test_schemas_are_valid(tool: Tool[Any]) -> None:
    for schema in (input_schema(tool), strict_schema(tool)):
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"


@each_tool
def test_in_the_strict_form_all_is_required_and_nothing_else_allowed(tool: Tool[Any]) -> None:
    schema = strict_schema(tool)

    for part in parts(schema):
        assert part.keys() <= STRICT_KEYWORDS
        if part.get("type") == "object":
            assert part["required"] == [*part["properties"]]
            assert part["additionalProperties"] is False


@each_tool
@given(drawn=st.data())
def test_arguments_that_are_valid_are_taken(tool: Tool[Any], drawn: st.DataObject) -> None:
    for schema in (input_schema(tool), strict_schema(tool)):
        arguments = drawn.draw(values(schema))

        Draft202012Validator(schema).validate(arguments)
        tool.parse(arguments)


@each_tool
def test_both_schemas_have_the_same_names_and_ask_for_the_same(tool: Tool[Any]) -> None:
    plain, strict = input_schema(tool), strict_schema(tool)

    assert [*plain["properties"]] == [*strict["properties"]]
    validator = Draft202012Validator(strict)
    nulls = dict.fromkeys(strict["properties"])
    refused = {error.path[0] for error in validator.iter_errors(nulls)}
    assert refused == set(plain.get("required", []))


def test_the_forms_are_those_of_the_two_apis() -> None:
    chat, responses = (to_form(TOOLS, form) for form in FORMS)

    assert [*chat[0]] == ["type", "function"]
    assert [{"type": "function", **one["function"]} for one in chat] == responses
    for one in responses:
        assert [*one] == ["type", "name", "description", "parameters", "strict"]
        assert one["strict"] is True


def test_search_and_fetch_take_one_text_each() -> None:
    search, fetch = (input_schema(tool) for tool in TOOLS[:2])

    assert (search["required"], [*search["properties"]]) == (["query"], ["query"])
    assert (fetch["required"], [*fetch["properties"]]) == (["id"], ["id"])
