"""The unmodified client `semanticscholar` against a server that listens, by its own calls."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import httpx
import pytest
from semanticscholar import AsyncSemanticScholar, SemanticScholar
from semanticscholar.SemanticScholarException import (
    BadQueryParametersException,
    ObjectNotFoundException,
)

from service.query import Query
from service.search import SearchEngine
from tests.service.semantic_scholar.asking import NOTHING
from tests.service.semantic_scholar.papers import (
    DOI,
    KEY,
    N_WHEAT,
    N_WORKS,
    ODD_DOI,
    ODD_ID,
    ODDITIES,
    PAPERS,
    SHA,
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count what the client asks; it opens a connection for each request."""
    addresses: list[str] = []
    request = httpx.AsyncClient.request

    async def counted(self: httpx.AsyncClient, method: str, url: str, **rest: Any) -> Any:
        addresses.append(url)
        return await request(self, method, url, **rest)

    monkeypatch.setattr(httpx.AsyncClient, "request", counted)
    return addresses


@pytest.fixture
def scholar(address: str, asked: list[str]) -> SemanticScholar:
    return SemanticScholar(api_url=address)


@pytest.fixture
def later(address: str, asked: list[str]) -> AsyncSemanticScholar:
    return AsyncSemanticScholar(api_url=address)


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def ids(papers: Any) -> list[str]:
    return [paper.paperId for paper in papers]


def ranked(engine: SearchEngine, text: str) -> Iterator[str]:
    """Give the ids of an answer in the order that everything else gives it in."""
    return (found.article.article_id for found in engine.export(Query(text=text)))


def test_a_search_finds_papers_in_the_order_of_every_other_search(
    scholar: SemanticScholar, papers: SearchEngine
) -> None:
    found = scholar.search_paper("indexing by latent semantic analysis")

    expected = list(ranked(papers, "indexing by latent semantic analysis"))
    assert ids(found) == [paper_id.replace("?", "%3F") for paper_id in expected]
    assert found.total == len(expected)
    first = found[0]
    assert (first.title, first.year) == ("Indexing by latent semantic analysis", 1990)
    assert first.publicationDate.date().isoformat() == "1990-09-01"
    assert first.authors[0].name == "Deerwester, Scott"
    assert first.journal.name == first.venue == "Journal of the Society, Information Science"
    assert first.externalIds["DOI"] == ODD_DOI
    assert first.citationStyles["bibtex"].startswith("@article{deerwester1990indexing,")
    assert first.citationCount is None


@pytest.mark.parametrize("text", ["Q&A & wheat", "wheat & soil", "a+b=c: wheat?", "50% #wheat;x"])
def test_signs_that_addresses_take_for_their_own_are_part_of_a_query(
    scholar: SemanticScholar, papers: SearchEngine, text: str
) -> None:
    found = scholar.search_paper(text, fields=["title"])

    # the client takes a plus for a space
    expected = list(ranked(papers, text.replace("+", " ")))
    assert found.total == len(expected)
    assert ids(found.items) == expected[:100]


def test_an_empty_answer_ends_the_walk_after_one_request(
    scholar: SemanticScholar, asked: list[str]
) -> None:
    found = scholar.search_paper(NOTHING)

    assert [found.total, ids(found), len(asked)] == [0, [], 1]


