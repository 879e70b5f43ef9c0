"""Ids of papers: whatever an article is called, its paper id leads back to it."""

from urllib.parse import quote, unquote

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.errors import UnknownArticleError
from service.search import SearchEngine
from service.semantic_scholar.paper_ids import (
    _all_forms,
    find_papers,
    known_papers,
    paper_id,
)

BELOW = "http://host/graph/v1/paper/"
# what an index keeps as an id: no control characters, no halves of characters
signs = st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("%?#/.;:()<>\\ ")
article_ids = st.lists(
    signs | st.sampled_from(["%41", "/../", "//", "/authors"]), min_size=1, max_size=12
).map("".join)


@given(article_id=article_ids)
@example("a%3Fb")
@example("..")
@example("/")
@example("a//b")
@example("10.1/x/references")
@example("%")
def test_an_id_in_an_address_comes_out_of_it_as_it_went_in(article_id: str) -> None:
    # as the client does: put into the path as it is
    path = httpx.URL(BELOW + paper_id(article_id)).raw_path.decode()

    assert path.startswith("/graph/v1/paper/")
    arrived = unquote(path.removeprefix("/graph/v1/paper/"))
    assert _all_forms(arrived, is_decoded=True)[0] == article_id
    assert not path.endswith(("/authors", "/citations", "/references"))


@given(article_id=article_ids)
@example("a%3Fb")
def test_an_id_in_a_body_or_escaped_once_more_is_understood(article_id: str) -> None:
    assert _all_forms(paper_id(article_id), is_decoded=False)[0] == article_id
    escaped = quote(paper_id(article_id), safe="")
    assert article_id in _all_forms(unquote(escaped), is_decoded=True)


@pytest.mark.parametrize(
    "article_id", ["doi:10.1145/3292500.3330701", "arxiv:2101.00001", "w0001", "a b;(c):d"]
)
def test_a_usual_id_stays_as_it_is(article_id: str) -> None:
    assert paper_id(article_id) == article_id


def test_ids_are_found_in_their_order_and_more_than_once(papers: SearchEngine) -> None:
    given = ["w0003", "nobody", "PMID:12345", "w0003"]

    found = find_papers(papers, given)

    assert [one and one.article.article_id for one in found] == [
        "w0003",
        None,
        "doi:10.1002/(sici)1097-4571(199009)41:6<391::aid-asi1>3.0.co;2-9",
        "w0003",
    ]
    assert find_papers(papers, []) == []


def test_the_first_unknown_id_is_named_as_it_was_given(papers: SearchEngine) -> None:
    with pytest.raises(UnknownArticleError, match="PMCID:PMC9") as error:
        known_papers(papers, ["w0003", "PMCID:PMC9", "nobody"])

    assert error.value.article_id == "PMCID:PMC9"


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("https://www.biorxiv.org/content/10.1101/2020.01.02v2", "doi:10.1101/2020.01.02"),
        ("https://www.medrxiv.org/content/10.1101/2020.1v1.full", "doi:10.1101/2020.1"),
        ("https://www.aclweb.org/anthology/papers/P/P18/P18-1001/", "acl:P18-1001"),
    ],
)
def test_addresses_that_semantic_scholar_takes_are_read(address: str, form: str) -> None:
    assert form in _all_forms(f"URL:{address}", is_decoded=True)
