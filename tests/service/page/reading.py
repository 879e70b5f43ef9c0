"""A page read: what of its HTML tests look at."""

import re
from html import unescape


def headings(page: str) -> list[str]:
    """Give the titles of the hits, in their order."""
    titles = re.findall(r'<h2 dir="auto"><a [^>]*>(.*?)</a></h2>', page)
    return [unescape(re.sub("</?mark>", "", title)) for title in titles]


def text(page: str) -> str:
    """Give what a page shows, without its tags and line breaks."""
    return " ".join(unescape(re.sub("<[^>]*>", "", page)).split())


def links(page: str, words: str) -> list[str]:
    """Give where the links of these words lead."""
    found = re.findall(rf'<a [^>]*?href="([^"]*)"[^>]*>\s*{re.escape(words)}\s*</a>', page)
    return [unescape(link) for link in found]


def counts(page: str, name: str) -> dict[str, int]:
    """Give the boxes of a facet: value and count."""
    boxes = re.findall(
        rf'name="{name}" value="([^"]*)"[^>]*> <span[^>]*>.*?</span> <span class="n">([\d,]*)', page
    )
    return {unescape(value): int(count.replace(",", "")) for value, count in boxes}
