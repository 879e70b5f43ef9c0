"""What requests for feeds may say: what a search says, or examples as the page has them."""

from collections.abc import Sequence

from pydantic import Field

from index.errors import QueryError
from service.examples import SIDES, Example, SimilarQuery, recognised
from service.query import Query
from service.whole import WholeParameters

_N_ENTRIES = 50
_MOST_ENTRIES = 100
_LIMIT = "How many articles at most, those that were indexed last."
_LIKE = "An article to be like, by any form of its id; may be repeated, as all four of these."
_UNLIKE = "An article to be unlike."
_TEXT = "A text to be like: plain words, BibTeX or RIS."
_UNLIKE_TEXT = "A text to be unlike."


class FeedParameters(WholeParameters):
    """The parameters of GET /feed.atom and GET /feed.json."""

    limit: int = Field(default=_N_ENTRIES, ge=1, le=_MOST_ENTRIES, description=_LIMIT)
    like: list[str] = Field(default=[], description=_LIKE)
    unlike: list[str] = Field(default=[], description=_UNLIKE)
    text: list[str] = Field(default=[], description=_TEXT)
    unlike_text: list[str] = Field(default=[], description=_UNLIKE_TEXT)

    @property
    def has_examples(self) -> bool:
        """Whether examples are given."""
        return bool(self.like or self.unlike or self.text or self.unlike_text)

    def to_asked(self) -> Query | SimilarQuery:
        """Give the question or the examples; the order of a feed is its own."""
        if not self.has_examples:
            return self.to_query()
        if self.q is not None:
            raise QueryError("text", "stands beside examples; ask a question or give examples")
        return SimilarQuery(
            positive=_examples(self.like, self.text),
            negative=_examples(self.unlike, self.unlike_text),
            filters=self.filters_on(None),
            min_match=self.min_match,
            prefer=self.prefer,
        )

    def spelled(self, field: str) -> str:
        """Give the name by which the request has a field of examples, as in `text.0`."""
        side, *rest = field.split(".")
        ids, texts = ("unlike", "unlike_text") if side == "negative" else ("like", "text")
        if side not in SIDES:
            return field
        if len(rest) < 2:
            return ids
        if rest[1] == "article_id":
            return f"{ids}.{rest[0]}"
        return f"{texts}.{int(rest[0]) - len(getattr(self, ids))}"


def _examples(ids: Sequence[str], texts: Sequence[str]) -> tuple[Example, ...]:
    return (*(Example("article_id", text) for text in ids), *map(recognised, texts))
