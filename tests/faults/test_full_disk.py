"""A disk that is really full: what cannot be written is said, and what is served is served on."""

import multiprocessing
import resource
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from index.errors import StorageError
from index.snapshot import current_name, verify
from service.holder import EngineHolder, SnapshotWatcher
from service.query import Query
from tests.building import article_ids, build, build_bees, current_folder, write_source
from tests.service.library import LIBRARY, open_engine

DISK_BYTES = 1 << 20
LEFT_BYTES = 48 << 10
MORE = [
    {"id": f"own:{n}", "title": f"Study {n} of moss", "abstract": "Moss. " * 50} for n in range(40)
]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES}", "cognate", str(folder)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("a file system can be mounted by root only; the shim fills a disk, too")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_service_answers_on_while_its_disk_is_full_and_takes_up_what_follows(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # what readers and builds keep for a while lies there too
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    directory = small_disk / "index"
    build(directory, write_source(tmp_path / "library.jsonl", *LIBRARY))
    before = current_name(directory)
    more = write_source(tmp_path / "more.jsonl", *LIBRARY, *MORE)
    holder = EngineHolder(open_engine(directory))
    watcher = SnapshotWatcher(holder, directory, open_engine)
    fill(small_disk)

    with (
        Asking(holder) as asking,
        pytest.raises(StorageError, match="no space is left on the disk"),
    ):
        build(directory, more)

    assert asking.counts == {len(LIBRARY)}
    assert (watcher.look(), current_name(directory), holder.trouble) == (False, before, None)
    verify(current_folder(directory))
    (small_disk / "filler").unlink()
    build(directory, more)
    assert watcher.look() is True
    assert sorted(path.name for path in directory.iterdir()) == ["CURRENT", "lock", "snapshots"]
    holder.replace(None)


def fill(disk: Path) -> None:
    """Leave next to no room on a disk."""
    n_free = int(subprocess.check_output(["stat", "-f", "-c", "%a", disk]))
    n_bytes = int(subprocess.check_output(["stat", "-f", "-c", "%S", disk]))
    (disk / "filler").write_bytes(bytes(n_free * n_bytes - LEFT_BYTES))


class Asking:
    """Asks again and again, in a thread; `counts` is how many articles were found."""

    def __init__(self, holder: EngineHolder) -> None:
        self.counts: set[int] = set()
        self._holder = holder
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._end.is_set():
            with self._holder.borrow() as engine:
                found = engine.search(Query(text="brain signals", min_match=0))
                self.counts.add(found.total)

    def __enter__(self) -> "Asking":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def build_limited(directory: Path, source: Path, most_bytes: int, answers: Connection) -> None:
    """Build where no file may be larger than so many bytes, and send what was said of it."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    try:
        build(directory, source)
    except StorageError as error:
        answers.send(str(error))
    else:
        answers.send("")


@pytest.mark.parametrize("most_bytes", [200, 15_000])
def test_where_a_file_cannot_grow_the_build_says_so_and_the_index_stays(
    tmp_path: Path, most_bytes: int
) -> None:
    directory = build_bees(tmp_path)
    source = write_source(tmp_path / "more.jsonl", *LIBRARY)
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()

    process = context.Process(target=build_limited, args=(directory, source, most_bytes, theirs))
    process.start()
    said = ours.recv()
    process.join()

    # SQLite, which meets it first, cannot tell it from any other failure
    assert said == f"{directory}: cannot write the index: disk I/O error"
    assert article_ids(directory) == ["doi:10.5555/bees"]
    build(directory, source)
    assert len(article_ids(directory)) == len(LIBRARY)
