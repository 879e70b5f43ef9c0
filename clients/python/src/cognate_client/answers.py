"""Answers to searches and examples, as frozen values; null is None.

What each field means is said by the service at /openapi.json.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """One author, as the source names them."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Another form of the same work."""

    article_id: str
    kind: str
    published: str | None
    doi: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One scholarly work; None where the source does not say."""

    article_id: str
    doi: str | None
    title: str | None
    abstract: str | None
    authors: tuple[Author, ...]
    n_authors: int
    journal: str | None
    published: str | None
    year: int | None
    type: str
    url: str | None
    language: str | None
    is_new: bool = False
    first_indexed: str | None
    evidence: str
    truncated: bool
    retracted: bool | None
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Articles:
    """Articles in the order of the ids that were asked for, None where one is unknown."""

    articles: tuple[Article | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What each leg says; `match` is the probability to show and to threshold on."""

    semantic: float | None
    lexical: float | None
    match: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """A sentence that carries the match, at its place in a field, in Unicode code points."""

    field: str
    text: str
    start: int
    end: int
    score: float
    words: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article of an answer, with its rank and scores."""

    rank: int
    score: float | None
    scores: Scores
    article: Article
    highlights: tuple[Highlight, ...]
    explanation: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value of a facet, and how many of the articles that match have it."""

    value: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exactness:
    """How the articles that match were found."""

    mode: str
    n_scanned: int
    bound: int
    bound_reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One page of an answer; `next_cursor` is None on the last."""

    total: int
    total_is_exact: bool
    answerable: bool
    respelled: str | None
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    next_cursor: str | None
    snapshot: str
    exactness: Exactness
    warnings: tuple[str, ...]
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceOfText:
    """A title or a sentence, at its place in a field."""

    field: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePair:
    """The sentence of the example and that of the article nearest to each other."""

    example: PieceOfText
    article: PieceOfText
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What a hit has in common with an example: its number, from 0, in the answer."""

    example: int
    cosine: float
    sentences: SentencePair


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownExample:
    """An example as it was understood; `given` is its number, from 0, in the request."""

    given: int
    article_id: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarHit(Hit):
    """A hit, with the example that pulled it in and the one that pushed it down."""

    because: Reason | None
    despite: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarResults(Results):
    """One page of the articles that are like some examples and unlike others."""

    positive: tuple[ShownExample, ...]
    negative: tuple[ShownExample, ...]
    hits: tuple[SimilarHit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Which snapshot is open, how many articles it holds, and what is wrong with it, if known."""

    snapshot: str
    n_articles: int
    degraded: str | None = None
