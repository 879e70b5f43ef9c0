"""The routes of the feeds: an answer that did not change is not written again."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated
from urllib.parse import urlencode

import fastapi
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from index.article import Article
from service.api import EngineDep, error_models, refuse_repeats
from service.cursor import hash_query
from service.deadline import Deadline
from service.examples import SimilarQuery
from service.feeds import atom, json_feed
from service.feeds.feed import UNDATED, Feed, to_entry
from service.feeds.parameters import FeedParameters
from service.query import Query
from service.search import SearchEngine

feed_routes = APIRouter()

_VERSION = 1
"""To be raised whenever feeds are written otherwise: else readers keep what they have."""
_LONGEST_TITLE = 120


def _described(media_type: str, kind: str) -> dict[int | str, dict[str, object]]:
    content = {media_type: {"schema": {"type": kind}}}
    return {
        200: {"content": content, "description": "The feed."},
        304: {"description": "The reader has it: nothing changed."},
        **error_models(404, 504),
    }


@feed_routes.head("/feed.atom", include_in_schema=False)
@feed_routes.get(
    "/feed.atom",
    dependencies=[Depends(refuse_repeats)],
    response_class=Response,
    responses=_described(atom.MEDIA_TYPE, "string"),
    summary="What answers, as an Atom feed",
)
def atom_feed(
    request: Request, parameters: Annotated[FeedParameters, fastapi.Query()], engine: EngineDep
) -> Response:
    """Give the articles that answer a search or examples, those first that were indexed last.

    However late an article comes, it is then the first.
    """
    return _answer(request, parameters, engine, atom.to_atom, atom.MEDIA_TYPE)


@feed_routes.head("/feed.json", include_in_schema=False)
@feed_routes.get(
    "/feed.json",
    dependencies=[Depends(refuse_repeats)],
    response_class=Response,
    responses=_described(json_feed.MEDIA_TYPE, "object"),
    summary="What answers, as a JSON feed",
)
def json_feed_of_answers(
    request: Request, parameters: Annotated[FeedParameters, fastapi.Query()], engine: EngineDep
) -> Response:
    """Give what GET /feed.atom gives, as JSON Feed 1.1."""
    return _answer(request, parameters, engine, json_feed.to_json_feed, json_feed.MEDIA_TYPE)


def _answer(
    request: Request,
    parameters: FeedParameters,
    engine: SearchEngine,
    write: Callable[[Feed], bytes],
    media_type: str,
) -> Response:
    deadline: Deadline = request.state.deadline
    with parameters.spelling():
        asked = parameters.to_wanted()
        headers = {"etag": _etag(request, asked, parameters.limit, engine)}
        if _is_known(headers["etag"], request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        found = engine.latest(asked, parameters.limit, deadline.within(parameters.timeout_ms))
    feed = _feed(request, parameters, [one.article for one in found])
    return Response(write(feed), headers=headers | {"content-type": f"{media_type}; charset=utf-8"})


def _etag(request: Request, asked: Query | SimilarQuery, limit: int, engine: SearchEngine) -> str:
    """Give what changes with the snapshot, what is asked, and what is written of it."""
    parts = (_VERSION, engine.snapshot_name, hash_query(asked), limit, str(request.url))
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _is_known(etag: str, known: str) -> bool:
    names = {name.strip().removeprefix("W/") for name in known.split(",")}
    return etag in names or "*" in names


def _feed(request: Request, parameters: FeedParameters, articles: Sequence[Article]) -> Feed:
    base_url = str(request.base_url)
    entries = tuple(to_entry(article, base_url) for article in articles)
    given = [item for item in request.query_params.multi_items() if item[1].strip()]
    shown = [item for item in given if item[0] != "limit"]
    page = "similar" if parameters.has_examples else ""
    return Feed(
        title=_title(parameters),
        key=urlencode(sorted(shown)),
        self_url=_address(base_url + request.url.path.lstrip("/"), given),
        home_url=_address(base_url + page, shown),
        # of no article: nothing has come yet
        updated=max((entry.updated for entry in entries), default=UNDATED),
        entries=entries,
    )


def _address(url: str, items: list[tuple[str, str]]) -> str:
    return f"{url}?{urlencode(items)}" if items else url


def _title(parameters: FeedParameters) -> str:
    """Say what a feed is of, in the words of who asked."""
    asked = [parameters.q or "", *parameters.like, *parameters.text]
    named = [*parameters.author, *parameters.journal, *parameters.type, *parameters.language]
    unlike = [f"not like {text}" for text in (*parameters.unlike, *parameters.unlike_text)]
    words = " · ".join(" ".join(one.split()) for one in (*asked, *unlike, *named) if one.strip())
    if len(words) > _LONGEST_TITLE:
        words = words[:_LONGEST_TITLE] + "…"
    return f"Cognate: {words or 'all articles'}"
