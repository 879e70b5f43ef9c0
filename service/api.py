"""The HTTP routes of version 1: each translates, calls the engine once, and shapes its answer."""

from collections.abc import AsyncIterator
from typing import Annotated

import fastapi
from fastapi import APIRouter, Body, Depends, Request
from starlette.responses import Response

from index.errors import QueryError
from service.context.wire import ContextAnswer, ContextBody, context_to_wire
from service.cursor import walked_snapshot
from service.deadline import Deadline
from service.health_schemas import CorpusHealthAnswer, health_to_wire
from service.holder import EngineHolder
from service.metrics import CONTENT_TYPE, Metrics
from service.parameters import (
    BatchBody,
    SearchBody,
    SearchParameters,
    SimilarBody,
    SimilarParameters,
)
from service.query import Query
from service.related.wire import RelatedAnswer, RelatedBody, related_to_wire
from service.responses import JsonResponse
from service.schemas import (
    ArticleWire,
    BatchAnswer,
    ErrorAnswer,
    HealthAnswer,
    ReadyAnswer,
    SearchAnswer,
    found_to_wire,
    results_to_wire,
)
from service.search import SearchEngine
from service.similar_schemas import SimilarAnswer, similar_to_wire
from service.verification.wire import VerifyAnswer, VerifyBody, verification_to_wire

_REPEATABLE = frozenset({"author", "journal", "type", "language", "facet", "facet_query"}) | {
    *("id", "like", "unlike", "text", "unlike_text")
}
_NO_KEY: dict[str, object] = {"security": []}
_ERRORS = {
    400: "A value, a name or the syntax is wrong.",
    401: "The API key is missing or wrong.",
    404: "No article has this id.",
    408: "The body did not come in time.",
    410: "The snapshot that the cursor walks is no longer kept; ask again without it.",
    413: "The body is too large.",
    415: "The body is not said to be JSON.",
    421: "The service does not answer to the name in Host.",
    500: "The service failed.",
    503: "No index is open, or too much is asked at once; ask again after Retry-After seconds.",
    504: "The answer took longer than the time for it.",
}


