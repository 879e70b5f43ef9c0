"""The postings: BM25 of a question over all articles at once, from the words of each.

Of every word and article the file says how often the one stands in the other, in the whole text
and in the title; lengths and rarities are those of the whole corpus, so BM25 is exact for every
article. What is a word is the caller's to say.

A corpus is read in blocks whose postings are sorted and then merged, so memory does not grow with
it. The postings of the last snapshot are one more block: what is added costs a copy of them.
"""

import os
import tempfile
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise, repeat
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from index.arrays import ArrayFile, load_array, save_array, write_header
from index.errors import DamagedSnapshotError

BM25_K1 = 1.2
BM25_B = 0.75
TITLE_WEIGHT = 0.3
"""What a word in the title adds, beside 1 for the whole text, title and abstract together. Better
on SciFact's training claims, Cranfield and CISI than the two apart, at any weight tried."""

COLUMNS_FROM = 200_000
"""From so many articles on the commonest terms lie in columns, too: the times of every article, in
order. What they say of some thousand articles is then looked up, and not searched for in lists of
hundreds of thousands."""
COMMON_SHARE = 1 / 8
"""The share of the articles that has a common term."""

Values = npt.NDArray[np.float64]
Scores = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]
Times = npt.NDArray[np.uint8]
Ends = npt.NDArray[np.int64]

_TERMS = "terms.npy"  # all terms in UTF-8, in the order of their bytes, one after the other
_TERM_ENDS = "term_ends.npy"  # where each ends; the first value is 0
_HEADS = (
    "heads.npy"  # the first eight bytes of each term as a number: whole terms are slow to search
)
_ENDS = "ends.npy"  # where the postings of each term end; the first value is 0
_IN_TITLE = "in_title.npy"  # how many articles have each term in their title
_ROWS = "rows.npy"  # the articles that have the term, in each block ascending
_TIMES = "times.npy"  # how often they have it, in the text and in the title, up to 255 times
_COMMON = "common.npy"  # the numbers of the terms that have a column
_COLUMNS = "columns.npy"  # the times of every article, one column after the other
_LENGTHS = "lengths.npy"  # how many words text and title of each article have
_HEAD_BYTES = 8
_BLOCK_ARTICLES = 1 << 16
_MERGED_AT_ONCE = 1 << 22
_MOST_TIMES = 255
_NOT_READ = -1


def rarity(n_with: npt.ArrayLike, n_articles: int) -> Values:
    """Give the inverse document frequency of words that `n_with` articles have; above 0."""
    having = np.asarray(n_with, dtype=np.float64)
    return np.asarray(np.log1p((n_articles - having + 0.5) / (having + 0.5)))


def saturation(counts: npt.ArrayLike, lengths: npt.ArrayLike, mean_length: float) -> Values:
    """Give what BM25 makes of how often a word occurs in texts of so many words."""
    times = np.asarray(counts, dtype=np.float64)
    share = np.asarray(lengths) / (mean_length or 1.0)
    return np.asarray(times * (1 + BM25_K1) / (times + BM25_K1 * (1 - BM25_B + BM25_B * share)))


class _Block(NamedTuple):
    """The sorted postings of some articles: terms ascending, and the rows and times of each."""

    terms: list[bytes]
    ends: Ends
    rows: Counts
    times: Times


def write_postings(
    folder: Path,
    passages: Iterable[tuple[int, str, str]],
    words: Callable[[str], list[str]],
    n_articles: int,
    earlier: Path | None = None,
    *,
    columns_from: int = COLUMNS_FROM,
) -> None:
    """Write the postings of a corpus into `folder`, which is made.

    `passages` are row, text and title of each article; the title is a part of the text. `words`
    gives the terms of either. What they do not name has the postings it had in `earlier`.
    """
    folder.mkdir(parents=True)
    lengths = np.full((n_articles, 2), _NOT_READ, np.int32)
    blocks: list[_Block] = []
    remaining = iter(passages)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        while of_block := list(islice(remaining, _BLOCK_ARTICLES)):
            place = Path(scratch) / str(len(blocks))
            blocks.append(_stored(place, _gathered(of_block, words, lengths)))
        if earlier is not None:
            blocks.insert(0, _earlier_block(earlier, lengths))
        _merge(folder, blocks)
    save_array(folder / _LENGTHS, lengths)
    _write_columns(folder, n_articles, columns_from)


