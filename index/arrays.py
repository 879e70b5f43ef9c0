"""Arrays in files of a snapshot, as they were written or refused by name."""

import errno
import mmap
import os
import weakref
from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from index.errors import DamagedSnapshotError


def load_array(
    folder: Path, name: str, kind: type[np.generic] | np.dtype[Any], n_axes: int = 1
) -> Any:  # noqa: ANN401 - its type is `kind`
    """Map an array of a known kind into memory; DamagedSnapshotError where the file is none."""
    try:
        loaded = np.load(folder / name, mmap_mode="r", allow_pickle=False)
    except (OSError, EOFError, ValueError, TokenError) as error:
        raise DamagedSnapshotError(os.fspath(folder / name), str(error)) from error
    if loaded.dtype != kind or loaded.ndim != n_axes:
        reason = f"holds {loaded.dtype} in {loaded.ndim} axes, not {np.dtype(kind)} in {n_axes}"
        raise DamagedSnapshotError(os.fspath(folder / name), reason)
    # a plain array: numpy takes far longer to slice its own memmap
    return np.asarray(loaded)


def write_header(
    stream: IO[bytes], kind: type[np.generic] | np.dtype[Any], shape: tuple[int, ...]
) -> None:
    """Begin the file of an array whose values are written next, part by part.

    Written, not mapped: a full disk is then an error and not the end of the process.
    """
    descr = np.lib.format.dtype_to_descr(np.dtype(kind))
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)


def save_array(path: Path, values: npt.ArrayLike) -> None:
    """Write an array as `np.save` does, but with an error where not all of it could be written.

    numpy hands an array to C's stdio, and does not look when what is left in its buffer fails.
    """
    array = np.asarray(values, order="C")
    with path.open("wb") as stream:
        write_header(stream, array.dtype, array.shape)
        write_values(stream, array)


def write_values(stream: IO[bytes], values: npt.NDArray[Any]) -> None:
    """Write the bytes of an array, in order, without a copy of them."""
    stream.write(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)


class ArrayFile:
    """An array in a file, of which parts are copied out; safe for many threads.

    Parts are read, not mapped: what is mapped counts as memory of the process, a page and its
    neighbours for every value that was ever looked at, and costs more to map than to copy. Only
    `peek` maps, and its pages are given back once enough of them were seen; the kernel's cache
    keeps them as it keeps other files.
    """

    def __init__(self, folder: Path, name: str, kind: type[np.generic], n_axes: int = 1) -> None:
        self._values = load_array(folder, name, kind, n_axes)
        self.shape: tuple[int, ...] = self._values.shape
        self._pages: mmap.mmap | None = getattr(self._values.base, "_mmap", None)
        self._row_bytes = self._values.itemsize * int(np.prod(self.shape[1:]))
        self._begin = (folder / name).stat().st_size - len(self) * self._row_bytes
        self._file = os.open(folder / name, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        self._n_seen = 0

    def __len__(self) -> int:
        """Count the rows."""
        return self.shape[0]

    def read(self, spans: Sequence[tuple[int, int]]) -> npt.NDArray[Any]:
        """Give the rows of all spans, each from its first to before its end, one after the other.

        Costs some 1 µs a span, and what copying the rows costs.
        """
        n_rows = sum(end - first for first, end in spans)
        copied = np.empty((n_rows, *self.shape[1:]), self._values.dtype)
        room = memoryview(copied.reshape(-1).view(np.uint8).data) if copied.size else _NO_ROOM
        place = 0
        for first, end in spans:
            n_bytes = (end - first) * self._row_bytes
            self._fill(room[place : place + n_bytes], self._begin + first * self._row_bytes)
            place += n_bytes
        return copied

    def _fill(self, room: memoryview, place: int) -> None:
        while room:
            n_read = os.preadv(self._file, [room], place)
            if not n_read:
                raise OSError(errno.EIO, "a file of the index became shorter while it was served")
            room, place = room[n_read:], place + n_read

    def peek(self, first: int, end: int) -> npt.NDArray[Any]:
        """Give the rows from first to before end as they lie in the file: to be read at once."""
        self._note((end - first) * self._row_bytes)
        values: npt.NDArray[Any] = self._values[first:end]
        return values

    def rows(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Give single rows, in the order asked."""
        return self.read([(row, row + 1) for row in rows.tolist()])

    def _note(self, n_bytes: int) -> None:
        """Count what was seen, and give all pages back where it is enough."""
        self._n_seen += n_bytes
        if self._n_seen > _MOST_SEEN and self._pages is not None:
            self._n_seen = 0
            # who is reading them now gets them again
            self._pages.madvise(mmap.MADV_DONTNEED)


_NO_ROOM = memoryview(b"")
_MOST_SEEN = 1 << 26
"""So many bytes of a file are kept mapped."""
