"""The wire: an article and an answer are written exactly as others rely on."""

from dataclasses import replace

import orjson

from index.article import Article
from index.versions import Version
from service.responses import JsonResponse
from service.results import (
    Exactness,
    Explanation,
    FacetValue,
    FoundArticle,
    Highlight,
    Hit,
    Leg,
    Results,
    Scores,
)
from service.schemas import (
    ArticleWire,
    HitWire,
    SearchAnswer,
    article_to_wire,
    found_to_wire,
    hit_to_wire,
    results_to_wire,
)

FULL = Article(
    article_id="doi:10.1145/3786343",
    title="A title",
    abstract="An abstract.",
    authors=("Ana Müller",),
    n_authors=6,
    doi="10.1145/3786343",
    journal="A Journal",
    published="2025-12-23",
    type="research-article",
    url="https://example.org",
    language="en",
    is_new=True,
    retracted=False,
    citation_key="key",
    identifiers=("doi:10.1145/3786343",),
    first_indexed="2026-11-22T10:00:00Z",
    source="a.bib",
    line=3,
)
PREPRINT = Version("arxiv:2401.00001", "preprint", "2024-01-02", None, None)
HIT = Hit(
    rank=21,
    score=0.123456789,
    scores=Scores(0.5, None, 0.9876543),
    article=FULL,
    truncated=False,
    versions=(PREPRINT,),
    highlights=(Highlight("abstract", "abstract", 3, 11, 0.75, ((3, 11),)),),
)
EXPLANATION = Explanation(
    semantic=Leg(3, 0.5, 1.23456789, 0.6),
    lexical=None,
    fused=0.74,
    second_look={"nearness": 0.123456789, "best_sentence": 0.5},
    query_kind="short",
    evidence={"semantic": 0.5},
    matched_by=("match",),
    selectivity=1.0,
)
RESULTS = Results(
    hits=(HIT,),
    total=10_000,
    total_is_exact=False,
    answerable=True,
    respelled="a question",
    facets={"years": (FacetValue("2025", 3, True), FacetValue("2024", 1, False))},
    next_cursor="abc",
    snapshot="name",
    exactness=Exactness("approximate", 1_000_000, 10_000, True),
    took_ms=1.5,
)


def test_an_article_is_written_with_exactly_these_keys_in_this_order() -> None:
    wire = article_to_wire(FULL, truncated=False, versions=(PREPRINT,))

    assert list(wire.items()) == [
        ("article_id", "doi:10.1145/3786343"),
        ("doi", "10.1145/3786343"),
        ("title", "A title"),
        ("abstract", "An abstract."),
        ("authors", [{"name": "Ana Müller"}]),
        ("n_authors", 6),
        ("journal", "A Journal"),
        ("published", "2025-12-23"),
        ("year", 2025),
        ("type", "research-article"),
        ("url", "https://example.org"),
        ("language", "en"),
        ("is_new", True),
        ("first_indexed", "2026-11-22T10:00:00Z"),
        ("evidence", "title+abstract"),
        ("truncated", False),
        ("retracted", False),
        (
            "versions",
            [
                {
                    "article_id": "arxiv:2401.00001",
                    "kind": "preprint",
                    "published": "2024-01-02",
                    "doi": None,
                    "url": None,
                }
            ],
        ),
    ]
    ArticleWire.model_validate(wire)


def test_what_is_not_known_is_null_and_an_absent_badge_absent() -> None:
    wire = article_to_wire(Article(article_id="sha:0", abstract="Only this."), truncated=True)

    assert "is_new" not in wire
    assert wire["evidence"] == "abstract"
    unknown = {"doi", "title", "journal", "published", "year", "url", "language"}
    unknown |= {"first_indexed", "retracted"}
    assert {key for key, value in wire.items() if value is None} == unknown
    assert wire["versions"] == []
    ArticleWire.model_validate(wire)


def test_an_article_on_its_own_is_written_as_in_a_hit() -> None:
    found = FoundArticle(FULL, truncated=False, versions=(PREPRINT,))

    assert found_to_wire(found) == hit_to_wire(HIT)["article"]
    assert found_to_wire(None) is None


def test_a_hit_is_written_with_why_it_matched() -> None:
    wire = hit_to_wire(HIT)

    assert list(wire) == ["rank", "score", "scores", "article", "highlights"]
    assert (wire["rank"], wire["score"]) == (21, 0.123457)
    assert wire["scores"] == {"semantic": 0.5, "lexical": None, "match": 0.987654}
    (highlight,) = orjson.loads(orjson.dumps(wire["highlights"]))
    assert list(highlight.items()) == [
        ("field", "abstract"),
        ("text", "abstract"),
        ("start", 3),
        ("end", 11),
        ("score", 0.75),
        ("words", [[3, 11]]),
    ]
    HitWire.model_validate(wire)


def test_an_explanation_is_there_only_where_one_was_asked_for() -> None:
    wire = hit_to_wire(replace(HIT, explanation=EXPLANATION))

    assert list(wire)[-1] == "explanation"
    assert orjson.loads(orjson.dumps(wire["explanation"])) == {
        "semantic": {"rank": 3, "score": 0.5, "z_score": 1.234568, "weight": 0.6},
        "lexical": None,
        "fused": 0.74,
        "second_look": {"nearness": 0.123457, "best_sentence": 0.5},
        "query_kind": "short",
        "evidence": {"semantic": 0.5},
        "matched_by": ["match"],
        "selectivity": 1.0,
    }
    HitWire.model_validate(wire)


def test_an_article_that_was_not_looked_at_again_has_no_second_look() -> None:
    wire = hit_to_wire(replace(HIT, explanation=replace(EXPLANATION, second_look=None)))

    explanation = orjson.loads(orjson.dumps(wire["explanation"]))
    assert explanation["second_look"] is None
    HitWire.model_validate(wire)


def test_an_answer_is_written_with_exactly_these_keys_in_this_order() -> None:
    wire = {"query": "a qestion"} | results_to_wire(RESULTS, ["a warning"])

    assert list(wire.items()) == [
        ("query", "a qestion"),
        ("total", 10_000),
        ("total_is_exact", False),
        ("answerable", True),
        ("respelled", "a question"),
        ("hits", [hit_to_wire(HIT)]),
        (
            "facets",
            {
                "years": [
                    {"value": "2025", "count": 3, "selected": True},
                    {"value": "2024", "count": 1, "selected": False},
                ]
            },
        ),
        ("next_cursor", "abc"),
        ("snapshot", "name"),
        (
            "exactness",
            {
                "mode": "approximate",
                "n_scanned": 1_000_000,
                "bound": 10_000,
                "bound_reached": True,
            },
        ),
        ("warnings", ["a warning"]),
        ("took_ms", 1.5),
    ]
    SearchAnswer.model_validate_json(bytes(JsonResponse(wire).body))


def test_an_answer_without_facets_and_further_pages_says_so() -> None:
    wire = results_to_wire(replace(RESULTS, hits=(), facets={}, next_cursor=None), [])

    assert (wire["hits"], wire["facets"], wire["next_cursor"]) == ([], {}, None)
