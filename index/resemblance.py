"""How alike two articles are: their titles, their authors, their abstracts.

Nothing here depends on the rest of a corpus or on its order: words are hashed the same way
everywhere, so the same two articles are always as alike. No encoder is needed: versions of
one work share whole phrases, two works on one subject do not.
"""

import operator
import re
import tempfile
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.arrays import write_values
from index.identity import fold_name

Shingles = npt.NDArray[np.uint64]
"""The distinct runs of words of a text, hashed, in ascending order."""

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d+|\+\+?")
_NAME_PARTS = re.compile(r"[\s.,\-‐‑'’]+")
_RUN = 3
"""Words in a run that is compared."""
_RARE_RUN = 4
"""Words in a run by which candidates are found; longer, so that few articles share one."""
_SAMPLED = np.uint64(4)
"""One in so many runs is looked at when candidates are found."""
_MOST_SHARING = 8
"""A run that more articles have is a turn of phrase and says nothing."""
_LEAST_SHARED = 2
_CHUNK = 4096
_BUCKETS = 16
_SAMPLE = np.dtype([("run", "<u8"), ("row", "<i4")])
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHORTEST_WORD = 3
_MOST_NAMES = 300
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth", "ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii",
)  # fmt: skip


class _WordCodes(dict[str, int]):
    """The hash of each word met, computed once."""

    def __missing__(self, word: str) -> int:
        code = self[word] = zlib.crc32(word.encode())
        return code


def _runs(codes: npt.NDArray[np.uint64], length: int) -> Shingles:
    """Hash every run of `length` words; as many fewer as a run is longer than one word."""
    hashes = np.zeros(max(0, len(codes) - length + 1), dtype=np.uint64)
    for start in range(length):
        hashes = (hashes ^ codes[start : start + len(hashes)]) * _MIX
        hashes ^= hashes >> np.uint64(29)
    return hashes


def _coded(text: str, known: _WordCodes) -> list[int]:
    return list(map(known.__getitem__, _WORD.findall(text.lower())))


def shingles(text: str | None) -> Shingles:
    """Give the runs of three words of a text."""
    codes = np.array(_coded(text or "", _WordCodes()), dtype=np.uint64)
    return np.unique(_runs(codes, _RUN))


def jaccard(first: Shingles, second: Shingles) -> float | None:
    """Give the share of all runs that both texts have, or None where one has none."""
    if not len(first) or not len(second):
        return None
    shared = len(np.intersect1d(first, second, assume_unique=True))
    return shared / (len(first) + len(second) - shared)


def title_words(title: str | None) -> frozenset[str]:
    """Give the words of a title that carry meaning: those of three letters, and numbers."""
    return frozenset(
        word
        for word in _WORD.findall((title or "").casefold())
        if len(word) >= _SHORTEST_WORD or word.isdigit() or not word.isascii()
    )


def title_marks(title: str | None) -> frozenset[str]:
    """Give what tells the parts and editions of a series apart: numbers, ordinals, "++".

    A year counts by its last two digits, a raised digit as any other: "WMT21" and "WMT 2021",
    "M³" and "M3" are marked alike.
    """
    text = unicodedata.normalize("NFKC", title or "").casefold()
    numbers = (
        number[2:] if len(number) == len("2021") and number[:2] in ("19", "20") else number
        for number in _NUMBER.findall(text)
    )
    ordinals = (word for word in _WORD.findall(text) if word in _ORDINALS)
    return frozenset((*numbers, *ordinals))


@lru_cache(maxsize=65_536)
def _name_words(name: str) -> tuple[str, ...]:
    family, comma, given = name.partition(",")
    ordered = f"{given} {family}" if comma else name
    folded = (fold_name(word, is_person=False) for word in _NAME_PARTS.split(ordered) if word)
    return tuple(word for word in folded if word)


