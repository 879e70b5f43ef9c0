"""Every method against a running service over the sample library."""

import json
from pathlib import Path

import pytest

from cognate_client import Cognate, Filters, RefusedError
from tests.live import SAMPLE, serve

SLEEP = "can poor sleep harm memory"
SPINDLES = "doi:10.5555/cognate.neuro.01"
KEY = "sixteen-letters-or-more"
SICI = "10.1002/(SICI)1097-4571(199806)49:8<693::AID-ASI4>3.0.CO;2-O?#%41/similar"
LIBRARY = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


def test_a_search_gives_hits_with_scores_and_what_matched(cognate: Cognate) -> None:
    results = cognate.search(SLEEP, limit=3)

    assert [hit.rank for hit in results.hits] == [1, 2, 3]
    best = results.hits[0]
    assert best.article.article_id == SPINDLES
    assert best.article.authors[0].name == "Zoë Mørk"
    assert best.scores.match is not None
    assert best.scores.match > 0.5
    abstract = best.article.abstract
    assert abstract is not None
    sentence = next(one for one in best.highlights if one.field == "abstract")
    assert abstract[sentence.start : sentence.end] == sentence.text
    assert best.explanation is None


def test_a_search_passes_its_options_on(cognate: Cognate) -> None:
    results = cognate.search(
        SLEEP,
        filters=Filters(journals=("neural rhythms",), published_from="2018"),
        mode="lexical",
        sort="recency",
        min_match=0,
        facets=["journals"],
        facet_query={"authors": "m"},
        prefer="newest",
        highlight=False,
        explain=True,
    )

    assert results.hits
    assert {hit.article.journal for hit in results.hits} == {"Neural Rhythms"}
    dates = [str(hit.article.published) for hit in results.hits]
    assert dates == sorted(dates, reverse=True)
    assert min(dates) >= "2018"
    assert next(value for value in results.facets["journals"] if value.selected)
    assert results.facets["authors"]
    assert all(hit.explanation and not hit.highlights for hit in results.hits)
    assert all(hit.scores.semantic is None for hit in results.hits)


def test_without_a_question_what_passes_the_filters_comes_newest_first(cognate: Cognate) -> None:
    results = cognate.search(filters=Filters(languages=("es",)))

    expected = {one["article_id"] for one in LIBRARY if one["language"] == "es"}
    assert {hit.article.article_id for hit in results.hits} == expected
    assert all(hit.score is None for hit in results.hits)


def test_all_pages_together_are_the_answer(cognate: Cognate) -> None:
    whole = cognate.search(SLEEP, min_match=0, limit=100)
    pages = list(cognate.search_pages(SLEEP, min_match=0, limit=30, facets=["types"]))

    hits = [hit.article.article_id for page in pages for hit in page.hits]
    assert len(hits) == len(set(hits)) == whole.total
    assert hits[:100] == [hit.article.article_id for hit in whole.hits]
    assert pages[-1].next_cursor is None
    assert all(page.facets["types"] for page in pages)


def test_an_article_is_found_by_any_form_of_its_id(cognate: Cognate) -> None:
    forms = (SPINDLES, "10.5555/cognate.neuro.01", "https://doi.org/10.5555/COGNATE.neuro.01")

    assert {cognate.article(form).article_id for form in forms} == {SPINDLES}


@pytest.mark.parametrize("article_id", [SICI, "10.1/a/cite", "ümläut /..;", "a%2Fb+c"])
def test_ids_reach_the_service_as_they_are(cognate: Cognate, article_id: str) -> None:
    for ask in (cognate.article, cognate.cite):
        with pytest.raises(RefusedError) as refused:
            ask(article_id)

        error = refused.value
        assert (error.code, error.status) == ("unknown_article", 404)
        assert repr(article_id) in error.message
        assert str(error) == error.message


def test_articles_come_in_the_order_of_their_ids_with_none_for_unknown_ones(
    cognate: Cognate,
) -> None:
    articles = cognate.articles(["nothing", SPINDLES, "10.5555/cognate.onco.09"])

    ids = [article and article.article_id for article in articles]
    assert ids == [None, SPINDLES, "doi:10.5555/cognate.onco.09"]
    assert articles[2] is not None
    assert articles[2].retracted is True


