"""OpenAlex: one work, as its API and its snapshot give it.

https://docs.openalex.org/api-entities/works/work-object
"""

from typing import TypeGuard

from index.sources.author_lists import nameless
from index.sources.json_values import (
    JsonObject,
    first_text,
    take_count,
    take_flag,
    take_object,
    take_objects,
    take_text,
    wrong_type,
)
from index.sources.links import identifiers_in
from index.sources.record import Record

_OWN_KEYS = ("abstract_inverted_index", "authorships", "primary_location")
_SCHEMES = ("openalex", "doi", "pmid", "pmcid")


def is_openalex(record: JsonObject) -> bool:
    """Tell a work of OpenAlex by its id, or by keys that only OpenAlex has."""
    openalex_id = record.get("id")
    if isinstance(openalex_id, str) and openalex_id.startswith("https://openalex.org/W"):
        return True
    return any(key in record for key in _OWN_KEYS)


def to_record(work: JsonObject, line: int) -> Record:
    """Map a work to a record; raises RefusedRecordError on a value of a wrong type."""
    location = take_object(work, "primary_location")
    authors, repairs = _authors(work)
    abstract, abstract_repairs = _abstract(work)
    return Record(
        line=line,
        identifiers=_identifiers(work),
        version_ids=_version_ids(work),
        title=first_text(work, "title", "display_name"),
        abstract=abstract,
        authors=authors,
        n_authors=take_count(work, "authors_count"),
        journal=_journal(work, location),
        published=first_text(work, "publication_date", "publication_year"),
        type=_type(work, location),
        url=take_text(location, "landing_page_url") or first_text(work, "doi", "id"),
        language=take_text(work, "language"),
        retracted=take_flag(work, "is_retracted"),
        repairs=repairs + abstract_repairs,
    )


def _identifiers(work: JsonObject) -> tuple[str, ...]:
    """Give the ids; OpenAlex writes them as URLs, which end in the id itself."""
    ids = take_object(work, "ids")
    given = {scheme: take_text(ids, scheme) for scheme in _SCHEMES}
    given["openalex"] = given["openalex"] or take_text(work, "id")
    given["doi"] = given["doi"] or take_text(work, "doi")
    return tuple(
        f"{scheme}:{value if scheme == 'doi' else value.rstrip('/').rpartition('/')[2]}"
        for scheme, value in given.items()
        if value
    )


def _version_ids(work: JsonObject) -> tuple[str, ...]:
    """Give the ids that the addresses of all forms of the work hold, its own among them."""
    pages = (take_text(place, "landing_page_url") for place in take_objects(work, "locations"))
    return tuple(identifier for page in pages if page for identifier in identifiers_in([page]))


def _authors(work: JsonObject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names, n_nameless = [], 0
    for authorship in take_objects(work, "authorships"):
        name = take_text(take_object(authorship, "author"), "display_name")
        name = name or take_text(authorship, "raw_author_name")
        if name:
            names.append(name)
        else:
            n_nameless += 1
    return tuple(names), nameless(n_nameless) if n_nameless else ()


def _journal(work: JsonObject, location: JsonObject) -> str | None:
    name = take_text(take_object(location, "source"), "display_name")
    # Before 2023 the venue stood under host_venue; snapshots of that time are still in use.
    host = take_object(work, "host_venue")
    return name or take_text(location, "raw_source_name") or take_text(host, "display_name")


def _type(work: JsonObject, location: JsonObject) -> str | None:
    """Give the type; "article" is also said of conference papers, Crossref's is finer."""
    own = take_text(work, "type")
    if own and own != "article":
        return own
    return take_text(work, "type_crossref") or take_text(location, "raw_type") or own


def _abstract(work: JsonObject) -> tuple[str | None, tuple[str, ...]]:
    """Put the words of the inverted index in order again.

    The words are sorted by position, never laid out in an array of positions, so that an
    absurd position costs nothing.
    """
    places: list[tuple[int, str]] = []
    n_lost = 0
    for word, positions in take_object(work, "abstract_inverted_index").items():
        if not isinstance(positions, list):
            raise wrong_type("abstract_inverted_index", positions, "a list of positions")
        known = [position for position in positions if _is_position(position)]
        n_lost += len(positions) - len(known)
        places.extend((position, word) for position in known)
    if not places:
        return take_text(work, "abstract"), ()
    text = " ".join(word for _, word in sorted(places))
    repair = f"words left out of the abstract because they have no position: {n_lost}"
    return text, (repair,) if n_lost else ()


def _is_position(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0
