"""The page of articles like these and not like those; its examples are in its address."""

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse

from index.errors import CursorExpiredError, QueryError, UnknownArticleError
from service.api import HolderDep
from service.cursor import walked_snapshot
from service.page.addresses import Address
from service.page.elsewhere import example_items, feeds
from service.page.form import form_to_similar_query, sentence
from service.page.rendering import render
from service.page.search import INDEX_CHANGED, shown_values
from service.page.tray import read_tray
from service.results import Results
from service.search import SearchEngine

PATH = "/similar"

similar_pages = APIRouter(include_in_schema=False)


@similar_pages.api_route(PATH, methods=["GET", "HEAD"])
def similar_page(request: Request, holder: HolderDep) -> HTMLResponse:
    """Show the form, and the articles that are like the examples in it, if there are any."""
    form = request.query_params
    here = Address.of(PATH, form)
    try:
        query = form_to_similar_query(form)
        if query is None:
            return _render(form, here, None, None, sentence=None)
        with holder.borrow(walked_snapshot(query)) as engine:
            results = engine.similar(query)
            return _render(form, here, engine, results, query=query, sentence=None)
    except QueryError as error:
        return _render(form, here, None, None, 400, sentence=sentence(error))
    except UnknownArticleError as error:
        said = f"No article here has the id {error.article_id}."
        return _render(form, here, None, None, 404, sentence=said)
    except CursorExpiredError:
        return _render(form, here, None, None, 410, sentence=INDEX_CHANGED)


def _render(
    form: QueryParams,
    here: Address,
    engine: SearchEngine | None,
    results: Results | None,
    status: int = 200,
    **values: object,
) -> HTMLResponse:
    # feeds name articles and one kind of text
    is_followed = results is not None and not form.get("unlike_text")
    return render(
        "similar.html",
        status,
        tray=read_tray(form, here, engine),
        feeds=feeds(example_items(form)) if is_followed else None,
        exported=[("shown", hit.article.article_id) for hit in results.hits] if results else [],
        **shown_values(form, here, results),
        **values,
    )
