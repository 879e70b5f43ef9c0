"""Templates filled: the one environment of all pages, in which everything is escaped."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from service.addresses import article_path, doi_url, web_url, work_url
from service.page.assets import asset
from service.page.elsewhere import EXPORTS, citations
from service.page.form import DURATIONS, SPREADS
from service.page.histogram import HEIGHT, WIDTH
from service.page.wording import abstract_pieces, lead, long_date, match_words, took
from service.wording import (
    heading,
    marked,
    per_cent,
    short_authors,
    total_words,
    type_name,
    version_words,
)

_FOLDER = Path(__file__).parents[1]


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
        "abstract_pieces": abstract_pieces,
        "address": work_url,
        "article_path": article_path,
        "citations": citations,
        "doi_url": doi_url,
        "heading": heading,
        "lead": lead,
        "long_date": long_date,
        "marked": marked,
        "match_words": match_words,
        "per_cent": per_cent,
        "short_authors": short_authors,
        "took": took,
        "total_words": total_words,
        "type_name": type_name,
        "version_words": version_words,
        "web_url": web_url,
    }
    environment.globals |= {
        "asset": asset,
        "durations": DURATIONS,
        "exports": EXPORTS,
        "histogram_size": (WIDTH, HEIGHT),
        "spreads": SPREADS,
    }
    return environment


def render(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Fill a template with values."""
    text = _environment().get_template(template).render(values)
    return HTMLResponse(text, status_code=status)
