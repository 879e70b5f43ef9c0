"""A disk that loses its power: from a journal of operations, what may be on it afterwards.

The model is as harsh as a file system may be. The bytes of a file are safe once the file was
synced; the entries of a folder (what was made, renamed or removed there) once the folder was.
Everything else may be there or not, each change by itself, and bytes may be zero, cut or wrong.
As on every journalling file system a rename happens whole, or not at all; it is safe with the
folder that it leads to.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random

HAPPENED = 0.5
"""How likely a change that is not safe has happened even so."""


class Loss(StrEnum):
    """What becomes of the bytes of a file that were not synced."""

    DROPPED = "dropped"
    ZEROED = "zeroed"
    HALVED = "halved"
    FLIPPED = "flipped"
    KEPT = "kept"
    """They happened to reach the disk; the file's name may be lost even so."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of a journal: what was done to which path below the root, and the bytes written."""

    name: str
    result: int
    path: str
    other: str
    offset: int
    data: bytes


def read_journal(journal: Path, root: Path) -> Iterator[Operation]:
    """Read what a shim has recorded, paths relative to the root."""

    def relative(path: str) -> str:
        return Path(path).relative_to(root).as_posix() if path else ""

    with journal.open("rb") as stream:
        while line := stream.readline():
            name, result, path, other, offset, length = line.decode().rstrip("\n").split("\t")
            data = stream.read(int(length))
            yield Operation(name, int(result), relative(path), relative(other), int(offset), data)


