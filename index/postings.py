"""The postings: BM25 of a question over all articles at once, from memory-mapped arrays.

Whatever BM25 says of a word in an article depends on the corpus alone, so it is computed
when the index is built ("eager scoring", https://arxiv.org/abs/2407.03618), and a question
costs one addition per word and article. What is a word is the caller's to say.
"""

import os
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.arrays import load_array
from index.errors import DamagedSnapshotError

BM25_K1 = 1.2
BM25_B = 0.75
TITLE_WEIGHT = 0.3
"""What a word in the title adds, beside 1 for the whole text, title and abstract together. Better
on SciFact's training claims, Cranfield and CISI than the two apart, at any weight tried."""

Values = npt.NDArray[np.float64]
Scores = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]
Ends = npt.NDArray[np.int64]

_TERMS = "terms.npy"  # all terms in UTF-8, in the order of their bytes, one after the other
_TERM_ENDS = "term_ends.npy"  # where each ends; the first value is 0
_HEADS = (
    "heads.npy"  # the first eight bytes of each term as a number: whole terms are slow to search
)
_ENDS = "ends.npy"  # where the postings of each term end; the first value is 0
_ROWS = "rows.npy"  # the articles that have the term, ascending
_SCORES = "scores.npy"  # half precision would order nine in ten lists of 100 hits otherwise
_N_ARTICLES = "n_articles.npy"
_HEAD_BYTES = 8
_BLOCK_ARTICLES = 1 << 14


def rarity(n_with: npt.ArrayLike, n_articles: int) -> Values:
    """Give the inverse document frequency of words that `n_with` articles have; above 0."""
    having = np.asarray(n_with, dtype=np.float64)
    return np.asarray(np.log1p((n_articles - having + 0.5) / (having + 0.5)))


def saturation(counts: npt.ArrayLike, lengths: npt.ArrayLike, mean_length: float) -> Values:
    """Give what BM25 makes of how often a word occurs in texts of so many words."""
    times = np.asarray(counts, dtype=np.float64)
    share = np.asarray(lengths) / (mean_length or 1.0)
    return np.asarray(times * (1 + BM25_K1) / (times + BM25_K1 * (1 - BM25_B + BM25_B * share)))


class _Gathered(NamedTuple):
    """The words of a corpus: one value per term and article, article after article.

    Terms are numbered in the order of their bytes. `n_terms` and the lengths are per article.
    """

    vocabulary: list[bytes]
    terms: Counts
    in_text: Counts
    in_title: Counts
    n_terms: Counts
    text_lengths: Counts
    title_lengths: Counts


def write_postings(
    folder: Path, passages: Iterable[tuple[str, str]], words: Callable[[str], list[str]]
) -> None:
    """Write the postings of a corpus into `folder`, which is made.

    `passages` are the text of each article, in row order, and its title, which is a part of
    the text; `words` gives the terms of either. Takes 20 bytes of memory per word and article.
    """
    folder.mkdir(parents=True)
    gathered = _gather(passages, words)
    starts = np.bincount(gathered.terms, minlength=len(gathered.vocabulary))
    ends = np.concatenate([[0], np.cumsum(starts)]).astype(np.int64)
    rows = np.empty(ends[-1], np.int32)
    scores = np.empty(ends[-1], np.float32)
    for places, of_block, score in _scored(gathered, ends):
        rows[places] = of_block
        scores[places] = score
    blob = b"".join(gathered.vocabulary)
    lengths = [0, *map(len, gathered.vocabulary)]
    np.save(folder / _TERMS, np.frombuffer(blob, np.uint8))
    np.save(folder / _TERM_ENDS, np.cumsum(lengths, dtype=np.int64))
    np.save(folder / _HEADS, np.array([_head(term) for term in gathered.vocabulary], np.uint64))
    np.save(folder / _ENDS, ends)
    np.save(folder / _ROWS, rows)
    np.save(folder / _SCORES, scores)
    np.save(folder / _N_ARTICLES, np.int64(len(gathered.n_terms)))


def _gather(passages: Iterable[tuple[str, str]], words: Callable[[str], list[str]]) -> _Gathered:
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    terms, in_text, in_title = array("i"), array("i"), array("i")
    n_terms, text_lengths, title_lengths = array("i"), array("i"), array("i")
    for text, title in passages:
        of_text, of_title = words(text), words(title) if title else []
        counts, title_counts = Counter(of_text), Counter(of_title)
        terms.extend(map(numbers.__getitem__, counts))
        in_text.extend(counts.values())
        in_title.extend(map(title_counts.get, counts, repeat(0)))
        n_terms.append(len(counts))
        text_lengths.append(len(of_text))
        title_lengths.append(len(of_title))
    encoded = [_to_bytes(term) for term in numbers]
    order = sorted(range(len(encoded)), key=encoded.__getitem__)
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return _Gathered(
        [encoded[number] for number in order],
        place[_numbers(terms)],
        *map(_numbers, (in_text, in_title, n_terms, text_lengths, title_lengths)),
    )


def _numbers(values: "array[int]") -> Counts:
    return np.frombuffer(values, np.int32)


