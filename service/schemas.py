"""Answers on the wire: how articles, hits and errors are written as JSON.

They are plain dictionaries made by the `…_to_wire` functions, since absent and null mean
different things; the models describe those dictionaries in OpenAPI, and tests hold the two
together.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from index.article import Article, Evidence
from index.versions import Version, VersionKind
from service.query import FacetField
from service.results import (
    Exactness,
    Explanation,
    FacetValue,
    FoundArticle,
    Highlight,
    Hit,
    Leg,
    Results,
)

_SCORE_DIGITS = 6


class Wire(BaseModel):
    """What all models of answers share: they name every field that there is."""

    model_config = ConfigDict(extra="forbid")


class AuthorWire(Wire):
    """One author, as the source names them."""

    name: str


class VersionWire(Wire):
    """Another form of the same work."""

    article_id: str
    kind: VersionKind
    published: str | None
    doi: str | None
    url: str | None


class ArticleWire(Wire):
    """One article; null where the source does not say."""

    article_id: str
    doi: str | None
    title: str | None = Field(description="Null where the source shows only the abstract.")
    abstract: str | None
    authors: list[AuthorWire]
    n_authors: int = Field(description="How many there are; the source may not name them all.")
    journal: str | None
    published: str | None = Field(description="`2025-12-23`, `2025-12` or `2025`.")
    year: int | None
    type: str
    url: str | None
    language: str | None
    is_new: Literal[True] = Field(
        default=True, description="The source's own badge; absent without it."
    )
    first_indexed: str | None
    evidence: Evidence = Field(description="What of title and abstract is known.")
    truncated: bool = Field(description="Whether the text is longer than the encoder reads.")
    retracted: bool | None
    versions: list[VersionWire] = Field(description="The other forms of the same work.")


class ScoresWire(Wire):
    """What each leg says; null where it did not run."""

    semantic: float | None = Field(description="The cosine of question and article.")
    lexical: float | None = Field(
        description="The BM25 score; 0 where the article is not among the leg's best."
    )
    match: float | None = Field(
        description="The calibrated probability, in [0, 1], that the article matches: the one to "
        "threshold on and to show."
    )


class HighlightWire(Wire):
    """A sentence that carries the match, or a title with words of the question."""

    field: Literal["title", "abstract"]
    text: str
    start: int = Field(description="Where `text` begins in that field, in Unicode code points.")
    end: int = Field(description="Where it ends: the first code point behind it.")
    score: float = Field(description="The share of the question that it carries, in [0, 1].")
    words: list[tuple[int, int]] = Field(
        description="Start and end of each word of the question, counted in the field, too."
    )


class LegWire(Wire):
    """What one leg contributed to a hit."""

    rank: int | None = Field(description="From 1; null where the leg did not find the article.")
    score: float
    z_score: float = Field(
        description="How far the score lies from the mean of the leg's candidates, in standard "
        "deviations."
    )
    weight: float = Field(description="The leg's share of the order.")


class ExplanationWire(Wire):
    """How a hit came to its place and to its match probability."""

    semantic: LegWire | None
    lexical: LegWire | None
    fused: float = Field(
        description="What the order is made of: the weighted sum of the legs' z-scores, or what "
        "the second look made of it."
    )
    second_look: dict[str, float] | None = Field(
        description="Of the first articles: `nearness`, the cosine after feedback, and "
        "`best_sentence`, the cosine of the sentence or title nearest to the question."
    )
    query_kind: str = Field(description="Which calibration the question was given.")
    evidence: dict[str, float] = Field(description="What went into `scores.match`.")
    matched_by: list[str]
    selectivity: float = Field(description="The share of all articles that pass the filters.")


class HitWire(Wire):
    """One article of an answer."""

    rank: int = Field(description="From 1, going on from page to page.")
    score: float | None = Field(
        description="In [0, 1], what orders by relevance; compares within one answer only. Null "
        "where nothing was asked."
    )
    scores: ScoresWire
    article: ArticleWire
    highlights: list[HighlightWire] = Field(
        description="The title where it has a word of the question, then the best sentences."
    )
    explanation: ExplanationWire | None = Field(
        default=None, description="Absent unless `explain` asks for it."
    )


class FacetValueWire(Wire):
    """A value as the corpus spells it most often; sent back as a filter it finds `count`."""

    value: str
    count: int
    selected: bool


class ExactnessWire(Wire):
    """How the articles that match were found."""

    mode: Literal["exact", "approximate"]
    n_scanned: int = Field(description="How many articles were compared.")
    bound: int = Field(description="The most that can match.")
    bound_reached: bool = Field(description="Whether there was more; counts are of what is left.")


class ResultsWire(Wire):
    """What every answer with hits holds."""

    total: int = Field(description="How many articles match; all pages together hold as many.")
    total_is_exact: bool = Field(description="False where the bound was reached.")
    answerable: bool = Field(description="Whether anything matches, whatever the filters.")
    respelled: str | None = Field(
        description="The question as it was asked, where a word was taken for a typing error."
    )
    hits: list[HitWire]
    facets: dict[FacetField, list[FacetValueWire]] = Field(description="Those asked for.")
    next_cursor: str | None = Field(description="Null on the last page.")
    snapshot: str = Field(description="The name of the snapshot that answered.")
    exactness: ExactnessWire
    warnings: list[str]
    took_ms: float


class SearchAnswer(ResultsWire):
    """The answer to a search."""

    query: str | None = Field(description="The question, as it was asked.")


class BatchAnswer(Wire):
    """Articles in the order of their ids, null where an id is unknown."""

    articles: list[ArticleWire | None]


class HealthAnswer(Wire):
    """The process lives."""

    status: Literal["ok"]


class ReadyAnswer(Wire):
    """A snapshot is open."""

    status: Literal["ready"]
    snapshot: str
    n_articles: int
    degraded: str | None


class ErrorDetail(Wire):
    """What is wrong: a code to branch on, a sentence to read, the parameter it is about."""

    code: str
    message: str
    field: str | None


class ErrorAnswer(Wire):
    """The one shape of every error."""

    error: ErrorDetail


def article_to_wire(
    article: Article, *, truncated: bool, versions: Iterable[Version] = ()
) -> dict[str, object]:
    """Give an article as it goes over the wire, with the other forms of its work."""
    wire: dict[str, object] = {
        "article_id": article.article_id,
        "doi": article.doi,
        "title": article.title,
        "abstract": article.abstract,
        "authors": [{"name": name} for name in article.authors],
        "n_authors": article.n_authors,
        "journal": article.journal,
        "published": article.published,
        "year": article.year,
        "type": article.type,
        "url": article.url,
        "language": article.language,
    }
    if article.is_new:
        wire["is_new"] = True
    wire["first_indexed"] = article.first_indexed
    wire["evidence"] = article.evidence
    wire["truncated"] = truncated
    wire["retracted"] = article.retracted
    wire["versions"] = [_version_to_wire(version) for version in versions]
    return wire


def _version_to_wire(version: Version) -> dict[str, object]:
    return {
        "article_id": version.article_id,
        "kind": version.kind,
        "published": version.published,
        "doi": version.doi,
        "url": version.url,
    }


def found_to_wire(found: FoundArticle | None) -> dict[str, object] | None:
    """Give an article that was asked for by its id; null for none."""
    if found is None:
        return None
    return article_to_wire(found.article, truncated=found.truncated, versions=found.versions)


def hit_to_wire(hit: Hit) -> dict[str, object]:
    """Give a hit as it goes over the wire; its explanation only where it has one."""
    wire: dict[str, object] = {
        "rank": hit.rank,
        "score": rounded(hit.score),
        "scores": {
            "semantic": rounded(hit.scores.semantic),
            "lexical": rounded(hit.scores.lexical),
            "match": rounded(hit.scores.match),
        },
        "article": article_to_wire(hit.article, truncated=hit.truncated, versions=hit.versions),
        "highlights": [_highlight_to_wire(highlight) for highlight in hit.highlights],
    }
    if hit.explanation is not None:
        wire["explanation"] = _explanation_to_wire(hit.explanation)
    return wire


def _highlight_to_wire(highlight: Highlight) -> dict[str, object]:
    return {
        "field": highlight.field,
        "text": highlight.text,
        "start": highlight.start,
        "end": highlight.end,
        "score": rounded(highlight.score),
        "words": highlight.words,
    }


def _explanation_to_wire(explanation: Explanation) -> dict[str, object]:
    return {
        "semantic": _leg_to_wire(explanation.semantic),
        "lexical": _leg_to_wire(explanation.lexical),
        "fused": rounded(explanation.fused),
        "second_look": (
            None
            if explanation.second_look is None
            else {name: rounded(value) for name, value in explanation.second_look.items()}
        ),
        "query_kind": explanation.query_kind,
        "evidence": {name: rounded(value) for name, value in explanation.evidence.items()},
        "matched_by": explanation.matched_by,
        "selectivity": rounded(explanation.selectivity),
    }


def _leg_to_wire(leg: Leg | None) -> dict[str, object] | None:
    if leg is None:
        return None
    return {
        "rank": leg.rank,
        "score": rounded(leg.score),
        "z_score": rounded(leg.z_score),
        "weight": rounded(leg.weight),
    }


def results_to_wire(results: Results, warnings: list[str]) -> dict[str, object]:
    """Give what every answer with hits holds."""
    return {
        "total": results.total,
        "total_is_exact": results.total_is_exact,
        "answerable": results.answerable,
        "respelled": results.respelled,
        "hits": [hit_to_wire(hit) for hit in results.hits],
        "facets": _facets_to_wire(results.facets),
        "next_cursor": results.next_cursor,
        "snapshot": results.snapshot,
        "exactness": _exactness_to_wire(results.exactness),
        "warnings": warnings,
        "took_ms": results.took_ms,
    }


def _facets_to_wire(
    facets: Mapping[FacetField, Iterable[FacetValue]],
) -> dict[str, list[dict[str, object]]]:
    return {
        field: [
            {"value": value.value, "count": value.count, "selected": value.selected}
            for value in values
        ]
        for field, values in facets.items()
    }


def _exactness_to_wire(exactness: Exactness) -> dict[str, object]:
    return {
        "mode": exactness.mode,
        "n_scanned": exactness.n_scanned,
        "bound": exactness.bound,
        "bound_reached": exactness.bound_reached,
    }


def rounded(score: float | None) -> float | None:
    """Give a score with as many digits as are written."""
    return None if score is None else round(score, _SCORE_DIGITS)
