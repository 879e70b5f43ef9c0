"""The lexical index: BM25 over titles and abstracts, with tantivy.

It finds what a small encoder blurs: names, acronyms, numbers. Filters are fields of this
index, so that they hold before ranking; a set of ids would be slow here.

tantivy writes lock files into the folder it opens and refuses a read-only one, so a
reader opens a private folder of symbolic links to the snapshot's files.
"""

import math
import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from index.article import Article
from index.columns import FIELDS, NO_DAY, Columns, Selection
from index.files import remove_tree
from index.stopwords import STOPWORDS
from index.vectors import Ranked

FIELD_WEIGHTS = {"text": 1.0, "title": 0.3}
"""How much a word weighs by where it stands; `text` is title and abstract together. Better on
SciFact's training claims, Cranfield and CISI than the two apart, at any weight tried."""
MAX_TERMS = 512
"""Of a longer query the most frequent words are searched."""

_ANALYZER = "cognate"
BM25_K1 = 1.2
BM25_B = 0.75
"""Fixed by tantivy."""
_MAX_TOKEN_BYTES = 64
_WORD = re.compile(r"[^\W_]+")  # what tantivy's tokenizer takes for a word
_WRITER_HEAP_BYTES = 256 << 20
_OWN_FILES = (".lock", ".managed.json")


def _analyzer() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_MAX_TOKEN_BYTES))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.custom_stopword(list(STOPWORDS)))
        .filter(tantivy.Filter.stemmer("english"))
        .build()
    )


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for field in FIELD_WEIGHTS:
        builder.add_text_field(field, tokenizer_name=_ANALYZER, index_option="position")
    builder.add_unsigned_field("row", fast=True)
    for name in FIELDS:
        builder.add_unsigned_field(name, indexed=True)
    builder.add_integer_field("first_day", fast=True)
    builder.add_integer_field("last_day", fast=True)
    builder.add_unsigned_field("has_abstract", indexed=True)
    return builder.build()


def write_lexical(folder: Path, articles: Sequence[Article], columns: Columns) -> None:
    """Write the BM25 index of a corpus into `folder`, which is made."""
    folder.mkdir(parents=True)
    index = tantivy.Index(_schema(), path=os.fspath(folder))
    index.register_tokenizer(_ANALYZER, _analyzer())
    # one thread keeps the segments, and with them every answer, the same from build to build
    writer = index.writer(heap_size=_WRITER_HEAP_BYTES, num_threads=1)
    for row, article in enumerate(articles):
        writer.add_document(_to_document(row, article, columns))
    writer.commit()
    writer.wait_merging_threads()
    for path in folder.iterdir():
        if path.name.endswith(".lock"):
            path.unlink()
        else:
            # tantivy makes some files for its owner only; an index is served by others too
            path.chmod(0o644)


def _to_document(row: int, article: Article, columns: Columns) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("row", row)
    document.add_text("text", article.passage())
    if article.title:
        document.add_text("title", article.title)
    for field in FIELDS:
        for code in columns.row_codes(field, row):
            document.add_unsigned(field, code)
    if columns.first_day[row] != NO_DAY:
        document.add_integer("first_day", int(columns.first_day[row]))
        document.add_integer("last_day", int(columns.last_day[row]))
    document.add_unsigned("has_abstract", int(article.abstract is not None))
    return document


