"""The file layer of the write side: what is durable, what is atomic, what is hashed.

Everything a build makes permanent goes through here, so that the order of writes, fsyncs
and renames can be read in one place.
"""

import hashlib
import os
import shutil
from pathlib import Path


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
