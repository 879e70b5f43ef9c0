"""An array is read from its file as it would be sliced in memory."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.arrays import _MOST_SEEN, ArrayFile, save_array

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


def test_what_was_seen_is_given_back_and_read_again(tmp_path: Path) -> None:
    values = np.arange(16 << 20, dtype=np.int64)
    np.save(tmp_path / "values.npy", values)
    file = ArrayFile(tmp_path, "values.npy", np.int64)

    before, most = resident_bytes(), 0
    for _ in range(3):
        for first in range(0, len(values), 1 << 20):
            assert file.peek(first, first + 9).tolist() == [*range(first, first + 9)]
            assert (
                file.peek(first, first + (1 << 20)).sum() == values[first : first + (1 << 20)].sum()
            )
            most = max(most, resident_bytes() - before)

    assert values.nbytes > 2 * _MOST_SEEN - 1
    assert _MOST_SEEN / 2 < most < _MOST_SEEN + (24 << 20)


def test_what_is_copied_out_is_not_mapped(tmp_path: Path) -> None:
    values = np.arange(4 << 20, dtype=np.int64)
    np.save(tmp_path / "values.npy", values)
    file = ArrayFile(tmp_path, "values.npy", np.int64)

    before = resident_bytes()
    assert file.read([(0, len(values))]).tolist()[-1] == len(values) - 1
    assert file.rows(np.arange(0, len(values), 4096)).tolist() == values[::4096].tolist()

    assert resident_bytes() - before < values.nbytes / 4


def test_a_file_cut_short_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    np.save(tmp_path / "values.npy", VALUES)
    file = ArrayFile(tmp_path, "values.npy", np.int32, 2)
    os.truncate(tmp_path / "values.npy", (tmp_path / "values.npy").stat().st_size - 12)

    assert file.read([(0, 19)]).tolist() == VALUES[:19].tolist()
    with pytest.raises(OSError, match="became shorter"):
        file.read([(18, 20)])


def resident_bytes() -> int:
    """Give how much of files is mapped into this process."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    fields = dict(line.split()[:2] for line in lines[1:])
    return 1024 * int(fields["Pss_File:"])


@pytest.mark.parametrize(
    "values",
    [
        np.arange(12, dtype=np.int32).reshape(3, 4),
        np.arange(12, dtype=np.float16)[::2],
        np.array([True, False]),
        np.float32(0.5),
        np.empty((0, 3), np.int64),
        np.zeros(3, np.dtype([("key", "V16"), ("truncated", "?")])),
        [1, 2, 3],
    ],
    ids=lambda values: str(np.asarray(values).dtype)[:20],
)
def test_an_array_is_saved_as_numpy_saves_it(tmp_path: Path, values: npt.ArrayLike) -> None:
    np.save(tmp_path / "numpy.npy", values)

    save_array(tmp_path / "ours.npy", values)

    assert (tmp_path / "ours.npy").read_bytes() == (tmp_path / "numpy.npy").read_bytes()


def test_an_array_of_which_the_end_could_not_be_written_is_an_error(tmp_path: Path) -> None:
    # numpy's own ends there without a word
    code = (
        "import resource, sys; from pathlib import Path; from index.arrays import save_array\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))\n"
        "save_array(Path(sys.argv[1]), range(60))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "values.npy"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "File too large" in ended.stderr
    assert ended.returncode == 1
