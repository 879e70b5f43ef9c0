"""The page of an article."""

import re

import pytest

from tests.service.local_client import LocalClient
from tests.service.page.reading import headings, links, text


def test_an_article_has_a_page_with_similar_ones(client: LocalClient) -> None:
    page = client.get("/articles/doi:10.5555/eeg.1").text

    assert '<h1 dir="auto">Recognising emotions from brain signals with graph networks</h1>' in page
    assert "Ana Müller, Bo Chen" in text(page)
    assert 'href="https://example.org/eeg"' in page
    assert headings(page)[0] == "A survey of emotion recognition"


def test_every_article_has_a_page_that_its_link_leads_to(client: LocalClient) -> None:
    leading = re.findall(r'<h2 dir="auto"><a href="([^"]*)"', client.get("/").text)

    assert len(leading) == 6
    assert {client.get(link).status_code for link in leading} == {200}


def test_an_unnamed_rest_of_authors_is_counted(client: LocalClient) -> None:
    page = client.get("/articles/doi:10.5555/soil.1").text

    assert "Dora Ek + 4 more" in text(page)
    assert "javascript:" not in page


@pytest.mark.parametrize("article_id", ["doi:10.5555/none", "%ff", "<b>"])
def test_a_missing_article_is_said(client: LocalClient, article_id: str) -> None:
    page = client.get(f"/articles/{article_id}")

    assert page.status_code == 404
    assert "No article here has the id" in page.text
    assert "<b>" not in page.text


def test_an_article_can_be_cited_in_four_formats(client: LocalClient) -> None:
    page = client.get("/articles/10.5555/odd%2Fsimilar").text
    place = "/v1/articles/doi:10.5555/odd/similar/cite?format="

    assert links(page, "Reference") == [f"{place}text"]
    assert links(page, "BibTeX") == [f"{place}bibtex"]
    assert links(page, "RIS") == [f"{place}ris"]
    assert links(page, "CSL-JSON") == [f"{place}csl-json"]


def test_an_author_and_a_journal_lead_to_their_articles(client: LocalClient) -> None:
    page = client.get("/articles/doi:10.5555/eeg.1").text

    (author,) = links(page, "<bdi>Ana Müller</bdi>")
    (journal,) = links(page, "<bdi>Journal of Signals</bdi>")
    assert headings(client.get(author).text) == headings(client.get(journal).text)
    assert author == "/?author=Ana+M%C3%BCller"


def test_an_article_leads_to_those_like_it(client: LocalClient) -> None:
    page = client.get("/articles/doi:10.5555/eeg.1").text

    assert links(page, "More like this, and unlike others") == [
        "/similar?like=doi%3A10.5555%2Feeg.1"
    ]
    assert links(page, "More like this")[0].startswith("/similar?like=doi%3A10.5555%2Feeg.1&like=")
