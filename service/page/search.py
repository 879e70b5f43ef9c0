"""The search page: the form, and the articles that answer it; the newest where nothing is asked."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from index.errors import CursorExpiredError, QueryError
from service.api import DeadlineDep, HolderDep
from service.cursor import walked_snapshot
from service.page.addresses import Address
from service.page.elsewhere import feeds, search_items
from service.page.form import form_to_query, sentence
from service.page.lifting import Lift, lifts
from service.page.rendering import render
from service.page.state import Answered, State
from service.spelling import Suggestion

PATH = "/"
INDEX_CHANGED = "The index has changed since the first page was shown."

search_pages = APIRouter(include_in_schema=False)


@search_pages.api_route(PATH, methods=["GET", "HEAD"])
def search_page(request: Request, holder: HolderDep, deadline: DeadlineDep) -> HTMLResponse:
    """Show the form, and the articles that answer it; the newest ones where nothing is asked."""
    form = request.query_params
    here = Address.of(PATH, form)
    try:
        query = form_to_query(form)
        with holder.borrow(walked_snapshot(query)) as engine:
            results = engine.search(query, deadline)
            answered = Answered(engine, query, results, deadline)
            lifted = [] if results.hits else lifts(query.filters, here, answered.total_under)
            meant = engine.suggestions(query, results, deadline)
            return _render(State(here, form, answered), lifts=lifted, meant=meant)
    except QueryError as error:
        return _render(State(here, form), 400, sentence=sentence(error))
    except CursorExpiredError:
        return _render(State(here, form), 410, sentence=INDEX_CHANGED)


def _render(
    state: State,
    status: int = 200,
    *,
    lifts: Sequence[Lift] = (),
    meant: Sequence[Suggestion] = (),
    sentence: str | None = None,
) -> HTMLResponse:
    asked = search_items(state.form)
    return render(
        "search.html",
        status,
        exported=asked,
        feeds=feeds(asked),
        lifts=lifts,
        meant=meant,
        sentence=sentence,
        **state.shown(),
    )
