"""What a feed says of an article."""

import feedparser

from index.article import Article
from service.feeds.atom import to_atom
from service.feeds.feed import UNDATED, Feed, to_entry

BASE = "https://x.example/cognate/"


def test_an_article_that_an_old_index_did_not_date_has_a_time_that_never_changes() -> None:
    article = Article(article_id="a", title="A", published="2025-01-02")

    assert to_entry(article, BASE).updated == UNDATED
    assert UNDATED < "1970-01-02"


def test_an_entry_is_known_by_the_id_of_its_article_alone() -> None:
    article = Article(article_id="doi:10.5555/a", title="A", doi="10.5555/a")
    changed = Article(article_id="doi:10.5555/a", title="B", first_indexed="2026-01-01T00:00:00Z")

    assert to_entry(article, BASE).entry_id == to_entry(changed, "http://y.example/").entry_id
    other = Article(article_id="doi:10.5555/b", title="A", doi="10.5555/b")
    assert to_entry(article, BASE).entry_id != to_entry(other, BASE).entry_id


def test_addresses_are_absolute_and_of_the_web() -> None:
    odd = Article(article_id="a//b", title="A", url="javascript:alert(1)")
    named = Article(article_id="doi:10.5555/a", title="A", doi="10.5555/a", url="https://y.example")

    assert to_entry(odd, BASE).url == "https://x.example/cognate/articles/a%2F%2Fb"
    assert to_entry(odd, BASE).elsewhere is None
    assert to_entry(named, BASE).elsewhere == "https://doi.org/10.5555/a"


def test_what_xml_cannot_hold_is_left_out() -> None:
    feed = Feed("a\x0b<b>\ufffe]]>", "key", BASE, BASE, UNDATED, ())

    parsed = feedparser.parse(to_atom(feed))

    assert not parsed.bozo
    assert parsed.feed.title == "a<b>]]>"
