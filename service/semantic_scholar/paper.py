"""An article as a paper of Semantic Scholar; what is not known here is null."""

from collections.abc import Callable, Mapping, Sequence

from index.article import Article
from service.addresses import work_url
from service.exports.author_name import split_name
from service.exports.bibtex_entry import to_bibtex
from service.exports.citation_keys import KeyMaker
from service.semantic_scholar.fields import MATCH_PROBABILITY, Fields
from service.semantic_scholar.paper_ids import paper_id

Wire = dict[str, object]

TYPES: Mapping[str, str] = {
    "JournalArticle": "research-article",
    "Review": "review",
    "Conference": "conference-paper",
    "Dataset": "dataset",
    "BookSection": "book-chapter",
}
"""Types of publication that are known here, by Semantic Scholar's names; others are null."""

_TYPE_NAMES = {ours: name for name, ours in TYPES.items()}
_SCHEMES = {
    "doi": "DOI",
    "arxiv": "ArXiv",
    "pmid": "PubMed",
    "pmcid": "PubMedCentral",
    "acl": "ACL",
    "corpusid": "CorpusId",
}
_WHOLE_DATE = len("2024-03-15")


def to_paper(article: Article, fields: Fields, match: float | None = None) -> Wire:
    """Give what is asked for of an article; `match` is the probability that it was meant."""
    paper: Wire = {"paperId": paper_id(article.article_id)}
    for name in fields.names:
        if name == MATCH_PROBABILITY:
            paper[name] = match
        elif name == "authors":
            paper[name] = to_authors(article, fields.of_authors)
        elif name != "paperId":
            value = _VALUES.get(name)
            paper[name] = None if value is None else value(article)
    return paper


def to_authors(article: Article, names: Sequence[str]) -> list[Wire]:
    """Give the authors of an article; of a person nothing but the name is known."""
    return [
        {name: author if name == "name" else None for name in names} for author in article.authors
    ]


def authors_and_year(article: Article) -> str:
    """Give who wrote an article and when, in short: "Vaswani et al., 2017"."""
    families = [split_name(name).family for name in article.authors[:2]]
    if families and article.n_authors > len(families):
        families = [f"{families[0]} et al."]
    who = " & ".join(families)
    return ", ".join(filter(None, (who, str(article.year or ""))))


def _external_ids(article: Article) -> Wire:
    """Give the first id of each scheme that Semantic Scholar has."""
    ids: Wire = {"DOI": article.doi} if article.doi else {}
    for identifier in article.identifiers:
        scheme, _, value = identifier.partition(":")
        name = _SCHEMES.get(scheme)
        if name is not None and name not in ids:
            ids[name] = _external_id(name, value)
    return ids


def _external_id(name: str, value: str) -> str | int:
    if name == "CorpusId" and value.isdecimal() and value.isascii():
        return int(value)
    return value.removeprefix("PMC") if name == "PubMedCentral" else value


def _publication_date(article: Article) -> str | None:
    # clients read a whole date or fail: a year alone is in `year`
    whole = article.published and len(article.published) == _WHOLE_DATE
    return article.published if whole else None


def _publication_types(article: Article) -> list[str] | None:
    name = _TYPE_NAMES.get(article.type)
    return None if name is None else [name]


def _journal(article: Article) -> Wire | None:
    if article.journal is None:
        return None
    return {"name": article.journal, "volume": None, "pages": None}


def _citation_styles(article: Article) -> Wire:
    return {"bibtex": to_bibtex(article, KeyMaker().key(article))}


_VALUES: Mapping[str, Callable[[Article], object]] = {
    "corpusId": lambda article: _external_ids(article).get("CorpusId"),
    "externalIds": _external_ids,
    "url": work_url,
    "title": lambda article: article.title,
    "abstract": lambda article: article.abstract,
    "venue": lambda article: article.journal,
    "year": lambda article: article.year,
    "publicationDate": _publication_date,
    "publicationTypes": _publication_types,
    "journal": _journal,
    "citationStyles": _citation_styles,
    "textAvailability": lambda article: "abstract" if article.abstract else "none",
}
