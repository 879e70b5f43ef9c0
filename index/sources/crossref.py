"""Crossref and CSL-JSON: one work, as Crossref's API or a reference manager gives it.

Crossref answers with CSL-JSON in which titles are lists and an update or retraction is
said of the work. https://api.crossref.org/swagger-ui/index.html,
https://docs.citationstyles.org/en/stable/specification.html
"""

from index.errors import RefusedRecordError
from index.sources.author_lists import take_authors
from index.sources.json_values import (
    JsonObject,
    kind_of,
    take_count,
    take_list,
    take_object,
    take_objects,
    take_text,
    whole_number,
)
from index.sources.own_notes import notes_retracted, says_untitled
from index.sources.record import Record

_DATES = ("published", "issued", "published-online", "published-print", "posted")
_WITHDRAWALS = frozenset({"retraction", "withdrawal", "removal"})
_NOTICES = _WITHDRAWALS | {"correction", "corrigendum", "erratum", "expression_of_concern"}
_GENRES = frozenset({"abstract", "preprint", "review"})
"""What CSL-JSON, and our own exports, say in `genre` and not in `type`."""
_TITLE_LIMIT = 10_000
_NAMED = frozenset({"doi", "arxiv", "pmid", "pmcid"})
"""The kinds of ids in relations that name an article; others name a page or a data set."""
_OTHER_VERSIONS = (
    "is-preprint-of", "has-preprint", "is-version-of", "has-version", "is-identical-to",
    "is-original-form-of", "is-variant-form-of",
)  # fmt: skip
"""Relations to other forms of the same work, not to its data, parts, reviews or translations."""


def is_crossref(record: JsonObject) -> bool:
    """Tell a work of Crossref or CSL-JSON by keys that our own form does not have."""
    if "container-title" in record or "issued" in record:
        return True
    if "DOI" in record and "authors" not in record:
        return True
    return "type" in record and isinstance(record.get("author"), list)


def to_record(work: JsonObject, line: int) -> Record:
    """Map a work to a record; raises RefusedRecordError on a value of a wrong type."""
    authors, repairs = take_authors(work, "author")
    is_csl = "id" in work and not isinstance(work.get("title"), list)
    notes = [take_text(work, "note") or ""] if is_csl else []
    own = take_object(work, "custom") if is_csl else {}
    return Record(
        line=line,
        identifiers=tuple(
            f"{scheme}:{value}"
            for scheme, key in (("doi", "DOI"), ("pmid", "PMID"), ("pmcid", "PMCID"))
            if (value := take_text(work, key))
        )
        + tuple(one for one in take_list(own, "identifiers") if isinstance(one, str)),
        version_ids=_version_ids(work),
        citation_key=take_text(work, "id") if is_csl else None,
        title=None if says_untitled(notes) else _title(work),
        abstract=take_text(work, "abstract"),
        authors=authors,
        n_authors=take_count(own, "n_authors"),
        journal=_first(work, "container-title"),
        published=next((day for day in (_date(work, key) for key in _DATES) if day), None),
        type=_type(work),
        url=take_text(work, "URL"),
        language=take_text(work, "language"),
        retracted=_retracted(work) or (True if is_csl and _is_retracted(work, notes) else None),
        repairs=repairs,
    )


def _first(work: JsonObject, key: str) -> str | None:
    """Give a text, or the first of a list of texts: Crossref has lists, CSL-JSON has none."""
    value = work.get(key)
    if not isinstance(value, list):
        return take_text(work, key)
    if not value:
        return None
    if not isinstance(value[0], str):
        raise RefusedRecordError(f"{key!r} is a list of {kind_of(value[0])} where text should be")
    return value[0]


def _title(work: JsonObject) -> str | None:
    title = _first(work, "title") or _first(work, "original-title")
    subtitle = _first(work, "subtitle")
    if not title or not subtitle or not subtitle.strip():
        return title
    # Publishers deposit the running head as a subtitle, or the whole title with it.
    is_repeated = subtitle.casefold() in title[:_TITLE_LIMIT].casefold()
    return title if is_repeated else f"{title.rstrip().removesuffix(':')}: {subtitle}"


def _type(work: JsonObject) -> str | None:
    """Give the type; a genre that is one of ours says more than CSL's own types."""
    if _updates(work, "update-to") & _NOTICES:
        return "notice"
    genre = work.get("genre")
    if isinstance(genre, str) and genre.casefold() in _GENRES:
        return genre
    return take_text(work, "type")


def _is_retracted(work: JsonObject, notes: list[str]) -> bool:
    """Whether CSL-JSON says so, by its variable `status` or in a note of ours."""
    return take_text(work, "status") == "retracted" or notes_retracted(notes)


def _date(work: JsonObject, key: str) -> str | None:
    """Give an ISO date as exact as its `date-parts`, or the date that stands as text."""
    value = work.get(key)
    if isinstance(value, str):
        return value
    date = take_object(work, key)
    parts = take_list(date, "date-parts")
    numbers = [_number(part) for part in parts[0]] if parts and isinstance(parts[0], list) else []
    if not numbers or not 1 <= numbers[0] <= 9999:
        return take_text(date, "raw") or take_text(date, "literal")
    iso = f"{numbers[0]:04d}"
    for number, most in zip(numbers[1:3], (12, 31), strict=False):
        if not 1 <= number <= most:
            break
        iso += f"-{number:02d}"
    return iso


def _number(part: object) -> int:
    """Give a part of a date as a number, 0 where it is none; CSL-JSON may quote it."""
    if isinstance(part, str) and part.isascii() and part.isdigit() and len(part) <= 4:
        return int(part)
    return whole_number(part) or 0


def _retracted(work: JsonObject) -> bool | None:
    """Say True where the publisher marks the work; nobody marks a work as not retracted."""
    is_marked = _updates(work, "updated-by") & _WITHDRAWALS or "is-retracted-by" in take_object(
        work, "relation"
    )
    return True if is_marked else None


def _version_ids(work: JsonObject) -> tuple[str, ...]:
    """Give what the publisher relates to the work as other forms of it, `scheme:value`."""
    relation = take_object(work, "relation")
    related = (one for kind in _OTHER_VERSIONS for one in take_objects(relation, kind))
    named = ((take_text(one, "id-type") or "", take_text(one, "id")) for one in related)
    return tuple(
        f"{scheme.lower()}:{value}" for scheme, value in named if value and scheme.lower() in _NAMED
    )


def _updates(work: JsonObject, key: str) -> set[str]:
    """Give the kinds of update that this work makes to others, or others to it."""
    return {str(update.get("type")).lower().replace("-", "_") for update in take_objects(work, key)}
