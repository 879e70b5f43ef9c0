"""What is worth handing to a language model, and what became of it in its answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortArticle:
    """An article in few words: the first five authors, and how many there are."""

    article_id: str
    doi: str | None
    title: str | None
    authors: tuple[str, ...]
    n_authors: int
    journal: str | None
    year: int | None
    type: str
    is_retracted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where something stands in a field or a text, in Unicode code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Sentences of one article, to be cited as [number] or by key."""

    number: int
    key: str
    article: ShortArticle
    match: float
    field: str
    text: str
    spans: tuple[Span, ...]
    sha256: str
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The excerpts for a question; `text` is all of them, ready to stand in a prompt.

    Not `answerable`: the library has nothing on it, and there is neither text nor bundle.
    """

    query: str
    answerable: bool
    bundle_id: str | None
    text: str
    tokens: int
    max_tokens: int
    tokenizer: str
    excerpts: tuple[Excerpt, ...]
    snapshot: str
    took_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a citation says otherwise than the index."""

    field: str
    given: str
    found: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A citation in a text, and what the index knows of it."""

    start: int
    end: int
    text: str
    kind: str
    status: str
    reason: str
    retracted: bool
    article: ShortArticle | None
    differs: tuple[Difference, ...]
    in_bundle: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words that a quote has in the place of others; either can be empty."""

    given: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words in quotation marks, and whether an article has them so."""

    start: int
    end: int
    text: str
    status: str
    reason: str
    article_id: str | None
    field: str | None
    found_start: int | None
    found_end: int | None
    found_text: str | None
    differs: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """The sentence of an article that supports a claim best."""

    article_id: str
    field: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence that claims something, and what supports it."""

    start: int
    end: int
    text: str
    citations: tuple[int, ...]
    support: Support | None
    match: float | None
    supported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many citations are of each status."""

    verified: int
    metadata_mismatch: int
    retracted: int
    not_in_corpus: int
    unchecked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What became of the citations, quotes and claims of a text."""

    summary: Summary
    citations: tuple[Citation, ...]
    quotes: tuple[Quote, ...]
    claims: tuple[Claim, ...]
    snapshot: str
    took_ms: float
