"""Versions as they are kept: kinds, the one that stands for a work, the files, decisions."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from index.article import Article
from index.build import add_sources, build_index, decide_versions, remove_articles
from index.decisions import DECISIONS, Decision, decide, read_decisions, write_decisions
from index.errors import CognateError, DamagedSnapshotError, UnknownArticleError
from index.inspection import describe_versions, versions_to_lines
from index.manifest import Manifest
from index.snapshot import read_manifest
from index.versions import (
    Family,
    Prefer,
    Reason,
    Version,
    VersionKind,
    Versions,
    kind_of,
    representative,
    to_version,
    write_versions,
)
from tests.building import BEES, WHEAT, current_folder, open_snapshot, silent, write_source
from tests.encoders import HashEncoder

PREPRINT: dict[str, object] = {
    "id": "arxiv:2406.00001",
    "title": "Bees remember flowers and dance",
    "abstract": "They fly far and dance at home.",
    "authors": [{"name": "Ana Müller"}],
    "type": "preprint",
    "published": "2024-06-01",
}
PAPER = PREPRINT | {
    "id": "doi:10.5555/dance",
    "type": "conference-paper",
    "published": "2024-11",
}
PREPRINT_ID, PAPER_ID, WHEAT_ID = "arxiv:2406.00001", "doi:10.5555/dance", "doi:10.5555/wheat"


def article(article_id: str, **fields: object) -> Article:
    return Article(article_id=article_id, **fields)  # type: ignore[arg-type]  # a table of values


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("preprint", {"type": "preprint", "journal": "Proceedings of what it was sent to"}),
        ("preprint", {"type": "research-article", "journal": "arXiv (Cornell University)"}),
        ("preprint", {"journal": "bioRxiv"}),
        ("preprint", {"identifiers": ("arxiv:2401.00001",)}),
        ("preprint", {"doi": "10.48550/arxiv.2401.00001"}),
        ("conference", {"type": "conference-paper"}),
        ("conference", {"type": "abstract", "journal": "Journal of Bees"}),
        ("conference", {"journal": "Findings of the Association for Bees: 2024"}),
        ("conference", {"journal": "Proceedings of a Workshop on Journals"}),
        ("journal", {"type": "research-article", "journal": "Proceedings of the Bee Society"}),
        ("journal", {"type": "review"}),
        ("journal", {"journal": "Transactions of the Association for Bees, Volume 12"}),
        ("journal", {"journal": "Counting Bees, Volume 3, Issue 2 - June 2021"}),
        ("other", {"type": "dataset"}),
        ("other", {"doi": "10.1/x", "identifiers": ("arxiv:2401.00001",)}),
        ("other", {}),
    ],
)
def test_the_kind_is_that_of_the_type_else_of_the_venue(
    kind: VersionKind, fields: dict[str, object]
) -> None:
    assert kind_of(article("x:1", **fields)) == kind


JOURNAL = article("x:journal", type="research-article", published="2025-02")
CONFERENCE = article("x:conference", type="conference-paper", published="2024-11")
LATER = article("x:later", type="conference-paper", published="2024-12-01")
OTHER = article("x:other", published="2026")
ARXIV = article("x:preprint", type="preprint", published="2024")
UNDATED = article("x:undated", type="research-article")


@pytest.mark.parametrize(
    ("prefer", "articles", "expected"),
    [
        ("published", [ARXIV, OTHER, CONFERENCE, JOURNAL], JOURNAL),
        ("published", [ARXIV, OTHER, CONFERENCE, LATER], LATER),
        ("published", [ARXIV, OTHER], OTHER),
        ("published", [UNDATED, JOURNAL], JOURNAL),
        ("published", [UNDATED, ARXIV], UNDATED),
        ("earliest", [JOURNAL, CONFERENCE, ARXIV, UNDATED], ARXIV),
        ("newest", [JOURNAL, CONFERENCE, ARXIV, UNDATED, OTHER], OTHER),
        ("newest", [article("x:b"), article("x:a")], article("x:a")),
    ],
)
def test_which_version_stands_for_the_work_does_not_depend_on_their_order(
    prefer: Prefer, articles: list[Article], expected: Article
) -> None:
    for ordered in (articles, articles[::-1]):
        row = representative(range(len(ordered)), ordered, prefer)
        assert ordered[row] == expected


def test_a_version_is_shown_with_what_tells_it_apart() -> None:
    shown = to_version(article("x:1", type="review", published="2024", doi="10.1/x", url="u"))

    assert shown == Version("x:1", "journal", "2024", "10.1/x", "u")


REASONS = (
    Reason((1, 3), "title", 1.0, 0.5, None, 2),
    Reason((1, 4), "identifier", 0.25, 1.0, 0.125, None),
)


def test_families_come_back_as_they_were_written(tmp_path: Path) -> None:
    articles = [article(f"x:{row}", published=f"200{row}") for row in range(6)]
    families = [Family((2, 5), ()), Family((1, 3, 4), REASONS)]

    write_versions(tmp_path, families, articles)
    versions = Versions(tmp_path)

    assert (versions.n_articles, versions.n_families) == (6, 2)
    assert [versions.members(row) for row in range(6)] == [
        (0,), (1, 3, 4), (2, 5), (1, 3, 4), (1, 3, 4), (2, 5),
    ]  # fmt: skip
    assert versions.in_family.tolist() == [False, True, True, True, True, True]
    assert versions.representatives("earliest").tolist() == [0, 1, 2, 1, 1, 2]
    assert versions.representatives("newest").tolist() == [0, 4, 5, 4, 4, 5]
    assert versions.families() == sorted(families, key=lambda family: family.rows)


def test_without_a_family_every_row_stands_for_itself(tmp_path: Path) -> None:
    write_versions(tmp_path, [], [article("x:1"), article("x:2")])
    versions = Versions(tmp_path)

    assert versions.n_families == 0
    assert not versions.in_family.any()
    assert versions.families() == []
    for prefer in get_args(Prefer):
        assert np.array_equal(versions.representatives(prefer), [0, 1])


def test_the_last_decision_about_a_pair_is_the_one_that_holds() -> None:
    first = decide((), Decision(("x:1", "x:2"), same=True))
    second = decide(first, Decision(("x:2", "x:3"), same=True))

    third = decide(second, Decision(("x:2", "x:1"), same=False))

    assert third == (Decision(("x:2", "x:3"), same=True), Decision(("x:2", "x:1"), same=False))


def test_decisions_come_back_as_they_were_written(tmp_path: Path) -> None:
    assert read_decisions(tmp_path) == ()
    decisions = (Decision(("x:1", "x:2"), same=True), Decision(("x:1", "x:3"), same=False))

    write_decisions(tmp_path, decisions)

    assert read_decisions(tmp_path) == decisions


@pytest.mark.parametrize("content", ["", "{}x", '[{"ids": ["x:1"], "same": true}]', "[1]"])
def test_damaged_decisions_are_not_taken_for_none(tmp_path: Path, content: str) -> None:
    (tmp_path / DECISIONS).write_text(content)

    with pytest.raises(DamagedSnapshotError, match=DECISIONS):
        read_decisions(tmp_path)


def build(directory: Path, *sources: Path) -> None:
    build_index(sources, directory, encoder=HashEncoder(), say=silent, quiet=True)


def settle(directory: Path, first: str, second: str, *, same: bool) -> HashEncoder:
    """Record a decision, and give the encoder that stood ready."""
    encoder = HashEncoder()
    ids = (first, second)
    decide_versions(ids, directory, same=same, encoder=encoder, say=silent, quiet=True)
    return encoder


def manifest(directory: Path) -> Manifest:
    return read_manifest(current_folder(directory))


def works(directory: Path) -> list[set[str]]:
    """Give the ids of each work of several versions, through an opened snapshot."""
    snapshot = open_snapshot(directory)
    try:
        rows = [family.rows for family in snapshot.versions.families()]
        return [set(snapshot.store.article_ids(members)) for members in rows]
    finally:
        snapshot.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write a source of two versions of one work, and another work."""
    return write_source(tmp_path / "works.jsonl", PREPRINT, WHEAT, PAPER)


