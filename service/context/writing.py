"""The text that a prompt takes over: a heading and a line for every excerpt.

    [1] goldberg2017neural-k3f9a. Neural network methods. Yoav Goldberg. Synthesis lectures, 2017
    > Neural networks are a family of powerful models. … They apply to language, too.

What articles say is data, and none of it can look like a heading, or like the end of its own
excerpt: a heading begins with its number in brackets, an excerpt with ">", both are one line
each, and nothing of an article begins a line.
"""

import re
from collections.abc import Sequence

from index.article import Article

BETWEEN = "\n\n"

_LINE_END = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""All that Python, or a reader, takes for the end of a line."""
_LONGEST = {"title": 300, "author": 60, "journal": 120, "doi": 200}
_ELLIPSIS = "…"


def write_entry(number: int, heading: str, text: str) -> str:
    """Write one excerpt under its heading; line ends within either become spaces."""
    return f"[{number}] {_one_line(heading)}\n> {_one_line(text)}"


def write_entries(entries: Sequence[tuple[str, str]]) -> str:
    """Write headings and excerpts, numbered from 1."""
    written = (write_entry(number, *entry) for number, entry in enumerate(entries, 1))
    return BETWEEN.join(written)


def write_heading(article: Article, key: str, *, has_title: bool) -> str:
    """Write what an excerpt is of: key, title, authors, journal and year, DOI.

    Long names are cut. Without the title where the excerpt is the title.
    """
    venue = ", ".join(
        part for part in (_cut("journal", article.journal), str(article.year or "")) if part
    )
    parts = [
        key,
        "RETRACTED" if article.retracted else "",
        _cut("title", article.title) if has_title else "",
        _authors(article),
        venue,
        f"doi:{_cut('doi', article.doi)}" if article.doi else "",
    ]
    said = [part for part in parts if part]
    return " ".join(_ended(part) for part in said[:-1]) + " " * (len(said) > 1) + said[-1]


def write_short_heading(article: Article, key: str) -> str:
    """Write the key, and that an article is retracted, where there is no room for more."""
    return f"{key}. RETRACTED" if article.retracted else key


def _authors(article: Article) -> str:
    names = [_cut("author", name) for name in article.authors[:2]]
    n_authors = max(article.n_authors, len(article.authors))
    if not names:
        return ""
    return " and ".join(names) if len(names) == n_authors else f"{names[0]} et al."


def _cut(kind: str, text: str | None) -> str:
    """Give a part of a heading on one line, cut where it is too long."""
    plain = " ".join(_one_line(text or "").split())
    longest = _LONGEST[kind]
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + _ELLIPSIS


def _one_line(text: str) -> str:
    return _LINE_END.sub(" ", text)


def _ended(part: str) -> str:
    return part if part.endswith((".", "?", "!", _ELLIPSIS)) else f"{part}."
