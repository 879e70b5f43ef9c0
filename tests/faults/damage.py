"""A snapshot whose files are damaged, bit by bit: what finds it."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import DamagedSnapshotError, SnapshotError
from index.files import relative_files
from index.snapshot import CURRENT, SNAPSHOTS, current_name, verify
from tests.faults.bench import Tally

STEP = 4096
"""Files are cut at every so many bytes."""

Damage = tuple[str, Callable[[bytes], bytes]]
"""What is done to the bytes of a file, and its name."""


def flips(size: int, n_places: int, randomly: random.Random) -> Iterator[Damage]:
    """Give so many flips of one bit, each elsewhere; of a small file, of every bit it has."""
    places = randomly.sample(range(8 * size), min(n_places, 8 * size))
    for place in places:

        def flip(raw: bytes, place: int = place) -> bytes:
            damaged = bytearray(raw)
            damaged[place // 8] ^= 1 << place % 8
            return bytes(damaged)

        yield f"bit {place} flipped", flip


def cuts(size: int) -> Iterator[Damage]:
    """Give a cut at every step, and one that takes the last byte."""
    for end in sorted({*range(0, size, STEP), size - 1}):
        yield f"cut to {end} bytes", lambda raw, end=end: raw[:end]  # type: ignore[misc]


@contextmanager
def damaged(path: Path, damage: Callable[[bytes], bytes]) -> Iterator[None]:
    """Damage a file for the length of a `with`."""
    raw = path.read_bytes()
    path.write_bytes(damage(raw))
    try:
        yield
    finally:
        path.write_bytes(raw)


def find_damage(directory: Path, n_places: int, seed: int) -> Tally:
    """Damage each file of an index at many places, and look whether `verify` names it."""
    randomly = random.Random(seed)
    name = current_name(directory)
    folder = directory / SNAPSHOTS / name
    tally = Tally()
    paths = [*(folder / file for file in relative_files(folder)), directory / CURRENT]
    for path in paths:
        tally.count("files")
        size = path.stat().st_size
        kinds = {"flips": flips(size, n_places, randomly), "cuts": cuts(size)}
        for kind, damages in kinds.items():
            for what, damage in damages:
                with damaged(path, damage):
                    found = _is_found(directory, path, name)
                tally.count(kind)
                tally.note(f"{path.name}, {what}", [] if found else ["was not found"])
    return tally


def _is_found(directory: Path, path: Path, name: str) -> bool:
    """Tell whether what `cognate verify` does refuses the index, and names what is damaged."""
    try:
        current = current_name(directory)
        verify(directory / SNAPSHOTS / current)
    except DamagedSnapshotError as error:
        # a CURRENT that names another snapshot names one that is not there
        return error.path == str(path) or path.name == CURRENT
    except SnapshotError:
        return path.name == CURRENT
    # without its line's end it says the same
    return path.name == CURRENT and path.read_text() == name
