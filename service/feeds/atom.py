"""A feed as Atom.

https://www.rfc-editor.org/rfc/rfc4287
"""

import re
from xml.etree import ElementTree

from service.feeds.feed import Entry, Feed

MEDIA_TYPE = "application/atom+xml"

_ATOM = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_atom(feed: Feed) -> bytes:
    """Give a feed as an XML document."""
    root = ElementTree.Element("feed", xmlns=_ATOM)
    _add(root, "id", feed.feed_id)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated)
    _link(root, "self", feed.self_url, MEDIA_TYPE)
    _link(root, "alternate", feed.home_url, "text/html")
    _add(root, "generator", "Cognate")
    # an entry without an author, as some articles are, takes that of its feed
    _person(root, "Cognate")
    for entry in feed.entries:
        _add_entry(root, entry)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add_entry(root: ElementTree.Element, entry: Entry) -> None:
    article = entry.article
    language = {"xml:lang": article.language} if article.language else {}
    element = ElementTree.SubElement(root, "entry", language)
    _add(element, "id", entry.entry_id)
    _add(element, "title", entry.title)
    _add(element, "updated", entry.updated)
    _add(element, "published", entry.updated)
    _link(element, "alternate", entry.url, "text/html")
    if entry.elsewhere:
        _link(element, "related", entry.elsewhere)
    for name in article.authors:
        _person(element, name)
    ElementTree.SubElement(element, "category", term=article.type)
    _add(element, "content", entry.text)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _NO_XML.sub("", text)


def _link(
    parent: ElementTree.Element, relation: str, address: str, media_type: str | None = None
) -> None:
    attributes = {"rel": relation, "href": _NO_XML.sub("", address)}
    if media_type is not None:
        attributes["type"] = media_type
    ElementTree.SubElement(parent, "link", attributes)


def _person(parent: ElementTree.Element, name: str) -> None:
    _add(ElementTree.SubElement(parent, "author"), "name", name)
