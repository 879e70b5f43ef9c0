"""Arrays in files of a snapshot, as they were written or refused by name."""

import os
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from index.errors import DamagedSnapshotError


def load_array(folder: Path, name: str, kind: type[np.generic], n_axes: int = 1) -> Any:  # noqa: ANN401 - its type is `kind`
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