def _write_columns(folder: Path, n_articles: int, columns_from: int) -> None:
    ends: Ends = load_array(folder, _ENDS, np.int64)
    rows: Counts = load_array(folder, _ROWS, np.int32)
    times: Times = load_array(folder, _TIMES, np.uint8, 2)
    is_common = np.diff(ends) > COMMON_SHARE * n_articles
    common = np.flatnonzero(is_common) if n_articles >= columns_from else np.empty(0, np.int64)
    save_array(folder / _COMMON, common)
    with (folder / _COLUMNS).open("wb") as stream:
        write_header(stream, np.uint8, (len(common) * n_articles, 2))
        for number in common.tolist():
            span = slice(int(ends[number]), int(ends[number + 1]))
            column = np.zeros((n_articles, 2), np.uint8)
            column[rows[span]] = times[span]
            stream.write(column.tobytes())


def _gathered(
    passages: Sequence[tuple[int, str, str]], words: Callable[[str], list[str]], lengths: Counts
) -> _Block:
    """Sort the words of some articles by term; note how many words each article has."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    terms, in_text, in_title, n_terms = array("i"), array("i"), array("i"), array("i")
    for row, text, title in passages:
        of_text, of_title = words(text), words(title) if title else []
        counts, title_counts = Counter(of_text), Counter(of_title)
        terms.extend(map(numbers.__getitem__, counts))
        in_text.extend(counts.values())
        in_title.extend(map(title_counts.get, counts, repeat(0)))
        n_terms.append(len(counts))
        lengths[row] = len(of_text), len(of_title)
    encoded = [_to_bytes(term) for term in numbers]
    in_order = sorted(range(len(encoded)), key=encoded.__getitem__)
    place = np.empty(len(in_order), np.int32)
    place[in_order] = np.arange(len(in_order), dtype=np.int32)
    of_postings = place[_numbers(terms)]
    order = np.argsort(of_postings, kind="stable")
    rows = np.array([row for row, _, _ in passages], np.int32).repeat(_numbers(n_terms))
    times = np.stack([_numbers(in_text), _numbers(in_title)], axis=1)
    return _Block(
        [encoded[number] for number in in_order],
        np.searchsorted(of_postings[order], np.arange(len(encoded) + 1)),
        rows[order],
        np.minimum(times[order], _MOST_TIMES).astype(np.uint8),
    )


def _stored(folder: Path, block: _Block) -> _Block:
    """Keep the postings of a block on disk until it is merged."""
    folder.mkdir()
    save_array(folder / _ROWS, block.rows)
    save_array(folder / _TIMES, block.times)
    rows: Counts = load_array(folder, _ROWS, np.int32)
    times: Times = load_array(folder, _TIMES, np.uint8, 2)
    return block._replace(rows=rows, times=times)


def _earlier_block(folder: Path, lengths: Counts) -> _Block:
    """Take over the postings of a snapshot, but for the articles that have been read anew."""
    known: Counts = load_array(folder, _LENGTHS, np.int32, 2)
    is_anew = lengths[: len(known), 0] != _NOT_READ
    lengths[: len(known)][~is_anew] = known[~is_anew]
    blob = load_array(folder, _TERMS, np.uint8).tobytes()
    term_ends = load_array(folder, _TERM_ENDS, np.int64).tolist()
    terms = [blob[start:end] for start, end in pairwise(term_ends)]
    ends: Ends = load_array(folder, _ENDS, np.int64)
    rows: Counts = load_array(folder, _ROWS, np.int32)
    times: Times = load_array(folder, _TIMES, np.uint8, 2)
    if is_anew.any():
        is_kept = ~is_anew[rows]
        ends = np.append(0, np.cumsum(is_kept))[ends]
        rows, times = rows[is_kept], times[is_kept]
    return _Block(terms, ends, rows, times)


def _merge(folder: Path, blocks: Sequence[_Block]) -> None:
    """Write the postings of all blocks, term by term, those of each block in turn."""
    counts: Counter[bytes] = Counter()
    for block in blocks:
        counts.update(dict(zip(block.terms, np.diff(block.ends).tolist(), strict=True)))
    terms = sorted(term for term, count in counts.items() if count)
    ends = np.cumsum([0, *map(counts.__getitem__, terms)], dtype=np.int64)
    numbers = {term: number for number, term in enumerate(terms)}
    # a term that only articles had which are read anew has no number, and no postings
    numbered = [
        np.array([numbers.get(term, -1) for term in block.terms], np.int64) for block in blocks
    ]
    numbered = [np.maximum.accumulate(of_block) for of_block in numbered]
    in_title: list[Counts] = [np.empty(0, np.int32)]
    with (folder / _ROWS).open("wb") as rows_file, (folder / _TIMES).open("wb") as times_file:
        write_header(rows_file, np.int32, (int(ends[-1]),))
        write_header(times_file, np.uint8, (int(ends[-1]), 2))
        for first, last in _parts(ends):
            rows, times = _merged(blocks, numbered, ends, first, last)
            rows_file.write(rows.tobytes())
            times_file.write(times.tobytes())
            titled = np.append(0, np.cumsum(times[:, 1] > 0))
            in_title.append(np.diff(titled[ends[first : last + 1] - ends[first]]).astype(np.int32))
    save_array(folder / _TERMS, np.frombuffer(b"".join(terms), np.uint8))
    save_array(folder / _TERM_ENDS, np.cumsum([0, *map(len, terms)], dtype=np.int64))
    save_array(folder / _HEADS, np.array([_head(term) for term in terms], np.uint64))
    save_array(folder / _ENDS, ends)
    save_array(folder / _IN_TITLE, np.concatenate(in_title))


def _parts(ends: Ends) -> Iterator[tuple[int, int]]:
    """Cut the terms into runs of so many postings that they fit into memory."""
    first, n_terms = 0, len(ends) - 1
    while first < n_terms:
        last = int(np.searchsorted(ends, ends[first] + _MERGED_AT_ONCE, side="right")) - 1
        last = min(max(last, first + 1), n_terms)
        yield first, last
        first = last


def _merged(
    blocks: Sequence[_Block], numbered: Sequence[Ends], ends: Ends, first: int, last: int
) -> tuple[Counts, Times]:
    """Merge the postings of the terms from number `first` to before `last`."""
    rows = np.empty(ends[last] - ends[first], np.int32)
    times = np.empty((len(rows), 2), np.uint8)
    free = ends[first:last] - ends[first]
    for block, of_block in zip(blocks, numbered, strict=True):
        begin, end = np.searchsorted(of_block, (first, last))
        starts, lengths = block.ends[begin:end], np.diff(block.ends[begin : end + 1])
        here = of_block[begin:end] - first
        span = slice(int(block.ends[begin]), int(block.ends[end]))
        places = np.arange(span.start, span.stop) + (free[here] - starts).repeat(lengths)
        rows[places], times[places] = block.rows[span], block.times[span]
        np.add.at(free, here, lengths)
    return rows, times


def _numbers(values: "array[int]") -> Counts:
    return np.frombuffer(values, np.int32)


def _to_bytes(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")


def _head(term: bytes) -> int:
    return int.from_bytes(term[:_HEAD_BYTES].ljust(_HEAD_BYTES, b"\0"), "big")


class _Found(NamedTuple):
    """Postings of some terms, one term after the other, and how many are here of each."""

    rows: npt.NDArray[Any]
    times: Times
    lengths: list[int]


class _Wanted(NamedTuple):
    """Some ascending rows, and tables of all articles to know them by.

    Only at the wanted rows does `place_of` hold anything: no search is as fast as such a table.
    """

    rows: npt.NDArray[np.int64]
    is_wanted: npt.NDArray[np.bool_]
    place_of: Counts

    @classmethod
    def of(cls, rows: npt.NDArray[np.int64], n_articles: int) -> "_Wanted":
        """Make the tables."""
        is_wanted = np.zeros(n_articles, dtype=np.bool_)
        is_wanted[rows] = True
        place_of = np.empty(n_articles, dtype=np.int32)
        place_of[rows] = np.arange(len(rows), dtype=np.int32)
        return cls(rows, is_wanted, place_of)


class _Known(NamedTuple):
    """A term that articles have: its number, how often it is said, and what having it weighs."""

    number: int
    said: float
    weight: float


class Postings:
    """The postings of one snapshot, read-only; safe for many threads."""

    def __init__(self, folder: Path) -> None:
        self._ends: Ends = load_array(folder, _ENDS, np.int64)
        self._in_title: Counts = load_array(folder, _IN_TITLE, np.int32)
        self._rows = ArrayFile(folder, _ROWS, np.int32)
        self._times = ArrayFile(folder, _TIMES, np.uint8, 2)
        terms: npt.NDArray[np.uint8] = load_array(folder, _TERMS, np.uint8)
        term_ends: Ends = load_array(folder, _TERM_ENDS, np.int64)
        heads: npt.NDArray[np.uint64] = load_array(folder, _HEADS, np.uint64)
        lengths: Counts = load_array(folder, _LENGTHS, np.int32, 2)
        common: Ends = load_array(folder, _COMMON, np.int64)
        self._columns = ArrayFile(folder, _COLUMNS, np.uint8, 2)
        self._column_of = {number: place for place, number in enumerate(common.tolist())}
        self.n_articles = len(lengths)
        arrays = (
            term_ends, self._ends, self._in_title, terms, self._rows, self._times, self._columns
        )  # fmt: skip
        last_term, last = (int(ends[-1]) if len(ends) else 0 for ends in (term_ends, self._ends))
        in_columns = len(common) * self.n_articles
        expected = [len(heads) + 1, len(heads) + 1, len(heads), last_term, last, last, in_columns]
        found = [*map(len, arrays)]
        if (
            found != expected
            or lengths.shape[1:] != (2,)
            or self._times.shape[1:] != (2,)
            or (self._columns.shape[1:] != (2,))
        ):
            reason = f"{len(heads)} terms have arrays of {found} values, not of {expected}"
            raise DamagedSnapshotError(os.fspath(folder), reason)
        # Python reads single values far faster from a memoryview than from an array
        self._terms, self._term_ends, self._heads = terms.data, term_ends.data, heads.data
        self._text_norms, self._title_norms = (_norms(lengths[:, field]) for field in (0, 1))

    def n_with(self, term: str) -> int:
        """Give how many articles have the term."""
        number = self._number(term)
        return 0 if number is None else int(self._ends[number + 1] - self._ends[number])

    def scores(self, terms: Mapping[str, float]) -> Scores:
        """Give BM25 of each article, shape (n_articles,); 0 where it has none of the terms.

        What is said of a term counts as often as `terms` says.
        """
        known = self._known(terms, {})
        found = self._read(known)
        if not len(found.rows):
            return np.zeros(self.n_articles, np.float32)
        values = self._bm25(found, known)
        return np.bincount(found.rows, values, self.n_articles).astype(np.float32)

    def scored(self, terms: Mapping[str, float]) -> tuple[npt.NDArray[np.int64], Scores]:
        """Give the rows that have any of the terms, ascending, and what `scores` gives of each."""
        known = self._known(terms, {})
        found = self._read(known)
        rows = found.rows.astype(np.int64)
        scores = np.zeros(self.n_articles, np.float32)
        np.add.at(scores, rows, self._bm25(found, known) if len(rows) else 0)
        is_found = np.zeros(self.n_articles, np.bool_)
        is_found[rows] = True
        # of booleans: numbers take three times as long
        rows = np.flatnonzero(is_found)
        return rows, scores[rows]

    def having(self, weights: Mapping[str, float]) -> Scores:
        """Give of each article the sum of the weights of the terms it has, shape (n_articles,)."""
        return self.matches({}, weights)[1]

    def matches(
        self, terms: Mapping[str, float], weights: Mapping[str, float]
    ) -> tuple[Scores, Scores]:
        """Give `scores` of terms, and `having` of as many or fewer of them, in one reading."""
        known = self._known(terms, weights)
        found = self._read(known)
        scores, having = self._summed(found, found.rows, known, self.n_articles)
        return scores.astype(np.float32), having.astype(np.float32)

    def at(
        self, rows: npt.NDArray[np.int64], terms: Mapping[str, float], weights: Mapping[str, float]
    ) -> tuple[Scores, Scores]:
        """Give what `matches` does for some ascending rows, each of shape (len(rows),).

        Common terms are looked up in their columns; the postings of all others are looked through.
        """
        wanted = _Wanted.of(rows, self.n_articles)
        known = self._known(terms, weights)
        parts = [self._of_wanted(term.number, wanted) for term in known]
        places = np.concatenate([np.empty(0, np.int64), *(part for part, _ in parts)])
        times = np.concatenate([np.empty((0, 2), np.uint8), *(part for _, part in parts)])
        found = _Found(rows[places], times, [len(part) for part, _ in parts])
        scores, having = self._summed(found, places, known, len(rows))
        return scores.astype(np.float32), having.astype(np.float32)

    def _of_wanted(self, number: int, wanted: "_Wanted") -> tuple[npt.NDArray[Any], Times]:
        """Give the places of the wanted rows that have a term, and how often they have it."""
        column = self._column_of.get(number)
        if column is not None:
            first = column * self.n_articles
            times = self._columns.peek(first, first + self.n_articles).take(wanted.rows, axis=0)
            places = np.flatnonzero(times[:, 0])
            return places, times[places]
        span = (int(self._ends[number]), int(self._ends[number + 1]))
        rows = self._rows.peek(*span)
        is_wanted = np.flatnonzero(wanted.is_wanted.take(rows))
        return wanted.place_of[rows[is_wanted]], self._times.peek(*span)[is_wanted]

    def _known(self, terms: Mapping[str, float], weights: Mapping[str, float]) -> list["_Known"]:
        """Give the terms that some article has, with what is said of each."""
        numbers = ((term, self._number(term)) for term in dict.fromkeys((*terms, *weights)))
        return [
            _Known(number, terms.get(term, 0.0), weights.get(term, 0.0))
            for term, number in numbers
            if number is not None
        ]

    def _read(self, known: Sequence["_Known"]) -> _Found:
        spans = [(int(self._ends[one.number]), int(self._ends[one.number + 1])) for one in known]
        lengths = [end - start for start, end in spans]
        return _Found(self._rows.read(spans), self._times.read(spans), lengths)

    def _summed(
        self, found: _Found, places: npt.NDArray[Any], known: Sequence["_Known"], size: int
    ) -> tuple[Values, Values]:
        """Add up, at the places of the postings, BM25 and the weights of the terms."""
        scores, having = np.zeros(size), np.zeros(size)
        if not len(found.rows):
            return scores, having
        places = places.astype(np.intp)
        if any(one.said for one in known):
            scores += np.bincount(places, self._bm25(found, known), size)
        if any(one.weight for one in known):
            said = np.array([one.weight for one in known]).repeat(found.lengths)
            having += np.bincount(places, said, size)
        return scores, having

    def _bm25(self, found: _Found, known: Sequence["_Known"]) -> Scores:
        """Give what each posting adds to the score of its article."""
        rows: npt.NDArray[Any] = found.rows
        said = np.array([one.said for one in known])
        text, title = (said * most for most in self._most([one.number for one in known]))
        times = found.times[:, 0].astype(np.float32)
        values: Scores = times / (times + self._text_norms[rows])
        values *= text.astype(np.float32).repeat(found.lengths)
        places = np.flatnonzero(found.times[:, 1])
        times = found.times[places, 1].astype(np.float32)
        of_term = np.searchsorted(np.cumsum(found.lengths), places, side="right")
        weighed = title.astype(np.float32)[of_term]
        values[places] += weighed * times / (times + self._title_norms[rows[places]])
        return values

    def _most(self, numbers: Sequence[int]) -> tuple[Values, Values]:
        """Give what a text, and a title, of nothing but each term would score at most."""
        n_with = [int(self._ends[number + 1] - self._ends[number]) for number in numbers]
        text = rarity(n_with, self.n_articles) * (1 + BM25_K1)
        title = rarity(self._in_title[list(numbers)], self.n_articles) * (1 + BM25_K1)
        return text, TITLE_WEIGHT * title

    def _number(self, term: str) -> int | None:
        """Give the place of a term among all terms."""
        wanted = _to_bytes(term)
        head = _head(wanted)
        first = bisect_left(self._heads, head)
        last = bisect_right(self._heads, head, first)
        number = bisect_left(range(last), wanted, first, key=self._term)
        return None if number == last or self._term(number) != wanted else number

    def _term(self, number: int) -> bytes:
        return bytes(self._terms[self._term_ends[number] : self._term_ends[number + 1]])


def _norms(lengths: Counts) -> Scores:
    """Give what BM25 adds to how often a word occurs in each article, by its length."""
    mean = float(lengths.sum(dtype=np.int64)) / max(1, len(lengths)) or 1.0
    return (BM25_K1 * (1 - BM25_B + BM25_B * lengths / mean)).astype(np.float32)
