"""An article as a RIS entry that Cognate's own reader reads back as the same article."""

from collections.abc import Iterator

from index.article import Article
from index.sources.own_notes import PROVIDER
from service.exports.author_name import family_first, is_one_name
from service.exports.notes import to_notes
from service.wording import heading

_TYPES = {
    "research-article": ("JOUR", ""),
    "review": ("JOUR", "review"),
    "conference-paper": ("CPAPER", ""),
    "abstract": ("CPAPER", "conference abstract"),
    "preprint": ("UNPB", "preprint"),
    "book-chapter": ("CHAP", ""),
    "dataset": ("DATA", ""),
}
"""The type of reference and, where that says too little, the type of work."""
_END = "\r\n"


def to_ris(article: Article, key: str) -> str:
    """Give all of an article that an entry can hold, with a blank line behind it.

    A title that is unknown is the abstract's first words in brackets, and a note says so.
    """
    lines = (f"{tag}  - {value}" for tag, value in _values(article, key) if value)
    return _END.join((*lines, "ER  - ", "", ""))


def _values(article: Article, key: str) -> Iterator[tuple[str, str | None]]:
    kind, work = _TYPES.get(article.type, ("GEN", ""))
    year, *rest = (article.published or "").split("-")
    yield from (("TY", kind), ("M3", work), ("ID", key), ("TI", heading(article)))
    yield from (("AU", _author(name)) for name in article.authors)
    yield from (("T2", article.journal), ("PY", year))
    yield "DA", "/".join([year, *rest, *[""] * (3 - len(rest))]) if rest else None
    yield from (("DO", article.doi), ("UR", article.url), ("LA", article.language))
    yield "AB", article.abstract
    yield from (("N1", note) for note in to_notes(article))
    yield "DP", PROVIDER
    yield from (("AN", one) for one in article.identifiers if one != f"doi:{article.doi}")


def _author(name: str) -> str:
    """Give a name as "Family, Given"; after that of a group RIS wants a comma."""
    if is_one_name(name):
        return f"{name},"
    return family_first(name)
