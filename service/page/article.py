"""The page of one article: its record, its versions, how to cite it, and what is like it."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from index.errors import QueryError, UnknownArticleError
from service.api import DeadlineDep, EngineDep
from service.deadline import Deadline
from service.examples import Example, SimilarQuery
from service.page.addresses import Address
from service.page.rendering import render
from service.refusals import fault_page
from service.search import SearchEngine

_N_SIMILAR = 10

article_pages = APIRouter(include_in_schema=False)


@article_pages.api_route("/articles/{article_id:path}", methods=["GET", "HEAD"])
def article_page(article_id: str, engine: EngineDep, deadline: DeadlineDep) -> HTMLResponse:
    """Show one article, and those nearest to it."""
    try:
        return _article_page(article_id, engine, deadline)
    except (UnknownArticleError, QueryError):
        return fault_page(404, f"No article here has the id {article_id}")


def _article_page(article_id: str, engine: SearchEngine, deadline: Deadline) -> HTMLResponse:
    found = engine.article(article_id)
    known = found.article.article_id
    # the nearest, however unlikely it is that they match: who reads an article looks for more
    wanted = (Example("article_id", known),)
    asked = SimilarQuery(positive=wanted, limit=_N_SIMILAR, min_match=0)
    results = engine.similar(asked, deadline)
    return render(
        "article.html",
        article=found.article,
        truncated=found.truncated,
        versions=found.versions,
        results=results,
        # an example more or less is one of the answer to this article
        here=Address("/similar", (("like", known),)),
    )
