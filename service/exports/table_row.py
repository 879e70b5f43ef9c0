"""An article as a row of a table that spreadsheets open and Cognate's own reader reads back."""

import csv
import io
import re

from index.article import Article
from index.sources.author_lists import split_authors

HEADER = (
    "Article ID", "Title", "Abstract", "Authors", "N authors", "Journal", "Published", "Type",
    "Language", "URL", "DOI", "Identifiers", "Citation key", "Is new", "Retracted",
    "First indexed",
)  # fmt: skip
"""By its last column our reader knows the table for one of ours."""

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for another encoding."""

# What a spreadsheet takes for a formula, in Japanese too; and what looks like one defused.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_TRUTH = {True: "true", False: "false", None: ""}


def to_row(article: Article, key: str) -> str:
    """Give an article as a line of the table that `HEADER` begins."""
    return written(
        (
            article.article_id,
            article.title,
            article.abstract,
            _authors(article),
            str(article.n_authors) if article.n_authors > len(article.authors) else None,
            article.journal,
            article.published,
            article.type,
            article.language,
            article.url,
            article.doi,
            " ".join(one for one in article.identifiers if one != f"doi:{article.doi}"),
            key,
            "true" if article.is_new else None,
            _TRUTH[article.retracted],
            article.first_indexed,
        )
    )


def written(cells: tuple[str | None, ...]) -> str:
    """Give the line of a row; no cell of it can be a formula."""
    line = io.StringIO()
    csv.writer(line).writerow([_defused(cell or "") for cell in cells])
    return line.getvalue()


def _defused(cell: str) -> str:
    """Put an apostrophe before what begins like a formula, or like one defused by it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _authors(article: Article) -> str:
    """Give the names parted by semicolons, in a way that they can be parted again."""
    names = article.authors
    if any(";" in name for name in names):
        mark = "'" if any('"' in name for name in names) else '"'
        return f"[{', '.join(f'{mark}{name}{mark}' for name in names)}]"
    text = "; ".join(names)
    # one name that could be read as several is closed by a semicolon
    return text if split_authors(text) == names else f"{text};"
