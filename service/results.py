"""What is answered: hits in order, and what is known about the whole of them."""

from dataclasses import dataclass

from index.article import Article


@dataclass(frozen=True, slots=True)
class Scores:
    """What each leg says of one article; None where the leg did not run.

    `semantic` is the cosine of the article and the question. `lexical` is the BM25 score, 0
    where the article is not among the best of that leg.
    """

    semantic: float | None = None
    lexical: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One article of an answer; `rank` counts from 1.

    `score`, in [0, 1], is what ordered a list by relevance and compares within one answer
    only; None where nothing was asked that could order it. `truncated` tells that the
    article's text is longer than what its embedding has seen.
    """

    rank: int
    score: float | None
    scores: Scores
    article: Article
    truncated: bool


@dataclass(frozen=True, slots=True)
class Results:
    """The whole answer to one query.

    `total` is how many articles answer it, None where that is not known: without a calibrated
    floor every article answers a question a little.
    """

    hits: tuple[Hit, ...]
    snapshot: str
    took_ms: float
    total: int | None = None
