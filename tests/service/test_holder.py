"""Taking up a new snapshot: no request is dropped, no damaged one is served."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.snapshot import SNAPSHOTS, current_name
from service.holder import RETRY_LOOKS, EngineHolder, NotReadyError, SnapshotWatcher
from service.query import Query
from service.search import SearchEngine
from tests.service.library import LIBRARY, build_library, open_engine


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return build_library(tmp_path)


@pytest.fixture
def holder(directory: Path) -> Iterator[EngineHolder]:
    holder = EngineHolder(open_engine(directory))
    yield holder
    holder.replace(None)


@pytest.fixture
def watcher(holder: EngineHolder, directory: Path) -> SnapshotWatcher:
    return SnapshotWatcher(holder, directory, open_engine, poll_s=0.01)


def is_closed(engine: SearchEngine) -> bool:
    try:
        engine.search(Query())
    except sqlite3.ProgrammingError:
        return True
    return False


def test_without_an_engine_nothing_can_be_borrowed() -> None:
    holder = EngineHolder()

    with pytest.raises(NotReadyError), holder.borrow():
        pass

    assert (holder.is_ready, holder.snapshot_name) == (False, None)


def test_the_same_snapshot_is_not_taken_up_again(watcher: SnapshotWatcher) -> None:
    assert watcher.look() is False


def test_a_new_snapshot_is_served_and_the_old_one_closed(
    holder: EngineHolder, watcher: SnapshotWatcher, directory: Path
) -> None:
    with holder.borrow() as old:
        pass
    build_library(directory.parent, LIBRARY[:2])

    assert watcher.look() is True

    with holder.borrow() as engine:
        assert engine.n_articles == 2
    assert holder.snapshot_name == current_name(directory)
    assert is_closed(old)


def test_a_request_in_flight_keeps_the_snapshot_it_began_with(
    holder: EngineHolder, watcher: SnapshotWatcher, directory: Path
) -> None:
    with holder.borrow() as old, holder.borrow():
        build_library(directory.parent, LIBRARY[:2])
        assert watcher.look() is True

        assert len(old.search(Query(text="brain signals")).hits) == len(LIBRARY)
        with holder.borrow() as new:
            assert new.n_articles == 2
        assert not is_closed(old)

    assert is_closed(old)


def test_a_damaged_snapshot_is_refused_once_and_the_old_one_serves_on(
    holder: EngineHolder,
    watcher: SnapshotWatcher,
    directory: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = holder.snapshot_name
    build_library(directory.parent, LIBRARY[:2])
    vectors = directory / SNAPSHOTS / current_name(directory) / "vectors" / "index.faiss"
    raw = bytearray(vectors.read_bytes())
    raw[-1] ^= 1
    vectors.write_bytes(raw)

    with caplog.at_level(logging.ERROR):
        assert [watcher.look(), watcher.look()] == [False, False]

    assert len(caplog.records) == 1
    assert "index.faiss" in caplog.text
    assert holder.snapshot_name == before
    with holder.borrow() as engine:
        assert engine.n_articles == len(LIBRARY)


def test_after_a_refused_snapshot_the_next_good_one_is_taken_up(
    holder: EngineHolder, watcher: SnapshotWatcher, directory: Path
) -> None:
    build_library(directory.parent, LIBRARY[:2])
    (directory / SNAPSHOTS / current_name(directory) / "manifest.json").write_bytes(b"{}")
    assert watcher.look() is False
    (directory.parent / "again").mkdir()
    good = build_library(directory.parent / "again", LIBRARY[:3])
    name = current_name(good)
    (good / SNAPSHOTS / name).rename(directory / SNAPSHOTS / name)
    (directory / "CURRENT").write_text(name)

    assert watcher.look() is True

    assert holder.snapshot_name == name


def test_a_snapshot_named_before_all_of_it_was_there_is_taken_up_in_the_end(
    holder: EngineHolder,
    watcher: SnapshotWatcher,
    directory: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    build_library(directory.parent, LIBRARY[:2])
    name = current_name(directory)
    manifest = directory / SNAPSHOTS / name / "manifest.json"
    late = manifest.rename(directory.parent / "late.json")
    assert watcher.look() is False
    late.rename(manifest)

    looks = [watcher.look() for _ in range(RETRY_LOOKS)]

    assert looks == [False] * (RETRY_LOOKS - 1) + [True]
    assert holder.snapshot_name == name
    assert len(caplog.records) == 1


def test_a_missing_current_changes_nothing(
    holder: EngineHolder,
    watcher: SnapshotWatcher,
    directory: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = holder.snapshot_name
    (directory / "CURRENT").unlink()

    assert [watcher.look(), watcher.look()] == [False, False]

    assert holder.snapshot_name == before
    assert len(caplog.records) == 1


def test_the_thread_takes_up_what_it_sees_and_ends_when_told(directory: Path) -> None:
    is_opened = threading.Event()

    def open_and_tell(path: Path) -> SearchEngine:
        is_opened.set()
        return open_engine(path)

    holder = EngineHolder(open_engine(directory))
    watcher = SnapshotWatcher(holder, directory, open_and_tell, poll_s=0.01)
    watcher.start()
    build_library(directory.parent, LIBRARY[:2])

    assert is_opened.wait(timeout=30)
    watcher.stop()

    assert holder.snapshot_name == current_name(directory)
    assert not any(thread.name == "snapshot-watcher" for thread in threading.enumerate())
    holder.replace(None)


def test_a_watcher_that_never_began_can_be_stopped(watcher: SnapshotWatcher) -> None:
    watcher.stop()


def test_requests_from_many_threads_all_get_answers_while_snapshots_change(
    holder: EngineHolder, watcher: SnapshotWatcher, directory: Path
) -> None:
    is_done = threading.Event()
    counts: list[int] = []
    failures: list[Exception] = []

    def ask() -> None:
        while not is_done.is_set():
            try:
                with holder.borrow() as engine:
                    counts.append(len(engine.search(Query(text="brain signals")).hits))
            except Exception as error:  # any failure is what this test is about
                failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for size in (2, 3, 4):
        build_library(directory.parent, LIBRARY[:size])
        assert watcher.look() is True
    is_done.set()
    for thread in threads:
        thread.join()

    assert failures == []
    assert set(counts) <= {2, 3, 4, len(LIBRARY)}
