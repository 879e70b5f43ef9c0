"""An array is read from its file as it would be sliced in memory."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.arrays import ArrayFile
from index.errors import DamagedSnapshotError

VALUES = np.arange(60, dtype=np.int32).reshape(20, 3)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> ArrayFile:
    """Write an array of twenty rows."""
    folder = tmp_path_factory.mktemp("arrays")
    np.save(folder / "values.npy", VALUES)
    return ArrayFile(folder, "values.npy", np.int32, 2)


@given(spans=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted), max_size=6))
def test_spans_are_read_one_after_the_other(file: ArrayFile, spans: list[list[int]]) -> None:
    expected = [VALUES[first:end] for first, end in spans]

    read = file.read([(first, end) for first, end in spans])

    assert read.tolist() == np.concatenate([VALUES[:0], *expected]).tolist()
    assert read.dtype == np.int32


def test_rows_come_in_the_order_asked(file: ArrayFile) -> None:
    assert file.rows(np.array([7, 0, 7, 19])).tolist() == VALUES[[7, 0, 7, 19]].tolist()
    assert len(file) == 20


def test_many_threads_read_at_once(file: ArrayFile) -> None:
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda row: file.read([(row, row + 1)]).tolist(), [*range(20)] * 20))

    assert read == [VALUES[row : row + 1].tolist() for row in [*range(20)] * 20]


def test_an_array_of_nothing_is_read(tmp_path: Path) -> None:
    np.save(tmp_path / "none.npy", np.empty((0, 3), np.uint8))

    assert ArrayFile(tmp_path, "none.npy", np.uint8, 2).read([(0, 0)]).shape == (0, 3)


def test_a_file_that_was_cut_while_it_was_open_is_told(tmp_path: Path) -> None:
    np.save(tmp_path / "values.npy", VALUES)
    file = ArrayFile(tmp_path, "values.npy", np.int32, 2)
    os.truncate(tmp_path / "values.npy", (tmp_path / "values.npy").stat().st_size - 1)

    assert file.read([(0, 19)]).tolist() == VALUES[:19].tolist()
    with pytest.raises(DamagedSnapshotError, match="ends before its last value"):
        file.read([(19, 20)])
