"""An answer as the console prints it."""

from dataclasses import replace

from index.article import Article
from index.versions import Version
from service.listing import no_hits_line, results_to_lines
from service.query import FacetField
from service.results import (
    Exactness,
    Explanation,
    FacetValue,
    Highlight,
    Hit,
    Leg,
    Results,
    Scores,
)

ARTICLE = Article(
    article_id="doi:10.1/a",
    title="Bees",
    abstract="Bees\nfly. They dance.",
    authors=("Ana", "Bo"),
    journal="Hives",
    published="2025",
)
HIT = Hit(11, 0.5, Scores(0.5, 2.0, 0.97), ARTICLE, truncated=False)
RESULTS = Results(
    hits=(HIT,),
    total=1200,
    total_is_exact=True,
    answerable=True,
    respelled=None,
    facets={},
    next_cursor=None,
    snapshot="name",
    exactness=Exactness("exact", 6, 10_000, bound_reached=False),
    took_ms=1.0,
)


def lines(results: Results) -> list[str]:
    return list(results_to_lines(results))


def test_a_page_says_where_it_lies_in_the_whole() -> None:
    assert lines(RESULTS) == [
        "1,200 articles, 11 to 11",
        " 11.   97 %  Bees",
        "     Ana + 1 more · Hives · 2025 · doi:10.1/a",
    ]
    assert lines(replace(RESULTS, total=1))[0] == "1 article"
    bounded = replace(RESULTS, total=10_000, total_is_exact=False)
    assert lines(bounded)[0] == "more than 10,000 articles, 11 to 11"


def test_the_next_page_is_asked_for_by_its_cursor() -> None:
    assert lines(replace(RESULTS, next_cursor="abc"))[-1] == "next page: --cursor abc"


def test_facets_stand_behind_the_hits_and_what_is_selected_has_a_star() -> None:
    facets: dict[FacetField, tuple[FacetValue, ...]] = {
        "years": (FacetValue("2025", 1100, selected=True), FacetValue("2024", 1, selected=False)),
        "journals": (),
    }

    assert lines(replace(RESULTS, facets=facets))[-1] == "years: *2025 (1,100), 2024 (1)"


def test_versions_and_sentences_stand_under_their_hit() -> None:
    hit = replace(
        HIT,
        versions=(Version("arxiv:2401.1", "preprint", "2024", None, None),),
        highlights=(
            Highlight("title", "Bees", 0, 4, 0.5, ((0, 4),)),
            Highlight("abstract", "Bees\nfly.", 0, 9, 0.5, ((0, 4),)),
        ),
    )

    assert lines(replace(RESULTS, hits=(hit,)))[3:] == [
        "     also: preprint arXiv:2401.1 (2024)",
        "     > Bees fly.",
    ]


def test_an_explanation_stands_under_its_hit() -> None:
    explanation = Explanation(
        semantic=Leg(3, 0.5, 1.5, 0.6),
        lexical=Leg(None, 0.0, -0.25, 0.4),
        fused=0.8,
        second_look={"nearness": 0.75, "best_sentence": 0.5},
        query_kind="short",
        evidence={"semantic": 0.5, "words": 0.25},
        matched_by=("match", "phrase"),
        selectivity=0.125,
    )

    assert lines(replace(RESULTS, hits=(replace(HIT, explanation=explanation),)))[3:] == [
        "     order: semantic rank 3, score 0.500 (z 1.50 × 0.60); "
        "lexical not ranked, score 0.000 (z -0.25 × 0.40); nearness 0.750; best_sentence 0.500; "
        "together 0.800",
        "     match: by match, phrase; asked as short; semantic 0.5, words 0.25; "
        "12.50% pass the filters",
    ]


def test_no_hit_is_said_with_what_to_try() -> None:
    nothing = replace(RESULTS, hits=(), total=0)

    assert lines(nothing) == []
    assert no_hits_line(nothing) == "no article that passes these filters matches"
    assert no_hits_line(replace(nothing, answerable=False)).endswith("shows the nearest misses")


def test_a_question_that_was_respelled_says_what_was_asked() -> None:
    assert "asked as: of bees" in lines(replace(RESULTS, respelled="of bees"))
