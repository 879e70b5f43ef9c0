"""The search page: the form, and the articles that answer it; the newest where nothing is asked."""

from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse, RedirectResponse

from index.errors import CursorExpiredError, QueryError
from service.api import HolderDep
from service.cursor import walked_snapshot
from service.page.addresses import Address
from service.page.chips import chips
from service.page.elsewhere import export_address, feeds, search_items
from service.page.form import form_dates, form_to_query, sentence
from service.page.histogram import histogram
from service.page.lifting import lifts
from service.page.rendering import render
from service.page.tray import read_tray
from service.page.values import choices
from service.results import Results
from service.search import SearchEngine

PATH = "/"
INDEX_CHANGED = "The index has changed since the first page was shown."

search_pages = APIRouter(include_in_schema=False)


@search_pages.api_route(PATH, methods=["GET", "HEAD"])
def search_page(request: Request, holder: HolderDep) -> HTMLResponse:
    """Show the form, and the articles that answer it; the newest ones where nothing is asked."""
    form = request.query_params
    here = Address.of(PATH, form)
    try:
        query = form_to_query(form)
        with holder.borrow(walked_snapshot(query)) as engine:
            results = engine.search(query)
            lifted = lifts(engine, query, here) if not results.hits else []
            return _render(form, here, engine, results, query=query, lifts=lifted, sentence=None)
    except QueryError as error:
        return _render(form, here, None, None, 400, sentence=sentence(error))
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
    tray = read_tray(form, here, engine)
    shown = shown_values(form, here, results) | {"tray": tray, "feeds": feeds(search_items(form))}
    exported = search_items(form)
    return render("search.html", status, exported=exported, **shown, **values)


def shown_values(form: QueryParams, here: Address, results: Results | None) -> dict[str, object]:
    """Give what the templates of all answers show: the form, its filters and the results."""
    return {
        "form": form,
        "here": here,
        "results": results,
        "dates": form_dates(form),
        "chips": chips(form, here),
        "choices": choices(form, results),
        "histogram": histogram(results.facets["years"], here) if results else None,
    }


@search_pages.get("/export")
def export(request: Request) -> RedirectResponse:
    """Lead to the export of the articles that are ticked, else of the whole match set."""
    return RedirectResponse(str(export_address(request.query_params)), 303)
