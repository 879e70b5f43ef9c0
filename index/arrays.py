"""Arrays in files of a snapshot, as they were written or refused by name."""

import os
import weakref
from collections.abc import Iterable
from pathlib import Path
from tokenize import TokenError
from typing import Any

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


class ArrayFile:
    """An array in a file, read where it is asked for; safe for many threads.

    What is mapped into memory counts as memory of the process, a page for every value that was
    ever looked at; what is read is not kept, and the file stays in the kernel's cache all the same.
    """

    def __init__(self, folder: Path, name: str, kind: type[np.generic], n_axes: int = 1) -> None:
        mapped = load_array(folder, name, kind, n_axes)
        self.shape: tuple[int, ...] = mapped.shape
        self._kind = np.dtype(kind)
        self._row_bytes = self._kind.itemsize * int(np.prod(mapped.shape[1:]))
        self._path = folder / name
        self._file = os.open(self._path, os.O_RDONLY)
        self._begins = os.fstat(self._file).st_size - mapped.nbytes
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        """Count the rows."""
        return self.shape[0]

    def read(self, spans: Iterable[tuple[int, int]]) -> npt.NDArray[Any]:
        """Give the rows of all spans, each from its first to before its end, one after the other.

        Costs some 2 µs a span, and what copying the rows costs.
        """
        wanted = list(spans)
        n_rows = sum(end - first for first, end in wanted)
        values = np.empty((n_rows, *self.shape[1:]), self._kind)
        buffer, filled = values.reshape(-1).view(np.uint8).data, 0
        for first, end in wanted:
            size = (end - first) * self._row_bytes
            place = buffer[filled : filled + size]
            if os.preadv(self._file, [place], self._begins + first * self._row_bytes) != size:
                raise DamagedSnapshotError(os.fspath(self._path), "ends before its last value")
            filled += size
        return values

    def rows(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
        """Give single rows, in the order asked."""
        places = rows.tolist()
        return self.read(zip(places, (place + 1 for place in places), strict=True))
