"""Titles: which articles bear a whole title, by a hash of it folded.

Letter case, punctuation, white space and accents are no part of a title. Hundreds of articles
can be called "Editorial", and a title can be made of words that no search is made by.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.arrays import load_array, save_array
from index.identity import fold_name

Rows = npt.NDArray[np.int64]

_KEYS = "titles.npy"
_ROWS = "titles.rows.npy"


def write_titles(
    folder: Path, titles: Iterable[tuple[int, str | None]], earlier: Path | None = None
) -> None:
    """Write which rows bear each title; `titles` are by row, None where there is none.

    What they do not name has the title it had in `earlier`.
    """
    named = [(row, _key(title) if title else None) for row, title in titles]
    known = [(key, row) for row, key in named if key is not None]
    keys = np.array([key for key, _ in known], dtype=np.uint64)
    rows = np.array([row for _, row in known], dtype=np.int32)
    if earlier is not None:
        before = Titles(earlier)
        is_kept = ~np.isin(before.all_rows, [row for row, _ in named])
        keys = np.concatenate([before.all_keys[is_kept], keys])
        rows = np.concatenate([before.all_rows[is_kept], rows])
    order = np.lexsort((rows, keys))
    save_array(folder / _KEYS, keys[order])
    save_array(folder / _ROWS, rows[order])


class Titles:
    """The titles of one snapshot, read-only."""

    def __init__(self, folder: Path) -> None:
        self.all_keys: npt.NDArray[np.uint64] = load_array(folder, _KEYS, np.uint64)
        self.all_rows: npt.NDArray[np.int32] = load_array(folder, _ROWS, np.int32)

    def rows(self, title: str) -> Rows:
        """Give the rows whose title is this one, ascending; microseconds."""
        key = np.uint64(_key(title))
        start = np.searchsorted(self.all_keys, key)
        end = np.searchsorted(self.all_keys, key, side="right")
        return np.asarray(self.all_rows[start:end], dtype=np.int64)


def _key(title: str) -> int:
    folded = fold_name(title, is_person=False).encode("utf-8", "surrogatepass")
    # eight bytes: two titles of a corpus of millions have one by a chance of one in a million
    return int.from_bytes(hashlib.blake2b(folded, digest_size=8).digest())
