"""A feed before it is written: what it is called, and the articles it tells of."""

import uuid
from dataclasses import dataclass

from index.article import Article
from service.addresses import article_path, doi_url, web_url
from service.exports.reference import reference
from service.wording import heading

UNDATED = "1970-01-01T00:00:00.000Z"
"""The time of an article of an old index, which did not write down when it first had it.

Not that of the snapshot: with every build all of them would be news again.
"""
_NAMESPACE = uuid.UUID("5b6c7d2e-2f7a-5d0e-9a43-6f1f0c9be3aa")


@dataclass(frozen=True, slots=True)
class Entry:
    """One article in a feed; `entry_id` stays the same wherever the service runs."""

    article: Article
    url: str

    @property
    def entry_id(self) -> str:
        """Give a URN that is made of the article's id alone."""
        return urn(f"article {self.article.article_id}")

    @property
    def title(self) -> str:
        """Give the title, or the first words of the abstract in brackets."""
        return heading(self.article)

    @property
    def updated(self) -> str:
        """Give when the index first had the article."""
        return self.article.first_indexed or UNDATED

    @property
    def elsewhere(self) -> str | None:
        """Give where the article itself is, if that is known."""
        if self.article.doi:
            return doi_url(self.article.doi)
        return web_url(self.article.url)

    @property
    def text(self) -> str:
        """Give a reference and the abstract."""
        parts = (reference(self.article), self.article.abstract)
        return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Feed:
    """What answers one question or set of examples; `updated` is that of its newest article.

    `key` is what was asked, whatever the snapshot and the host: the feed's own id is made of it.
    """

    title: str
    key: str
    self_url: str
    home_url: str
    updated: str
    entries: tuple[Entry, ...]

    @property
    def feed_id(self) -> str:
        """Give a URN that is made of what was asked."""
        return urn(f"feed {self.key}")


def to_entry(article: Article, base_url: str) -> Entry:
    """Give the entry of an article, which has a page under `base_url`."""
    return Entry(article, base_url.rstrip("/") + article_path(article.article_id))


def urn(name: str) -> str:
    """Give a URN that is always the same for a name."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}"
