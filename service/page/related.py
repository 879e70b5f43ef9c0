"""The page of related work: a draft is pasted, and each of its sentences gets what it could cite.

The answer is that of a POST, since a draft does not fit an address; nothing of it is kept.
"""

from typing import Literal, get_args

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from index.errors import QueryError
from service.api import DeadlineDep, EngineDep
from service.deadline import Deadline
from service.drafts.draft import DraftFormat
from service.page.draft_form import DraftForm, read_draft_form
from service.page.form import sentence
from service.page.rendering import render
from service.related.query import RelatedQuery
from service.related.report import write_report
from service.related.results import RelatedResults
from service.search import SearchEngine

PATH = "/related-work"
FORMATS = {"": "Recognise it", "text": "Plain text", "latex": "LaTeX", "markdown": "Markdown"}

Download = Literal["bibtex", "patch", "markdown", "html"]
_FILES: dict[Download, tuple[str, str]] = {
    "bibtex": ("related.bib", "application/x-bibtex"),
    "patch": ("related.patch", "text/x-diff"),
    "markdown": ("related.md", "text/markdown"),
    "html": ("related.html", "text/html"),
}

related_pages = APIRouter(include_in_schema=False)


@related_pages.api_route(PATH, methods=["GET", "HEAD"])
def related_form() -> HTMLResponse:
    """Show the form."""
    return _render(DraftForm())


@related_pages.post(PATH)
async def related_page(request: Request, engine: EngineDep, deadline: DeadlineDep) -> Response:
    """Show what the sentences of a draft could cite, or give it as a file."""
    try:
        form = await read_draft_form(request)
    except QueryError as error:
        return _render(DraftForm(), 400, sentence=sentence(error))
    return await run_in_threadpool(_answer, form, engine, deadline)


def _answer(form: DraftForm, engine: SearchEngine, deadline: Deadline) -> Response:
    try:
        results = engine.related(_to_query(form), deadline)
    except QueryError as error:
        return _render(form, 400, sentence=sentence(error))
    for name in get_args(Download):
        if form.download == name:
            return _file(results, name)
    return _render(form, results=results)


def _to_query(form: DraftForm) -> RelatedQuery:
    return RelatedQuery(
        text=form.draft,
        format=_format(form.format),
        bibliography=form.bibliography if form.bibliography.strip() else None,
        name=form.name or "draft",
    )


def _format(name: str) -> DraftFormat | None:
    for known in get_args(DraftFormat):
        if name == known:
            chosen: DraftFormat = known
            return chosen
    if name:
        raise QueryError("format", f"{name!r} is none of {', '.join(get_args(DraftFormat))}")
    return None


def _file(results: RelatedResults, name: Download) -> Response:
    """Give a part of the answer as a file to keep."""
    file_name, media_type = _FILES[name]
    if name == "bibtex":
        content = results.bibtex
    else:
        content = results.patch.diff if name == "patch" else write_report(results, name)
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _render(
    form: DraftForm,
    status: int = 200,
    *,
    results: RelatedResults | None = None,
    sentence: str | None = None,
) -> HTMLResponse:
    return render(
        "drafts.html", status, form=form, formats=FORMATS, results=results, sentence=sentence
    )