def _to_bytes(term: str) -> bytes:
    return term.encode("utf-8", "surrogatepass")


def _head(term: bytes) -> int:
    return int.from_bytes(term[:_HEAD_BYTES].ljust(_HEAD_BYTES, b"\0"), "big")


def _scored(gathered: _Gathered, ends: Ends) -> Iterator[tuple[Ends, Counts, Values]]:
    """Give block by block of articles where each posting belongs, its row and its score."""
    n_articles = len(gathered.n_terms)
    n_terms = len(gathered.vocabulary)
    n_in_title = np.bincount(gathered.terms[gathered.in_title > 0], minlength=n_terms)
    text_rarity = rarity(np.diff(ends), n_articles)
    title_rarity = TITLE_WEIGHT * rarity(n_in_title, n_articles)
    text_mean = gathered.text_lengths.sum() / max(1, n_articles)
    title_mean = gathered.title_lengths.sum() / max(1, n_articles)
    stops = np.concatenate([[0], np.cumsum(gathered.n_terms, dtype=np.int64)])
    free = ends[:-1].copy()
    for first in range(0, n_articles, _BLOCK_ARTICLES):
        last = min(first + _BLOCK_ARTICLES, n_articles)
        block = slice(stops[first], stops[last])
        order = np.argsort(gathered.terms[block], kind="stable")
        terms = gathered.terms[block][order]
        rows = np.arange(first, last, dtype=np.int32).repeat(gathered.n_terms[first:last])[order]
        in_text = saturation(gathered.in_text[block][order], gathered.text_lengths[rows], text_mean)
        in_title = saturation(
            gathered.in_title[block][order], gathered.title_lengths[rows], title_mean
        )
        begins = np.flatnonzero(np.diff(terms, prepend=-1))
        lengths = np.diff(begins, append=len(terms))
        places = np.arange(len(terms)) + (free[terms[begins]] - begins).repeat(lengths)
        free[terms[begins]] += lengths
        yield places, rows, text_rarity[terms] * in_text + title_rarity[terms] * in_title


class Postings:
    """The postings of one snapshot, read-only; safe for many threads."""

    def __init__(self, folder: Path) -> None:
        self._ends: Ends = load_array(folder, _ENDS, np.int64)
        self._rows: Counts = load_array(folder, _ROWS, np.int32)
        self._scores: Scores = load_array(folder, _SCORES, np.float32)
        terms: npt.NDArray[np.uint8] = load_array(folder, _TERMS, np.uint8)
        term_ends: Ends = load_array(folder, _TERM_ENDS, np.int64)
        heads: npt.NDArray[np.uint64] = load_array(folder, _HEADS, np.uint64)
        self.n_articles = int(load_array(folder, _N_ARTICLES, np.int64, n_axes=0))
        found = [len(values) for values in (term_ends, terms, self._ends, self._rows, self._scores)]
        last_term, last = (int(ends[-1]) if len(ends) else 0 for ends in (term_ends, self._ends))
        expected = [len(heads) + 1, last_term, len(heads) + 1, last, last]
        if found != expected:
            reason = f"{len(heads)} terms have arrays of {found} values, not of {expected}"
            raise DamagedSnapshotError(os.fspath(folder), reason)
        # Python reads single values far faster from a memoryview than from an array
        self._terms, self._term_ends, self._heads = terms.data, term_ends.data, heads.data

    def n_with(self, term: str) -> int:
        """Give how many articles have the term."""
        span = self._span(term)
        return int(span.stop - span.start)

    def scores(self, terms: Mapping[str, float]) -> Scores:
        """Give BM25 of each article, shape (n_articles,); 0 where it has none of the terms.

        What is said of a term counts as often as `terms` says.
        """
        spans = [self._span(term) for term in terms]
        said = zip(spans, terms.values(), strict=True)
        return self._summed(spans, [np.float32(n) * self._scores[span] for span, n in said])

    def having(self, weights: Mapping[str, float]) -> Scores:
        """Give of each article the sum of the weights of the terms it has, shape (n_articles,)."""
        spans = [self._span(term) for term in weights]
        lengths = [span.stop - span.start for span in spans]
        return self._summed(spans, [np.array([*weights.values()]).repeat(lengths)])

    def _summed(self, spans: list[slice], values: Sequence[npt.NDArray[np.floating]]) -> Scores:
        """Add up what each posting of the spans gives its article."""
        if not spans:
            return np.zeros(self.n_articles, np.float32)
        rows = np.concatenate([self._rows[span] for span in spans])
        return np.bincount(rows, np.concatenate(values), self.n_articles).astype(np.float32)

    def _span(self, term: str) -> slice:
        """Give where the postings of a term are."""
        wanted = _to_bytes(term)
        head = _head(wanted)
        first = bisect_left(self._heads, head)
        last = bisect_right(self._heads, head, first)
        number = bisect_left(range(last), wanted, first, key=self._term)
        if number == last or self._term(number) != wanted:
            return slice(0, 0)
        return slice(int(self._ends[number]), int(self._ends[number + 1]))

    def _term(self, number: int) -> bytes:
        return bytes(self._terms[self._term_ends[number] : self._term_ends[number + 1]])
