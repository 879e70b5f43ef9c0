"""What is answered: hits in order, and what is known about the whole of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from index.article import Article
from index.versions import Version
from service.query import FacetField


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """One article as it is shown on its own, with the other forms of its work.

    `truncated` tells that its text is longer than what its embedding has seen.
    """

    article: Article
    truncated: bool
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class Scores:
    """What each leg says of one article; None where the leg did not run.

    `semantic` is the cosine of the article and the question. `lexical` is the BM25 score, 0
    where the article is not among the best of that leg. `match` is the calibrated probability
    that the article matches the question, in [0, 1]: the one to threshold on and to show.
    """

    semantic: float | None = None
    lexical: float | None = None
    match: float | None = None


@dataclass(frozen=True, slots=True)
class Highlight:
    """A piece of an article that says why it matched, at its place in the text.

    `start` and `end` count Unicode code points in that field of the article, and `text` is
    what lies between; `words` are the places, counted likewise, of the question's words in
    it. `score`, in [0, 1], is the share of the question that the piece carries.
    """

    field: Literal["title", "abstract"]
    text: str
    start: int
    end: int
    score: float
    words: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PieceOfText:
    """A title or a sentence, at its place; `text` as a field is a text that was given as example.

    `start` and `end` count Unicode code points in that field.
    """

    field: Literal["title", "abstract", "text"]
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SentencePair:
    """The sentence of an example and that of an article which are nearest to each other."""

    example: PieceOfText
    article: PieceOfText
    cosine: float


@dataclass(frozen=True, slots=True)
class Reason:
    """What a hit has in common with an example, by its number among the positive or negative."""

    example: int
    cosine: float
    sentences: SentencePair


@dataclass(frozen=True, slots=True)
class ShownExample:
    """An example as it was understood: an article of the index by its id, or a text of its own.

    `given` is its number, from 0, among the examples that were given: a paste can hold several.
    """

    given: int
    article_id: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet as the corpus spells it most often, and how many articles have it."""

    value: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Exactness:
    """How the match set was found.

    `exact`: every article was compared by its embedding; `approximate`: by a coarser code of
    it. Where `bound_reached`, the set was cut at its `bound` best articles, or the lexical leg
    at as many, and counts are of what is left.
    """

    mode: Literal["exact", "approximate"]
    n_scanned: int
    bound: int
    bound_reached: bool


@dataclass(frozen=True, slots=True)
class Leg:
    """What one leg contributed to a hit: its rank there, from 1, and its share of the order.

    `rank` is None where the embeddings did not propose the article, or no word is shared;
    `z_score` is the distance of its
    score (of a cosine less its hubness) from the mean of the leg's candidates, in standard
    deviations.
    """

    rank: int | None
    score: float
    z_score: float
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a hit came to its place and to its match probability.

    `fused` is what the order is made of: the weighted sum of the legs' z-scores or, for the
    first articles, what the second look made of it from the cosine after feedback
    (`nearness`) and that of the best sentence. `query_kind` names the calibration,
    `evidence` what went into it. `selectivity` is the share of all articles that pass the
    filters.
    """

    semantic: Leg | None
    lexical: Leg | None
    fused: float
    second_look: Mapping[str, float] | None
    query_kind: str
    evidence: Mapping[str, float]
    matched_by: tuple[str, ...]
    selectivity: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One article of an answer; `rank` counts from 1, and goes on from page to page.

    `score`, in [0, 1], is what ordered a list by relevance and compares within one answer
    only; None where nothing was asked that could order it. `truncated` tells that the
    article's text is longer than what its embedding has seen. `versions` are the other forms
    of the same work. `because` and `despite` are of an answer to examples: the one that pulled
    the hit in, and the negative one that pushed it down.
    """

    rank: int
    score: float | None
    scores: Scores
    article: Article
    truncated: bool
    versions: tuple[Version, ...] = ()
    highlights: tuple[Highlight, ...] = ()
    explanation: Explanation | None = None
    because: Reason | None = None
    despite: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The whole answer to one query.

    `total` is the size of the match set, from which hits, facets and further pages come;
    `answerable` tells that something in the corpus, whatever the filters, matches. `respelled`
    is the question as it was asked where words of it were taken for typing errors. `positive` and
    `negative` are the examples that were given, as they were understood. `counts` are the sizes
    that the match set has under the filters which the query wants counted.
    """

    hits: tuple[Hit, ...]
    total: int
    total_is_exact: bool
    answerable: bool
    respelled: str | None
    facets: Mapping[FacetField, tuple[FacetValue, ...]]
    next_cursor: str | None
    snapshot: str
    exactness: Exactness
    took_ms: float
    positive: tuple[ShownExample, ...] = ()
    negative: tuple[ShownExample, ...] = ()
    counts: tuple[int, ...] = ()