@pytest.fixture
def directory(tmp_path: Path, source: Path) -> Path:
    """Build the index of two versions of one work, and another work."""
    build(tmp_path / "works", source)
    return tmp_path / "works"


def test_a_build_finds_versions_and_a_snapshot_knows_them(directory: Path) -> None:
    snapshot = open_snapshot(directory)
    try:
        published = snapshot.versions.representatives("published").tolist()
        earliest = snapshot.versions.representatives("earliest").tolist()
    finally:
        snapshot.close()

    assert works(directory) == [{PREPRINT_ID, PAPER_ID}]
    assert (published, earliest) == ([2, 1, 2], [0, 1, 0])


def test_a_decision_makes_a_snapshot_without_embedding_anything(
    directory: Path, source: Path
) -> None:
    before = manifest(directory)

    encoder = settle(directory, "https://doi.org/10.5555/DANCE", PREPRINT_ID, same=False)

    after = manifest(directory)
    assert encoder.n_encoded == 0
    assert works(directory) == []
    assert (after.sources, after.corpus_sha256) == (before.sources, before.corpus_sha256)
    build(directory, source)
    assert manifest(directory) == after  # nothing changed: the decision is no new source


def test_decisions_are_kept_by_every_build_that_follows(
    directory: Path, source: Path, tmp_path: Path
) -> None:
    settle(directory, PREPRINT_ID, PAPER_ID, same=False)
    settle(directory, PREPRINT_ID, WHEAT_ID, same=True)
    expected = [{PREPRINT_ID, WHEAT_ID}]
    assert works(directory) == expected

    more = write_source(tmp_path / "bees.jsonl", BEES)
    add_sources([more], directory, encoder=HashEncoder(), say=silent, quiet=True)
    assert works(directory) == expected
    remove_articles([str(BEES["doi"])], directory, encoder=HashEncoder(), say=silent, quiet=True)
    assert works(directory) == expected
    build(directory, source, more)
    assert works(directory) == expected


