"""Related work on the wire: what is asked in a body, and how the answer is written as JSON."""

from typing import Annotated, Literal, get_args

from pydantic import Field, StrictFloat, StrictInt

from service.drafts.bibliography import BibliographyFormat
from service.drafts.draft import DraftFormat
from service.drafts.need import Kind
from service.parameters import TIMEOUT, FilterBody, RequestModel
from service.related.query import (
    DEFAULT_CANDIDATES,
    DEFAULT_NEIGHBOURS,
    INSERTED_FROM,
    MOST_CANDIDATES,
    RelatedQuery,
)
from service.related.report import write_report
from service.related.results import AnsweredSentence, Candidate, CheckedEntry, RelatedResults
from service.schemas import (
    ArticleWire,
    HitWire,
    ScoresWire,
    Wire,
    article_to_wire,
    hit_to_wire,
    rounded,
)
from service.similar_schemas import PieceOfTextWire, piece_to_wire

Extra = Literal["bibtex", "patch", "markdown", "html"]
EXTRAS: tuple[Extra, ...] = get_args(Extra)

_TEXT = "The draft, or a paragraph of it: LaTeX, Markdown or plain text."
_FORMAT = "Its format; recognised by content where it is not given."
_BIBLIOGRAPHY = (
    "Its bibliography: BibTeX, RIS, CSL-JSON, or numbered references. Without one, the draft's own "
    "list of references."
)
_LIMIT = "The most candidates for a sentence."
_NEIGHBOURS = "The most articles that are near the whole draft; 0 looks for none."
_MIN_MATCH = (
    "The least probability of a match that a candidate needs; by default .05, or the floor that "
    "the index was calibrated with where that is higher."
)
_INSERT_FROM = "The least probability of a candidate that the patch inserts."
_INCLUDE = (
    "What else the answer holds: `bibtex`, an entry for every article offered that the "
    "bibliography lacks; `patch`, a unified diff that inserts the best candidates; a report to "
    "read, as `markdown` or one page of `html`."
)
_NAME = "What the patch calls the draft's file."


class RelatedBody(RequestModel):
    """The body of POST /v1/related-work."""

    text: str = Field(description=_TEXT)
    format: DraftFormat | None = Field(default=None, description=_FORMAT)
    bibliography: str | None = Field(default=None, description=_BIBLIOGRAPHY)
    bibliography_format: BibliographyFormat | None = Field(default=None, description=_FORMAT)
    filters: FilterBody = FilterBody()
    limit: Annotated[StrictInt, Field(ge=1, le=MOST_CANDIDATES, description=_LIMIT)] = (
        DEFAULT_CANDIDATES
    )
    neighbours: Annotated[StrictInt, Field(ge=0, description=_NEIGHBOURS)] = DEFAULT_NEIGHBOURS
    min_match: Annotated[StrictFloat, Field(gt=0, le=1)] | None = Field(
        default=None, description=_MIN_MATCH
    )
    insert_from: Annotated[StrictFloat, Field(gt=0, le=1, description=_INSERT_FROM)] = INSERTED_FROM
    include: list[Extra] = Field(default=["bibtex", "patch"], description=_INCLUDE)
    name: str = Field(default="draft", description=_NAME)
    timeout_ms: StrictInt | None = Field(default=None, description=TIMEOUT)

    def to_query(self) -> RelatedQuery:
        """Give the query asked for."""
        return RelatedQuery(
            text=self.text,
            format=self.format,
            bibliography=self.bibliography,
            bibliography_format=self.bibliography_format,
            filters=self.filters.to_filters(None),
            limit=self.limit,
            neighbours=self.neighbours,
            min_match=self.min_match,
            insert_from=self.insert_from,
            name=self.name,
        )


class CandidateWire(Wire):
    """An article that a sentence could cite."""

    rank: int
    scores: ScoresWire
    article: ArticleWire
    support: PieceOfTextWire = Field(description="The sentence of it that is nearest.")
    cosine: float = Field(description="How near that is.")
    key: str = Field(description="What to cite it by.")
    known: bool = Field(description="Whether the bibliography has it, by that key.")


