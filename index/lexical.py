"""The lexical index: which articles have the words of a question, and how they spell them.

It finds what a small encoder blurs: names, acronyms, numbers. It has two parts. The postings
(`index.postings`) give BM25 of all articles at once, over English stems, function words left
out. tantivy keeps what they cannot, the words in their order and as they are written: for
quoted phrases and exact titles, and for the word that a mistyped one was meant to be.

tantivy writes lock files into the folder it opens and refuses a read-only one, so a
reader opens a private folder of symbolic links to the snapshot's files.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import tantivy

from index.changes import Changes
from index.errors import DamagedSnapshotError
from index.files import link_or_copy, remove_tree
from index.postings import BM25_K1, Postings, Scores, rarity, write_postings
from index.slips import first_slips, letters_apart, slips
from index.stopwords import STOPWORDS
from index.vectors import Ranked

PhraseField = Literal["text", "title"]
"""Where a phrase may stand: in title and abstract, or in the title."""

MAX_TERMS = 512
"""Of a longer query the most frequent words are searched."""
MAX_PHRASE_WORDS = 64
"""Of a longer phrase the first words are searched."""
LEAST_SPELLED = 5
"""A shorter word is too near to too many others to tell which of them was meant."""
MOST_WALKED = 20_000
"""Of the words that begin with a letter, so many of the most frequent are compared."""

_WORDS = "words"
_POSTINGS = "postings"
_FIELDS: tuple[PhraseField, ...] = ("text", "title")
_MAX_TOKEN_BYTES = 64
_WRITER_HEAP_BYTES = 256 << 20
_OWN_FILES = (".lock", ".managed.json")


def _plain_analyzer() -> tantivy.TextAnalyzerBuilder:
    """Begin an analyzer that gives words as they are written, letter case and accents apart."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_MAX_TOKEN_BYTES))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
    )


def _stem_analyzer() -> tantivy.TextAnalyzer:
    return (
        _plain_analyzer()
        .filter(tantivy.Filter.custom_stopword(list(STOPWORDS)))
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def write_lexical(folder: Path, changes: Changes) -> None:
    """Write the lexical index of a corpus into `folder`, which is made."""
    earlier = changes.part(folder.name)
    _write_words(folder / _WORDS, changes, earlier and earlier / _WORDS)
    passages = ((row, article.passage(), article.title or "") for row, article in changes.changed())
    write_postings(
        folder / _POSTINGS,
        passages,
        _stem_analyzer().analyze,
        changes.n_articles,
        earlier and earlier / _POSTINGS,
    )


def _write_words(folder: Path, changes: Changes, earlier: Path | None) -> None:
    folder.mkdir(parents=True)
    for path in earlier.iterdir() if earlier else ():
        # segments are never written again; tantivy puts new lists of them in the place of the old
        link_or_copy(path, folder / path.name)
    index = tantivy.Index(_schema(), path=os.fspath(folder))
    index.register_tokenizer(_WORDS, _plain_analyzer().build())
    # one thread keeps the segments, and with them every answer, the same from build to build
    writer = index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=1)
    for row in changes.replaced:
        # by a query: the term that the binding makes of a number is that of a signed one
        writer.delete_documents_by_query(tantivy.Query.term_query(index.schema, "row", row))
    for row, article in changes.changed():
        document = tantivy.Document()
        document.add_unsigned("row", row)
        document.add_text("text", article.passage())
        if article.title:
            document.add_text("title", article.title)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    for path in folder.iterdir():
        if path.name.endswith(".lock"):
            path.unlink()
        else:
            # tantivy makes some files for its owner only; an index is served by others too
            path.chmod(0o644)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in _FIELDS:
        builder.add_text_field(field, tokenizer_name=_WORDS, index_option="position")
    builder.add_unsigned_field("row", fast=True, indexed=True)
    return builder.build()


class QuestionTerms(NamedTuple):
    """The terms of a question: how often each is said, and what having it weighs, by its rarity.

    `weight` is that of all of them; `ceiling` what an endless repetition of the question would
    score as an article.
    """

    said: Mapping[str, float]
    weights: Mapping[str, float]
    weight: float
    ceiling: float


class WordMatches(NamedTuple):
    """What the words of a question say of every article, both of shape (n_articles,).

    `scores` is BM25; `coverage` the share of the words, weighed by their rarity, that an
    article has; `weight` the rarity of all of them together; `ceiling` is as `LexicalIndex`
    gives it.
    """

    scores: Scores
    coverage: Scores
    weight: float
    ceiling: float


class NearWord(NamedTuple):
    """A word of the articles, how many have it, and how many letters it is from another."""

    word: str
    n_with: int
    n_apart: int


