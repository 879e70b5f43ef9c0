"""A damaged current snapshot: the one before it is served, and everybody is told."""

import logging
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from index.errors import DamagedSnapshotError, SnapshotError
from index.snapshot import CURRENT, MANIFEST, SNAPSHOTS, Snapshot, current_name, snapshot_names
from index.store import STORE
from service.app import create_app
from service.cli import main
from service.fallback import damage_told, open_whole
from service.holder import EngineHolder, SnapshotWatcher
from service.query import Query
from service.search import SearchEngine
from service.settings import Settings
from tests.encoders import HashEncoder
from tests.service.library import LIBRARY, build_library, open_engine, write_library
from tests.service.local_client import LocalClient
from tests.service.test_serving import get, start


def open_named(directory: Path, name: str | None) -> SearchEngine:
    return SearchEngine.open(directory, name=name, load_encoder=HashEncoder.load)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give an index of three snapshots, of 2, 3 and 4 articles."""
    for n_articles in (2, 3, 4):
        directory = build_library(tmp_path, LIBRARY[:n_articles])
    return directory


def damage(directory: Path, name: str, file: str = "vectors/index.faiss") -> None:
    """Flip a bit of one file of a snapshot."""
    path = directory / SNAPSHOTS / name / file
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.unlink()  # a hard link may be shared with another snapshot
    path.write_bytes(raw)


def served(directory: Path) -> tuple[int, str | None]:
    engine = open_whole(directory, open_named)
    try:
        return engine.n_articles, engine.trouble
    finally:
        engine.close()


def test_a_whole_snapshot_is_served_without_trouble(directory: Path) -> None:
    assert served(directory) == (4, None)


def test_where_the_current_snapshot_is_damaged_the_one_before_it_is_served(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    current = current_name(directory)
    before = snapshot_names(directory)[1]
    damage(directory, current)

    n_articles, trouble = served(directory)

    assert n_articles == 3
    assert trouble is not None
    assert trouble.startswith(f"snapshots/{current}/vectors/index.faiss is damaged: its bytes")
    assert trouble.endswith("the snapshot before it is served")
    assert str(directory) not in trouble
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert str(directory / SNAPSHOTS / current / "vectors/index.faiss") in caplog.text
    assert f"the snapshot before it is served: {before}" in caplog.text


@pytest.mark.parametrize("file", ["vectors/index.faiss", STORE])
def test_a_damaged_snapshot_before_it_is_passed_over(
    directory: Path, file: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = snapshot_names(directory)
    damage(directory, names[2])
    damage(directory, names[1], file)

    assert served(directory)[0] == 2
    assert f"the snapshot {names[1]} cannot be served in its place" in caplog.text


def test_where_none_is_whole_what_is_wrong_with_the_current_one_is_told(directory: Path) -> None:
    for name in snapshot_names(directory):
        damage(directory, name)

    with pytest.raises(DamagedSnapshotError) as caught:
        served(directory)
    assert current_name(directory) in str(caught.value)


@pytest.mark.parametrize("n_removed", [0, 1])
def test_a_snapshot_after_the_current_one_is_not_taken_in_its_place(
    directory: Path, n_removed: int
) -> None:
    # somebody went back to the second one; its manifest may be what is damaged
    names = snapshot_names(directory)
    (directory / CURRENT).write_text(names[1] + "\n")
    if n_removed:
        (directory / SNAPSHOTS / names[1] / MANIFEST).unlink()
    else:
        damage(directory, names[1])

    assert served(directory)[0] == 2


@pytest.mark.parametrize("raw", [b"2026\xff\n", b"../x\n", b"20260101T000000000Z-0\n", b""])
def test_where_current_is_damaged_the_newest_snapshot_is_served(
    directory: Path, raw: bytes
) -> None:
    (directory / CURRENT).write_bytes(raw)

    n_articles, trouble = served(directory)

    assert n_articles == 4
    assert trouble is not None
    assert "is damaged" in trouble


def test_an_index_of_another_kind_is_not_stood_in_for(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="there is no index"):
        served(tmp_path)


def test_why_is_told_without_saying_where_the_index_lies(tmp_path: Path) -> None:
    elsewhere = DamagedSnapshotError("/far/away/articles.sqlite", "is missing")

    assert damage_told(elsewhere, tmp_path) == "articles.sqlite is damaged: is missing"
    told = damage_told(PermissionError(13, "Permission denied", "/far/away"), tmp_path)
    assert told == "a newer snapshot cannot be opened; the log says why"


# While it is served


@pytest.fixture
def holder(directory: Path) -> Iterator[EngineHolder]:
    holder = EngineHolder(open_engine(directory))
    yield holder
    holder.replace(None)


def test_a_refused_snapshot_is_told_until_a_whole_one_is_current(
    holder: EngineHolder, directory: Path
) -> None:
    watcher = SnapshotWatcher(holder, directory, open_engine)
    first = current_name(directory)

    def look() -> tuple[bool, bool]:
        return watcher.look(), holder.trouble is None

    def publish_damaged(n_articles: int) -> None:
        build_library(directory.parent, LIBRARY[:n_articles])
        damage(directory, current_name(directory))

    assert look() == (False, True)
    publish_damaged(5)
    assert look() == (False, False)
    assert "index.faiss is damaged" in (holder.trouble or "")
    (directory / CURRENT).write_text(first + "\n")
    assert look() == (False, True)
    publish_damaged(6)
    assert look() == (False, False)
    build_library(directory.parent, LIBRARY[:5])
    assert look() == (True, True)


def test_damage_that_is_found_in_what_is_served_is_told(directory: Path) -> None:
    snapshot = Snapshot.open(directory, load_encoder=HashEncoder.load)
    holder = EngineHolder(SearchEngine(snapshot))

    snapshot.damage = DamagedSnapshotError(str(directory / "x" / STORE), "sha256 differs")

    assert holder.trouble == f"the snapshot being served is damaged: {STORE}: sha256 differs"
    holder.replace(None)


def test_a_snapshot_that_fails_at_its_first_question_is_not_held_open(directory: Path) -> None:
    store = directory / SNAPSHOTS / current_name(directory) / STORE
    raw = bytearray(store.read_bytes())
    raw[4096:] = bytes(len(raw) - 4096)
    store.unlink()
    store.write_bytes(raw)

    with pytest.raises(DamagedSnapshotError, match=f"{STORE}: "):
        open_named(directory, None)
    shutil.rmtree(directory)


def test_a_cursor_walks_on_in_the_snapshot_that_stands_in(directory: Path) -> None:
    damage(directory, current_name(directory))
    engine = open_whole(directory, open_named)

    first = engine.search(Query(text="brain", min_match=0, limit=1))
    rest = engine.search(Query(text="brain", min_match=0, cursor=first.next_cursor))

    assert len(first.hits) + len(rest.hits) == engine.n_articles == 3
    engine.close()


# The console


@pytest.fixture(scope="module")
def added_to(tiny_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an index of two snapshots."""
    folder = tmp_path_factory.mktemp("added")
    directory = Path(shutil.copytree(tiny_index, folder / "index"))
    moon: dict[str, object] = {"doi": "10.5555/moon", "title": "Tides of the moon"}
    source = write_library(folder / "moon.jsonl", [moon])
    assert main(["add", str(source), "--index", str(directory), "--quiet"]) == 0
    return directory


