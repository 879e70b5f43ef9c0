"""The sample library is what its README says: well-formed, varied, under the test prefix."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.article import TYPES

SAMPLE = Path(__file__).resolve().parents[1] / "scripts" / "sample" / "library.jsonl"
KEYS = [
    "article_id",
    "doi",
    "title",
    "abstract",
    "authors",
    "journal",
    "published",
    "type",
    "language",
    "url",
]


@pytest.fixture(scope="module")
def sample() -> list[dict[str, Any]]:
    """Give the articles of the sample library, in the order of its lines."""
    return [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


def first_day(published: str) -> date:
    """Give the first day of the span that a full or partial ISO date names."""
    assert re.fullmatch(r"\d{4}(-\d{2}){0,2}", published), published
    return date.fromisoformat(published + "2019-01-01"[len(published) :])


def test_the_library_has_204_articles_with_the_same_keys(sample: list[dict[str, Any]]) -> None:
    assert len(sample) == 12 * 17
    assert all([key for key in article if key != "retracted"] == KEYS for article in sample)


def test_every_doi_is_unique_and_lies_under_the_test_prefix(sample: list[dict[str, Any]]) -> None:
    dois = [article["doi"] for article in sample]
    assert len(set(dois)) == len(dois)
    assert all(re.fullmatch(r"10\.5555/cognate\.[a-z]+\.\d{2}", doi) for doi in dois)
    assert [article["article_id"] for article in sample] == [f"doi:{doi}" for doi in dois]
    assert [article["url"] for article in sample] == [f"https://doi.org/{doi}" for doi in dois]


def test_titles_are_unique_and_abstracts_have_80_to_160_words(
    sample: list[dict[str, Any]],
) -> None:
    titles = [article["title"] for article in sample if article["title"]]
    lengths = [len(article["abstract"].split()) for article in sample if article["abstract"]]
    assert len(set(titles)) == len(titles) == 204 - 2
    assert len(lengths) == 204 - 6
    assert 80 <= min(lengths) <= max(lengths) <= 160


def test_filters_have_something_to_find(sample: list[dict[str, Any]]) -> None:
    names = [author["name"] for article in sample for author in article["authors"]]
    assert len({article["journal"] for article in sample}) >= 12
    assert names.count("Zoë Mørk") >= 5
    assert all(1 <= len(article["authors"]) <= 7 for article in sample)
    assert {article["type"] for article in sample} == set(TYPES) - {"other"}
    assert {article["language"] for article in sample} == {"en", "de", "es", "fr"}
    assert [article["doi"] for article in sample if article.get("retracted")] == [
        "10.5555/cognate.onco.09"
    ]


def test_dates_are_valid_and_lie_between_2009_and_october_2026(
    sample: list[dict[str, Any]],
) -> None:
    days = [first_day(article["published"]) for article in sample]
    assert date(2009, 1, 1) <= min(days) <= max(days) <= date(2026, 10, 31)