@pytest.mark.parametrize(("limit", "n_papers"), [(100, 1_000), (30, 990), (7, 994)])
def test_a_walk_ends_where_no_whole_page_can_be_counted_to(
    scholar: SemanticScholar, papers: SearchEngine, asked: list[str], limit: int, n_papers: int
) -> None:
    found = scholar.search_paper("wheat", fields=["title"], limit=limit)
    assert found.total > 1_000

    walked = ids(found)

    assert walked == list(ranked(papers, "wheat"))[:n_papers]
    assert len(asked) == -(-n_papers // limit)


def test_bulk_search_gives_every_paper_once_in_the_order_asked_for(
    scholar: SemanticScholar, papers: SearchEngine, asked: list[str]
) -> None:
    newest = scholar.search_paper(
        "wheat", bulk=True, sort="publicationDate:desc", fields=["publicationDate"]
    )
    found = list(newest)
    assert len(found) == len(set(ids(found))) == newest.total >= N_WHEAT
    assert set(ids(found)) == set(ranked(papers, "wheat"))
    dates = [paper.publicationDate for paper in found if paper.publicationDate]
    assert dates == sorted(dates, reverse=True)
    assert len(dates) >= N_WHEAT
    assert len(asked) == 2

    everything = list(scholar.search_paper("", bulk=True, fields=["title"]))
    assert len(everything) == len(set(ids(everything))) == N_WORKS
    assert ids(everything) == sorted(ids(everything))


def test_the_paper_with_the_nearest_title_is_found(scholar: SemanticScholar) -> None:
    match = scholar.search_paper("indexing by latent semantic", match_title=True)

    assert (match.paperId, match["matchScore"]) == (DOI, pytest.approx(100 * 8 / 9, abs=0.01))
    with pytest.raises(ObjectNotFoundException, match="Title match not found"):
        scholar.search_paper("latent things that nobody wrote", match_title=True)


def test_titles_are_completed(scholar: SemanticScholar) -> None:
    (match,) = scholar.get_autocomplete("latent sem")

    assert (match.id, match.authors_year) == (DOI, "Deerwester et al., 1990")
    assert scholar.get_autocomplete("xyzzy") == []


@pytest.mark.parametrize(
    "paper_id",
    [
        DOI,
        f"DOI:{ODD_DOI}",
        f"DOI:{ODD_DOI.upper()}",
        ODD_DOI,
        f"URL:https://doi.org/{ODD_DOI}",
        "ARXIV:2101.00001",
        "arXiv:2101.00001v3",
        "PMID:12345",
        "PMCID:77",
        "PMCID:PMC77",
        "ACL:P18-1001",
        "ACL:2020.acl-main.1",
        "CorpusId:303",
        "CorpusID:303",
        "URL:https://arxiv.org/abs/2101.00001v2",
        "URL:https://www.aclweb.org/anthology/P18-1001.pdf",
        "URL:https://aclanthology.org/2020.acl-main.1/",
        f"URL:https://www.semanticscholar.org/paper/{SHA}",
        f"URL:https://www.semanticscholar.org/paper/Indexing-by-Latent/{SHA}",
        SHA,
    ],
)
def test_a_paper_is_found_by_every_id_that_it_has(scholar: SemanticScholar, paper_id: str) -> None:
    assert scholar.get_paper(paper_id).paperId == DOI
    assert ids(scholar.get_papers([paper_id])) == [DOI]


def test_every_paper_is_found_by_its_own_id_again(scholar: SemanticScholar) -> None:
    everything = list(scholar.search_paper("", bulk=True))
    odd = [paper for paper in everything if not paper.paperId.startswith("w")]
    assert len(odd) == len(ODDITIES) - 1

    for paper in odd:
        assert scholar.get_paper(paper.paperId).paperId == paper.paperId
    found, unknown = scholar.get_papers(ids(odd), return_not_found=True)
    assert (ids(found), unknown) == (ids(odd), [])
    assert ODD_ID not in ids(odd)


def test_what_is_not_known_of_a_paper_is_none(scholar: SemanticScholar) -> None:
    paper = scholar.get_paper("untitled")

    assert paper.abstract == "Latent things have no title here."
    assert {name for name, value in paper.raw_data.items() if value not in (None, [], {})} == {
        "paperId",
        "abstract",
        "citationStyles",
    }


def test_a_batch_leaves_unknown_ids_out_and_names_them(scholar: SemanticScholar) -> None:
    wanted = [f"w{number:04}" for number in range(498)]

    found, unknown = scholar.get_papers(
        ["nobody", *wanted, "10.5555/none"], return_not_found=True, fields=["title"]
    )

    assert (ids(found), unknown) == (wanted, ["nobody", "10.5555/none"])


def test_authors_are_names(scholar: SemanticScholar, asked: list[str]) -> None:
    whole = scholar.get_paper_authors("ends%2Fauthors")
    assert [(one.name, one.authorId, one.hIndex) for one in whole] == [
        ("Ann Ray", None, None),
        ("Bo Chen", None, None),
        ("Dora Ek", None, None),
    ]
    assert len(asked) == 1

    by_twos = scholar.get_paper_authors("ends%2Fauthors", fields=["name"], limit=2)
    assert [one.name for one in by_twos] == ["Ann Ray", "Bo Chen", "Dora Ek"]
    assert len(asked) == 3


def test_recommendations_are_like_some_and_unlike_others_and_none_of_them(
    scholar: SemanticScholar,
) -> None:
    positive, negative = ["w0001", "DOI:10.5555/whales"], ["w0002", "ARXIV:2101.00001"]

    both = scholar.get_recommended_papers_from_lists(positive, negative, limit=500)
    alone = scholar.get_recommended_papers("10.5555/whales")

    assert both
    shown = set(ids(both))
    assert not shown & {
        "w0001",
        "w0002",
        "doi:10.5555/whales",
        "doi:10.48550/arxiv.2202.00002",
        DOI,
    }
    assert "doi:10.5555/whales" not in ids(alone)
    with pytest.raises(BadQueryParametersException, match="No positive paper examples given"):
        scholar.get_recommended_papers_from_lists([], negative)
    with pytest.raises(ObjectNotFoundException, match="Paper with id nobody not found"):
        scholar.get_recommended_papers_from_lists(["w0001"], ["nobody"])


def test_snippets_are_parts_of_abstracts(scholar: SemanticScholar) -> None:
    first = scholar.search_snippet("latent whales sing", limit=2)[0]

    assert first.text == PAPERS[5]["abstract"]
    assert first.snippet.snippet_kind == "abstract"
    assert first.paper.title == "Songs of whales in the latent sea"
    assert scholar.search_snippet(NOTHING) == []


def test_filters_narrow_and_what_cannot_be_filtered_by_is_refused(
    scholar: SemanticScholar,
) -> None:
    def found(**filters: Any) -> list[str]:
        return ids(scholar.search_paper("latent", **filters))

    whole = found()
    assert found(year="2023") == found(publication_date_or_year="2023-01:2023-02-01")
    assert found(year="2023") == found(publication_types=["Conference"]) == ["doi:10.5555/whales"]
    assert found(venue=["journal of WHALES", "Nature"]) == ["doi:10.5555/whales"]
    assert found(venue=["Journal of the Society, Information Science"]) == [DOI]
    assert set(found(year="-2019")) < set(whole)
    refused: list[dict[str, Any]] = [
        {"fields_of_study": ["Physics"]},
        {"min_citation_count": 3},
        {"open_access_pdf": True},
        {"publication_types": ["Editorial"]},
        {"year": "19"},
    ]
    for filters in refused:
        with pytest.raises(BadQueryParametersException):
            scholar.search_paper("latent", **filters)


def test_what_has_no_meaning_here_is_refused_at_once_with_the_reason(
    scholar: SemanticScholar, asked: list[str]
) -> None:
    began = time.monotonic()
    calls: dict[Callable[[], Any], str] = {
        lambda: scholar.get_paper("w0001", fields=["title", "shoeSize"]): "shoeSize",
        lambda: scholar.search_author("Ann Ray"): "authors are names",
        lambda: scholar.get_author("1"): "authors are names",
        lambda: scholar.get_authors(["1"]): "authors are names",
        lambda: scholar.get_author_papers("1"): "authors are names",
        lambda: scholar.get_paper_citations(DOI): "what cites what",
        lambda: scholar.get_paper_references(DOI): "what cites what",
        lambda: scholar.get_available_releases(): "/v1/export",
        lambda: scholar.search_paper("a | b", bulk=True): "operator",
        lambda: scholar.search_paper("a", bulk=True, sort="citationCount:desc"): "not counted",
        lambda: scholar.search_paper("   "): "blank",
    }
    for call, reason in calls.items():
        with pytest.raises(BadQueryParametersException, match=reason):
            call()
    with pytest.raises(ObjectNotFoundException, match="Paper with id nobody not found"):
        scholar.get_paper("nobody")

    # the client would wait for seconds before it asks again
    assert len(asked) == 12
    assert time.monotonic() - began < 5


def test_a_wrong_key_is_an_error_and_no_empty_answer(locked_address: str) -> None:
    known = SemanticScholar(api_url=locked_address, api_key=KEY)
    assert known.get_paper("w0001").title == "Wheat field number 1"
    for key in ("wrong", None):
        with pytest.raises(PermissionError):
            SemanticScholar(api_url=locked_address, api_key=key).get_paper("w0001")


def test_the_asynchronous_client_finds_the_same(
    later: AsyncSemanticScholar, scholar: SemanticScholar
) -> None:
    async def walk() -> list[str]:
        found = await later.search_paper("wheat", fields=["title"])
        return [paper.paperId async for paper in found]

    async def walk_bulk() -> list[str]:
        found = await later.search_paper("wheat", bulk=True, fields=["title"])
        return [paper.paperId async for paper in found]

    assert run(walk()) == ids(scholar.search_paper("wheat", fields=["title"]))
    assert run(walk_bulk()) == ids(scholar.search_paper("wheat", bulk=True, fields=["title"]))
    assert run(later.get_paper(f"DOI:{ODD_DOI}")).paperId == DOI
    assert ids(run(later.get_papers(["nobody", DOI]))) == [DOI]
    assert ids(run(later.get_recommended_papers_from_lists(["w0001"], ["w0002"], limit=3)))
    with pytest.raises(ObjectNotFoundException):
        run(later.get_paper("nobody"))
