"""The form: what its fields ask, read from an address. A field left blank asks for nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import get_args

from starlette.datastructures import QueryParams

from index.errors import QueryError
from service.examples import Example, SimilarQuery, recognised
from service.parameters import resolve_since
from service.query import DEFAULT_LIMIT, FacetField, Filters, Query, Sort, is_time_back

FACETS: tuple[FacetField, ...] = ("authors", "journals", "types", "years")
FINDERS: Mapping[FacetField, str] = {"authors": "find_author", "journals": "find_journal"}
"""The fields in which the beginning of a name is typed."""

ANY_TIME, CUSTOM = "any", "custom"
DURATIONS = {
    ANY_TIME: "Any time",
    "-P1M": "Last month",
    "-P3M": "Last 3 months",
    "-P1Y": "Last year",
    "-P5Y": "Last 5 years",
    CUSTOM: "Custom",
}
COUNTED = tuple(name for name in DURATIONS if name != CUSTOM)
"""The durations whose articles are counted."""
SPREADS = {"0": "nearest first", "0.3": "a little", "0.5": "half", "0.8": "far"}
FORM_NAMES = {
    "text": "The question",
    "authors": "Author",
    "journals": "Journal",
    "types": "Type",
    "languages": "Language",
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
    "facet_queries": "The beginning of a name",
    "draft": "The draft",
    "bibliography": "The bibliography",
    "format": "The format",
}


def sentence(error: QueryError) -> str:
    """Say what is wrong with what was asked, in a sentence."""
    field = (error.field or "").partition(".")[0]
    return f"{FORM_NAMES.get(field, field)}: {error.reason}."


def form_to_query(form: QueryParams) -> Query:
    """Give the query a form asks for."""
    filters = form_to_filters(form)
    return Query(
        text=form.get("q"),
        filters=filters,
        sort=form_to_sort(form),
        limit=form_to_limit(form),
        cursor=form.get("cursor") or None,
        min_match=form_to_min_match(form),
        facets=FACETS,
        facet_queries=form_to_facet_queries(form),
        counted=_under_durations(filters, form),
    )


def form_to_similar_query(form: QueryParams) -> SimilarQuery | None:
    """Give the query of a form with examples; None where there are none."""
    positive = tuple(_examples(form, "like", "text"))
    negative = tuple(_examples(form, "unlike", "unlike_text"))
    if not positive and not negative:
        return None
    filters = form_to_filters(form)
    return SimilarQuery(
        positive=positive,
        negative=negative,
        filters=filters,
        sort=form_to_sort(form),
        limit=form_to_limit(form),
        cursor=form.get("cursor") or None,
        min_match=form_to_min_match(form),
        facets=FACETS,
        facet_queries=form_to_facet_queries(form),
        counted=_under_durations(filters, form),
        diversity=_to_number(form, "diversity") or 0.0,
    )


def _examples(form: QueryParams, ids: str, texts: str) -> Iterator[Example]:
    for value in given(form, ids):
        yield Example("article_id", value)
    for value in form.getlist(texts):
        if value.strip():
            yield recognised(value)


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
    return _to_number(form, "min_match")


def _to_number(form: QueryParams, name: str) -> float | None:
    text = form.get(name)
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise QueryError(name, f"{text!r} is no number") from error


def form_to_facet_queries(form: QueryParams) -> Mapping[FacetField, str]:
    """Give the beginnings of names that a form looks for."""
    typed = {field: (form.get(name) or "").strip() for field, name in FINDERS.items()}
    return MappingProxyType({field: text for field, text in typed.items() if text})


def form_to_filters(form: QueryParams) -> Filters:
    """Give the filters a form asks for."""
    dates = form_dates(form)
    if dates.duration not in DURATIONS:
        known = ", ".join(DURATIONS)
        raise QueryError("duration", f"{dates.duration!r} is none of {known}")
    since, asked_on = resolve_since(dates.since, form.get("cursor"))
    return Filters(
        authors=given(form, "author"),
        journals=given(form, "journal"),
        types=given(form, "type"),
        languages=given(form, "language"),
        published_from=since,
        published_to=dates.to,
        asked_on=asked_on,
    )


def _under_durations(filters: Filters, form: QueryParams) -> tuple[Filters, ...]:
    """Give the filters with each duration that has a name of its own in place of their dates."""
    cursor = form.get("cursor")
    spans = (None if name == ANY_TIME else name for name in COUNTED)
    resolved = (resolve_since(since, cursor) for since in spans)
    return tuple(
        replace(filters, published_from=since, published_to=None, asked_on=day)
        for since, day in resolved
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
        if since and is_time_back(since) and since in DURATIONS and to is None:
            duration = since
        else:
            duration = CUSTOM if since or to else ANY_TIME
    if duration == CUSTOM:
        return FormDates(duration, since, to)
    return FormDates(duration, None if duration == ANY_TIME else duration, None)


def given(form: QueryParams, name: str) -> tuple[str, ...]:
    """Give the values of a name that are not blank, each once."""
    return tuple(dict.fromkeys(v.strip() for v in form.getlist(name) if v.strip()))
