"""An article as a line of JSON: on the wire, and with all else that is known of it."""

import orjson

from service.results import FoundArticle
from service.schemas import article_to_wire


def to_json_line(found: FoundArticle) -> bytes:
    """Give all of an article, in the form that the API answers with and Cognate's reader reads."""
    article = found.article
    wire = article_to_wire(article, truncated=found.truncated, versions=found.versions)
    more = {
        "citation_key": article.citation_key,
        "identifiers": article.identifiers,
        "version_ids": article.version_ids,
    }
    return orjson.dumps(wire | {name: value for name, value in more.items() if value}) + b"\n"
