"""Snapshots of every format there was are kept, built by the code of their time, and still of use.

Each holds BEES, WHEAT and EEG with the embeddings of `HashEncoder`. A new format needs a new
folder here, made by `python -m tests.index.test_formats DIR` before anything else is changed.
"""

import shutil
import sys
from pathlib import Path

import pytest

from index.build import add_sources
from index.errors import SnapshotError
from index.manifest import FORMAT_VERSION, OLDEST_REUSED
from index.snapshot import MANIFEST, PIECES, SNAPSHOTS, read_manifest, verify
from service.query import Query
from tests.building import (
    BEES,
    EEG,
    PIECES_OF_BEES,
    WHEAT,
    article_ids,
    build,
    current_folder,
    open_snapshot,
    silent,
    write_source,
)
from tests.encoders import HashEncoder
from tests.service.library import open_engine

DATA = Path(__file__).parent.parent / "data"
OLD = range(OLDEST_REUSED, FORMAT_VERSION)
IDS = [f"doi:10.5555/{name}" for name in ("bees", "wheat", "eeg")]
MOON: dict[str, object] = {"doi": "10.5555/moon", "title": "Tides of the moon"}


def kept(tmp_path: Path, version: int) -> Path:
    """Copy the index of a format that is kept."""
    return Path(shutil.copytree(DATA / f"format_{version}", tmp_path / "old"))


def test_a_snapshot_of_every_format_is_kept() -> None:
    folders = {path.name for path in DATA.glob("format_*")}

    assert folders == {f"format_{version}" for version in range(1, FORMAT_VERSION + 1)}


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_a_kept_snapshot_is_of_its_format_and_as_it_was_published(version: int) -> None:
    (folder,) = (DATA / f"format_{version}" / SNAPSHOTS).iterdir()

    manifest = read_manifest(folder, oldest=1)

    assert manifest.format_version == version
    assert {path.name for path in folder.iterdir()} >= {MANIFEST, "articles.sqlite", "vectors"}


def test_the_snapshot_of_this_format_opens_and_answers(tmp_path: Path) -> None:
    directory = kept(tmp_path, FORMAT_VERSION)
    verify(current_folder(directory))

    engine = open_engine(directory)

    found = engine.search(Query(text="bees remember", min_match=0))
    engine.close()
    assert found.hits[0].article.article_id == "doi:10.5555/bees"
    assert found.total == len(IDS)
    assert article_ids(directory) == IDS


@pytest.mark.parametrize("version", OLD)
def test_an_older_format_is_refused_with_the_command_that_renews_it(
    tmp_path: Path, version: int
) -> None:
    directory = kept(tmp_path, version)

    with pytest.raises(SnapshotError, match=rf"has format {version}, .* with: cognate build"):
        open_snapshot(directory)


@pytest.mark.parametrize("version", range(OLDEST_REUSED, FORMAT_VERSION + 1))
def test_a_build_takes_over_the_work_of_every_format(tmp_path: Path, version: int) -> None:
    directory = kept(tmp_path, version)
    had_pieces = (current_folder(directory) / PIECES).is_dir()
    created = read_manifest(current_folder(directory), oldest=OLDEST_REUSED).created
    encoder = HashEncoder()

    result = build(
        directory, write_source(tmp_path / "all.jsonl", BEES, WHEAT, EEG), encoder=encoder
    )

    assert (result.n_encoded, result.n_reused) == (0, len(IDS))
    assert encoder.n_encoded == (0 if had_pieces else PIECES_OF_BEES)
    snapshot = open_snapshot(directory)
    dates = {article.first_indexed for article in snapshot.store}
    assert snapshot.manifest.calibration.n_articles == len(IDS)
    snapshot.close()
    assert all(date is not None and date <= created for date in dates)


@pytest.mark.parametrize("version", range(OLDEST_REUSED, FORMAT_VERSION + 1))
def test_articles_are_added_to_an_index_of_every_format(tmp_path: Path, version: int) -> None:
    directory = kept(tmp_path, version)
    source = write_source(tmp_path / "moon.jsonl", MOON)

    add_sources([source], directory, encoder=HashEncoder(), say=silent, quiet=True)

    assert article_ids(directory) == [*IDS, "doi:10.5555/moon"]


if __name__ == "__main__":
    build(Path(sys.argv[1]), write_source(Path("library.jsonl"), BEES, WHEAT, EEG))