@pytest.fixture
def damaged_index(added_to: Path, tmp_path: Path) -> Path:
    """Give an index of two snapshots of which the current one is damaged."""
    directory = Path(shutil.copytree(added_to, tmp_path / "index"))
    damage(directory, current_name(directory))
    return directory


def test_the_service_starts_with_the_snapshot_before_a_damaged_one_and_says_so(
    damaged_index: Path,
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with start(damaged_index, port) as process:
        try:
            assert process.stderr is not None
            said = [process.stderr.readline(), process.stderr.readline()]
            status, raw = get(port, "/readyz")
            found = get(port, "/v1/search?q=wheat")
        finally:
            process.terminate()

    assert "index.faiss: its bytes are not those that were published" in said[0]
    assert "the snapshot before it is served" in said[0]
    assert said[1] == f"serving {len(LIBRARY)} articles on http://127.0.0.1:{port}\n"
    ready = orjson.loads(raw)
    assert (status, ready["status"], ready["n_articles"]) == (200, "ready", len(LIBRARY))
    assert "index.faiss is damaged" in ready["degraded"]
    assert found[0] == 200


def test_the_application_starts_with_the_snapshot_before_a_damaged_one(
    damaged_index: Path,
) -> None:
    with LocalClient(create_app(Settings(index=damaged_index))) as client:
        ready = client.get("/readyz").json()

    assert ready["n_articles"] == len(LIBRARY)
    assert "index.faiss is damaged" in ready["degraded"]


@pytest.mark.parametrize("file", ["vectors/index.faiss", STORE])
def test_the_console_names_the_damaged_file_and_the_cure(
    damaged_index: Path, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = snapshot_names(damaged_index)
    (damaged_index / CURRENT).write_text(names[0] + "\n")
    path = damaged_index / SNAPSHOTS / names[0] / file
    raw = path.read_bytes()
    path.unlink()
    path.write_bytes(raw[:100] + bytes(len(raw) - 100))

    assert main(["search", "wheat", "--index", str(damaged_index)]) == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"cognate: {path}: ")
    assert "cognate verify" in line or "put the name of another snapshot into CURRENT" in line
