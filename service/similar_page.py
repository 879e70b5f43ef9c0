"""The page of articles like these and not like those: a form, its answer, all of it in the address.

It needs no script, as the search page needs none.
"""

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse

from index.errors import CursorExpiredError, QueryError, UnknownArticleError
from service.api import HolderDep
from service.cursor import walked_snapshot
from service.examples import Example, SimilarQuery, recognised
from service.pages import (
    FORM_NAMES,
    form_dates,
    form_link,
    form_to_filters,
    form_to_limit,
    form_to_min_match,
    form_to_sort,
    render,
)

PATH = "/similar"
_SPREADS = {"0": "nearest first", "0.3": "a little", "0.5": "half", "0.8": "far"}

similar_pages = APIRouter(include_in_schema=False)


@similar_pages.api_route(PATH, methods=["GET", "HEAD"])
def similar_page(request: Request, holder: HolderDep) -> HTMLResponse:
    """Show the form, and the articles that are like the examples in it, if there are any."""
    form = request.query_params
    if not any(_examples(form, "like", "text")) and not any(
        _examples(form, "unlike", "unlike_text")
    ):
        return _render(form, results=None, sentence=None)
    try:
        query = form_to_similar_query(form)
        with holder.borrow(walked_snapshot(query)) as engine:
            results = engine.similar(query)
    except QueryError as error:
        return _render(form, 400, results=None, sentence=_sentence(error))
    except UnknownArticleError as error:
        sentence = f"No article here has the id {error.article_id}."
        return _render(form, 404, results=None, sentence=sentence)
    except CursorExpiredError:
        sentence = "The index has changed since the first page was shown."
        return _render(form, 410, results=None, sentence=sentence)
    return _render(form, query=query, results=results, sentence=None)


def _sentence(error: QueryError) -> str:
    field = (error.field or "").partition(".")[0]
    return f"{FORM_NAMES.get(field, field)}: {error.reason}."


def _render(form: QueryParams, status: int = 200, **values: object) -> HTMLResponse:
    def link(**changes: str) -> str:
        return form_link(form, changes, PATH)

    return render(
        "similar.html",
        status,
        form=form,
        dates=form_dates(form),
        link=link,
        spreads=_SPREADS,
        **values,
    )


def form_to_similar_query(form: QueryParams) -> SimilarQuery:
    """Give the query a form asks for; a field left blank asks for nothing."""
    return SimilarQuery(
        positive=tuple(_examples(form, "like", "text")),
        negative=tuple(_examples(form, "unlike", "unlike_text")),
        filters=form_to_filters(form),
        sort=form_to_sort(form),
        limit=form_to_limit(form),
        cursor=form.get("cursor") or None,
        min_match=form_to_min_match(form),
        diversity=_diversity(form),
    )


def _examples(form: QueryParams, ids: str, texts: str) -> Iterator[Example]:
    for value in form.getlist(ids):
        if value.strip():
            yield Example("article_id", value.strip())
    for value in form.getlist(texts):
        if value.strip():
            yield recognised(value)


def _diversity(form: QueryParams) -> float:
    text = form.get("diversity") or "0"
    try:
        return float(text)
    except ValueError as error:
        raise QueryError("diversity", f"{text!r} is no number") from error