class LexicalIndex:
    """BM25 over the articles of one snapshot; safe for many threads."""

    def __init__(self, folder: Path) -> None:
        self._links = tempfile.TemporaryDirectory(
            prefix="cognate-lexical-", ignore_cleanup_errors=True
        )
        for path in folder.iterdir():
            link = Path(self._links.name) / path.name
            # tantivy may rewrite its list of managed files: it gets a copy of its own
            if path.name.endswith(_OWN_FILES):
                link.write_bytes(path.read_bytes())
            else:
                link.symlink_to(path.resolve())
        self._analyzer = _analyzer()
        self._index = tantivy.Index.open(self._links.name)
        self._index.register_tokenizer(_ANALYZER, self._analyzer)
        self._schema = self._index.schema
        self._index.config_reader("manual")
        self._searcher = self._index.searcher()

    @property
    def n_articles(self) -> int:
        """How many articles are indexed."""
        return int(self._searcher.num_docs)

    def words(self, text: str) -> list[str]:
        """Give the terms a text is searched by, in order, stop words left out."""
        return self._analyzer.analyze(text)

    def ceiling(self, text: str) -> float:
        """Give what an endless repetition of the words of `text` would score as an article."""
        score = 0.0
        for term, count in Counter(self.words(text)).items():
            score += count * self.rarity(term)
        return score * FIELD_WEIGHTS["text"] * (1 + BM25_K1)

    def rarity(self, term: str) -> float:
        """Give what BM25 weighs a term by: its inverse document frequency, above 0."""
        n_with = self._searcher.doc_freq("text", term)
        return math.log1p((self.n_articles - n_with + 0.5) / (n_with + 0.5))

    def search(self, text: str, k: int, selection: Selection | None = None) -> Ranked:
        """Give the up to `k` rows of highest BM25 score that share a word with `text`."""
        terms = Counter(self.words(text))
        conditions = self._conditions(selection or Selection())
        if not terms or conditions is None:
            return Ranked(np.empty(0, np.int64), np.empty(0, np.float32))
        words = [self._word(term, count) for term, count in terms.most_common(MAX_TERMS)]
        any_word = tantivy.Query.boolean_query([(tantivy.Occur.Should, word) for word in words])
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, any_word), *conditions])
        hits = self._searcher.search(query, k, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        return _in_order(np.array(rows, np.int64), np.array([hit[0] for hit in hits], np.float32))

    def phrase_rows(self, phrase: str, field: str, k: int) -> npt.NDArray[np.int64]:
        """Give the up to `k` best rows that hold the words of a phrase next to each other.

        `field` is `text` (title and abstract) or `title`. Stop words keep their place and may
        be any word; a phrase of nothing else is in no row.
        """
        terms: list[tuple[int, str]] = []
        for place, word in enumerate(_WORD.findall(phrase)):
            terms += [(place, term) for term in self.words(word)]
        if not terms:
            return np.empty(0, np.int64)
        if len(terms) == 1:
            query = tantivy.Query.term_query(self._schema, field, terms[0][1], "freq")
        else:
            first = terms[0][0]
            shifted: list[str | tuple[int, str]] = [(place - first, term) for place, term in terms]
            query = tantivy.Query.phrase_query(self._schema, field, shifted)
        hits = self._searcher.search(query, k, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        return np.array(rows, np.int64)

    def _word(self, term: str, count: int) -> tantivy.Query:
        of_fields: list[tuple[tantivy.Occur, tantivy.Query]] = []
        for field, weight in FIELD_WEIGHTS.items():
            query = tantivy.Query.term_query(self._schema, field, term, "freq")
            of_fields.append(
                (tantivy.Occur.Should, tantivy.Query.boost_query(query, weight * count))
            )
        return tantivy.Query.boolean_query(of_fields)

    def _conditions(self, selection: Selection) -> list[tuple[tantivy.Occur, tantivy.Query]] | None:
        # None where nothing can pass
        queries: list[tantivy.Query] = []
        for field in FIELDS:
            codes: tuple[int, ...] | None = getattr(selection, field)
            if codes == ():
                return None
            if codes is not None:
                queries.append(tantivy.Query.term_set_query(self._schema, field, list(codes)))
        if selection.has_abstract is not None:
            value = int(selection.has_abstract)
            queries.append(tantivy.Query.term_query(self._schema, "has_abstract", value))
        queries += self._date_conditions(selection)
        # a condition lets pass and scores nothing
        return [
            (tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in queries
        ]

    def _date_conditions(self, selection: Selection) -> list[tantivy.Query]:
        queries: list[tantivy.Query] = []
        integer = tantivy.FieldType.Integer
        if selection.first_day is not None:
            queries.append(
                tantivy.Query.range_query(
                    self._schema, "last_day", integer, lower_bound=selection.first_day
                )
            )
        if selection.last_day is not None:
            queries.append(
                tantivy.Query.range_query(
                    self._schema, "first_day", integer, upper_bound=selection.last_day
                )
            )
        return queries

    def close(self) -> None:
        """Remove the private folder; the files of the snapshot stay."""
        self._links.cleanup()
        # a thread of tantivy's may have made a lock file while the folder was being removed
        remove_tree(Path(self._links.name))


def _in_order(rows: npt.NDArray[np.int64], scores: npt.NDArray[np.float32]) -> Ranked:
    order = np.lexsort((rows, -scores))
    return Ranked(rows[order], scores[order])
