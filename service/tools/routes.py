"""The routes of tools: for whatever calls functions in a loop of its own and speaks no MCP."""

from typing import Annotated, Any

import fastapi
from fastapi import APIRouter, Body, Depends
from pydantic import Field

from service.api import (
    DeadlineDep,
    HolderDep,
    error_models,
    need_json,
    refuse_parameters,
    refuse_repeats,
)
from service.parameters import RequestModel
from service.responses import JsonResponse
from service.schemas import Wire
from service.tools.schemas import Form, to_form

# the tools are imported when the first is asked for: a service that nobody asks starts without

tool_routes = APIRouter(prefix="/v1")

_FORM = "As OpenAI's Chat Completions take them (`chat`), or its Responses (`responses`)."


class FormParameters(RequestModel):
    """The parameters of GET /v1/tools."""

    form: Form = Field(default="chat", description=_FORM)


class ToolsAnswer(Wire):
    """The tools, in the form asked for."""

    tools: list[dict[str, Any]]


class ToolAnswer(Wire):
    """What a tool answers: `text` for a model, `data` for a program."""

    text: str
    data: dict[str, Any] | None = Field(
        description="Joined to the text by article ids; null where the text is JSON itself."
    )


@tool_routes.get(
    "/tools",
    dependencies=[Depends(refuse_repeats)],
    responses={200: {"model": ToolsAnswer}, **error_models()},
    summary="The schemas of the tools",
)
def tools(parameters: Annotated[FormParameters, fastapi.Query()]) -> JsonResponse:
    """Give the tools as a language model is told of them; `cognate tools` prints the same."""
    from service.tools.catalogue import TOOLS

    return JsonResponse({"tools": to_form(TOOLS, parameters.form)})


@tool_routes.post(
    "/tools/{name}",
    dependencies=[Depends(refuse_parameters), Depends(need_json)],
    responses={200: {"model": ToolAnswer}, **error_models(404, 410, 413, 415, 504)},
    summary="Call a tool",
)
def call_tool(
    name: str,
    arguments: Annotated[dict[str, Any], Body()],
    holder: HolderDep,
    deadline: DeadlineDep,
) -> JsonResponse:
    """Answer what a language model asks of a tool, as over MCP.

    The body holds the arguments as the model wrote them; a fault in them comes back in words
    that it can mend them by.
    """
    from service.tools.catalogue import tool_named

    answer = tool_named(name).call(holder, arguments, deadline)
    return JsonResponse({"text": answer.text, "data": answer.data})
