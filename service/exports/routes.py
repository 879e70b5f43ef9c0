"""The routes of exports and citations: they translate, and stream what the engine gives."""

from collections.abc import Generator
from contextlib import ExitStack
from typing import Annotated

import fastapi
from fastapi import APIRouter, Body, Depends, Request
from starlette.responses import Response, StreamingResponse

from service.api import (
    DeadlineDep,
    EngineDep,
    HolderDep,
    article,
    error_models,
    need_json,
    refuse_parameters,
    refuse_repeats,
)
from service.deadline import Deadline
from service.exports.formats import FORMS, export, file_name
from service.exports.lent_stream import LentStream
from service.exports.parameters import CiteParameters, ExportBody, ExportParameters
from service.exports.reference import reference
from service.holder import EngineHolder
from service.query import Query

export_routes = APIRouter(prefix="/v1")

_LIST = {"schema": {"type": "array", "items": {"type": "object"}}}
_TEXT = {"schema": {"type": "string"}}
_FILE = {"schema": {"type": "string", "format": "binary"}}
_CONTENT: dict[str, object] = {
    form.media_type: _LIST if name == "csl-json" else _FILE for name, form in FORMS.items()
}
_STREAM: dict[str, object] = {"content": _CONTENT, "description": "A file, streamed."}
_CITED: dict[str, object] = {
    "content": {
        "text/plain; charset=utf-8": _TEXT,
        FORMS["bibtex"].media_type: _TEXT,
        FORMS["ris"].media_type: _TEXT,
        FORMS["csl-json"].media_type: _LIST,
    },
    "description": "The reference.",
}


@export_routes.get(
    "/export",
    dependencies=[Depends(refuse_repeats)],
    response_class=StreamingResponse,
    responses={200: _STREAM, **error_models(404, 504)},
    summary="Export what answers a search or examples, or what is selected",
)
def export_by_parameters(
    parameters: Annotated[ExportParameters, fastapi.Query()],
    holder: HolderDep,
    deadline: DeadlineDep,
) -> Response:
    """Give all articles that answer, in the order of their pages, as a file.

    With `like`, `unlike`, `text` or `unlike_text`, what answers these examples; with `id`, given
    once or more, these articles.
    """
    with parameters.spelling():
        return stream_export(parameters, holder, deadline)


@export_routes.post(
    "/export",
    dependencies=[Depends(refuse_parameters), Depends(need_json)],
    response_class=StreamingResponse,
    responses={200: _STREAM, **error_models(404, 413, 415, 504)},
    summary="Export what answers a search or examples, or what is selected",
)
def export_by_body(
    body: Annotated[ExportBody, Body()], holder: HolderDep, deadline: DeadlineDep
) -> Response:
    """Do what GET does, with room for long questions, examples and many ids."""
    return stream_export(body, holder, deadline)


def stream_export(
    wanted: ExportParameters | ExportBody, holder: EngineHolder, deadline: Deadline
) -> Response:
    """Find what is asked for, and stream it as a file; what is wrong is raised before."""
    asked, name = wanted.to_asked(), wanted.format
    # the time for what answers to be found: how long it may stream, the connection bounds
    deadline = deadline.within(wanted.timeout_ms)
    with ExitStack() as stack:
        engine = stack.enter_context(holder.borrow())
        articles = engine.export(asked, wanted.limit, versions=wanted.versions, deadline=deadline)
        blocks = _begun(export(name, articles))
        named = file_name(name, asked.text if isinstance(asked, Query) else None)
        # from here on the response gives the engine back
        return LentStream(
            blocks,
            stack.pop_all(),
            FORMS[name].media_type,
            {"content-disposition": f'attachment; filename="{named}"'},
        )


def _begun(blocks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """Make the first block at once: what goes wrong by then is answered as an error."""
    first = next(blocks)

    def all_blocks() -> Generator[bytes, None, None]:
        yield first
        yield from blocks

    return all_blocks()


@export_routes.get(
    "/articles/{article_id:path}/cite",
    dependencies=[Depends(refuse_repeats)],
    responses={200: _CITED, **error_models(404)},
    response_class=Response,
    summary="Cite an article",
)
def cite(
    request: Request,
    article_id: str,
    parameters: Annotated[CiteParameters, fastapi.Query()],
    engine: EngineDep,
) -> Response:
    """Give one article as a formatted reference or as an entry for a bibliography.

    An id that itself ends in `/cite` is written with `%2Fcite`.
    """
    if not request.scope.get("raw_path", b"/cite").endswith(b"/cite"):
        return article(f"{article_id}/cite", engine)
    found = engine.article(article_id)
    if parameters.format == "text":
        return Response(reference(found.article) + "\n", media_type="text/plain")
    content = b"".join(export(parameters.format, [found]))
    return Response(content, headers={"content-type": FORMS[parameters.format].media_type})
