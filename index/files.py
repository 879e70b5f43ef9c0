"""The file layer of the write side: what is durable, atomic, exclusive, hashed.

Everything a build makes permanent goes through here, so that the order of writes, fsyncs
and renames can be read in one place.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import CognateError, SnapshotError, StorageError

_LOW_SPACE_BYTES = 1 << 20
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# what FAISS (RuntimeError), tantivy (ValueError) and SQLite say of a failed write
_NO_SPACE_TEXTS = ("No space left", "Disk quota exceeded", "File too large", "disk is full")


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Turn what the libraries raise when a file cannot be written into one StorageError."""
    try:
        yield
    except CognateError:
        raise
    except (OSError, sqlite3.OperationalError, RuntimeError, ValueError) as error:
        is_full = getattr(error, "errno", None) in _NO_SPACE or any(
            text in str(error) for text in _NO_SPACE_TEXTS
        )
        if is_full or _free_bytes(directory) < _LOW_SPACE_BYTES:
            reason = "no space is left on the disk; free some, then give the same command again"
        elif isinstance(error, OSError):
            reason = f"{error.strerror or error} ({error.filename or directory})"
        elif isinstance(error, sqlite3.Error):
            reason = str(error)
        else:
            raise
        message = f"{directory}: cannot write the index: {reason}"
        raise StorageError(message) from error


def _free_bytes(directory: Path) -> int:
    existing = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; SnapshotError if another process does.

    The kernel drops the lock with the process, however that ends; the file stays.
    """
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"another build is at work in {path.parent}; wait for it to end"
            raise SnapshotError(message) from error
        yield


def hash_file(path: Path) -> str:
    """Give the sha256 of a file as 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fsync_path(path: Path) -> None:
    """Make a file's bytes, or a folder's entries, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_tree(folder: Path) -> None:
    """Make a folder, its files and all below it survive a power cut."""
    for path in folder.rglob("*"):
        fsync_path(path)
    fsync_path(folder)


def replace_text(path: Path, text: str) -> None:
    """Replace a small file by rename: a reader sees the old text or the new, never a part."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    fsync_path(path.parent)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name; copy it where the file system has no hard links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it; one that is already gone is fine."""
    shutil.rmtree(folder, ignore_errors=True)


def relative_files(folder: Path) -> list[str]:
    """List all files below a folder as sorted POSIX paths relative to it."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
