"""An article as an item of CSL-JSON that Cognate's own reader reads back as the same article.

https://docs.citationstyles.org/en/stable/specification.html
"""

from index.article import Article
from service.exports.author_name import is_one_name, split_name
from service.exports.notes import to_notes
from service.wording import heading

_TYPES = {
    "research-article": ("article-journal", None),
    "review": ("article-journal", "review"),
    "conference-paper": ("paper-conference", None),
    "abstract": ("paper-conference", "abstract"),
    "preprint": ("article", "preprint"),
    "book-chapter": ("chapter", None),
    "dataset": ("dataset", None),
}
"""CSL's type and, where that says too little, a genre."""
_VARIABLES = {"pmid": "PMID", "pmcid": "PMCID"}


def to_csl(article: Article, key: str) -> dict[str, object]:
    """Give all of an article that an item can hold.

    A title that is unknown is the abstract's first words in brackets, and a note says so. What
    CSL has no variable for stands in `custom`, which processors pass over.
    """
    kind, genre = _TYPES.get(article.type, ("document", None))
    variables, others = _identifiers(article)
    has_more = article.n_authors > len(article.authors)
    item: dict[str, object] = {
        "id": key,
        "type": kind,
        "genre": genre,
        "title": heading(article),
        "author": [_name(name) for name in article.authors],
        "container-title": article.journal,
        "issued": _date(article),
        "DOI": article.doi,
        **variables,
        "URL": article.url,
        "language": article.language,
        "abstract": article.abstract,
        "status": "retracted" if article.retracted else None,
        "note": " ".join(to_notes(article)),
        "custom": _known(
            {"identifiers": others, "n_authors": article.n_authors if has_more else None}
        ),
    }
    # where nothing else is known, an item is told from our own form by its list of no authors
    return {"author": [], **_known(item)}


def _known(values: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value}


def _name(name: str) -> dict[str, str]:
    if is_one_name(name):
        return {"literal": name}
    parts = split_name(name)
    values = {"family": parts.family, "given": parts.given, "suffix": parts.suffix}
    return {part: value for part, value in values.items() if value}


def _date(article: Article) -> dict[str, object] | None:
    if article.published is None:
        return None
    return {"date-parts": [[int(part) for part in article.published.split("-")]]}


def _identifiers(article: Article) -> tuple[dict[str, str], list[str]]:
    """Give the identifiers that CSL has a variable for, and the others."""
    variables: dict[str, str] = {}
    others = []
    for one in article.identifiers:
        scheme, _, value = one.partition(":")
        variable = _VARIABLES.get(scheme)
        if variable and variable not in variables:
            variables[variable] = value
        elif one != f"doi:{article.doi}":
            others.append(one)
    return variables, others
