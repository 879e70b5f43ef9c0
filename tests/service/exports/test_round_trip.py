"""A library that is exported and indexed again is the same library."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.article import Article
from index.build import add_sources
from service.exports.formats import FORMS, ExportFormat, export
from service.query import Query
from service.search import SearchEngine
from tests.building import build, build_bees, open_snapshot, silent, write_source
from tests.encoders import HashEncoder
from tests.service.exports.drawing import folded
from tests.service.library import open_engine

SAMPLE = Path(__file__).resolve().parents[3] / "scripts" / "sample" / "library.jsonl"
BIBLIOGRAPHY = """
@article{Ray:2001, author = {Ray, Ann and others}, title = {Bees and {DNA}}, year = 2001,
  month = mar, eprint = {2101.00001}, archiveprefix = {arXiv}, pmid = {123}}
@misc{untitled, author = {{Vision Group}}, abstract = {Wheat grows. It is tall.}, url = {https://x.org/a}}
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the index of the sample library, and of a bibliography, once."""
    folder = tmp_path_factory.mktemp("sample")
    (folder / "own.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    build(folder / "index", SAMPLE, folder / "own.bib")
    return folder / "index"


@pytest.fixture(scope="module")
def engine(sample: Path) -> Iterator[SearchEngine]:
    engine = open_engine(sample)
    yield engine
    engine.close()


def articles_of(directory: Path) -> dict[str, Article]:
    """Give the articles of an index by id, without the place of their records."""
    snapshot = open_snapshot(directory)
    articles = {one.article_id: replace(one, source="", line=0) for one in snapshot.store}
    snapshot.close()
    return articles


@pytest.mark.parametrize("name", FORMS)
def test_nothing_that_a_format_can_hold_is_lost(
    sample: Path, engine: SearchEngine, name: ExportFormat, tmp_path: Path
) -> None:
    path = tmp_path / "export"
    path.write_bytes(b"".join(export(name, engine.export(Query(), versions=True))))

    result = build(tmp_path / "again", path)

    before, after = articles_of(sample), articles_of(tmp_path / "again")
    assert result.report is not None
    assert [one.reason for source in result.report.sources for one in source.refused] == []
    assert set(after) == set(before)
    for article_id, article in before.items():
        read = after[article_id]
        if name == "jsonl":
            assert read == article
        elif name == "csv":
            assert replace(read, citation_key=None) == replace(article, citation_key=None)
        else:
            assert folded(read) == folded(article)
            same = replace(article, authors=read.authors, citation_key=read.citation_key)
            if name == "ris":
                # it has no field for authors that are not named
                same = replace(same, n_authors=read.n_authors)
            assert replace(read, first_indexed=None) == replace(same, first_indexed=None)
        if article.citation_key:
            assert read.citation_key == article.citation_key


def test_when_articles_were_first_indexed_is_kept_by_a_new_index_only(
    engine: SearchEngine, sample: Path, tmp_path: Path
) -> None:
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"".join(export("jsonl", engine.export(Query(), 3))))
    known = articles_of(sample)

    build(tmp_path / "again", path)
    directory = build_bees(tmp_path)
    add_sources([path], directory, encoder=HashEncoder(), say=silent, quiet=True)

    times = {one.first_indexed for one in known.values()}
    assert {one.first_indexed for one in articles_of(tmp_path / "again").values()} == times
    # who follows the other index hears of the articles now
    added = [one for one in articles_of(directory).values() if one.article_id in known]
    assert len(added) == 3
    assert all((one.first_indexed or "") > max(filter(None, times)) for one in added)


def test_a_time_that_is_none_is_reported_and_left_out(tmp_path: Path) -> None:
    source = write_source(
        tmp_path / "a.jsonl", {"id": "a", "title": "A", "first_indexed": "yesterday"}
    )

    result = build(tmp_path / "index", source)

    assert result.report is not None
    (note,) = result.report.sources[0].repaired
    assert note.reason == 'first_indexed: "yesterday" is no time; left out'
    assert articles_of(tmp_path / "index")["a"].first_indexed is not None
