"""arXiv's own JSON: one line of the metadata snapshot it publishes.

https://www.kaggle.com/datasets/Cornell-University/arxiv
"""

import re
from datetime import date
from email.utils import parsedate

from index.sources.author_lists import split_authors
from index.sources.json_values import JsonObject, take_list, take_objects, take_text
from index.sources.record import Record

_WITHDRAWN = re.compile(
    r"\s*(?:this (?:\w+ ){0,2}(?:has been|is|was) (?:now )?withdrawn|withdrawn)\b", re.IGNORECASE
)


def is_arxiv(record: JsonObject) -> bool:
    """Tell an entry of arXiv's snapshot by keys that only it has."""
    return "authors_parsed" in record or ("submitter" in record and "categories" in record)


def to_record(entry: JsonObject, line: int) -> Record:
    """Map an entry to a record; raises RefusedRecordError on a value of a wrong type."""
    arxiv_id, doi = take_text(entry, "id"), take_text(entry, "doi")
    abstract, comments = take_text(entry, "abstract"), take_text(entry, "comments")
    is_withdrawn = any(_WITHDRAWN.match(text) for text in (comments, abstract) if text)
    identifiers = (f"arxiv:{arxiv_id}" if arxiv_id else "", f"doi:{doi}" if doi else "")
    return Record(
        line=line,
        markup="latex",
        identifiers=tuple(identifier for identifier in identifiers if identifier),
        title=take_text(entry, "title"),
        abstract=abstract,
        authors=_authors(entry),
        journal=take_text(entry, "journal-ref"),
        published=_published(entry),
        type="preprint",
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else None,
        retracted=True if is_withdrawn else None,
    )


def _authors(entry: JsonObject) -> tuple[str, ...]:
    """Give the names; `authors_parsed` holds them as family, given, suffix, affiliations."""
    names = []
    for parts in take_list(entry, "authors_parsed"):
        if isinstance(parts, list) and all(isinstance(part, str) for part in parts[:3]):
            family, given, suffix = (*parts[:3], "", "", "")[:3]
            names.append(" ".join(part for part in (given, family, suffix) if part))
    if any(names):
        return tuple(name for name in names if name)
    return split_authors(take_text(entry, "authors") or "")


def _published(entry: JsonObject) -> str | None:
    """Give the day of the first version; the snapshot writes it as an e-mail's date."""
    for version in take_objects(entry, "versions")[:1]:
        day = _day(take_text(version, "created") or "")
        if day:
            return day
    return take_text(entry, "update_date")


def _day(created: str) -> str | None:
    try:
        parts = parsedate(created)
        return date(*parts[:3]).isoformat() if parts else None
    except (ValueError, OverflowError, IndexError, TypeError):
        return None  # the email package raises all of these on dates that are none
