"""Resources: what a program reads by its address, whole and as the HTTP API gives it."""

from urllib.parse import unquote

from index.errors import QueryError, UnknownArticleError
from service.holder import EngineHolder
from service.query import Query
from service.results import FoundArticle
from service.schemas import found_to_wire
from service.search import SearchEngine
from service.tools.answer import to_json
from service.tools.shown import ADDRESS

ARTICLE_TEMPLATE = ADDRESS + "{+id}"
"""With `+`, as the id of an article may hold slashes."""
CORPUS = "cognate://corpus"
MEDIA_TYPE = "application/json"


def read_resource(holder: EngineHolder, address: str) -> str:
    """Give a resource as JSON; QueryError where no resource has such an address."""
    with holder.borrow() as engine:
        if address == CORPUS:
            return to_json(_corpus(engine))
        if address.startswith(ADDRESS):
            return to_json(found_to_wire(_found(engine, address.removeprefix(ADDRESS))))
    reason = f"{address[:100]!r} is neither {CORPUS} nor like {ARTICLE_TEMPLATE}"
    raise QueryError("uri", reason)


def _found(engine: SearchEngine, written: str) -> FoundArticle:
    """Find the article of an id as it stands in an address: with %-escapes, or without."""
    try:
        return engine.article(unquote(written))
    except UnknownArticleError:
        # some clients escape nothing, and an id may hold a percent sign itself
        return engine.article(written)


def _corpus(engine: SearchEngine) -> dict[str, object]:
    results = engine.search(Query(limit=1, facets=("types", "journals", "years")))
    years = sorted(int(one.value) for one in results.facets["years"])
    return {
        "snapshot": engine.snapshot_name,
        "n_articles": engine.n_articles,
        "n_works": results.total,
        "years": {"first": years[0], "last": years[-1]} if years else None,
        "types": {one.value: one.count for one in results.facets["types"]},
        "journals": {one.value: one.count for one in results.facets["journals"]},
    }
