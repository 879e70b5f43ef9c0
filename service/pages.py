"""The web page: a search form and its answer, and a page for each article, rendered here.

It needs no script and loads nothing from elsewhere. What it shows comes from the same engine
as the API's answers.
"""

from functools import cache
from pathlib import Path
from typing import get_args
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse

from index.article import TYPES, Article
from index.errors import QueryError, UnknownArticleError
from service.api import EngineDep
from service.query import DEFAULT_LIMIT, Filters, Query, Sort
from service.results import Results
from service.search import SearchEngine

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"

_N_SIMILAR = 10
_HEADING_WORDS = 14
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
_FORM_NAMES = {
    "text": "The question",
    "authors": "Author",
    "journals": "Journal",
    "types": "Type",
    "published_from": "From",
    "published_to": "To",
    "limit": "The number of articles",
    "sort": "The order",
}

pages = APIRouter(include_in_schema=False)


@pages.api_route("/", methods=["GET", "HEAD"])
def search_page(request: Request, engine: EngineDep) -> HTMLResponse:
    """Show the form, and the articles that answer it; the newest ones where nothing is asked."""
    form = request.query_params
    try:
        query = form_to_query(form)
        results = engine.search(query)
    except QueryError as error:
        sentence = f"{_FORM_NAMES.get(error.field or '', error.field)}: {error.reason}."
        return _render("search.html", 400, form=form, results=None, sentence=sentence)
    more = more_link(form, query, results, engine.limits.max_limit)
    return _render("search.html", form=form, query=query, results=results, more=more, sentence=None)


@pages.api_route("/articles/{article_id:path}", methods=["GET", "HEAD"])
def article_page(article_id: str, engine: EngineDep) -> HTMLResponse:
    """Show one article, and those nearest to it."""
    try:
        return _article_page(article_id, engine)
    except (UnknownArticleError, QueryError):
        return _render("missing.html", 404, article_id=_printable(article_id))


def _article_page(article_id: str, engine: SearchEngine) -> HTMLResponse:
    stored = engine.article(article_id)
    results = engine.similar(stored.article.article_id, limit=_N_SIMILAR)
    return _render(
        "article.html", article=stored.article, truncated=stored.truncated, results=results
    )


def form_to_query(form: QueryParams) -> Query:
    """Give the query a form asks for; a field left blank asks for nothing."""
    sort = form.get("sort") or "relevance"
    if sort not in get_args(Sort):
        raise QueryError("sort", f"{sort!r} is none of {', '.join(get_args(Sort))}")
    limit = form.get("limit") or str(DEFAULT_LIMIT)
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 10):
        raise QueryError("limit", f"{limit!r} is no whole number")
    return Query(
        text=form.get("q"),
        filters=Filters(
            authors=_given(form, "author"),
            journals=_given(form, "journal"),
            types=_given(form, "type"),
            published_from=(form.get("from") or "").strip() or None,
            published_to=(form.get("to") or "").strip() or None,
        ),
        sort="recency" if sort == "recency" else "relevance",
        limit=int(limit),
    )


def _given(form: QueryParams, name: str) -> tuple[str, ...]:
    return tuple(value.strip() for value in form.getlist(name) if value.strip())


def more_link(form: QueryParams, query: Query, results: Results, max_limit: int) -> str | None:
    """Give the address of the same answer with as many articles as one answer holds."""
    if len(results.hits) < query.limit or query.limit >= max_limit:
        return None
    kept = [(name, value) for name, value in form.multi_items() if value and name != "limit"]
    return "/?" + urlencode([*kept, ("limit", max_limit)])


def heading(article: Article) -> str:
    """Give the title; where it is unknown the abstract's first words, in brackets."""
    if article.title:
        return article.title
    words = (article.abstract or "").split()
    ellipsis = " …" if len(words) > _HEADING_WORDS else ""
    return f"[{' '.join(words[:_HEADING_WORDS])}{ellipsis}]"


def short_authors(article: Article) -> str:
    """Give the first author and how many more there are: "Cheng Cheng + 4 more"."""
    if not article.authors:
        return ""
    n_more = max(article.n_authors, len(article.authors)) - 1
    return f"{article.authors[0]} + {n_more} more" if n_more else article.authors[0]


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
        "type_name": lambda name: name.replace("-", " ").capitalize(),
    }
    environment.globals["types"] = TYPES
    return environment


def _render(template: str, status: int = 200, **values: object) -> HTMLResponse:
    text = _environment().get_template(template).render(values)
    return HTMLResponse(text, status_code=status)
