"""Keys depend on the article alone, are safe to write anywhere, and tell articles apart."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from service.context.keys import LONGEST_KEY, citation_key

ARTICLE = Article(
    article_id="doi:10.5555/x",
    doi="10.5555/x",
    title="Neural network methods",
    authors=("Yoav Goldberg",),
    n_authors=1,
    published="2017-04",
)

articles = st.builds(
    Article,
    article_id=st.text(min_size=1, max_size=30),
    title=st.none() | st.text(max_size=80),
    abstract=st.just("An abstract."),
    authors=st.lists(st.text(min_size=1, max_size=80), max_size=3).map(tuple),
    doi=st.none() | st.text(min_size=1, max_size=20),
    published=st.none() | st.sampled_from(["2017", "1999-12"]),
)


def test_a_key_says_who_when_and_what() -> None:
    assert re.fullmatch(r"goldberg2017neural-[a-z2-7]{5}", citation_key(ARTICLE))


@given(articles)
def test_a_key_is_short_and_of_letters_digits_and_one_hyphen(article: Article) -> None:
    key = citation_key(article)
    assert re.fullmatch(r"[a-z0-9]+-[a-z2-7]{5}", key)
    assert len(key) <= LONGEST_KEY


def test_a_name_without_an_end_is_cut_and_leaves_the_hash_whole() -> None:
    long = replace(ARTICLE, authors=("A " + "b" * 500,))
    key = citation_key(long)
    assert len(key) == LONGEST_KEY
    assert key[-6:] == citation_key(ARTICLE)[-6:]


def test_an_article_with_a_doi_has_one_key_by_whatever_id_an_index_knows_it() -> None:
    by_another_id = replace(ARTICLE, article_id="acl:P17-1", line=7, source="other.bib")
    assert citation_key(by_another_id) == citation_key(ARTICLE)
    bare = replace(ARTICLE, doi=None)
    assert citation_key(bare) == citation_key(ARTICLE)


@given(st.lists(articles, min_size=2, max_size=20))
def test_neighbours_do_not_change_a_key(many: list[Article]) -> None:
    forwards = {id(one): citation_key(one) for one in many}
    backwards = {id(one): citation_key(one) for one in reversed(many)}
    assert forwards == backwards


def test_articles_of_one_author_year_and_word_have_keys_of_their_own() -> None:
    many = [replace(ARTICLE, article_id=f"doi:10.5555/{n}", doi=f"10.5555/{n}") for n in range(500)]
    assert len({citation_key(one) for one in many}) == len(many)