@dataclass(slots=True, eq=False)
class _File:
    """The bytes of a file as programs see them, and as they are known to lie on the disk."""

    seen: bytearray = field(default_factory=bytearray)
    safe: bytes = b""

    def left(self, loss: Loss, random: Random) -> bytes:
        """Give the bytes that a power cut leaves."""
        seen = bytes(self.seen)
        if loss is Loss.DROPPED:
            return self.safe
        changed = [
            place
            for place, byte in enumerate(seen)
            if place >= len(self.safe) or byte != self.safe[place]
        ]
        if loss is Loss.KEPT or not changed:
            return seen
        if loss is Loss.HALVED:
            return seen[: len(seen) // 2]
        damaged = bytearray(seen)
        if loss is Loss.ZEROED:
            for place in changed:
                damaged[place] = 0
        else:
            damaged[random.choice(changed)] ^= 1 << random.randrange(8)
        return bytes(damaged)


@dataclass(slots=True, eq=False)
class _Folder:
    """The entries of a folder as programs see them, and as they are known to lie on the disk."""

    seen: "_Entries" = field(default_factory=dict)
    safe: "_Entries" = field(default_factory=dict)


_Entries = dict[str, _File | _Folder]


@dataclass(slots=True, eq=False)
class _Change:
    """An entry set in a folder (None: removed), and, of a rename, the place it left."""

    folder: _Folder
    name: str
    entry: _File | _Folder | None
    left: tuple[_Folder, str] | None = None

    def apply(self, entries: Callable[[_Folder], _Entries]) -> None:
        """Make the change in the entries that each folder has."""
        if self.entry is None:
            entries(self.folder).pop(self.name, None)
            return
        entries(self.folder)[self.name] = self.entry
        if self.left is not None and entries(self.left[0]).get(self.left[1]) is self.entry:
            del entries(self.left[0])[self.left[1]]


class Disk:
    """A folder as it was, everything on it safe, on which operations are repeated."""

    def __init__(self, before: Path) -> None:
        self._root = _read(before)
        self._waiting: list[_Change] = []

    def repeat(self, operation: Operation) -> None:
        """Do what an operation did; one that failed did nothing."""
        act = getattr(self, f"_{operation.name}", None)
        if act is not None and operation.result >= 0:
            act(operation)

    def seen(self) -> dict[str, bytes]:
        """Give the bytes of each file as programs see them now."""
        return dict(_files(self._root, "", lambda folder: folder.seen, lambda file: file.seen))

    def cut_power(self, target: Path, loss: Loss, random: Random) -> None:
        """Write into `target`, which is made, what may be left when the power is cut now.

        Each change of an entry that is not safe has happened or not, at random.
        """
        left: dict[_Folder, _Entries] = {}

        def entries(folder: _Folder) -> _Entries:
            return left.setdefault(folder, dict(folder.safe))

        for change in self._waiting:
            if random.random() < HAPPENED:
                change.apply(entries)
        _write(self._root, target, entries, lambda file: file.left(loss, random))

    # each as the shim names the operation

    def _create(self, operation: Operation) -> None:
        self._find_or_make(operation.path).seen.clear()

    def _extend(self, operation: Operation) -> None:
        self._find_or_make(operation.path)

    def _write(self, operation: Operation) -> None:
        seen = self._file(operation.path).seen
        end = operation.offset + len(operation.data)
        seen.extend(bytes(max(0, end - len(seen))))
        seen[operation.offset : end] = operation.data

    def _truncate(self, operation: Operation) -> None:
        seen = self._file(operation.path).seen
        seen.extend(bytes(max(0, operation.offset - len(seen))))
        del seen[operation.offset :]

    def _sync(self, operation: Operation) -> None:
        entry = self._entry(operation.path)
        if isinstance(entry, _File):
            entry.safe = bytes(entry.seen)
            return
        done = [change for change in self._waiting if change.folder is entry]
        for change in done:
            change.apply(lambda folder: folder.safe)
        # what was made and then moved away is not made again
        moved = {(*change.left, change.entry) for change in done if change.left is not None}
        self._waiting = [
            change
            for change in self._waiting
            if change.folder is not entry
            and (change.folder, change.name, change.entry) not in moved
        ]

    def _mkdir(self, operation: Operation) -> None:
        self._set(operation.path, _Folder())

    def _link(self, operation: Operation) -> None:
        self._set(operation.other, self._entry(operation.path))

    def _remove(self, operation: Operation) -> None:
        folder, name = self._place(operation.path)
        del folder.seen[name]
        self._waiting.append(_Change(folder, name, None))

    def _rename(self, operation: Operation) -> None:
        source = self._place(operation.path)
        self._set(operation.other, source[0].seen.pop(source[1]), source)

    def _set(
        self, path: str, entry: _File | _Folder, left: tuple[_Folder, str] | None = None
    ) -> None:
        folder, name = self._place(path)
        folder.seen[name] = entry
        self._waiting.append(_Change(folder, name, entry, left))

    def _place(self, path: str) -> tuple[_Folder, str]:
        above, _, name = path.rpartition("/")
        folder = self._entry(above)
        assert isinstance(folder, _Folder)
        return folder, name

    def _entry(self, path: str) -> _File | _Folder:
        if path in ("", "."):
            return self._root
        folder, name = self._place(path)
        return folder.seen[name]

    def _file(self, path: str) -> _File:
        file = self._entry(path)
        assert isinstance(file, _File)
        return file

    def _find_or_make(self, path: str) -> _File:
        folder, name = self._place(path)
        if name not in folder.seen:
            self._set(path, _File())
        return self._file(path)


def _read(path: Path) -> _Folder:
    """Read a folder, everything in it safe; two names of one file are one file."""
    known: dict[int, _File] = {}

    def read(path: Path) -> _File | _Folder:
        if path.is_dir():
            entries = {below.name: read(below) for below in path.iterdir()}
            return _Folder(entries, dict(entries))
        raw = path.read_bytes()
        return known.setdefault(path.stat().st_ino, _File(bytearray(raw), raw))

    root = read(path)
    assert isinstance(root, _Folder)
    return root


def _files(
    folder: _Folder,
    above: str,
    entries: Callable[[_Folder], _Entries],
    content: Callable[[_File], bytes | bytearray],
) -> Iterator[tuple[str, bytes]]:
    for name, entry in entries(folder).items():
        if isinstance(entry, _Folder):
            yield from _files(entry, f"{above}{name}/", entries, content)
        else:
            yield above + name, bytes(content(entry))


def _write(
    folder: _Folder,
    target: Path,
    entries: Callable[[_Folder], _Entries],
    content: Callable[[_File], bytes],
) -> None:
    target.mkdir()
    for name, entry in entries(folder).items():
        if isinstance(entry, _Folder):
            _write(entry, target / name, entries, content)
        else:
            (target / name).write_bytes(content(entry))
