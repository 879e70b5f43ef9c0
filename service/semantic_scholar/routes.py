"""The routes in place of Semantic Scholar: each translates, asks the engine, shapes its answer."""

from typing import Annotated

import fastapi
from fastapi import APIRouter, Body, Depends, Request

from index.errors import QueryError
from service.api import DeadlineDep, EngineDep, HolderDep, need_json, refuse_repeats
from service.part import Part
from service.responses import JsonResponse
from service.results import Results
from service.semantic_scholar.bulk_query import read_token, token_after
from service.semantic_scholar.errors import NoTitleMatchError
from service.semantic_scholar.fields import Fields, author_fields, paper_fields, snippet_fields
from service.semantic_scholar.paper import Wire, authors_and_year, to_authors, to_paper
from service.semantic_scholar.paper_ids import find_papers, known_papers, paper_id
from service.semantic_scholar.parameters import (
    MOST_RANKED,
    BatchBody,
    BulkParameters,
    CompletionParameters,
    ExamplesBody,
    FieldParameters,
    ForPaperParameters,
    ListParameters,
    MatchParameters,
    RecommendationParameters,
    SearchParameters,
    SnippetParameters,
    needed,
    to_similar,
)
from service.semantic_scholar.snippets import to_snippet
from service.semantic_scholar.title_match import LOOKED_AT, closest_title

MOST_COMPLETIONS = 10

graph_routes = APIRouter(dependencies=[Depends(refuse_repeats)])
recommendation_routes = APIRouter(dependencies=[Depends(refuse_repeats)])
dataset_routes = APIRouter()

_Query = fastapi.Query()
_NO_CITATIONS = "what cites what is not known here"
_NO_AUTHORS = "authors are names here, without ids; a paper's are at /graph/v1/paper/ID/authors"
_NO_DATASETS = "there are no dumps to download here; /v1/export gives articles as files"


@graph_routes.get("/paper/search")
def search(
    parameters: Annotated[SearchParameters, _Query], engine: EngineDep, deadline: DeadlineDep
) -> JsonResponse:
    """Give a page of the papers that match a query, best first."""
    fields, part = paper_fields(parameters.fields), parameters.to_part()
    results = engine.part(parameters.to_query(), part, deadline)
    page: Wire = {"total": results.total, "offset": part.start}
    following = part.start + part.most
    # nothing follows where a page of this length would reach beyond what can be asked for
    if following < results.total and following + part.most <= MOST_RANKED:
        page["next"] = following
    return JsonResponse(page | {"data": _papers(results, fields)})


def _papers(results: Results, fields: Fields) -> list[Wire]:
    return [to_paper(hit.article, fields, hit.scores.match) for hit in results.hits]


@graph_routes.get("/paper/search/bulk")
def bulk_search(
    parameters: Annotated[BulkParameters, _Query], holder: HolderDep, deadline: DeadlineDep
) -> JsonResponse:
    """Give a thousand of all papers that match a query, and the token for the next."""
    fields, query = paper_fields(parameters.fields), parameters.to_query()
    snapshot, start = read_token(parameters.token, query, parameters.to_part(0).order)
    part = parameters.to_part(start)
    with holder.borrow(snapshot) as engine:
        results = engine.part(query, part, deadline)
    token = token_after(results, query, part)
    return JsonResponse({"total": results.total, "token": token, "data": _papers(results, fields)})


@graph_routes.get("/paper/search/match")
def match_title(
    parameters: Annotated[MatchParameters, _Query], engine: EngineDep, deadline: DeadlineDep
) -> JsonResponse:
    """Give the one paper whose title is nearest to the query."""
    fields, query = paper_fields(parameters.fields), parameters.to_query()
    results = engine.part(query, Part(0, LOOKED_AT), deadline)
    found = closest_title(results.respelled or query.text or "", results.hits)
    if found is None:
        raise NoTitleMatchError
    hit, score = found
    paper = to_paper(hit.article, fields, hit.scores.match)
    return JsonResponse({"data": [paper | {"matchScore": score}]})


@graph_routes.get("/paper/autocomplete")
def complete(
    parameters: Annotated[CompletionParameters, _Query], engine: EngineDep
) -> JsonResponse:
    """Give papers whose title has the words typed in a row, the last one begun."""
    found = engine.completions(needed(parameters.query), MOST_COMPLETIONS)
    matches = [
        {
            "id": paper_id(one.article.article_id),
            "title": one.article.title,
            "authorsYear": authors_and_year(one.article),
        }
        for one in found
    ]
    return JsonResponse({"matches": matches})


