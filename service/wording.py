"""How articles and answers are put into words, alike on the page and in the console."""

from collections.abc import Iterator

from index.article import Article
from index.progress import counted
from index.versions import Version, VersionKind
from service.results import Highlight, Results

_HEADING_WORDS, _HEADING_CHARS = 14, 200
_KINDS: dict[VersionKind, str] = {
    "preprint": "preprint",
    "conference": "conference paper",
    "journal": "journal article",
    "other": "another version",
}


def heading(article: Article) -> str:
    """Give the title; where it is unknown the abstract's first words, in brackets."""
    if article.title:
        return article.title
    words = (article.abstract or "").split()
    # not every script has spaces between words
    text = " ".join(words[:_HEADING_WORDS])[:_HEADING_CHARS]
    ellipsis = " …" if len(text) < len(" ".join(words)) else ""
    return f"[{text}{ellipsis}]"


def short_authors(article: Article) -> str:
    """Give the first author and how many more there are: "Cheng Cheng + 4 more"."""
    if not article.authors:
        return ""
    n_more = max(article.n_authors, len(article.authors)) - 1
    return f"{article.authors[0]} + {n_more} more" if n_more else article.authors[0]


def version_words(version: Version) -> str:
    """Give a version in a few words: "preprint arXiv:2401.00001 (2024)"."""
    identifier = version.doi or version.article_id
    if version.article_id.startswith("arxiv:"):
        identifier = "arXiv:" + version.article_id.removeprefix("arxiv:")
    year = f" ({version.published[:4]})" if version.published else ""
    return f"{_KINDS[version.kind]} {identifier}{year}"


def total_words(results: Results) -> str:
    """Give how many articles match: "599 articles", or "more than 10,000 articles"."""
    least = "" if results.total_is_exact else "more than "
    return least + counted(results.total, "article")


def per_cent(match: float) -> str:
    """Give a probability in per cent, and none as certain: "97 %", "> 99 %", "< 1 %"."""
    whole = round(match * 100)
    if whole == 100:
        return "> 99 %"
    return f"{whole} %" if whole else "< 1 %"


def marked(highlight: Highlight) -> Iterator[tuple[str, bool]]:
    """Give the text of a highlight in pieces, and of each whether it is a word to be marked."""
    reached = 0
    for first, last in highlight.words:
        start, end = first - highlight.start, last - highlight.start
        if start > reached:
            yield highlight.text[reached:start], False
        yield highlight.text[start:end], True
        reached = end
    if reached < len(highlight.text):
        yield highlight.text[reached:], False


def type_name(name: str) -> str:
    """Give a type in words: "Research article"."""
    return name.replace("-", " ").capitalize()
