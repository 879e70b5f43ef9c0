"""What requests for feeds may say: what answers, and how many articles of it."""

from pydantic import Field

from service.whole import WholeParameters

_N_ENTRIES = 50
MOST_ENTRIES = 100
_LIMIT = "How many articles at most, those that were indexed last."


class FeedParameters(WholeParameters):
    """The parameters of GET /feed.atom and GET /feed.json; the order of a feed is its own."""

    limit: int = Field(default=_N_ENTRIES, ge=1, le=MOST_ENTRIES, description=_LIMIT)