def _is_one_person(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Tell whether two names may be one person's: initials, middle names, either order."""
    if not first or not second:
        return False
    if sorted(first) == sorted(second) or "".join(first) == "".join(second):
        return True
    fewer, more = sorted((set(first), set(second)), key=len)
    if len(fewer) > 1 and fewer <= more:
        return True
    return first[-1] == second[-1] and first[0][0] == second[0][0]


def shared_authors(first: Sequence[str], second: Sequence[str]) -> int:
    """Count the authors that two lists of names share."""
    ours = [_name_words(name) for name in first[:_MOST_NAMES]]
    theirs = [_name_words(name) for name in second[:_MOST_NAMES]]
    shared = 0
    # the same spelling first: it must not be taken by a namesake's initials
    for same in (operator.eq, _is_one_person):
        for name in tuple(ours):
            match = next((other for other in theirs if name and same(name, other)), None)
            if match is not None:
                ours.remove(name)
                theirs.remove(match)
                shared += 1
    return shared


def alike_abstracts(abstracts: Iterable[str | None]) -> Iterator[tuple[int, int]]:
    """Find the pairs of positions whose texts share rare runs of words, each pair once.

    Finds nearly all pairs that share a fifth of their runs; what else shares two rare ones
    is found too. Costs some ten seconds for 140,000 abstracts.
    """
    with tempfile.TemporaryDirectory() as scratch:
        buckets = [Path(scratch) / str(number) for number in range(_BUCKETS)]
        _sample_runs(abstracts, buckets)
        found = [_sharing(bucket) for bucket in buckets if bucket.exists()]
    if not found:
        return
    pairs, counts = np.unique(np.concatenate(found), return_counts=True)
    for pair in pairs[counts >= _LEAST_SHARED].tolist():
        yield pair >> 32, pair & 0xFFFFFFFF


def _sharing(bucket: Path) -> npt.NDArray[np.int64]:
    """Give, for every run of a bucket, the pairs of texts that have it, as one number each."""
    sampled = np.fromfile(bucket, _SAMPLE)
    hashes, rows = sampled["run"], sampled["row"].astype(np.int64)
    order = np.lexsort((rows, hashes))
    hashes, rows = hashes[order], rows[order]
    is_first = np.ones(len(hashes), dtype=np.bool_)
    is_first[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1])
    hashes, rows = hashes[is_first], rows[is_first]
    starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
    sizes = np.diff(np.concatenate((starts, [len(hashes)])))
    return np.concatenate(
        [
            rows[starts[sizes == size] + first] << np.int64(32)
            | rows[starts[sizes == size] + second]
            for size in range(2, _MOST_SHARING + 1)
            for first in range(size)
            for second in range(first + 1, size)
        ]
    )


def _sample_runs(abstracts: Iterable[str | None], buckets: Sequence[Path]) -> None:
    """Write a sample of all runs of all texts, and of which text each is, into files by hash.

    The runs of a million abstracts would fill the memory; those of one file do not.
    """
    known = _WordCodes()
    codes: list[int] = []
    owners: list[tuple[int, int]] = []

    def take() -> None:
        of_words = np.repeat([row for row, _ in owners], [count for _, count in owners])
        runs = _runs(np.array(codes, dtype=np.uint64), _RARE_RUN)
        of_runs = of_words[: len(runs)]
        kept = of_runs == of_words[_RARE_RUN - 1 :]  # no run goes from one text into the next
        kept &= (runs >> np.uint64(20)) % _SAMPLED == 0
        sampled = np.empty(int(kept.sum()), _SAMPLE)
        sampled["run"], sampled["row"] = runs[kept], of_runs[kept]
        place = sampled["run"] >> np.uint64(40)
        for number, bucket in enumerate(buckets):
            with bucket.open("ab") as stream:
                write_values(stream, sampled[place % np.uint64(len(buckets)) == number])
        codes.clear()
        owners.clear()

    for row, text in enumerate(abstracts):
        coded = _coded(text or "", known)
        if len(coded) >= _RARE_RUN:
            owners.append((row, len(coded)))
            codes += coded
        if len(owners) == _CHUNK:
            take()
    if owners:
        take()
