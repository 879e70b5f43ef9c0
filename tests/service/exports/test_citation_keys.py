"""Keys follow the style of the bibliography; entries are read back as the same article."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import TYPES, Article
from index.identity import fold_name
from service.drafts.bibliography import read_bibliography
from service.exports.bibtex_entry import to_bibtex
from service.exports.citation_keys import new_keys

ARTICLE = Article(
    article_id="x",
    title="The Emotional Voice: a study",
    authors=("Åsa van der Öberg", "B. Ray", "C. Poe"),
    n_authors=3,
    published="2020-05",
)

letters = st.text(alphabet="abcXYZéüñßøÅčłαβ", min_size=1, max_size=8)
SIGNS = "abcdefXYZéüöñßøÅčłαβ中’“”–—…&%$#_~^{}\\+/()!?-'` 0123456789"
words = st.text(alphabet=SIGNS, min_size=1, max_size=40)
names = st.one_of(
    st.builds("{} {}".format, letters, letters),
    st.builds("{}, {}".format, letters, letters),
    st.builds("{} van der {}".format, letters, letters),
    st.builds("{} and {} Consortium".format, letters, letters),
    letters,
)


@pytest.mark.parametrize(
    ("existing", "expected"),
    [
        ([], "vanderoberg2020emotional"),
        (["ray2001dogs", "poe2002cats", "x"], "vanderoberg2020emotional"),
        (["ray:2001", "poe:2002"], "vanderoberg:2020"),
        (["Ray2001", "Poe2002b"], "Vanderoberg2020"),
        (["ray_dogs_2001", "poe_cats_2002"], "vanderoberg_emotional_2020"),
        (["rayDogs2001", "poeCats2002"], "vanderobergEmotional2020"),
        (["ray01", "poe02"], "vanderoberg20"),
        (["ray-etal-2001-dogs", "poe-ray-2002-cats"], "vanderoberg-etal-2020-emotional"),
        (["b1", "b2", "ray2001"], "vanderoberg2020emotional"),
    ],
)
def test_keys_have_the_style_of_the_others(existing: list[str], expected: str) -> None:
    assert new_keys([ARTICLE], existing) == (expected,)


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        (Article(article_id="x", title="狗"), "anon"),
        (Article(article_id="x", authors=("中村",), published="2020"), "anon2020"),
        (Article(article_id="x", title="On the Edge", authors=("Ray",)), "rayedge"),
    ],
)
def test_keys_are_made_of_what_is_known(article: Article, expected: str) -> None:
    assert new_keys([article]) == (expected,)


@given(
    articles=st.lists(
        st.builds(Article, article_id=st.just("x"), title=words, authors=st.tuples(names)),
        max_size=40,
    ),
    existing=st.lists(st.sampled_from(("Ray2001", "poe:2002", "a1999b", "anon")), max_size=4),
)
def test_keys_are_valid_and_unlike_all_others(articles: list[Article], existing: list[str]) -> None:
    keys = new_keys(articles, existing)

    everything = [key.casefold() for key in {*existing}] + [key.casefold() for key in keys]
    assert len(everything) == len(set(everything))
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9:_./+-]*", key) for key in keys)


def clean(text: str) -> str:
    """Give a text as an article could hold it."""
    from index.text import clean_text

    return clean_text(text) or "a"


articles = st.builds(
    Article,
    article_id=st.just("x"),
    title=words.map(clean),
    authors=st.lists(names.map(clean), max_size=4).map(tuple),
    journal=st.none() | words.map(clean),
    published=st.none() | st.sampled_from(("1999", "2020-05", "2021-01-31")),
    doi=st.none()
    | st.sampled_from(("10.5555/abc_d(1)", "10.48550/arxiv.2101.00001", "10.1000/x#y&z")),
    type=st.sampled_from(TYPES),
    url=st.none() | st.sampled_from(("https://x.org/a_b?c=d&e#f%20g", "https://x.org/{a}")),
)


@given(article=articles)
def test_what_is_written_is_read_back(article: Article) -> None:
    bibliography = read_bibliography(to_bibtex(article, "key2020"), "bibtex")

    (entry,) = bibliography.entries
    read = entry.article
    assert bibliography.problems == ()
    assert entry.key == "key2020"
    assert read.title == article.title
    assert (read.year, read.doi) == (article.year, article.doi)
    assert [fold_name(name, is_person=True) for name in read.authors] == [
        fold_name(name, is_person=True) for name in article.authors
    ]


def test_an_entry_looks_as_people_write_it() -> None:
    article = Article(
        article_id="x",
        title="BERT & the 5% rule: what DNA says of Naïve cats",
        authors=("Ann Ray", "Müller, Jörg", "Vision Group"),
        n_authors=5,
        journal="Proceedings of X",
        published="2020-05",
        doi="10.5555/a_b",
        type="conference-paper",
        identifiers=("arxiv:2101.00001",),
    )

    assert to_bibtex(article, "ray2020bert") == (
        "@inproceedings{ray2020bert,\n"
        '  author = {Ray, Ann and M{\\"u}ller, J{\\"o}rg and {Vision Group} and others},\n'
        '  title = {{BERT} \\& the 5\\% rule: what {DNA} says of Na{\\"\\i}ve cats},\n'
        "  booktitle = {Proceedings of X},\n"
        "  year = {2020},\n"
        "  doi = {10.5555/a_b},\n"
        "  eprint = {2101.00001},\n"
        "  archiveprefix = {arXiv},\n"
        "}\n"
    )
