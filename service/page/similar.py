"""The page of articles like these and not like those; its examples are in its address."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from index.errors import CursorExpiredError, QueryError, UnknownArticleError
from service.api import DeadlineDep, HolderDep
from service.cursor import walked_snapshot
from service.page.addresses import Address
from service.page.elsewhere import example_items, feeds
from service.page.form import form_to_similar_query, sentence
from service.page.lifting import Lift, lifts
from service.page.rendering import render
from service.page.search import INDEX_CHANGED
from service.page.state import Answered, State

PATH = "/similar"

similar_pages = APIRouter(include_in_schema=False)


@similar_pages.api_route(PATH, methods=["GET", "HEAD"])
def similar_page(request: Request, holder: HolderDep, deadline: DeadlineDep) -> HTMLResponse:
    """Show the form, and the articles that are like the examples in it, if there are any."""
    form = request.query_params
    here = Address.of(PATH, form)
    try:
        query = form_to_similar_query(form)
        if query is None:
            return _render(State(here, form))
        with holder.borrow(walked_snapshot(query)) as engine:
            results = engine.similar(query, deadline)
            answered = Answered(engine, query, results, deadline)
            lifted = [] if results.hits else lifts(query.filters, here, answered.total_under)
            return _render(State(here, form, answered), lifts=lifted)
    except QueryError as error:
        return _render(State(here, form), 400, sentence=sentence(error))
    except UnknownArticleError as error:
        said = f"No article here has the id {error.article_id}."
        return _render(State(here, form), 404, sentence=said)
    except CursorExpiredError:
        return _render(State(here, form), 410, sentence=INDEX_CHANGED)


def _render(
    state: State, status: int = 200, *, lifts: Sequence[Lift] = (), sentence: str | None = None
) -> HTMLResponse:
    asked = example_items(state.form)
    return render(
        "similar.html",
        status,
        exported=asked,
        feeds=feeds(asked) if state.answered else None,
        lifts=lifts,
        sentence=sentence,
        **state.shown(),
    )
