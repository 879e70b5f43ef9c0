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
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import CognateError, SnapshotError, StorageError

_LOW_SPACE_BYTES = 1 << 20
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# what tantivy (ValueError) and SQLite say of a full disk
_NO_SPACE_TEXTS = ("No space left", "Disk quota exceeded", "File too large", "disk is full")
# how tantivy tells of any other failure of the system
_FAILED_TEXTS = ("os error", "Os {", "Lockfile", "io::Error")


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Turn what the libraries raise when a file cannot be written into one StorageError."""
    try:
        yield
    except CognateError:
        raise
    except (OSError, sqlite3.DatabaseError, RuntimeError, ValueError) as error:
        is_full = getattr(error, "errno", None) in _NO_SPACE or any(
            text in str(error) for text in _NO_SPACE_TEXTS
        )
        if is_full or _free_bytes(directory) < _LOW_SPACE_BYTES:
            reason = "no space is left on the disk; free some, then give the same command again"
        elif isinstance(error, OSError):
            reason = f"{error.strerror or error} ({error.filename or directory})"
        elif _is_of_the_system(error):
            reason = str(error)
        else:
            raise
        message = f"{directory}: cannot write the index: {reason}"
        raise StorageError(message) from error


def _is_of_the_system(error: Exception) -> bool:
    """Tell a failure of the system that a library reports from a mistake in the program."""
    if isinstance(error, sqlite3.DatabaseError):
        # plainly of this class: what SQLite could not read back of a file it has just written
        return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
    return any(text in str(error) for text in _FAILED_TEXTS)


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


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file that nobody may take away meanwhile; any number of processes may."""
    with path.open("rb") as stream:
        # where the file system knows no locks, what is read survives its removal all the same
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_SH)
        yield


@contextmanager
def unheld(path: Path) -> Iterator[bool]:
    """Tell whether nobody holds a file; then nobody can until the block is done."""
    # NFS locks for itself alone only what is open for writing; a file of somebody else may not be
    with path.open("r+b" if os.access(path, os.W_OK) else "rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:
            # no locks here: it counts as unheld, as it did before there were any
            pass
        yield True


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


def make_folder(folder: Path) -> None:
    """Make a folder, and those it lies in, so that they survive a power cut."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        fsync_path(folder.parent)


def rename_whole(folder: Path, target: Path) -> None:
    """Give a finished folder its name; after a power cut all of it is there, or nothing."""
    fsync_tree(folder)
    folder.rename(target)
    fsync_path(target.parent)


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
