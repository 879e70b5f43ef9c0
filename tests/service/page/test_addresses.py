"""Addresses: those of a page's neighbours, and those that lead away from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from service.addresses import article_path, doi_url, web_url
from service.page.addresses import Address

HERE = Address.of("/", QueryParams("q=a&author=A&author=B&journal=&cursor=abc&min_match=0.5"))
ITEMS = st.lists(st.tuples(st.sampled_from(["q", "like", "unlike", "cursor"]), st.text(min_size=1)))


def test_an_address_leaves_blanks_out() -> None:
    assert str(HERE) == "/?q=a&author=A&author=B&cursor=abc&min_match=0.5"
    assert str(Address("/similar")) == "/similar"


def test_what_changes_an_answer_begins_at_its_first_page() -> None:
    assert str(HERE.changed({"min_match": "0"})) == "/?q=a&author=A&author=B&min_match=0"
    assert str(HERE.changed({"min_match": ""})) == "/?q=a&author=A&author=B"
    assert str(HERE.minus("author", "A")) == "/?q=a&author=B&min_match=0.5"
    assert str(HERE.without("author")) == "/?q=a&min_match=0.5"
    assert HERE.changed({"cursor": "x"}).values("cursor") == ["x"]


def test_collecting_an_example_keeps_the_page_of_a_question() -> None:
    liked = HERE.collecting("like", "doi:10.1/a")

    assert liked.values("like") == ["doi:10.1/a"]
    assert liked.values("cursor") == ["abc"]
    examples = Address("/similar", (("like", "x"), ("cursor", "abc")))
    assert examples.collecting("like", "y").values("cursor") == []


def test_an_article_is_on_one_side_only() -> None:
    turned = HERE.collecting("like", "x").collecting("unlike", "x")

    assert (turned.values("like"), turned.values("unlike")) == ([], ["x"])


@given(ITEMS, st.text(min_size=1))
def test_collecting_twice_is_as_before(items: list[tuple[str, str]], article_id: str) -> None:
    kept = tuple(item for item in items if item[1] != article_id)
    here = Address("/", kept)

    assert here.collecting("like", article_id).collecting("like", article_id) == here


@pytest.mark.parametrize(
    ("url", "is_linked"),
    [
        ("https://example.org/a?b=c", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("https:", False),
        ("http://[", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str | None, is_linked: bool) -> None:
    assert web_url(url) == (url if is_linked else None)


@pytest.mark.parametrize(
    ("article_id", "path"),
    [
        ("doi:10.1/a", "/articles/doi:10.1/a"),
        ("doi:10.1/a?b#c", "/articles/doi:10.1/a%3Fb%23c"),
        ("doi:10.1//a", "/articles/doi:10.1%2F%2Fa"),
        ("a/../b", "/articles/a%2F..%2Fb"),
    ],
)
def test_an_id_is_escaped_into_a_path(article_id: str, path: str) -> None:
    assert article_path(article_id) == path


def test_a_doi_is_escaped_into_an_address() -> None:
    assert doi_url('10.1/<a>"b;(2)') == "https://doi.org/10.1/%3Ca%3E%22b;(2)"
