"""The health of a corpus is counted from its articles, its report and its model."""

from dataclasses import replace
from pathlib import Path

import pytest

from index.build import build_index
from index.health import Health, health_to_lines, read_health
from index.snapshot import SNAPSHOTS, current_name
from tests.building import write_source
from tests.encoders import WINDOW, HashEncoder, hash_spec

RECORDS: list[dict[str, object]] = [
    {"id": "a", "title": "Wheat", "abstract": "Soil.", "language": "en", "authors": ["Ann Smith"]},
    {"id": "b", "title": "Blé", "language": "fr", "published": "2020"},
    {"id": "c", "abstract": "word " * (WINDOW + 1), "retracted": True, "doi": "10.1000/x."},
    {"id": "c", "title": "Moss", "abstract": "word " * (WINDOW + 1)},
    {"id": "d"},
]
HEALTH = Health(
    n_articles=3,
    n_without_abstract=1,
    n_without_title=0,
    n_without_authors=2,
    n_undated=2,
    n_truncated=1,
    n_retracted=1,
    n_foreign=1,
    model="hash-encoder",
    model_languages=("en", "de"),
    languages=(("en", 1), ("fr", 1), (None, 1)),
    n_sources=1,
    n_unread_sources=0,
    n_records=5,
    n_refused=1,
    n_repaired=1,
    n_merged=1,
)


def health_of(tmp_path: Path, languages: tuple[str, ...]) -> Health:
    encoder = HashEncoder(replace(hash_spec(), languages=languages))
    source = write_source(tmp_path / "a.jsonl", *RECORDS)
    directory = tmp_path / "index"
    build_index([source], directory, encoder=encoder, say=lambda _: None, quiet=True)
    return read_health(directory / SNAPSHOTS / current_name(directory))


def test_what_articles_lack_and_what_was_refused_is_counted(tmp_path: Path) -> None:
    found = health_of(tmp_path, ("en", "de"))

    # those of equal number are in order of their codes, what is unsaid first or last
    assert sorted(found.languages, key=str) == sorted(HEALTH.languages, key=str)
    assert replace(found, languages=()) == replace(HEALTH, languages=())


def test_an_article_is_foreign_only_to_a_model_that_names_its_languages(tmp_path: Path) -> None:
    assert health_of(tmp_path, ()).n_foreign is None


def test_lines_give_numbers_and_shares() -> None:
    lines = health_to_lines(HEALTH)

    assert lines[0] == "3 articles"
    assert "          1   33.3%  without an abstract: known by their titles only" in lines
    assert "          1   33.3%  in another language than the model's (en, de)" in lines
    assert "languages: en 1, fr 1, unsaid 1" in lines
    assert "          1   20.0%  of all records refused at build" in lines


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (replace(HEALTH, n_foreign=None), "than the model's, which is not known here"),
        (replace(HEALTH, n_unread_sources=2), "sources could not be read"),
    ],
)
def test_what_is_not_known_is_said(health: Health, said: str) -> None:
    assert any(said in line for line in health_to_lines(health))
