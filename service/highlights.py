"""Highlights: the sentences of an abstract that carry a question, and its words in them.

Each word of the question counts, by its rarity in the corpus, for as much as the nearest word
of a sentence is like it: wholly where both have the same stem, else by the cosine of their
vectors. On SciFact that names the sentence that holds the evidence more often than embeddings
of the sentences do (scripts/results/highlights.json), and costs no run of the model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from index.article import Article
from index.lexical import LexicalIndex
from index.onnx import Encoder
from index.sentences import split_sentences, trim
from service.results import Highlight
from service.vocabulary import Keys, Vocabulary, word_pattern

CHANCE_COSINE = 0.4
"""Two words no nearer than this have nothing in common: in any sentence some are as near."""
LEAST_SCORE = 0.25
"""A sentence that carries less of the question is not shown: better none than any."""
LEAST_GAIN = 0.15
"""How much of the question a second sentence has to add to what the first carries."""
MAX_WORDS = 32
"""Of a longer question the words of most weight are looked for."""

_SCORE_DIGITS = 4
# sums differ in their last bits with the place of a sentence among others; without them two
# sentences of the same words score the same

Values = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The words of a question, each once: keys, weights that add up to 1, unit vectors."""

    keys: Keys
    weights: Values
    vectors: Values


class _Piece(NamedTuple):
    """A title or a sentence of an abstract, with its words."""

    article: int
    field: Literal["title", "abstract"]
    start: int
    end: int
    words: list[str]


class _Compared(NamedTuple):
    """How far each piece carries each word of the question, in [0, 1], and which it has."""

    carried: Values
    scores: list[float]
    is_asked: npt.NDArray[np.bool_]
    starts: list[int]

    def asked(self, place: int) -> npt.NDArray[np.bool_]:
        """Tell of each word of a piece whether it is one of the question's."""
        return self.is_asked[self.starts[place] : self.starts[place + 1]]


class Highlighter:
    """Finds why the articles of one snapshot match a question; safe for many threads."""

    def __init__(self, lexical: LexicalIndex, encoder: Encoder) -> None:
        self._lexical = lexical
        self._vocabulary = Vocabulary(lexical, encoder)

    def question_words(self, question: str) -> QuestionWords:
        """Prepare a question, once for all the articles that are to be highlighted."""
        weights: dict[tuple[str, ...], float] = {}
        spelled: dict[tuple[str, ...], str] = {}
        for word in word_pattern(question).findall(question):
            if terms := tuple(self._lexical.words(word)):
                rarity = max(map(self._lexical.rarity, terms))
                weights[terms] = weights.get(terms, 0) + rarity
                spelled.setdefault(terms, word)
        chosen = sorted(weights, key=weights.__getitem__, reverse=True)[:MAX_WORDS]
        keys, vectors, places = self._vocabulary.look_up([spelled[terms] for terms in chosen])
        values = np.array([weights[terms] for terms in chosen], np.float32)
        return QuestionWords(keys[places], values / values.sum(), vectors[places])

    def highlights(
        self, question: QuestionWords, articles: Sequence[Article]
    ) -> list[tuple[Highlight, ...]]:
        """Give the highlights of each article: its title, then up to two sentences, best first.

        The title is given where it has a word of the question, a sentence where it carries at
        least `LEAST_SCORE`, and a second one where it adds `LEAST_GAIN` to the first.
        """
        found: list[list[Highlight]] = [[] for _ in articles]
        pieces = list(chain.from_iterable(map(self._pieces, range(len(articles)), articles)))
        if pieces and len(question.keys):
            compared = self._compare(question, pieces)
            for place in _chosen(pieces, compared, question.weights):
                number = pieces[place].article
                found[number].append(self._highlight(articles[number], pieces, compared, place))
        return [tuple(of_article) for of_article in found]

    def carried(
        self, question: QuestionWords, texts: Sequence[tuple[str, Sequence[tuple[int, int]]]]
    ) -> list[list[float]]:
        """Give how much of the question each sentence of each text carries, in [0, 1].

        A text comes with the places of its sentences.
        """
        found = [[0.0] * len(places) for _, places in texts]
        pieces, numbers = [], []
        for article, (text, places) in enumerate(texts):
            pattern = word_pattern(text)
            for number, (start, end) in enumerate(places):
                if words := pattern.findall(text, start, end):
                    pieces.append(_Piece(article, "abstract", start, end, words))
                    numbers.append(number)
        if pieces and len(question.keys):
            scores = self._compare(question, pieces).scores
            for piece, number, score in zip(pieces, numbers, scores, strict=True):
                found[piece.article][number] = score
        return found

    def _pieces(self, number: int, article: Article) -> Iterator[_Piece]:
        if title := article.title:
            start, end = trim(title, 0, len(title))
            if words := word_pattern(title).findall(title):
                yield _Piece(number, "title", start, end, words)
        if abstract := article.abstract:
            pattern = word_pattern(abstract)
            for start, end in split_sentences(abstract, article.language):
                if words := pattern.findall(abstract, start, end):
                    yield _Piece(number, "abstract", start, end, words)

    def _compare(self, question: QuestionWords, pieces: Sequence[_Piece]) -> _Compared:
        known = self._vocabulary.look_up([word for piece in pieces for word in piece.words])
        is_same = known.keys[:, None] == question.keys
        # not `@`: for so small a product BLAS would wait for threads, for milliseconds on a busy
        # machine; and its sums differ with the place of a word among others
        cosines = np.einsum("wd,qd->wq", known.vectors, question.vectors)
        likeness = ((cosines - CHANCE_COSINE) / (1 - CHANCE_COSINE)).clip(0, 1)
        likeness[is_same] = 1
        likeness[known.keys == 0] = 0
        ends = np.cumsum([len(piece.words) for piece in pieces])
        starts = [0, *ends.tolist()]
        carried = np.maximum.reduceat(likeness.take(known.places, axis=0), starts[:-1])
        scores = (carried * question.weights).sum(axis=1).clip(0, 1).round(_SCORE_DIGITS)
        is_asked = is_same.any(axis=1).take(known.places)
        return _Compared(carried, scores.tolist(), is_asked, starts)

    def _highlight(
        self, article: Article, pieces: Sequence[_Piece], compared: _Compared, place: int
    ) -> Highlight:
        _, field, start, end, _ = pieces[place]
        text = article.title if field == "title" else article.abstract
        assert text is not None
        matches = word_pattern(text).finditer(text, start, end)
        words = tuple(match.span() for match in compress(matches, compared.asked(place)))
        return Highlight(field, text[start:end], start, end, compared.scores[place], words)


def _chosen(pieces: Sequence[_Piece], compared: _Compared, weights: Values) -> Iterator[int]:
    """Give the places of the titles, then of the best sentences of each article."""
    scores, carried = compared.scores, compared.carried
    sentences: dict[int, list[int]] = {}
    for place, piece in enumerate(pieces):
        if piece.field == "title":
            if compared.asked(place).any():
                yield place
        elif scores[place] >= LEAST_SCORE:
            sentences.setdefault(piece.article, []).append(place)
    for places in sentences.values():
        first = max(places, key=scores.__getitem__)
        yield first
        added = np.maximum(carried[places] - carried[first], 0)
        gains = (added * weights).sum(axis=1).round(_SCORE_DIGITS)
        second = int(gains.argmax())
        if gains[second] >= LEAST_GAIN:
            yield places[second]
