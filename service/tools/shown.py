"""Articles as lines of text for a model: each field on a line of its own, under its name.

The text of an article holds no line breaks, so nothing that an abstract says can look like
another field, or like words of ours.
"""

from collections.abc import Iterator

from index.article import Article
from index.versions import Version
from service.addresses import work_url
from service.results import Highlight, PieceOfText
from service.wording import heading, per_cent, version_words

MOST_NAMED = 5
"""So many authors are named; then "et al." and how many there are."""
LONGEST_TITLE = 300
LONGEST_JOURNAL = 150
LONGEST_NAME = 80
LONGEST_SENTENCE = 600
LONGEST_URL = 500
MOST_VERSIONS = 5

ADDRESS = "cognate://article/"
"""How the address of an article's resource begins; its id follows."""

_INDENT = "   "


def clipped(text: str, most: int) -> str:
    """Give a text, or its beginning and "…" where it has more than `most` characters."""
    return text if len(text) <= most else text[: most - 2].rstrip() + " …"


def one_line(text: str) -> str:
    """Give a text that was sent to us, which may hold line breaks, on one line."""
    return " ".join(text.split())


def place(piece: PieceOfText | Highlight) -> dict[str, object]:
    """Give where a sentence stands, as data."""
    return {"field": piece.field, "start": piece.start, "end": piece.end}


def named_authors(article: Article) -> str:
    """Name the first authors: "Ann Smith, Bo Chen", or "A, B, C, D, E et al. (500 authors)"."""
    n_authors = max(article.n_authors, len(article.authors))
    names = ", ".join(clipped(name, LONGEST_NAME) for name in article.authors[:MOST_NAMED])
    if n_authors <= min(len(article.authors), MOST_NAMED):
        return names
    return f"{names} et al. ({n_authors} authors)" if names else f"{n_authors} authors"


def citable_url(article: Article) -> str:
    """Give an address to cite an article by: of its DOI, or of its source; "" where it is long.

    One that is nowhere on the web has the address of its resource here.
    """
    url = work_url(article) or ADDRESS + article.article_id
    return url if len(url) <= LONGEST_URL else ""


def line(name: str, text: str) -> str:
    """Give a field on its line."""
    return f"{_INDENT}{name}: {text}"


def head_lines(article: Article, number: str, match: float | None) -> Iterator[str]:
    """Give what every list shows of an article: number, title, id, authors, journal, date, type."""
    yield f"{number}. {clipped(heading(article), LONGEST_TITLE)}"
    yield line("id", article.article_id)
    if authors := named_authors(article):
        yield line("by", authors)
    if article.journal:
        yield line("in", clipped(article.journal, LONGEST_JOURNAL))
    yield line("is", " ".join(part for part in (article.type, article.published) if part))
    if article.retracted:
        yield line("retracted", "yes")
    if match is not None:
        yield line("match", per_cent(match))


def whole_lines(
    article: Article, versions: tuple[Version, ...], abstract: str | None
) -> Iterator[str]:
    """Give what a full list adds: address, other versions, and as much as fits of the abstract."""
    if url := citable_url(article):
        yield line("url", url)
    if versions:
        shown = [clipped(version_words(one), LONGEST_NAME) for one in versions[:MOST_VERSIONS]]
        more = len(versions) - len(shown)
        yield line("also", "; ".join([*shown, *([f"{more} more"] if more else [])]))
    if abstract:
        yield line("abstract", abstract)
    left_out = len(article.abstract or "") - len(abstract or "")
    if left_out:
        yield line("cut", f"{left_out:,} more characters of the abstract do not fit")
