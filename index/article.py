"""The article: one scholarly work, clean, and how a record becomes one."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index.article_types import parse_type, says_retracted
from index.dates import parse_date, parse_moment
from index.errors import RefusedRecordError
from index.identity import (
    fingerprint_id,
    implied_identifiers,
    normalise_doi,
    normalise_identifier,
)
from index.languages import parse_language
from index.text import clean_text

if TYPE_CHECKING:  # whoever only reads articles need not load the readers of all formats
    from index.sources.record import Markup, Record

Evidence = Literal["title+abstract", "title", "abstract"]

TYPES = (
    "research-article",
    "review",
    "conference-paper",
    "preprint",
    "abstract",
    "book-chapter",
    "dataset",
    "other",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One scholarly work, its text plain and in NFC; what is not known is None.

    `published` is an ISO date as exact as the source gave it ("2025-12-23", "2025-12" or
    "2025"). `identifiers` are all normalised ids of the work as `scheme:value`, its
    `article_id` not necessarily among them; `version_ids` are those of other versions of it
    (its preprint, its journal form), as its source names them. `n_authors` is at least
    `len(authors)`.
    `source` and `line` say which file, and where in it, first gave the article.
    """

    article_id: str
    title: str | None = None
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    n_authors: int = 0
    doi: str | None = None
    journal: str | None = None
    published: str | None = None
    type: str = "other"
    url: str | None = None
    language: str | None = None
    is_new: bool = False
    retracted: bool | None = None
    citation_key: str | None = None
    identifiers: tuple[str, ...] = ()
    version_ids: tuple[str, ...] = ()
    first_indexed: str | None = None
    source: str = ""
    line: int = 0

    @property
    def year(self) -> int | None:
        """The year of publication."""
        return int(self.published[:4]) if self.published else None

    @property
    def evidence(self) -> Evidence:
        """Which of title and abstract the article has to be found by."""
        if self.title and self.abstract:
            return "title+abstract"
        return "title" if self.title else "abstract"

    def passage(self) -> str:
        """Give the text that is embedded: title, then abstract, whichever are known."""
        return "\n".join(text for text in (self.title, self.abstract) if text)


_LONGEST_ID = 512
_LONGEST_URL = 2000
_ARXIV_DOI = "doi:10.48550/"
_IDS_BY_RANK = ("arxiv:", "pmid:", "openalex:")
_SCHEME_OF_ADDRESS = re.compile(
    r"https?://(?:(?P<doi>(?:dx\.|www\.)?doi\.org/10\.)|(?P<arxiv>(?:www\.)?arxiv\.org/abs/)"
    r"|(?P<pmid>pubmed\.ncbi\.nlm\.nih\.gov/\d))"
)
_RETRACTED_TITLE = re.compile(r"\W*(?:RETRACTED|WITHDRAWN|Retracted|Withdrawn)(?: \w+)?\s*[:\]]")
# What stands in for an unknown title or abstract, word for word: anything near it is a title.
_NO_TITLE = frozenset(
    ("untitled", "no title", "no title available", "title not available", "not available")
)
_NO_ABSTRACT = frozenset(
    (
        "no abstract", "no abstract available", "abstract not available", "no abstract provided",
        "an abstract is not available", "abstract unavailable", "not available", "n/a", "na",
        "nan", "none", "null",
    )
)  # fmt: skip
_LONGEST_PLACEHOLDER = 40
_NO_AUTHOR = frozenset(("[no author name available]", "[no authors listed]", "no authors listed"))
_MORE_AUTHORS = frozenset(("others", "and others", "et al", "et al.", "et. al.", "and et al."))


def parse_article(record: "Record", source: str) -> tuple[Article, tuple[str, ...]]:
    """Make a record of a source an article; give it, and what had to be mended or left out.

    Raises RefusedRecordError where neither title nor abstract is left after cleaning, and
    where the id given to the record is no id that can be kept.
    """
    repairs = list(record.repairs)
    title = _text(record.title, record.markup, _NO_TITLE)
    abstract = _text(record.abstract, record.markup, _NO_ABSTRACT)
    if not title and not abstract:
        raise RefusedRecordError(_why_nothing_to_find_it_by(record))
    authors, n_authors = _authors(record, repairs)
    published = _published(record.published, repairs)
    identifiers = _identifiers(record, repairs)
    fallback = (title or abstract or "", authors[0] if authors else None, published)
    article = Article(
        article_id=_article_id(record.given_id, identifiers, fallback),
        title=title,
        abstract=abstract,
        authors=authors,
        n_authors=n_authors,
        doi=_doi(identifiers),
        journal=_text(record.journal, record.markup),
        published=published,
        type=parse_type(record.type) if record.type else "other",
        url=_url(record.url, repairs),
        language=parse_language(record.language) if record.language else None,
        is_new=record.is_new,
        retracted=_retracted(record, title),
        citation_key=record.citation_key,
        identifiers=tuple(sorted(identifiers)),
        version_ids=_version_ids(record, identifiers),
        first_indexed=_moment(record.first_indexed, repairs),
        source=source,
        line=record.line,
    )
    return article, tuple(repairs)


def _text(
    raw: str | None, markup: "Markup", placeholders: frozenset[str] = frozenset()
) -> str | None:
    """Clean a text; a placeholder for an unknown one is none."""
    text = clean_text(raw, markup) if raw else None
    if text and placeholders and len(text) <= _LONGEST_PLACEHOLDER:
        return None if text.strip("[]().* ").casefold() in placeholders else text
    return text