def error_models(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Describe, for OpenAPI, the errors that a route can answer with."""
    # what can be too large can be too slow, too
    of_body = (408,) if 413 in statuses else ()
    return {
        status: {"model": ErrorAnswer, "description": _ERRORS[status]}
        for status in sorted((*statuses, *of_body, 400, 401, 421, 500, 503))
    }


async def give_holder(request: Request) -> EngineHolder:
    """Give a route what lends the engine, also on the older snapshot that a cursor walks."""
    holder: EngineHolder = request.app.state.holder
    return holder


async def lend_engine(request: Request) -> AsyncIterator[SearchEngine]:
    """Give a route the engine, one and the same until it has answered."""
    with (await give_holder(request)).borrow() as engine:
        yield engine


async def give_deadline(request: Request) -> Deadline:
    """Give a route the deadline of its request, for what it asks of the engine."""
    deadline: Deadline = request.state.deadline
    return deadline


async def refuse_repeats(request: Request) -> None:
    """Refuse a parameter given twice where only one value counts."""
    for name in request.query_params:
        if name not in _REPEATABLE and len(request.query_params.getlist(name)) > 1:
            raise QueryError(name, "is given more than once")


async def refuse_parameters(request: Request) -> None:
    """Refuse any parameter of a route that has none."""
    for name in request.query_params:
        raise QueryError(name, "this route takes no parameters")


async def need_json(request: Request) -> None:
    """Refuse a body that is not said to be JSON, rather than guess what it is."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        raise fastapi.HTTPException(415, "send the body as application/json")


EngineDep = Annotated[SearchEngine, Depends(lend_engine)]
HolderDep = Annotated[EngineHolder, Depends(give_holder)]
DeadlineDep = Annotated[Deadline, Depends(give_deadline)]
router = APIRouter(prefix="/v1")
probes = APIRouter()


@router.get(
    "/search",
    dependencies=[Depends(refuse_repeats)],
    responses={200: {"model": SearchAnswer}, **error_models(410, 504)},
    summary="Search by parameters",
)
def search_by_parameters(
    parameters: Annotated[SearchParameters, fastapi.Query()],
    holder: HolderDep,
    deadline: DeadlineDep,
) -> JsonResponse:
    """Rank the articles that match a question in plain words and pass the filters.

    Without a question: the articles that pass the filters, newest first.
    """
    return _answer(parameters.to_query(), holder, deadline.within(parameters.timeout_ms))


def _answer(query: Query, holder: EngineHolder, deadline: Deadline) -> JsonResponse:
    # borrowed here, in a thread: an older snapshot has to be opened first
    with holder.borrow(walked_snapshot(query)) as engine:
        results = engine.search(query, deadline)
    return JsonResponse({"query": query.text, **results_to_wire(results, [])})


@router.post(
    "/search",
    dependencies=[Depends(refuse_parameters), Depends(need_json)],
    responses={200: {"model": SearchAnswer}, **error_models(410, 413, 415, 504)},
    summary="Search by a JSON body",
)
def search_by_body(
    body: Annotated[SearchBody, Body()], holder: HolderDep, deadline: DeadlineDep
) -> JsonResponse:
    """Do what GET does, with room for long questions and many names."""
    return _answer(body.to_query(), holder, deadline.within(body.timeout_ms))


@router.post(
    "/similar",
    dependencies=[Depends(refuse_parameters), Depends(need_json)],
    responses={200: {"model": SimilarAnswer}, **error_models(404, 410, 413, 415, 504)},
    summary="Articles like these, not like those",
)
def similar_to_examples(
    body: Annotated[SimilarBody, Body()], holder: HolderDep, deadline: DeadlineDep
) -> JsonResponse:
    """Rank the articles that are like positive examples and unlike negative ones.

    The examples and all versions of them are left out. Each hit tells which example pulled it in,
    by which sentences, and which negative one pushed it down.
    """
    query, deadline = body.to_query(), deadline.within(body.timeout_ms)
    with holder.borrow(walked_snapshot(query)) as engine:
        return JsonResponse(similar_to_wire(engine.similar(query, deadline)))


@router.post(
    "/related-work",
    dependencies=[Depends(refuse_parameters), Depends(need_json)],
    responses={200: {"model": RelatedAnswer}, **error_models(413, 415, 504)},
    summary="Related work for a draft",
)
def related_work(
    body: Annotated[RelatedBody, Body()], engine: EngineDep, deadline: DeadlineDep
) -> JsonResponse:
    """Give what each sentence of a draft could cite, and its bibliography checked.

    What the draft cites is not offered again. Sentences that need no citation get no candidates.
    """
    results = engine.related(body.to_query(), deadline.within(body.timeout_ms))
    return JsonResponse(related_to_wire(results, body.include))


@router.post(
    "/context",
    dependencies=[Depends(refuse_parameters), Depends(need_json)],
    responses={200: {"model": ContextAnswer}, **error_models(413, 415, 504)},
    summary="Excerpts for a language model",
)
def context(
    body: Annotated[ContextBody, Body()], engine: EngineDep, deadline: DeadlineDep
) -> JsonResponse:
    """Give the excerpts that a question can be answered from, as long as a prompt has room for.

    One of each work, the best first, cut at sentence borders; nothing where nothing matches.
    """
    found = engine.context(body.to_query(), deadline.within(body.timeout_ms))
    return JsonResponse(context_to_wire(found))


@router.post(
    "/verify",
    dependencies=[Depends(refuse_parameters), Depends(need_json)],
    responses={200: {"model": VerifyAnswer}, **error_models(413, 415, 504)},
    summary="Check the citations of an answer",
)
def verify(
    body: Annotated[VerifyBody, Body()], engine: EngineDep, deadline: DeadlineDep
) -> JsonResponse:
    """Check what a model's answer cites, quotes and claims against the articles of the index.

    Every citation is verified, or told to differ, to be retracted, to be of no article here, or
    not to be decidable; every quotation is looked for, and every claim gets its best support.
    """
    found = engine.verify(body.to_query(), deadline.within(body.timeout_ms))
    return JsonResponse(verification_to_wire(found))


@router.get(
    "/articles/{article_id:path}/similar",
    dependencies=[Depends(refuse_repeats)],
    responses={200: {"model": SimilarAnswer}, **error_models(404, 410, 504)},
    summary="Articles similar to one",
)
def similar(
    request: Request,
    article_id: str,
    parameters: Annotated[SimilarParameters, fastapi.Query()],
    holder: HolderDep,
    deadline: DeadlineDep,
) -> JsonResponse:
    """Do what POST /v1/similar does with this article as the one example.

    An id that itself ends in `/similar` is written with `%2Fsimilar`.
    """
    if not request.scope.get("raw_path", b"/similar").endswith(b"/similar"):
        with holder.borrow() as engine:
            return article(f"{article_id}/similar", engine)
    query, deadline = parameters.to_query(article_id), deadline.within(parameters.timeout_ms)
    with holder.borrow(walked_snapshot(query)) as engine:
        known = engine.article(article_id).article.article_id
        results = engine.similar(query, deadline)
        return JsonResponse({"article_id": known, **similar_to_wire(results)})


@router.get(
    "/articles/{article_id:path}",
    dependencies=[Depends(refuse_parameters)],
    responses={200: {"model": ArticleWire}, **error_models(404)},
    summary="One article",
)
def article(article_id: str, engine: EngineDep) -> JsonResponse:
    """Give one article by any form of its id: `doi:…`, a bare DOI, a DOI URL, `arxiv:…`."""
    return JsonResponse(found_to_wire(engine.article(article_id)))


@router.post(
    "/articles:batch",
    dependencies=[Depends(refuse_parameters), Depends(need_json)],
    responses={200: {"model": BatchAnswer}, **error_models(413, 415)},
    summary="Many articles",
)
def batch(body: Annotated[BatchBody, Body()], engine: EngineDep) -> JsonResponse:
    """Give articles in the order of their ids, null where an id is unknown."""
    return JsonResponse({"articles": [found_to_wire(found) for found in engine.articles(body.ids)]})


@router.get(
    "/health/corpus",
    dependencies=[Depends(refuse_parameters)],
    responses={200: {"model": CorpusHealthAnswer}, **error_models()},
    summary="What the articles lack",
)
def corpus_health(engine: EngineDep) -> JsonResponse:
    """Count articles without an abstract, cut, retracted or foreign to the model, and refusals."""
    return JsonResponse(health_to_wire(engine.health(), engine.snapshot_name))


@probes.head("/healthz", include_in_schema=False)
@probes.get(
    "/healthz",
    responses={200: {"model": HealthAnswer}},
    openapi_extra=_NO_KEY,
    summary="The process lives",
)
async def health() -> JsonResponse:
    """Say that the process lives; it needs no key and no index."""
    return JsonResponse({"status": "ok"})


@probes.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """Give what the service counts of itself, for Prometheus."""
    counted: Metrics = request.app.state.metrics
    return Response(counted.to_text(), headers={"content-type": CONTENT_TYPE})


@probes.head("/readyz", include_in_schema=False)
@probes.get(
    "/readyz",
    responses={
        200: {"model": ReadyAnswer},
        503: {"model": ErrorAnswer, "description": _ERRORS[503]},
    },
    openapi_extra=_NO_KEY,
    summary="A snapshot is open",
)
async def ready(engine: EngineDep, holder: HolderDep) -> JsonResponse:
    """Say which snapshot is open and how many articles it holds; it needs no key.

    `degraded` says what is wrong where the current snapshot is damaged and an older one is
    served, or damage was found in what is served.
    """
    return JsonResponse(
        {
            "status": "ready",
            "snapshot": engine.snapshot_name,
            "n_articles": engine.n_articles,
            "degraded": holder.trouble,
        }
    )
