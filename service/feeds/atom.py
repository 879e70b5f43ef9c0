"""A feed as Atom.

https://www.rfc-editor.org/rfc/rfc4287
"""

import re
from collections.abc import Mapping

from lxml import etree

from service.feeds.feed import Entry, Feed

MEDIA_TYPE = "application/atom+xml"

_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_atom(feed: Feed) -> bytes:
    """Give a feed as an XML document."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    _add(root, "id", feed.feed_id)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated)
    _link(root, "self", feed.self_url, {"type": MEDIA_TYPE})
    _link(root, "alternate", feed.home_url, {"type": "text/html"})
    _add(root, "generator", "Cognate")
    # RFC 4287: an entry without an author, as some articles are, needs one of its feed
    _person(root, "Cognate")
    for entry in feed.entries:
        _add_entry(root, entry)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return written


def _add_entry(root: etree._Element, entry: Entry) -> None:
    article = entry.article
    element = etree.SubElement(root, f"{{{_ATOM}}}entry")
    if article.language:
        element.set(_LANGUAGE, article.language)
    _add(element, "id", entry.entry_id)
    _add(element, "title", entry.title)
    _add(element, "updated", entry.updated)
    _add(element, "published", entry.updated)
    _link(element, "alternate", entry.url, {"type": "text/html"})
    if entry.elsewhere:
        _link(element, "related", entry.elsewhere)
    for name in article.authors:
        _person(element, name)
    etree.SubElement(element, f"{{{_ATOM}}}category", term=article.type)
    _add(element, "content", entry.text)


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{_ATOM}}}{name}").text = _NO_XML.sub("", text)


def _link(
    parent: etree._Element, relation: str, address: str, more: Mapping[str, str] | None = None
) -> None:
    etree.SubElement(
        parent, f"{{{_ATOM}}}link", rel=relation, href=_NO_XML.sub("", address), **(more or {})
    )


def _person(parent: etree._Element, name: str) -> None:
    _add(etree.SubElement(parent, f"{{{_ATOM}}}author"), "name", name)
