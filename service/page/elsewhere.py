"""What of an answer lies at other addresses: its export, its feeds, an article's citations."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from service.addresses import article_path
from service.page.addresses import Address, Item
from service.page.form import form_dates, given

EXPORTS = {
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL-JSON",
    "csv": "CSV",
    "jsonl": "JSON Lines",
}
_ORDER = ("sort", "diversity")
CITATIONS = {"text": "Reference", "bibtex": "BibTeX", "ris": "RIS", "csl-json": "CSL-JSON"}


@dataclass(frozen=True, slots=True)
class Feeds:
    """The addresses at which an answer can be followed."""

    atom: Address
    json: Address


def search_items(form: QueryParams) -> tuple[Item, ...]:
    """Give what a form asks as parameters of the API: its match set, whatever the page."""
    asked = (("q", (form.get("q") or "").strip()), ("sort", form.get("sort") or ""))
    return (*(item for item in asked if item[1]), *_filter_items(form))


def example_items(form: QueryParams) -> tuple[Item, ...]:
    """Give the examples of a form, and its filters, as parameters of the API."""
    names = ("like", "unlike", "text", "unlike_text")
    examples = ((name, value) for name in names for value in given(form, name))
    ordered = ((name, form.get(name) or "") for name in _ORDER)
    return (*examples, *(item for item in ordered if item[1]), *_filter_items(form))


def _filter_items(form: QueryParams) -> tuple[Item, ...]:
    dates = form_dates(form)
    named = ("author", "journal", "type", "language")
    bounds = (("from", dates.since), ("to", dates.to), ("min_match", form.get("min_match")))
    return (
        *((name, value) for name in named for value in given(form, name)),
        *((name, value) for name, value in bounds if value),
    )


def feeds(items: Sequence[Item]) -> Feeds:
    """Give the feeds of an answer; they have an order of their own."""
    kept = tuple(item for item in items if item[0] not in _ORDER)
    return Feeds(Address("/feed.atom", kept), Address("/feed.json", kept))


def citations(article_id: str) -> list[tuple[str, str, Address]]:
    """Give the formats in which an article can be cited: name, title and address of each."""
    path = f"/v1{article_path(article_id)}/cite"
    return [(name, title, Address(path, (("format", name),))) for name, title in CITATIONS.items()]
