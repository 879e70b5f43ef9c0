"""Semantic Scholar: one paper of its Academic Graph API.

https://api.semanticscholar.org/api-docs/graph
"""

from index.sources.author_lists import take_authors
from index.sources.json_values import (
    JsonObject,
    first_text,
    take_list,
    take_object,
    take_text,
)
from index.sources.record import Record

# MAG's and DBLP's ids are left out: the works they stand for are not always the paper's.
_SCHEMES = {
    "DOI": "doi",
    "ArXiv": "arxiv",
    "PubMed": "pmid",
    "PubMedCentral": "pmcid",
    "ACL": "acl",
    "CorpusId": "corpusid",
}


def is_semantic_scholar(record: JsonObject) -> bool:
    """Tell a paper of Semantic Scholar by keys that only it has."""
    return "paperId" in record or "externalIds" in record or "corpusId" in record


def to_record(paper: JsonObject, line: int) -> Record:
    """Map a paper to a record; raises RefusedRecordError on a value of a wrong type."""
    authors, repairs = take_authors(paper, "authors")
    return Record(
        line=line,
        identifiers=_identifiers(paper),
        title=take_text(paper, "title"),
        abstract=take_text(paper, "abstract"),
        authors=authors,
        journal=_journal(paper),
        published=first_text(paper, "publicationDate", "year"),
        type=_type(paper),
        url=take_text(paper, "url"),
        repairs=repairs,
    )


def _identifiers(paper: JsonObject) -> tuple[str, ...]:
    ids = take_object(paper, "externalIds")
    given = {"s2": take_text(paper, "paperId")}
    given |= {scheme: take_text(ids, key) for key, scheme in _SCHEMES.items()}
    given["corpusid"] = given["corpusid"] or take_text(paper, "corpusId")
    return tuple(f"{scheme}:{value}" for scheme, value in given.items() if value)


def _journal(paper: JsonObject) -> str | None:
    """Give the venue; its full name first, since `journal` is often an abbreviation."""
    venue = take_text(take_object(paper, "publicationVenue"), "name")
    return venue or take_text(paper, "venue") or take_text(take_object(paper, "journal"), "name")


def _type(paper: JsonObject) -> str | None:
    types = [kind for kind in take_list(paper, "publicationTypes") if isinstance(kind, str)]
    return "; ".join(types) or None
