"""Citation keys of excerpts: one article has one key, in every bundle of any index.

A key says whose work it is, of what year and on what, as `familyYEARword`; a few letters of a
hash follow, always: were they there only where two keys are the same, the key of an article
would depend on its neighbours.
"""

import base64
import hashlib

from index.article import Article
from service.exports.citation_keys import new_keys

LONGEST_KEY = 60
"""Code points, all of them ASCII: letters and digits in lower case, and one hyphen."""

_HASHED = 5
_LONGEST_STEM = LONGEST_KEY - _HASHED - 1


def citation_key(article: Article) -> str:
    """Give the key of an article: of what it says of itself and of its DOI, or else its id.

    Two articles of one index whose keys agree are as rare as one in 30 million of those with the
    same author, year and first word.
    """
    (stem,) = new_keys([article])
    return f"{stem[:_LONGEST_STEM]}-{hashed(article.doi or article.article_id)}"


def hashed(identity: str) -> str:
    """Give the letters that stand behind the hyphen in the key of what a DOI or an id names."""
    digest = hashlib.sha256(identity.removeprefix("doi:").encode()).digest()
    return base64.b32encode(digest)[:_HASHED].decode().lower()
