"""Related work for a draft, as frozen values."""

from dataclasses import dataclass

from cognate_client.answers import Article, Hit, PieceOfText, Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An article that a sentence could cite, with the sentence of it that is nearest."""

    rank: int
    scores: Scores
    article: Article
    support: PieceOfText
    cosine: float
    key: str
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSentence:
    """A sentence of the draft, what it cites and what it could cite."""

    start: int
    end: int
    text: str
    section: str | None
    kind: str
    needs_citation: bool
    cites: tuple[str, ...]
    cited: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    inserted: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """An article near the whole draft, which does not cite it."""

    hit: Hit
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of the draft's bibliography."""

    key: str
    title: str | None
    article_id: str | None
    cited: bool
    nearest: int | None
    match: float | None
    needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedWork:
    """What a draft could cite; the extras are None unless `include` asks for them."""

    format: str
    title: str | None
    sentences: tuple[DraftSentence, ...]
    neighbours: tuple[Neighbour, ...]
    bibliography: tuple[Entry, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]
    bibtex: str | None = None
    patch: str | None = None
    markdown: str | None = None
    html: str | None = None
    snapshot: str
    took_ms: float
