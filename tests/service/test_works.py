"""Versions of one work in answers: one hit, shown by the preferred one, searched by them all."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from index.build import decide_versions
from index.versions import Prefer
from service.query import Filters, Query
from service.results import FacetValue, Results
from service.search import SearchEngine
from tests.building import silent
from tests.encoders import HashEncoder
from tests.service.library import build_library, open_engine
from tests.service.likes import like


def ids(results: Results) -> list[str]:
    return [hit.article.article_id for hit in results.hits]


WORK: list[dict[str, object]] = [
    {
        "id": "preprint",
        "title": "Bees dance at home for flowers",
        "abstract": "Flowers far and wide are danced at home by bees.",
        "journal": "arXiv",
        "published": "2023-01",
        "type": "preprint",
    },
    {
        "id": "journal",
        "title": "Dances of insects",
        "journal": "Journal of Insects",
        "published": "2024",
        "type": "research-article",
    },
    {"id": "stranger", "title": "Wheat and soil", "published": "2025"},
]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Open an index in which a preprint and a journal article are one work."""
    directory = build_library(tmp_path_factory.mktemp("work"), WORK)
    decide_versions(
        ("preprint", "journal"), directory, same=True, encoder=HashEncoder(), say=silent, quiet=True
    )
    engine = open_engine(directory)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("prefer", "shown", "other"),
    [
        ("published", "journal", "preprint"),
        ("newest", "journal", "preprint"),
        ("earliest", "preprint", "journal"),
    ],
)
def test_the_versions_of_a_work_are_one_hit_shown_by_the_preferred_one(
    work: SearchEngine, prefer: Prefer, shown: str, other: str
) -> None:
    for query in (Query(prefer=prefer), Query(text="bees dance flowers", prefer=prefer)):
        results = work.search(query)

        assert shown in ids(results)
        assert other not in ids(results)
        assert results.total == len(results.hits)
        (hit,) = (hit for hit in results.hits if hit.article.article_id == shown)
        assert [version.article_id for version in hit.versions] == [other]


def test_a_work_has_the_scores_of_the_version_that_matches_best(work: SearchEngine) -> None:
    shown = [
        work.search(Query(text="bees dance flowers", prefer=prefer)).hits[0].scores
        for prefer in ("published", "earliest")
    ]

    assert shown[0] == shown[1]


def test_filters_and_facets_go_by_the_version_that_is_shown(work: SearchEngine) -> None:
    for text in (None, "bees dance flowers"):
        journal = Query(text=text, facets=("types",), filters=Filters(types=("preprint",)))
        earliest = replace(journal, prefer="earliest")

        assert ids(work.search(journal)) == []
        assert ids(work.search(earliest)) == ["preprint"]
        assert FacetValue("preprint", 1, selected=True) in work.search(earliest).facets["types"]
        assert FacetValue("preprint", 0, selected=True) in work.search(journal).facets["types"]


def test_what_is_like_an_article_is_not_another_version_of_it(work: SearchEngine) -> None:
    for article_id in ("preprint", "journal"):
        assert ids(work.similar(like(article_id, min_match=0))) == ["stranger"]


def test_an_article_is_found_with_the_other_versions_of_its_work(work: SearchEngine) -> None:
    found = work.article("preprint")

    assert found.article.article_id == "preprint"
    assert [(version.article_id, version.kind) for version in found.versions] == [
        ("journal", "journal")
    ]
