"""A damaged snapshot: every flipped bit is found, and named, before or soon after it is served."""

import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from index.errors import DamagedSnapshotError
from index.files import relative_files
from index.snapshot import CURRENT, SNAPSHOTS, current_name
from index.store import STORE
from service.query import Query
from tests.building import build, current_folder, open_snapshot, write_source
from tests.faults.damage import damaged, find_damage, flips
from tests.faults.trial import MOSS
from tests.service.library import LIBRARY, open_engine

SEED = 14
PATIENCE_S = 30


@pytest.fixture(scope="module")
def built(memory_folder: Path) -> Path:
    """Build the index that is damaged."""
    directory = memory_folder / "damaged"
    build(directory, write_source(memory_folder / "damaged.jsonl", *LIBRARY, MOSS))
    return directory


def test_verify_finds_every_flipped_bit_and_every_cut_and_names_the_file(built: Path) -> None:
    tally = find_damage(built, 4, SEED)

    assert tally.problems == []
    assert tally.counts["files"] == len(relative_files(current_folder(built))) + 1


@pytest.mark.slow
def test_verify_finds_a_flip_at_any_of_a_thousand_places_of_each_file(built: Path) -> None:
    assert find_damage(built, 1000, SEED).problems == []


def test_a_current_without_its_line_end_still_names_its_snapshot(built: Path) -> None:
    with damaged(built / CURRENT, bytes.strip):
        open_snapshot(built).close()


def test_a_flipped_bit_is_refused_at_opening_or_found_right_after(built: Path) -> None:
    folder = built / SNAPSHOTS / current_name(built)
    for name in relative_files(folder):
        size = (folder / name).stat().st_size
        for what, flip in flips(size, 1, random.Random(SEED)):
            with damaged(folder / name, flip):
                assert found_damage(built) == str(folder / name), what


def found_damage(directory: Path) -> str | None:
    """Give the path of the damage that opening the index, or the check after it, finds."""
    try:
        snapshot = open_snapshot(directory)
    except DamagedSnapshotError as error:
        return error.path
    try:
        patience = time.monotonic() + PATIENCE_S
        while snapshot.damage is None and time.monotonic() < patience:
            time.sleep(0.001)
        return None if snapshot.damage is None else snapshot.damage.path
    finally:
        snapshot.close()


def test_a_store_with_a_flipped_bit_answers_or_is_said_to_be_damaged(built: Path) -> None:
    store = current_folder(built) / STORE
    said: list[str] = []
    for _, flip in flips(store.stat().st_size, 60, random.Random(SEED)):
        with damaged(store, flip), suppress_damage(said), closing(open_engine(built)) as engine:
            engine.search(Query(text="wheat", min_match=0))

    assert said
    assert all(STORE in text for text in said)


@contextmanager
def suppress_damage(said: list[str]) -> Iterator[None]:
    """Keep what is said of damage; any other error is one."""
    try:
        yield
    except DamagedSnapshotError as error:
        said.append(str(error))