def _why_nothing_to_find_it_by(record: "Record") -> str:
    shown = record.given_id or record.citation_key or next(iter(record.identifiers), None)
    named = f" (it calls itself {shown!r})" if shown else ""
    if record.title or record.abstract:
        return f"the record{named} has only blanks or placeholders for title and abstract"
    return f"the record{named} has neither title nor abstract"


def _authors(record: "Record", repairs: list[str]) -> tuple[tuple[str, ...], int]:
    """Give the authors as the source names them, and how many they are at least."""
    authors: list[str] = []
    are_more = False
    for raw in record.authors:
        name = (clean_text(raw, record.markup) or "").strip(" ,;")
        if name.casefold() in _MORE_AUTHORS:
            are_more = True
        elif name and name.casefold() not in _NO_AUTHOR:
            authors.append(name)
    if are_more and not record.n_authors:
        repairs.append('the list of authors ends in "et al.": how many more is not known')
    n_authors = max(len(authors) + are_more, record.n_authors or 0)
    return tuple(authors), n_authors


def _published(raw: str | None, repairs: list[str]) -> str | None:
    if not raw:
        return None
    published, repair = parse_date(raw)
    if repair:
        repairs.append(repair)
    return published


def _moment(raw: str | None, repairs: list[str]) -> str | None:
    """Give when an index of Cognate first had the article, if the source is an export of one."""
    moment = parse_moment(raw) if raw else None
    if raw and not moment:
        repairs.append(f'first_indexed: "{raw[:60]}" is no time; left out')
    return moment


def _identifiers(record: "Record", repairs: list[str]) -> list[str]:
    """Give the normalised identifiers of a record, each once, in the order it gives them."""
    found: dict[str, None] = {}
    for raw in record.identifiers:
        identifier, repair = _identifier(raw)
        if repair:
            repairs.append(repair)
        if identifier:
            found.update(dict.fromkeys(implied_identifiers(identifier)))
    addresses = map(_address_as_identifier, (record.given_id, record.url))
    for certain in (record.given_id, *addresses):
        if certain and (identifier := normalise_identifier(certain)):
            found.update(dict.fromkeys(implied_identifiers(identifier)))
    return list(found)


def _version_ids(record: "Record", own: list[str]) -> tuple[str, ...]:
    """Give the normalised identifiers of other versions; a bad one is no fault of the record."""
    found = filter(None, map(normalise_identifier, record.version_ids))
    every = {name for identifier in found for name in implied_identifiers(identifier)}
    return tuple(sorted(every.difference(own)))


def _identifier(raw: str) -> tuple[str | None, str | None]:
    """Give an identifier, normalised, and what was mended in it or why it was left out."""
    if raw[:4].lower() == "doi:":
        doi, repair = normalise_doi(raw[4:])
        return (f"doi:{doi}" if doi else None), repair
    identifier = normalise_identifier(raw)
    scheme, _, value = raw.partition(":")
    if identifier is None and value.strip():
        return None, f'"{value.strip()[:100]}" is no {scheme} identifier; left out'
    return identifier, None


def _address_as_identifier(url: str | None) -> str | None:
    """Give the identifier that an address of DOI, arXiv or PubMed holds."""
    match = _SCHEME_OF_ADDRESS.match(url) if url else None
    return f"{match.lastgroup}:{url}" if match else None


def _article_id(
    given_id: str | None, identifiers: list[str], fallback: tuple[str, str | None, str | None]
) -> str:
    """Give the id by which the article is known: the given one, or the best identifier."""
    if given_id and given_id.strip():
        if len(given_id) > _LONGEST_ID or any(c < " " or "\x7f" <= c <= "\x9f" for c in given_id):
            raise RefusedRecordError(
                f"the id {given_id[:60]!r} has control characters or more than"
                f" {_LONGEST_ID} characters"
            )
        return _encodable(given_id)
    if doi := _doi(identifiers):
        return f"doi:{doi}"
    for scheme in _IDS_BY_RANK:
        if best := next((i for i in identifiers if i.startswith(scheme)), None):
            return best
    if identifiers:
        return identifiers[0]
    text, first_author, published = fallback
    return fingerprint_id(text, first_author, int(published[:4]) if published else None)


def _encodable(given_id: str) -> str:
    try:
        given_id.encode()
    except UnicodeEncodeError as error:
        raise RefusedRecordError(f"the id {given_id[:60]!r} holds half a character") from error
    return given_id


def _doi(identifiers: list[str]) -> str | None:
    """Give the article's DOI; one of arXiv's own only if there is no other."""
    dois = [identifier for identifier in identifiers if identifier.startswith("doi:")]
    dois.sort(key=lambda doi: doi.startswith(_ARXIV_DOI))
    return dois[0].removeprefix("doi:") if dois else None


def _url(raw: str | None, repairs: list[str]) -> str | None:
    """Give the first address of a text, if the web has it."""
    parts = raw.split(maxsplit=1) if raw else []
    if not parts:
        return None
    url = parts[0].rstrip(";,")
    is_web = url[:8].lower().startswith(("http://", "https://")) and len(url) > len("https://")
    if is_web and len(url) <= _LONGEST_URL and url.isprintable():
        return url
    repairs.append(f'"{url[:100]}" is no web address; left out')
    return None


def _retracted(record: "Record", title: str | None) -> bool | None:
    if record.retracted is None and (
        (record.type and says_retracted(record.type)) or (title and _RETRACTED_TITLE.match(title))
    ):
        return True
    return record.retracted