def test_a_decision_can_be_taken_back(directory: Path) -> None:
    settle(directory, PREPRINT_ID, PAPER_ID, same=False)

    settle(directory, PREPRINT_ID, PAPER_ID, same=True)

    assert works(directory) == [{PREPRINT_ID, PAPER_ID}]
    assert read_decisions(current_folder(directory)) == (
        Decision((PREPRINT_ID, PAPER_ID), same=True),
    )


def test_a_decision_names_two_articles_that_are_there(directory: Path) -> None:
    before = manifest(directory)

    with pytest.raises(UnknownArticleError, match="nobody"):
        settle(directory, PAPER_ID, "nobody", same=True)
    with pytest.raises(CognateError, match="are one article"):
        settle(directory, PAPER_ID, "10.5555/dance", same=True)

    assert manifest(directory) == before


def test_works_of_several_versions_are_listed_with_their_reasons(directory: Path) -> None:
    (work,) = describe_versions(directory)

    assert [version["article_id"] for version in work["versions"]] == [PREPRINT_ID, PAPER_ID]
    assert [version["kind"] for version in work["versions"]] == ["preprint", "conference"]
    (reason,) = work["reasons"]
    assert reason == {
        "ids": [PREPRINT_ID, PAPER_ID],
        "rule": "title",
        "title": 1.0,
        "authors": 1.0,
        "abstract": 1.0,
        "years": 0,
    }
    assert versions_to_lines([work]) == [
        f"preprint    2024-06-01  {PREPRINT_ID}  {PREPRINT['title']}",
        f"conference  2024-11     {PAPER_ID}  {PREPRINT['title']}",
        f"    {PREPRINT_ID} = {PAPER_ID}: title (title 1.00, authors 1.00, abstract 1.00, "
        "years apart 0)",
    ]


def test_what_is_unknown_of_two_versions_is_called_so(directory: Path) -> None:
    settle(directory, PAPER_ID, WHEAT_ID, same=True)

    lines = versions_to_lines(describe_versions(directory))

    assert any(line.startswith("other       undated     ") for line in lines)
    assert any("abstract unknown, years apart unknown" in line for line in lines)


def test_damaged_files_of_families_are_not_listed(directory: Path) -> None:
    path = current_folder(directory) / "columns" / "families.json"
    path.write_bytes(path.read_bytes().replace(b"1.0", b"0.9"))

    with pytest.raises(DamagedSnapshotError, match=r"families\.json"):
        describe_versions(directory)


def test_a_build_without_versions_lets_every_article_stand_alone_also_when_it_grows(
    tmp_path: Path,
) -> None:
    both = write_source(tmp_path / "both.jsonl", PREPRINT, PAPER)

    def build(*, versions: bool) -> str:
        result = build_index(
            [both],
            tmp_path / "index",
            versions=versions,
            encoder=HashEncoder(),
            say=silent,
            quiet=True,
        )
        return result.name

    def n_families() -> int:
        return Versions(current_folder(tmp_path / "index") / "columns").n_families

    found = build(versions=True)
    assert n_families() == 1
    assert build(versions=False) != found
    assert n_families() == 0
    more = write_source(tmp_path / "more.jsonl", WHEAT)
    add_sources([more], tmp_path / "index", encoder=HashEncoder(), say=silent, quiet=True)
    assert n_families() == 0
    assert not read_manifest(current_folder(tmp_path / "index")).versions
