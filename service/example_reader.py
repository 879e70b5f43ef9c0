"""From examples as they are given to what is compared: articles of the index, or other texts.

Whatever names or holds an article of the index becomes that article: an id, a DOI, a pasted
record that shares an identifier or title and year with it, a text that is its own. It, and all
versions of its work, are then left out of the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.article import Article, parse_article
from index.errors import QueryError, RefusedRecordError, SourceError, UnknownArticleError
from index.identity import fold_name, normalise_doi
from index.snapshot import Snapshot
from index.vectors import Embedding
from service.deadline import NO_DEADLINE, Deadline
from service.examples import PASTED, Example, Side, SimilarQuery, check_number
from service.query import Limits
from service.ranking import Rows
from service.steps import encoding

_NEAREST = 3
"""Of a text, so many nearest articles are looked at: is one of them the text itself?"""
_SAME_TEXT = 0.98
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class FoundExample:
    """One example as it is compared; one paste can give several.

    `given` is the number, from 0, of the example it came from, on its side. `row` is its place in
    the snapshot, None where it is no article of it; `versions` are all rows of its work. `article`
    holds its text: of a text in plain words, as the abstract of an article without a title.
    """

    given: int
    row: int | None
    versions: tuple[int, ...]
    article: Article
    embedding: Embedding
    is_text: bool = False

    @property
    def text(self) -> str:
        """The words that are compared."""
        return self.article.passage()


class ExampleReader:
    """Finds what examples mean in one snapshot; safe for many threads."""

    def __init__(self, snapshot: Snapshot, limits: Limits) -> None:
        self._snapshot = snapshot
        self._limits = limits

    def read(
        self, query: SimilarQuery, side: Side, deadline: Deadline = NO_DEADLINE
    ) -> tuple[FoundExample, ...]:
        """Give the examples of one side; an article that is given twice counts once.

        UnknownArticleError names the example whose id no article has, QueryError one that
        cannot be read.
        """
        found: list[FoundExample] = []
        known: set[int] = set()
        for number, example in enumerate(query.examples(side)):
            for one in self._found(f"{side}.{number}.{example.kind}", number, example):
                deadline.check()
                if one.row is None or one.row not in known:
                    found.append(one)
                if one.row is not None:
                    known.add(one.row)
            check_number(side, len(found), self._limits)
        return tuple(found)

    def _found(self, place: str, number: int, example: Example) -> Iterator[FoundExample]:
        value = example.value.strip()
        if example.kind in PASTED:
            for article in read_pasted(place, example):
                yield self._pasted(number, article)
        elif example.kind == "text":
            yield self._text(number, value)
        else:
            wanted = value if example.kind == "article_id" else _doi(place, value)
            row = self._snapshot.store.find(wanted)
            if row is None:
                raise UnknownArticleError(value, place)
            yield self._at(number, row)

    def _at(self, number: int, row: int) -> FoundExample:
        (article,) = self._snapshot.store.articles([row])
        members = self._snapshot.versions.members(row)
        return FoundExample(number, row, members, article, self._snapshot.vectors.embedding(row))

    def _pasted(self, number: int, article: Article) -> FoundExample:
        row = self.row_of(article)
        if row is not None:
            return self._at(number, row)
        with encoding(1):
            (encoded,) = self._snapshot.encoder.encode_passages([article.passage()])
        return FoundExample(number, None, (), article, encoded.embedding)

    def _text(self, number: int, text: str) -> FoundExample:
        with encoding(1):
            embedding = self._snapshot.encoder.encode_query(text)
        ranked = self._snapshot.vectors.search(embedding, _NEAREST)
        near = [int(row) for row in ranked.rows[ranked.scores >= _SAME_TEXT]]
        folded = fold_name(text, is_person=False)
        for row, article in zip(near, self._snapshot.store.articles(near), strict=True):
            if fold_name(article.passage(), is_person=False) == folded:
                return self._at(number, row)
        article = Article(article_id="", abstract=text)
        return FoundExample(number, None, (), article, embedding, is_text=True)

    def row_of(self, article: Article) -> int | None:
        """Give the row of the same work: of an identifier they share, else by title and year."""
        own = [f"doi:{article.doi}"] if article.doi else []
        for name in (*own, *article.identifiers, article.article_id):
            row = self._snapshot.store.find(name)
            if row is not None:
                return row
        if article.title is None:
            return None
        rows = self._snapshot.columns.titles.rows(article.title).tolist()
        alike = zip(rows, self._snapshot.store.articles(rows), strict=True)
        return next((row for row, other in alike if _is_same(article, other)), None)


def _is_same(first: Article, second: Article) -> bool:
    """Tell whether two articles of one title can be one: by their years and an author."""
    if first.year and second.year and first.year != second.year:
        return False
    people = [_surnames(article) for article in (first, second)]
    return not all(people) or bool(people[0] & people[1])


def _surnames(article: Article) -> set[str]:
    """Give the last words of the authors' names, or what stands before the comma."""
    names = (name.partition(",")[0].split() for name in article.authors)
    return {fold_name(words[-1], is_person=False) for words in names if words}


def _doi(place: str, text: str) -> str:
    doi, _ = normalise_doi(text)
    if doi is None:
        raise QueryError(place, f"{text[:_SHOWN]!r} is no DOI; write it like 10.1000/182")
    return f"doi:{doi}"


def read_pasted(place: str, example: Example) -> list[Article]:
    """Give the articles of pasted BibTeX or RIS; QueryError for none, or one that has no text."""
    # the readers take a tenth of a second to load: when the first is needed
    from index.sources import bibtex, ris
    from index.sources.opening import Source
    from index.sources.record import Refused

    name, reader = ("BibTeX", bibtex) if example.kind == "bibtex" else ("RIS", ris)
    articles: list[Article] = []
    # not by `open_content`: what a file says of its encoding is no longer true of a paste
    source = Source(Path(name), name, "utf-8", example.value, example.value.encode())
    try:
        for record in reader.read(source):
            if isinstance(record, Refused):
                raise QueryError(place, f"line {record.line}: {record.reason}")
            articles.append(parse_article(record, name)[0])
    except SourceError as error:
        raise QueryError(place, error.reason) from error
    except RefusedRecordError as error:
        raise QueryError(place, f"{error.reason}; leave it out") from error
    if not articles:
        raise QueryError(place, f"holds no record in {name}; paste whole records, or use text")
    return articles


def left_out(*sides: Sequence[FoundExample]) -> Rows:
    """Give the rows of all examples and of all versions of them, ascending."""
    rows = {row for side in sides for example in side for row in example.versions}
    return np.array(sorted(rows), dtype=np.int64)