@graph_routes.post("/paper/batch", dependencies=[Depends(need_json)])
def batch(
    parameters: Annotated[FieldParameters, _Query],
    body: Annotated[BatchBody, Body()],
    engine: EngineDep,
) -> JsonResponse:
    """Give papers in the order of their ids, null where an id is unknown."""
    fields = paper_fields(parameters.fields)
    found = find_papers(engine, body.checked())
    return JsonResponse([one and to_paper(one.article, fields) for one in found])


@graph_routes.get("/snippet/search")
def snippets(
    parameters: Annotated[SnippetParameters, _Query], engine: EngineDep, deadline: DeadlineDep
) -> JsonResponse:
    """Give of each paper that matches a query the part of its abstract that does."""
    names = snippet_fields(parameters.fields)
    results = engine.part(parameters.to_query(), Part(0, parameters.limit), deadline)
    data = [to_snippet(hit, names) for hit in results.hits]
    return JsonResponse({"data": data, "retrievalVersion": results.snapshot})


@graph_routes.get("/paper/{given:path}/authors")
def authors(
    request: Request,
    given: str,
    parameters: Annotated[ListParameters, _Query],
    engine: EngineDep,
) -> JsonResponse:
    """Give the authors of a paper: their names."""
    if not _is_plain(request, "/authors"):
        return paper(f"{given}/authors", FieldParameters(fields=parameters.fields), engine)
    names = author_fields(parameters.fields)
    (found,) = known_papers(engine, [given], is_decoded=True)
    end = parameters.offset + parameters.limit
    page: Wire = {"offset": parameters.offset}
    if end < len(found.article.authors):
        page["next"] = end
    listed = to_authors(found.article, names)[parameters.offset : end]
    return JsonResponse(page | {"data": listed})


@graph_routes.get("/paper/{given:path}/citations")
@graph_routes.get("/paper/{given:path}/references")
def linked(request: Request, given: str, engine: EngineDep) -> JsonResponse:
    """Refuse what is not known of a paper; an id may end like its address."""
    last = request.url.path.rpartition("/")[2]
    if not _is_plain(request, f"/{last}"):
        asked = FieldParameters(fields=request.query_params.get("fields"))
        return paper(f"{given}/{last}", asked, engine)
    raise QueryError(last, _NO_CITATIONS)


def _is_plain(request: Request, end: str) -> bool:
    """Tell whether a path ends like this in itself, and not in an id that was escaped."""
    raw: bytes = request.scope.get("raw_path", end.encode())
    return raw.endswith(end.encode())


@graph_routes.get("/paper/{given:path}")
def paper(
    given: str, parameters: Annotated[FieldParameters, _Query], engine: EngineDep
) -> JsonResponse:
    """Give one paper, by its own id or one with a prefix, as `DOI:` or `ARXIV:`."""
    fields = paper_fields(parameters.fields)
    (found,) = known_papers(engine, [given], is_decoded=True)
    return JsonResponse(to_paper(found.article, fields))


@graph_routes.api_route("/author/{path:path}", methods=["GET", "POST"])
def authors_alone() -> JsonResponse:
    """Refuse what is asked of persons."""
    raise QueryError("author", _NO_AUTHORS)


@dataset_routes.api_route("/{path:path}", methods=["GET", "POST"])
def datasets() -> JsonResponse:
    """Refuse what is asked of dumps."""
    raise QueryError("datasets", _NO_DATASETS)


@recommendation_routes.get("/papers/forpaper/{given:path}")
def recommend_for_paper(
    given: str,
    parameters: Annotated[ForPaperParameters, _Query],
    engine: EngineDep,
    deadline: DeadlineDep,
) -> JsonResponse:
    """Give the papers that are most like one."""
    fields = paper_fields(parameters.fields)
    query = to_similar(known_papers(engine, [given], is_decoded=True), [])
    return _recommended(engine.part(query, parameters.to_part(), deadline), fields)


# clients ask with the slash
@recommendation_routes.post("/papers/", dependencies=[Depends(need_json)])
@recommendation_routes.post("/papers", dependencies=[Depends(need_json)])
def recommend(
    parameters: Annotated[RecommendationParameters, _Query],
    body: Annotated[ExamplesBody, Body()],
    engine: EngineDep,
    deadline: DeadlineDep,
) -> JsonResponse:
    """Give the papers that are like some and unlike others; none of them is among the answer."""
    fields = paper_fields(parameters.fields)
    positive, negative = (known_papers(engine, ids) for ids in body.ids())
    return _recommended(
        engine.part(to_similar(positive, negative), parameters.to_part(), deadline), fields
    )


def _recommended(results: Results, fields: Fields) -> JsonResponse:
    return JsonResponse({"recommendedPapers": _papers(results, fields)})
