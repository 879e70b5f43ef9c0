"""The file layer: durable, atomic, exclusive, hashed."""

import errno
import hashlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import SnapshotError, SourceError, StorageError
from index.files import (
    fsync_tree,
    hash_file,
    held,
    link_or_copy,
    locked,
    make_folder,
    relative_files,
    remove_tree,
    rename_whole,
    replace_text,
    unheld,
    writing,
)


def test_hash_is_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"bees")

    assert hash_file(path) == hashlib.sha256(b"bees").hexdigest()


def test_replacing_a_text_leaves_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "CURRENT"
    replace_text(path, "one\n")
    replace_text(path, "two\n")

    assert path.read_text() == "two\n"
    assert relative_files(tmp_path) == ["CURRENT"]


def test_replacing_a_text_over_a_left_temporary_file_works(tmp_path: Path) -> None:
    (tmp_path / "CURRENT.new").write_text("torn and longer than what follows")

    replace_text(tmp_path / "CURRENT", "one\n")

    assert (tmp_path / "CURRENT").read_text() == "one\n"


def test_a_link_is_the_same_file_under_a_second_name(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"bees")

    link_or_copy(source, tmp_path / "below" / "target")

    assert source.stat().st_ino == (tmp_path / "below" / "target").stat().st_ino


def test_a_file_that_cannot_be_linked_is_copied(tmp_path: Path) -> None:
    other_device = Path("/dev/shm")
    if not other_device.is_dir() or other_device.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("a second file system is needed to see that links cannot cross it")
    source = other_device / f"cognate-test-{os.getpid()}"
    try:
        source.write_bytes(b"bees")
        link_or_copy(source, tmp_path / "target")
    finally:
        source.unlink()

    assert (tmp_path / "target").read_bytes() == b"bees"


def test_removing_a_tree_takes_everything_and_forgives_nothing_being_there(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "file").write_bytes(b"")
    fsync_tree(folder)

    remove_tree(folder)
    remove_tree(folder)

    assert not folder.exists()


def test_files_are_listed_relative_sorted_and_with_slashes(tmp_path: Path) -> None:
    for name in ("b", "a/z", "a/b/c"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")

    assert relative_files(tmp_path) == ["a/b/c", "a/z", "b"]


def test_a_lock_is_held_against_another_process_and_given_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    script = (
        "import sys; from pathlib import Path; from index.files import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(SnapshotError, match=f"another build is at work in {tmp_path}"):
            locked(path).__enter__()
        holder.kill()

    with locked(path):
        pass


def test_a_file_is_held_by_many_and_unheld_when_the_last_has_let_go(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(b"{}")

    with held(path):
        with held(path), unheld(path) as is_free:
            assert not is_free
        with unheld(path) as is_free:
            assert not is_free

    with unheld(path) as is_free:
        assert is_free


def test_where_there_are_no_locks_nothing_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    path = tmp_path / "manifest.json"
    path.write_bytes(b"{}")

    with held(path), unheld(path) as is_free:
        assert is_free


def test_a_folder_is_made_with_all_it_lies_in(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")

    assert (tmp_path / "a" / "b").is_dir()


def test_a_finished_folder_is_renamed_with_all_it_holds(tmp_path: Path) -> None:
    (tmp_path / "new" / "below").mkdir(parents=True)
    (tmp_path / "new" / "below" / "file").write_bytes(b"bees")

    rename_whole(tmp_path / "new", tmp_path / "named")

    assert relative_files(tmp_path) == ["named/below/file"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device", "f"),
        OSError(errno.EDQUOT, "Disk quota exceeded", "f"),
        OSError(errno.EFBIG, "File too large", "f"),
        RuntimeError("write failed: No space left on device"),
        ValueError("An IO error occurred: 'No space left on device (os error 28)'"),
        sqlite3.OperationalError("database or disk is full"),
    ],
    ids=lambda error: f"{type(error).__name__} {error}"[:40],
)
def test_a_full_disk_is_said_in_one_way_whoever_noticed(tmp_path: Path, error: Exception) -> None:
    directory = tmp_path / "not" / "there" / "yet"
    with pytest.raises(StorageError, match="no space is left") as caught, writing(directory):
        raise error

    assert str(caught.value).startswith(f"{directory}: ")
    assert caught.value.__cause__ is error


def test_another_failure_of_the_system_names_the_file_and_the_reason(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"denied \(/far/away\)"), writing(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied", "/far/away")


@pytest.mark.parametrize(
    "text",
    [
        "An IO error occurred: 'Input/output error (os error 5)'",
        "Failed to open file for write: 'IoError { io_error: Os { code: 5, kind: Other } }'",
        "Failed to acquire Lockfile: LockBusy. None",
        "An error occurred in a thread: 'An index writer was killed.. A worker thread encountered "
        "an error (io::Error most likely) or panicked.'",
    ],
)
def test_a_failure_that_tantivy_tells_of_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(StorageError) as caught, writing(tmp_path):
        raise ValueError(text)

    assert str(caught.value) == f"{tmp_path}: cannot write the index: {text}"


def test_a_file_that_sqlite_cannot_read_back_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="index: file is not a database"), writing(tmp_path):
        raise sqlite3.DatabaseError("file is not a database")


def test_a_broken_constraint_is_a_mistake_in_the_program(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.IntegrityError), writing(tmp_path):
        raise sqlite3.IntegrityError("UNIQUE constraint failed")


def test_a_failure_of_sqlite_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="index: disk I/O error"), writing(tmp_path):
        raise sqlite3.OperationalError("disk I/O error")


def test_errors_of_ours_pass_unchanged(tmp_path: Path) -> None:
    error = SourceError("a.ris", "is empty")
    with pytest.raises(SourceError) as caught, writing(tmp_path):
        raise error

    assert caught.value is error


def test_a_mistake_in_the_program_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shapes do not agree"), writing(tmp_path):
        raise ValueError("shapes do not agree")
