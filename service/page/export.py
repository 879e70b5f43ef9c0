"""The export that the page offers: of what is ticked, else of all that answers."""

from typing import Annotated

import fastapi
from fastapi import APIRouter
from starlette.responses import Response

from service.api import DeadlineDep, HolderDep
from service.exports.parameters import TickedParameters
from service.exports.routes import stream_export

export_pages = APIRouter(include_in_schema=False)


@export_pages.get("/export")
def export_page(
    parameters: Annotated[TickedParameters, fastapi.Query()],
    holder: HolderDep,
    deadline: DeadlineDep,
) -> Response:
    """Give the file that the API gives of the same."""
    with parameters.spelling():
        return stream_export(parameters, holder, deadline)
