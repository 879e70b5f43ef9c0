"""A feed as JSON Feed.

https://www.jsonfeed.org/version/1.1/
"""

import orjson

from service.feeds.feed import Entry, Feed

MEDIA_TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"


def to_json_feed(feed: Feed) -> bytes:
    """Give a feed as a JSON document; `_cognate` holds what the format has no field for."""
    return orjson.dumps(
        {
            "version": VERSION,
            "title": feed.title,
            "home_page_url": feed.home_url,
            "feed_url": feed.self_url,
            "items": [_item(entry) for entry in feed.entries],
        }
    )


def _item(entry: Entry) -> dict[str, object]:
    article = entry.article
    item = {
        "id": entry.entry_id,
        "url": entry.url,
        "external_url": entry.elsewhere,
        "title": entry.title,
        "content_text": entry.text,
        "date_published": entry.updated,
        "authors": [{"name": name} for name in article.authors],
        "tags": [article.type],
        "language": article.language,
        "_cognate": {
            "article_id": article.article_id,
            "doi": article.doi,
            "journal": article.journal,
            "published": article.published,
            "first_indexed": article.first_indexed,
            "retracted": article.retracted,
        },
    }
    return {name: value for name, value in item.items() if value}
