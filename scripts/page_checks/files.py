"""Files: what a page exports, read again with nothing lost; and the feeds that it names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import feedparser
from playwright.sync_api import Page

from index.article import Article
from index.corpus import Corpus
from index.reading import read_corpus
from index.sources import find_sources
from index.store import ArticleStore
from scripts.page_checks.drawn import Drawn
from scripts.page_checks.ledger import Ledger
from scripts.page_checks.reader import Reader, address, total
from scripts.page_checks.service import Api

FORMATS = {
    "BibTeX": "bibtex",
    "RIS": "ris",
    "CSL-JSON": "csl-json",
    "CSV": "csv",
    "JSON Lines": "jsonl",
}
N_TICKED = 3


def export(reader: Reader, store: ArticleStore, drawn: Drawn, ledger: Ledger) -> None:
    """Export a whole search in each format, what is like an example, and what is ticked."""
    whole = address(q=drawn.walked)
    with reader.page(whole) as page, TemporaryDirectory() as folder:
        n_exported = total(page)
        for name in FORMATS:
            articles = _read_again(_downloaded(page, name, Path(folder)), ledger)
            ledger.equal("export", f"articles in {name}", len(articles), n_exported)
            _compare(FORMATS[name], articles, store, ledger)
        ledger.found["articles_exported"] = n_exported
        page.goto(address("/similar", like=drawn.article_id))
        n_like = total(page)
        articles = _read_again(_downloaded(page, "JSON Lines", Path(folder)), ledger)
        ledger.equal("export", "articles like one", len(articles), n_like)
        _compare("jsonl", articles, store, ledger)
        page.goto(whole)
        for box in page.locator(".tick").all()[:N_TICKED]:
            box.check()
        n_ticked = page.locator(".tick:checked").count()
        articles = _read_again(_downloaded(page, "RIS", Path(folder)), ledger)
        ledger.equal("export", "what is ticked", len(articles), n_ticked)


def _downloaded(page: Page, name: str, folder: Path) -> Path:
    if not page.locator("#export").is_visible():
        page.locator(".menu summary").first.click()
    with page.expect_download() as started:
        page.get_by_role("button", name=name, exact=True).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def _read_again(path: Path, ledger: Ledger) -> Mapping[str, Article]:
    """Read a file as a build does; every record of it has to be kept."""
    read, report = read_corpus(find_sources([path]), Corpus(), quiet=True)
    (source,) = report.sources
    ledger.equal("export", f"kept of {path.name}", source.n_kept, source.n_read)
    return {article.article_id: article for article in read.articles()}


def _compare(
    name: str, articles: Mapping[str, Article], store: ArticleStore, ledger: Ledger
) -> None:
    """Compare articles that were read again with those of the index, field by field."""
    rows = {store.find(article_id): one for article_id, one in articles.items()}
    ledger.equal("export", f"ids in {name}", len(rows.keys() - {None}), len(articles))
    known = [row for row in rows if row is not None]
    pairs = zip(store.articles(known), (rows[row] for row in known), strict=True)
    changed = [one.article_id for one, after in pairs if not _is_same(name, one, after)]
    ledger.equal("export", f"changed in {name}", changed, [])


def _is_same(name: str, before: Article, after: Article) -> bool:
    """Tell whether an article holds all that the format has a field for."""
    same = replace(before, source=after.source, line=after.line, citation_key=after.citation_key)
    if name not in ("jsonl", "csv"):
        # names are written "Family, Given" there, and of several ids none is the first
        same = replace(same, authors=after.authors, first_indexed=after.first_indexed)
        same = replace(same, article_id=after.article_id, is_new=after.is_new)
    if name in ("ris", "bibtex"):
        # they have no field for the number of authors that are not named
        same = replace(same, n_authors=after.n_authors)
    return same == after and len(before.authors) == len(after.authors)


def follow(reader: Reader, api: Api, drawn: Drawn, ledger: Ledger) -> None:
    """Read the feeds that a search and examples name: both tell of the articles that answer."""
    for path in (address(q=drawn.walked), address("/similar", like=drawn.article_id)):
        with reader.page(path) as page:
            feeds = page.locator('head link[rel="alternate"]').evaluate_all(
                "all => all.map(one => one.href)"
            )
            n_answering = total(page)
        ledger.equal("feeds", f"of {path}", len(feeds), 2)
        _compare_feeds(feeds, api, n_answering, ledger)


def _compare_feeds(feeds: Sequence[str], api: Api, n_answering: int, ledger: Ledger) -> None:
    atom = feedparser.parse(api.get(feeds[0]).content)
    items = api.get(feeds[1]).json()["items"]
    ledger.holds("feeds", "well-formed", is_so=not atom.bozo)
    ledger.equal("feeds", "entries", len(items), min(50, n_answering))
    ledger.equal(
        "feeds", "the same", [one.id for one in atom.entries], [one["id"] for one in items]
    )