def test_what_is_wrong_is_said_with_its_field(cognate: Cognate) -> None:
    with pytest.raises(RefusedError) as refused:
        cognate.search(SLEEP, filters=Filters(published_from="2024-13"))

    error = refused.value
    assert (error.code, error.field, error.status) == (
        "invalid_value",
        "filters.published_from",
        400,
    )


def test_similar_articles_say_which_example_pulled_them_in(cognate: Cognate) -> None:
    results = cognate.similar(
        [{"doi": "10.5555/cognate.neuro.01"}, {"text": "memory and rest"}],
        [{"text": "stroke"}],
        diversity=0.5,
        limit=2,
    )

    assert [one.article_id for one in results.positive] == [SPINDLES, None]
    assert results.negative[0].given == 0
    reason = results.hits[0].because
    assert reason is not None
    assert results.positive[reason.example].given == reason.example
    assert reason.sentences.article.text


def test_related_work_offers_candidates_for_sentences(cognate: Cognate) -> None:
    draft = "Sleep spindles nested in slow oscillations are known to predict memory for word pairs."

    related = cognate.related_work(draft, format="text", include=["bibtex", "patch"], neighbours=2)

    (sentence,) = related.sentences
    assert sentence.needs_citation
    assert sentence.candidates[0].article.article_id == SPINDLES
    assert sentence.candidates[0].support.text
    assert related.bibtex is not None
    assert sentence.candidates[0].key in related.bibtex
    assert related.patch is not None
    assert related.html is None
    assert related.neighbours


def test_an_export_streams_all_that_answers(cognate: Cognate) -> None:
    blocks = cognate.export(
        "jsonl", search={"query": SLEEP, "filters": Filters(types=("review",)), "min_match": 0}
    )
    total = cognate.search(SLEEP, filters=Filters(types=("review",)), min_match=0).total

    lines = b"".join(blocks).decode().splitlines()
    assert len(lines) == total
    assert {json.loads(line)["type"] for line in lines} == {"review"}


def test_an_export_takes_ids_or_examples_too(cognate: Cognate) -> None:
    by_id = b"".join(cognate.export("bibtex", ids=[SPINDLES], versions=True))
    alike = b"".join(
        cognate.export("csv", similar={"positive": [{"article_id": SPINDLES}]}, limit=1)
    )

    assert by_id.count(b"@article{") == 1
    assert len(alike.splitlines()) == 2


def test_an_export_that_is_wrong_says_so_when_it_is_begun(cognate: Cognate) -> None:
    blocks = cognate.export("ris", ids=[])

    with pytest.raises(RefusedError) as refused:
        next(blocks)

    assert refused.value.field == "ids"


def test_an_export_may_be_left_before_its_end(cognate: Cognate) -> None:
    blocks = cognate.export("csv", search={})
    assert next(blocks)
    del blocks

    assert cognate.search(SLEEP).hits


def test_an_article_is_cited_in_each_form(cognate: Cognate) -> None:
    assert cognate.cite(SPINDLES).startswith("Mørk, Z.")
    assert cognate.cite(SPINDLES, "bibtex").startswith("@article{")
    assert cognate.cite(SPINDLES, "ris").startswith("TY  - ")
    assert json.loads(cognate.cite(SPINDLES, "csl-json"))


def test_a_service_that_is_ready_says_what_it_serves(cognate: Cognate) -> None:
    ready = cognate.ready()

    assert ready.n_articles == len(LIBRARY)
    assert ready.snapshot == cognate.search(limit=1).snapshot


def test_the_key_is_sent_and_a_wrong_one_said(command: str, index: Path) -> None:
    with serve(command, index, COGNATE_API_KEY=KEY) as url:
        with Cognate(url, api_key=KEY) as cognate:
            assert cognate.search(SLEEP).hits
        for wrong in (None, "another"):
            with Cognate(url, api_key=wrong) as cognate, pytest.raises(RefusedError) as refused:
                cognate.search(SLEEP)
            assert (refused.value.code, refused.value.status) == ("unauthorized", 401)