class LexicalIndex:
    """The words of the articles of one snapshot; safe for many threads."""

    def __init__(self, folder: Path) -> None:
        self._postings = Postings(folder / _POSTINGS)
        self._links = tempfile.TemporaryDirectory(
            prefix="cognate-lexical-", ignore_cleanup_errors=True
        )
        for path in (folder / _WORDS).iterdir():
            link = Path(self._links.name) / path.name
            # tantivy may rewrite its list of managed files: it gets a copy of its own
            if path.name.endswith(_OWN_FILES):
                link.write_bytes(path.read_bytes())
            else:
                link.symlink_to(path.resolve())
        self._stems = _stem_analyzer()
        self._plain = _plain_analyzer().build()
        self._tokens = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).build()
        self._index = tantivy.Index.open(self._links.name)
        self._schema = self._index.schema
        self._index.config_reader("manual")
        self._searcher = self._index.searcher()
        if self._searcher.num_docs != self.n_articles:
            self.close()
            reason = f"words of {self._searcher.num_docs} articles, postings of {self.n_articles}"
            raise DamagedSnapshotError(os.fspath(folder), reason)

    @property
    def n_articles(self) -> int:
        """How many articles are indexed."""
        return self._postings.n_articles

    def words(self, text: str) -> list[str]:
        """Give the terms a text is searched by, in order, stop words left out."""
        return self._stems.analyze(text)

    def weights(self, text: str) -> dict[str, float]:
        """Give the terms of a text, each with its rarity as often as it occurs."""
        return self._weighed(Counter(self.words(text)))

    def _weighed(self, counts: Mapping[str, int]) -> dict[str, float]:
        return {term: n * self.rarity(term) for term, n in counts.items()}

    def ceiling(self, text: str) -> float:
        """Give what an endless repetition of the words of `text` would score as an article."""
        return _ceiling(self.weights(text))

    def n_with(self, term: str) -> int:
        """Give how many articles have a term, which is one of `words`."""
        return self._postings.n_with(term)

    def rarity(self, term: str) -> float:
        """Give what BM25 weighs a term by: its inverse document frequency, above 0."""
        return float(rarity(self._postings.n_with(term), self.n_articles))

    def scores(self, text: str) -> Scores:
        """Give BM25 of every article, shape (n_articles,); 0 where it shares no word."""
        return self._postings.scores(self.terms(text).said)

    def terms(self, text: str) -> QuestionTerms:
        """Give the terms of a question; of a long one the most frequent are searched."""
        counts = Counter(self.words(text))
        weights = self._weighed(counts)
        said = {term: float(n) for term, n in counts.most_common(MAX_TERMS)}
        wanted = {term: weights[term] for term in said}
        return QuestionTerms(said, wanted, sum(wanted.values()), _ceiling(weights))

    def matches(self, text: str) -> WordMatches:
        """Give BM25 of every article, and how much of the question's words it has."""
        return self.matches_of(self.terms(text))

    def matches_of(
        self, terms: QuestionTerms, rows: npt.NDArray[np.int64] | None = None
    ) -> WordMatches:
        """Give what the terms of a question say, of all articles or of ascending `rows`."""
        if rows is None:
            scores, having = self._postings.matches(terms.said, terms.weights)
        else:
            scores, having = self._postings.at(rows, terms.said, terms.weights)
        coverage = having / np.float32(terms.weight or 1.0)
        return WordMatches(scores, coverage, terms.weight, terms.ceiling)

    def best(self, terms: QuestionTerms, some: Iterable[str], k: int) -> npt.NDArray[np.int64]:
        """Give, ascending, about `k` rows of the highest BM25 score by some of the terms."""
        rows, scores = self._postings.scored({term: terms.said[term] for term in some})
        if len(rows) > k:
            rows = rows[scores >= np.partition(scores, len(rows) - k)[len(rows) - k]]
        return rows

    def search(self, text: str, k: int) -> Ranked:
        """Give the up to `k` rows of highest BM25 score that share a word with `text`."""
        scores = self.scores(text)
        rows = np.flatnonzero(scores)
        if len(rows) > k > 0:
            # whatever scores as much as the last is kept, so that rows decide between them
            rows = rows[scores[rows] >= np.partition(scores[rows], -k)[-k]]
        rows = rows[np.argsort(-scores[rows], kind="stable")[:k]]
        return Ranked(rows.astype(np.int64), scores[rows])

    def phrase_rows(self, phrase: str, field: PhraseField, k: int) -> npt.NDArray[np.int64]:
        """Give the up to `k` best rows that hold the words of a phrase next to each other.

        The words are compared as they are written, letter case and accents apart; what stands
        between them does not matter. A word too long for the index may be any word.
        """
        terms = self._placed(phrase)
        if not terms:
            return np.empty(0, np.int64)
        if len(terms) == 1:
            query = tantivy.Query.term_query(self._schema, field, terms[0][1], "freq")
        else:
            first = terms[0][0]
            shifted: list[str | tuple[int, str]] = [(place - first, term) for place, term in terms]
            query = tantivy.Query.phrase_query(self._schema, field, shifted)
        return self._rows(query, k)

    def begun_rows(self, phrase: str, field: PhraseField, k: int) -> npt.NDArray[np.int64]:
        """Give up to `k` rows that hold the words of a phrase in a row, of the last its beginning.

        The words are compared as in `phrase_rows`.
        """
        terms = self._placed(phrase)
        if not terms:
            return np.empty(0, np.int64)
        first = terms[0][0]
        # letters and digits alone: no term has a sign that a pattern could take for its own
        patterns: list[str | tuple[int, str]] = [(place - first, term) for place, term in terms]
        patterns[-1] = (terms[-1][0] - first, f"{terms[-1][1]}.*")
        if len(terms) == 1:
            query = tantivy.Query.regex_query(self._schema, field, f"{terms[0][1]}.*")
        else:
            query = tantivy.Query.regex_phrase_query(self._schema, field, patterns)
        return self._rows(query, k)

    def _placed(self, phrase: str) -> list[tuple[int, str]]:
        """Give the words of a phrase with their places, but for those too long for the index."""
        tokens = self._tokens.analyze(phrase)[:MAX_PHRASE_WORDS]
        return [(place, term) for place, token in enumerate(tokens) for term in self._word(token)]

    def _rows(self, query: tantivy.Query, k: int) -> npt.NDArray[np.int64]:
        hits = self._searcher.search(query, k, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        return np.array(rows, np.int64)

    def _word(self, token: str) -> list[str]:
        """Give a word as the index spells it, in a list; an empty one if it is too long."""
        return self._plain.analyze(token)

    def spelled(self, word: str) -> str | None:
        """Give the word that `word`, which no article has in any form, was meant to be.

        It is the most frequent of the words that begin with the same letter and differ in one
        letter: one too many, one missing, another, or two next to each other exchanged. None
        where there is none, and for words of few letters or of letters other than a to z.
        """
        plain = self._plain.analyze(word)
        stems = self.words(word)
        if len(plain) != 1 or len(plain[0]) < LEAST_SPELLED or not _is_latin(plain[0]):
            return None
        is_known = any(self._postings.n_with(stem) for stem in stems) or self._n_with(plain[0])
        if is_known or not stems:
            return None
        # of equally frequent ones the first in the alphabet
        counts = {other: self._n_with(other) for other in sorted(set(slips(plain[0])))}
        best = max(counts, key=counts.__getitem__)
        return best if counts[best] else None

    def near(self, word: str, most_apart: int) -> list[NearWord]:
        """Give the words of the articles that are up to so many letters from `word`, nearest first.

        Equally near ones come by the number of articles, then in alphabetical order. Words that
        begin with another letter are one letter away at most. Nothing for a word of other letters
        than a to z.
        """
        plain = self._plain.analyze(word)
        if len(plain) != 1 or not _is_latin(plain[0]):
            return []
        meant = plain[0]
        walked = self._searcher.terms_with_prefix("text", meant[0], limit=MOST_WALKED)
        counts = {
            other: int(n)
            for other, n in walked
            if abs(len(other) - len(meant)) <= most_apart and _is_latin(other)
        }
        others = (other for other in first_slips(meant) if other and other[0] != meant[0])
        counts |= {other: n for other in others if (n := self._n_with(other))}
        apart = letters_apart(meant, list(counts)).tolist()
        near = [
            NearWord(other, n, n_apart)
            for (other, n), n_apart in zip(counts.items(), apart, strict=True)
            if 0 < n_apart <= most_apart
        ]
        return sorted(near, key=lambda one: (one.n_apart, -one.n_with, one.word))

    def n_written(self, word: str) -> int:
        """Give how many articles have a word as it is written, letter case and accents apart."""
        plain = self._plain.analyze(word)
        return self._n_with(plain[0]) if len(plain) == 1 else 0

    def _n_with(self, word: str) -> int:
        return int(self._searcher.doc_freq("text", word))

    def close(self) -> None:
        """Remove the private folder; the files of the snapshot stay."""
        self._links.cleanup()
        # a thread of tantivy's may have made a lock file while the folder was being removed
        remove_tree(Path(self._links.name))


def _ceiling(weights: Mapping[str, float]) -> float:
    return sum(weights.values(), 0.0) * (1 + BM25_K1)


def _is_latin(word: str) -> bool:
    return word.isascii() and word.isalpha()
