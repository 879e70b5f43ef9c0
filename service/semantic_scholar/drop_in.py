"""Semantic Scholar's APIs as applications of their own, at the paths where its clients look."""

from collections.abc import Mapping

from fastapi import APIRouter, FastAPI

from service.holder import EngineHolder
from service.semantic_scholar.errors import PATHS, answer_errors
from service.semantic_scholar.parameters import NAMES
from service.semantic_scholar.routes import dataset_routes, graph_routes, recommendation_routes
from service.semantic_scholar.whole_query import WholeQuery


def drop_ins(holder: EngineHolder) -> Mapping[str, FastAPI]:
    """Build what is served at each path; `holder` lends the engine, as to all other routes."""
    routers = (graph_routes, recommendation_routes, dataset_routes)
    return {path: _drop_in(holder, routes) for path, routes in zip(PATHS, routers, strict=True)}


def _drop_in(holder: EngineHolder, routes: APIRouter) -> FastAPI:
    # its own description is that of Semantic Scholar; errors have another shape than elsewhere
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.holder = holder
    app.include_router(routes)
    app.add_middleware(WholeQuery, known=NAMES)
    answer_errors(app)
    return app