class SentenceWire(Wire):
    """A sentence of the draft, at its place, and what it cites and could cite."""

    start: int = Field(description="Where it begins in the draft, in Unicode code points.")
    end: int
    text: str = Field(description="The sentence in plain words.")
    section: str | None
    kind: Kind
    needs_citation: bool
    cites: list[str] = Field(description="What it cites, as it is written there.")
    cited: list[str] = Field(description="The keys of the bibliography that these are.")
    candidates: list[CandidateWire]
    inserted: str | None = Field(description="The key that the patch puts there.")


class NeighbourWire(Wire):
    """An article near the whole draft, which does not cite it."""

    hit: HitWire
    key: str


class EntryWire(Wire):
    """An entry of the bibliography."""

    key: str
    title: str | None
    article_id: str | None = Field(description="Null where it is no article of the index.")
    cited: bool
    nearest: int | None = Field(description="The number, from 0, of the sentence it is nearest to.")
    match: float | None
    needed: bool = Field(description="Whether a sentence cites it or seems to need it.")


class RelatedAnswer(Wire):
    """What a draft could cite."""

    format: DraftFormat
    title: str | None
    sentences: list[SentenceWire]
    neighbours: list[NeighbourWire]
    bibliography: list[EntryWire]
    unknown: list[str] = Field(description="What is cited and not in the bibliography.")
    notes: list[str] = Field(description="What was not read, of the draft and its bibliography.")
    bibtex: str | None = None
    patch: str | None = None
    markdown: str | None = None
    html: str | None = None
    snapshot: str
    took_ms: float


def related_to_wire(results: RelatedResults, include: list[Extra]) -> dict[str, object]:
    """Give the answer to a draft, with the extras that are asked for."""
    wire: dict[str, object] = {
        "format": results.draft.format,
        "title": results.draft.title,
        "sentences": [_sentence_to_wire(one) for one in results.sentences],
        "neighbours": [{"hit": hit_to_wire(one.hit), "key": one.key} for one in results.neighbours],
        "bibliography": [_entry_to_wire(one) for one in results.entries],
        "unknown": list(results.unknown),
        "notes": [*results.draft.notes, *results.bibliography.problems],
    }
    wire |= {extra: _extra(results, extra) for extra in EXTRAS if extra in include}
    return wire | {"snapshot": results.snapshot, "took_ms": results.took_ms}


def _extra(results: RelatedResults, extra: Extra) -> str:
    if extra == "bibtex":
        return results.bibtex
    return results.patch.diff if extra == "patch" else write_report(results, extra)


def _sentence_to_wire(answer: AnsweredSentence) -> dict[str, object]:
    sentence = answer.sentence
    return {
        "start": sentence.start,
        "end": sentence.end,
        "text": sentence.text,
        "section": sentence.section,
        "kind": sentence.kind,
        "needs_citation": sentence.needs_citation,
        "cites": list(sentence.cites),
        "cited": [entry.key for entry in answer.cited],
        "candidates": [_candidate_to_wire(one) for one in answer.candidates],
        "inserted": answer.gets,
    }


def _candidate_to_wire(candidate: Candidate) -> dict[str, object]:
    scores = candidate.scores
    return {
        "rank": candidate.rank,
        "scores": {
            "semantic": rounded(scores.semantic),
            "lexical": rounded(scores.lexical),
            "match": rounded(scores.match),
        },
        "article": article_to_wire(
            candidate.article, truncated=candidate.truncated, versions=candidate.versions
        ),
        "support": piece_to_wire(candidate.support),
        "cosine": rounded(candidate.cosine),
        "key": candidate.key,
        "known": candidate.known,
    }


def _entry_to_wire(checked: CheckedEntry) -> dict[str, object]:
    return {
        "key": checked.entry.key,
        "title": checked.entry.article.title,
        "article_id": checked.article_id,
        "cited": checked.cited,
        "nearest": checked.nearest,
        "match": rounded(checked.match),
        "needed": checked.needed,
    }
