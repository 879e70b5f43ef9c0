"""Taking up a new snapshot: no request is dropped, no damaged one is served."""

import logging
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import CursorExpiredError
from index.snapshot import SNAPSHOTS, Snapshot, current_name, snapshot_names
from service.cursor import Cursor, hash_query, walked_snapshot
from service.holder import (
    RETRY_LOOKS,
    EngineHolder,
    NotReadyError,
    OlderSnapshots,
    SnapshotWatcher,
)
from service.query import Query
from service.search import SearchEngine
from tests.encoders import HashEncoder
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

        assert len(old.search(Query(text="brain signals", min_match=0)).hits) == len(LIBRARY)
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
                    counts.append(len(engine.search(Query(text="brain signals", min_match=0)).hits))
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


def open_named(directory: Path, name: str) -> SearchEngine:
    return SearchEngine(Snapshot.open(directory, name=name, load_encoder=HashEncoder.load))


class Walk:
    """An index whose first snapshot is walked, and whose service has taken up a second one."""

    def __init__(self, directory: Path, idle_s: float) -> None:
        self.directory = directory
        self.opened: list[str] = []
        self.holder = EngineHolder(
            open_engine(directory), OlderSnapshots(directory, self._open, idle_s)
        )
        self.watcher = SnapshotWatcher(self.holder, directory, open_engine)
        self.first = current_name(directory)
        self.publish(2)

    def _open(self, directory: Path, name: str) -> SearchEngine:
        self.opened.append(name)
        return open_named(directory, name)

    def publish(self, n_articles: int) -> str:
        build_library(self.directory.parent, LIBRARY[:n_articles])
        assert self.watcher.look() is True
        return current_name(self.directory)

    def borrow(self, name: str | None) -> tuple[SearchEngine, int]:
        with self.holder.borrow(name) as engine:
            return engine, engine.n_articles


@pytest.fixture
def walk(directory: Path) -> Iterator[Walk]:
    walk = Walk(directory, idle_s=600)
    yield walk
    walk.holder.replace(None)


def test_a_cursor_walks_its_snapshot_on_after_another_was_taken_up(walk: Walk) -> None:
    query = Query(text="brain signals", min_match=0)
    cursor = Cursor(walk.first, hash_query(query), 0.5, "doi:10.5555/eeg.1", 1)

    with walk.holder.borrow(walked_snapshot(replace(query, cursor=cursor.to_text()))) as old:
        assert old.snapshot_name == walk.first
        assert len(old.search(query).hits) > 2

    assert walk.borrow(None)[1] == walk.borrow(walk.holder.snapshot_name)[1] == 2
    assert walk.opened == [walk.first]


def test_an_older_snapshot_is_opened_once_for_many_requests(walk: Walk) -> None:
    with ThreadPoolExecutor(8) as pool:
        borrowed = list(pool.map(walk.borrow, [walk.first] * 20))

    assert {n_articles for _, n_articles in borrowed} == {len(LIBRARY)}
    assert walk.opened == [walk.first]


def test_one_older_snapshot_is_open_at_a_time_and_none_while_it_is_asked_is_closed(
    walk: Walk,
) -> None:
    second = current_name(walk.directory)
    walk.publish(3)

    with walk.holder.borrow(walk.first) as first:
        assert walk.borrow(second)[1] == 2
        assert not is_closed(first)

    assert is_closed(first)
    assert walk.borrow(walk.first)[1] == len(LIBRARY)
    assert walk.opened == [walk.first, second, walk.first]


def test_a_snapshot_that_is_not_kept_has_expired(walk: Walk) -> None:
    engine, _ = walk.borrow(walk.first)
    shutil.rmtree(walk.directory / SNAPSHOTS / walk.first)

    for name in (walk.first, "../snapshots/" + current_name(walk.directory), "", "a\0b", "."):
        with pytest.raises(CursorExpiredError):
            walk.borrow(name)

    assert walk.borrow(None)[1] == 2
    walk.publish(3)
    assert is_closed(engine)


def test_a_snapshot_falls_out_of_those_kept_and_its_cursors_expire(walk: Walk) -> None:
    for n_articles in (3, 4):
        assert walk.borrow(walk.first)[1] == len(LIBRARY)
        walk.publish(n_articles)
    # it was open when it was to be removed: it goes with the next one
    assert walk.first in snapshot_names(walk.directory)
    walk.publish(5)

    with pytest.raises(CursorExpiredError):
        walk.borrow(walk.first)


def test_a_damaged_older_snapshot_has_expired_and_the_log_says_why(
    walk: Walk, caplog: pytest.LogCaptureFixture
) -> None:
    vectors = walk.directory / SNAPSHOTS / walk.first / "vectors" / "index.faiss"
    raw = bytearray(vectors.read_bytes())
    raw[-1] ^= 1
    vectors.unlink()  # a hard link may be shared with the other snapshot
    vectors.write_bytes(raw)

    with pytest.raises(CursorExpiredError):
        walk.borrow(walk.first)

    assert "index.faiss" in caplog.text
    assert walk.borrow(None)[1] == 2


def test_an_older_snapshot_is_closed_when_nobody_walks_it(directory: Path) -> None:
    walk = Walk(directory, idle_s=0)
    with walk.holder.borrow(walk.first) as engine:
        walk.holder.close_idle()
        assert not is_closed(engine)

    walk.holder.close_idle()

    assert is_closed(engine)
    assert walk.borrow(walk.first)[1] == len(LIBRARY)
    walk.holder.replace(None)


def test_an_older_snapshot_lately_asked_stays_open(walk: Walk) -> None:
    engine, _ = walk.borrow(walk.first)

    walk.holder.close_idle()

    assert not is_closed(engine)
    walk.holder.replace(None)
    assert is_closed(engine)


def test_the_thread_closes_what_nobody_walks(directory: Path) -> None:
    is_now_closed = threading.Event()

    class Telling(SearchEngine):
        def close(self) -> None:
            super().close()
            is_now_closed.set()

    def open_telling(path: Path, name: str) -> SearchEngine:
        return Telling(Snapshot.open(path, name=name, load_encoder=HashEncoder.load))

    name = current_name(directory)
    build_library(directory.parent, LIBRARY[:2])
    holder = EngineHolder(open_engine(directory), OlderSnapshots(directory, open_telling, idle_s=0))
    with holder.borrow(name):
        watcher = SnapshotWatcher(holder, directory, open_engine, poll_s=0.001)
        watcher.start()

    assert is_now_closed.wait(timeout=30)
    watcher.stop()
    holder.replace(None)


def test_without_a_place_for_older_snapshots_only_the_served_one_is_lent(
    holder: EngineHolder,
) -> None:
    with holder.borrow(holder.snapshot_name) as engine:
        assert engine.snapshot_name == holder.snapshot_name
    with pytest.raises(CursorExpiredError), holder.borrow("another"):
        pass
    holder.close_idle()


def test_before_the_first_snapshot_is_open_a_cursor_has_to_wait(directory: Path) -> None:
    holder = EngineHolder(None, OlderSnapshots(directory, open_named))

    with pytest.raises(NotReadyError), holder.borrow(current_name(directory)):
        pass
