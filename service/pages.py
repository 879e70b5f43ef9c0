"""The web page: a search form and its answer, and a page for each article, rendered here.

It needs no script and loads nothing from elsewhere. What it shows comes from the same engine
as the API's answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse

from index.article import TYPES
from index.errors import CursorExpiredError, QueryError, UnknownArticleError
from service.api import EngineDep, HolderDep
from service.cursor import walked_snapshot
from service.examples import Example, SimilarQuery
from service.parameters import resolve_since
from service.query import DEFAULT_LIMIT, Filters, Query, Sort, is_time_back
from service.search import SearchEngine
from service.wording import (
    heading,
    marked,
    per_cent,
    short_authors,
    total_words,
    version_words,
)

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"

_N_SIMILAR = 10
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_ANY_TIME, _CUSTOM = "any", "custom"
_DURATIONS = {
    _ANY_TIME: "Any time",
    "-P1M": "Last month",
    "-P3M": "Last 3 months",
    "-P1Y": "Last year",
    "-P5Y": "Last 5 years",
    _CUSTOM: "Custom",
}
FORM_NAMES = {
    "text": "The question",
    "authors": "Author",
    "journals": "Journal",
    "types": "Type",
    "duration": "The duration",
    "published_from": "From",
    "published_to": "To",
    "limit": "The number of articles",
    "cursor": "The page",
    "min_match": "The least match",
    "sort": "The order",
    "diversity": "The spread",
    "positive": "Like",
    "negative": "Not like",
}

pages = APIRouter(include_in_schema=False)


@pages.api_route("/", methods=["GET", "HEAD"])
def search_page(request: Request, holder: HolderDep) -> HTMLResponse:
    """Show the form, and the articles that answer it; the newest ones where nothing is asked."""
    form = request.query_params
    try:
        query = form_to_query(form)
        with holder.borrow(walked_snapshot(query)) as engine:
            results = engine.search(query)
    except QueryError as error:
        sentence = f"{FORM_NAMES.get(error.field or '', error.field)}: {error.reason}."
        return _render_search(form, 400, results=None, sentence=sentence)
    except CursorExpiredError:
        sentence = "The index has changed since the first page was shown."
        return _render_search(form, 410, results=None, sentence=sentence)
    return _render_search(form, query=query, results=results, sentence=None)


def _render_search(form: QueryParams, status: int = 200, **values: object) -> HTMLResponse:
    def link(**changes: str) -> str:
        return form_link(form, changes)

    return render("search.html", status, form=form, dates=form_dates(form), link=link, **values)


@pages.api_route("/articles/{article_id:path}", methods=["GET", "HEAD"])
def article_page(article_id: str, engine: EngineDep) -> HTMLResponse:
    """Show one article, and those nearest to it."""
    try:
        return _article_page(article_id, engine)
    except (UnknownArticleError, QueryError):
        return render("missing.html", 404, article_id=_printable(article_id))


def _article_page(article_id: str, engine: SearchEngine) -> HTMLResponse:
    found = engine.article(article_id)
    # the nearest, however unlikely it is that they match: who reads an article looks for more
    wanted = (Example("article_id", found.article.article_id),)
    results = engine.similar(SimilarQuery(positive=wanted, limit=_N_SIMILAR, min_match=0))
    return render(
        "article.html",
        article=found.article,
        truncated=found.truncated,
        versions=found.versions,
        results=results,
    )


def form_to_query(form: QueryParams) -> Query:
    """Give the query a form asks for; a field left blank asks for nothing."""
    return Query(
        text=form.get("q"),
        filters=form_to_filters(form),
        sort=form_to_sort(form),
        limit=form_to_limit(form),
        cursor=form.get("cursor") or None,
        min_match=form_to_min_match(form),
    )


def form_to_sort(form: QueryParams) -> Sort:
    """Give the order a form asks for."""
    sort = form.get("sort") or "relevance"
    if sort not in get_args(Sort):
        raise QueryError("sort", f"{sort!r} is none of {', '.join(get_args(Sort))}")
    return "recency" if sort == "recency" else "relevance"


def form_to_limit(form: QueryParams) -> int:
    """Give how many articles a form asks for."""
    limit = form.get("limit") or str(DEFAULT_LIMIT)
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 10):
        raise QueryError("limit", f"{limit!r} is no whole number")
    return int(limit)


def form_to_min_match(form: QueryParams) -> float | None:
    """Give the least probability a form asks for; None where it leaves that to the index."""
    text = form.get("min_match")
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise QueryError("min_match", f"{text!r} is no number") from error


def form_to_filters(form: QueryParams) -> Filters:
    """Give the filters a form asks for."""
    dates = form_dates(form)
    if dates.duration not in _DURATIONS:
        known = ", ".join(_DURATIONS)
        raise QueryError("duration", f"{dates.duration!r} is none of {known}")
    since, asked_on = resolve_since(dates.since, form.get("cursor"))
    return Filters(
        authors=_given(form, "author"),
        journals=_given(form, "journal"),
        types=_given(form, "type"),
        published_from=since,
        published_to=dates.to,
        asked_on=asked_on,
    )


@dataclass(frozen=True, slots=True)
class FormDates:
    """The choice of a duration, and the dates it comes to, as a request spells them."""

    duration: str
    since: str | None
    to: str | None


def form_dates(form: QueryParams) -> FormDates:
    """Give the dates a form asks for: of its choice, and where that is custom, the typed ones.

    An address without a choice, like one of the API, is read as the choice it comes to.
    """
    since, to = ((form.get(name) or "").strip() or None for name in ("from", "to"))
    duration = form.get("duration")
    if not duration:
        if since and is_time_back(since) and since in _DURATIONS and to is None:
            duration = since
        else:
            duration = _CUSTOM if since or to else _ANY_TIME
    if duration == _CUSTOM:
        return FormDates(duration, since, to)
    return FormDates(duration, None if duration == _ANY_TIME else duration, None)


def _given(form: QueryParams, name: str) -> tuple[str, ...]:
    return tuple(value.strip() for value in form.getlist(name) if value.strip())


def form_link(form: QueryParams, changes: Mapping[str, str], path: str = "/") -> str:
    """Give the address of what a form asks, changed, from its first page on."""
    left_out = {"cursor", *changes}
    kept = [(name, value) for name, value in form.multi_items() if value and name not in left_out]
    return f"{path}?" + urlencode([*kept, *changes.items()])


def long_date(published: str) -> str:
    """Give a partial ISO date in words: "23 December 2025", "December 2025" or "2025"."""
    year, *rest = published.split("-")
    words = [str(int(part)) for part in rest[1:]]
    words += [_MONTHS[int(part) - 1] for part in rest[:1]]
    return " ".join([*words, year])


def article_path(article_id: str) -> str:
    """Give the address of an article's page on this service."""
    # a browser would swallow empty and dotted segments, so slashes around them are escaped
    parts = article_id.split("/")
    safe = ":" if {"", ".", ".."} & set(parts) else ":/"
    return "/articles/" + quote(article_id, safe=safe)


def doi_url(doi: str) -> str:
    """Give the address that resolves a DOI."""
    return "https://doi.org/" + quote(doi, safe="/:;()")


def web_url(url: str | None) -> str | None:
    """Give an address only if it is one of the web: a source may hold `javascript:` or worse."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "heading": heading,
        "short_authors": short_authors,
        "long_date": long_date,
        "article_path": article_path,
        "doi_url": doi_url,
        "web_url": web_url,
        "marked": marked,
        "per_cent": per_cent,
        "total_words": total_words,
        "version_words": version_words,
        "type_name": lambda name: name.replace("-", " ").capitalize(),
    }
    environment.globals |= {"types": TYPES, "durations": _DURATIONS}
    return environment


def render(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Fill a template with values."""
    text = _environment().get_template(template).render(values)
    return HTMLResponse(text, status_code=status)
