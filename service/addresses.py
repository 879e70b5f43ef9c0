"""Addresses that answers hold: of an article here, of a DOI, of what a source links to."""

from urllib.parse import quote, urlsplit

from index.article import Article


def article_path(article_id: str) -> str:
    """Give the address of an article's page on this service."""
    # a browser would swallow empty and dotted segments, so slashes around them are escaped
    parts = article_id.split("/")
    safe = ":" if {"", ".", ".."} & set(parts) else ":/"
    return "/articles/" + quote(article_id, safe=safe)


def doi_url(doi: str) -> str:
    """Give the address that resolves a DOI."""
    return "https://doi.org/" + quote(doi, safe="/:;()")


def web_url(url: str | None) -> str | None:
    """Give an address only if it is one of the web: a source may hold `javascript:` or worse."""
    if url is None:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def work_url(article: Article) -> str | None:
    """Give the address of an article elsewhere: that of its DOI, else what its source links to."""
    return doi_url(article.doi) if article.doi else web_url(article.url)
