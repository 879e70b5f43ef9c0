"""Which fields of a paper are asked for, by the names that Semantic Scholar gives them.

Names of fields that are never known here are recognised, since clients ask for all by default:
they are null. Names that Semantic Scholar does not have either are refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from index.errors import QueryError

MATCH_PROBABILITY = "matchProbability"
"""A field of our own: the calibrated probability that a paper is what was asked for."""

AUTHOR_FIELDS = (
    *("authorId", "externalIds", "url", "name", "affiliations", "homepage", "paperCount"),
    *("citationCount", "hIndex"),
)
_LINKED = (
    *("paperId", "corpusId", "externalIds", "url", "title", "abstract", "venue"),
    *("publicationVenue", "year", "referenceCount", "citationCount", "influentialCitationCount"),
    *("isOpenAccess", "openAccessPdf", "fieldsOfStudy", "s2FieldsOfStudy", "publicationTypes"),
    *("publicationDate", "journal", "citationStyles", "authors", "textAvailability"),
)
PAPER_FIELDS = (*_LINKED, "citations", "references", "embedding", "tldr", MATCH_PROBABILITY)
SNIPPET_FIELDS = (
    *("text", "snippetKind", "section", "snippetOffset", "annotations", "annotations.sentences"),
    "annotations.refMentions",
)
_NESTED: Mapping[str, Iterable[str]] = {
    "authors": AUTHOR_FIELDS,
    "citations": _LINKED,
    "references": _LINKED,
    "embedding": ("specter_v1", "specter_v2", "model", "vector"),
    "tldr": ("model", "text"),
}
_KNOWN_OF_PAPERS = frozenset(PAPER_FIELDS) | {
    f"{name}.{inner}" for name, nested in _NESTED.items() for inner in nested
}
_KNOWN_OF_SNIPPETS = frozenset(f"snippet.{name}" for name in SNIPPET_FIELDS) | {"snippet"}
_ALWAYS_OF_AUTHORS = ("authorId", "name")


@dataclass(frozen=True, slots=True)
class Fields:
    """What is shown of a paper, beside its id, and of each of its authors."""

    names: tuple[str, ...] = ("title",)
    of_authors: tuple[str, ...] = _ALWAYS_OF_AUTHORS


def paper_fields(text: str | None) -> Fields:
    """Read the fields asked for; by default the title."""
    if text is None:
        return Fields()
    asked = _asked(text, _KNOWN_OF_PAPERS)
    names = dict.fromkeys(name.partition(".")[0] for name in asked)
    of_authors = [name.partition(".")[2] for name in asked if name.startswith("authors.")]
    return Fields(tuple(names), _with_always(of_authors))


def author_fields(text: str | None) -> tuple[str, ...]:
    """Read the fields of authors asked for; their ids and names are always shown."""
    return _with_always([] if text is None else _asked(text, frozenset(AUTHOR_FIELDS)))


def snippet_fields(text: str | None) -> tuple[str, ...]:
    """Read the fields of snippets asked for; by default all."""
    asked = [] if text is None else _asked(text, _KNOWN_OF_SNIPPETS)
    if not asked or "snippet" in asked:
        return SNIPPET_FIELDS
    return tuple(name.removeprefix("snippet.") for name in asked)


def _with_always(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_ALWAYS_OF_AUTHORS, *names)))


def _asked(text: str, known: frozenset[str]) -> list[str]:
    """Give the names of a list with commas, each once."""
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in known]
    if unknown:
        # word for word what Semantic Scholar says
        reason = f"Unrecognized or unsupported fields: [{', '.join(unknown)}]"
        raise QueryError(None, reason)
    return names
