"""What a language model is handed: excerpts, and the text that holds them all."""

import hashlib
from dataclasses import dataclass

from service.context.bundle import DIGEST_BYTES, Bundle, ExcerptField, Handed
from service.short_article import ShortArticle

GAP = " … "
"""What stands between two runs of sentences that do not follow each other."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What of one article is handed over.

    `spans` count code points in that field of the article, and `text` is what lies in them, joined
    by `GAP`. `match` is the probability that the article matches; `tokens` are those of the text.
    """

    number: int
    key: str
    article: ShortArticle
    match: float
    field: ExcerptField
    text: str
    spans: tuple[tuple[int, int], ...]
    tokens: int

    @property
    def sha256(self) -> str:
        """The hash of the text in UTF-8, in hex digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def handed(self) -> Handed:
        """Give what a bundle keeps of it."""
        digest = bytes.fromhex(self.sha256)[:DIGEST_BYTES]
        article_id = self.article.article_id
        return Handed(self.number, self.key, article_id, self.field, self.spans, digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The answer to one query; `query` is what was searched, `text` what a prompt takes over.

    `tokens` are those of the text, counted by `tokenizer`, and at most `max_tokens`.
    """

    query: str
    text: str
    tokens: int
    max_tokens: int
    tokenizer: str
    excerpts: tuple[Excerpt, ...]
    snapshot: str
    took_ms: float

    @property
    def answerable(self) -> bool:
        """Whether anything matches; nothing is handed over where not."""
        return bool(self.excerpts)

    @property
    def bundle(self) -> Bundle | None:
        """What was handed over, if anything was."""
        if not self.excerpts:
            return None
        return Bundle(self.snapshot, tuple(one.handed() for one in self.excerpts))
