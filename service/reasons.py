"""Reasons: which example a hit is there for, which one pushed it down, and by which sentences.

Sentences of articles of the index have embeddings there. Those of other texts are embedded when
they are asked: a bounded number, since each takes milliseconds.
"""

from collections.abc import Sequence

import numpy as np

from index.article import Article
from index.pieces import Piece, located_pieces
from index.snapshot import Snapshot
from index.vectors import Embeddings
from service.deadline import NO_DEADLINE, Deadline
from service.example_reader import FoundExample
from service.results import PieceOfText, Reason, SentencePair
from service.steps import encoding

MOST_EMBEDDED = 96
"""So many sentences of all examples of a side are embedded; each example has its share of them."""

_DIGITS = 6


def example_pieces(
    snapshot: Snapshot, examples: Sequence[FoundExample], deadline: Deadline = NO_DEADLINE
) -> tuple[Embeddings, ...]:
    """Give the embeddings of the title and the sentences of each example."""
    n_new = sum(example.row is None for example in examples)
    share = MOST_EMBEDDED // max(1, n_new)
    return tuple(_pieces(snapshot, example, share, deadline) for example in examples)


def _pieces(
    snapshot: Snapshot, example: FoundExample, share: int, deadline: Deadline
) -> Embeddings:
    whole = example.embedding[None, :]
    if example.row is not None:
        row = np.array([example.row])
        stored = snapshot.pieces.embeddings(row, whole.shape[1])
        return stored if len(stored) else whole
    texts = [piece.text for piece in located_pieces(example.article)[:share]]
    if len(texts) < 2:
        return whole
    with encoding(len(texts)):
        encoded = deadline.watching(snapshot.encoder.encode_passages(texts))
        return np.array([one.embedding for one in encoded], np.float32)


class Reasoner:
    """Tells why hits are where they are, by the sentences of the examples of one side."""

    def __init__(
        self, snapshot: Snapshot, examples: Sequence[FoundExample], pieces: Sequence[Embeddings]
    ) -> None:
        self._snapshot = snapshot
        self._examples = examples
        self._pieces = pieces

    def reason(self, number: int, row: int, article: Article) -> Reason | None:
        """Give what example `number` and the article at `row` have in common; None for no number.

        `article` is the one at `row`.
        """
        if number < 0:
            return None
        example = self._examples[number]
        embedding = self._snapshot.vectors.embedding(row)
        cosine = round(float(example.embedding @ embedding), _DIGITS)
        return Reason(number, cosine, self._pair(number, row, article))

    def _pair(self, number: int, row: int, article: Article) -> SentencePair:
        """Give the two pieces that are nearest to each other."""
        example, own = self._examples[number], self._pieces[number]
        its = self._snapshot.pieces.embeddings(np.array([row]), own.shape[1])
        if not len(its):
            its = self._snapshot.vectors.embeddings(np.array([row]))
        cosines = (own @ its.T).round(_DIGITS)
        first, second = (int(place) for place in np.unravel_index(cosines.argmax(), cosines.shape))
        return SentencePair(
            _shown(_piece(example.article, first, len(own)), is_text=example.is_text),
            _shown(_piece(article, second, len(its))),
            # codes of four bits can say a little more than 1
            min(1.0, float(cosines[first, second])),
        )


def _piece(article: Article, place: int, n_embedded: int) -> Piece:
    """Give a piece by its place; where its pieces are not those that were embedded, a whole field.

    They are not where the article was embedded whole.
    """
    pieces = located_pieces(article)
    if n_embedded <= len(pieces) and (n_embedded > 1 or len(pieces) == 1):
        return pieces[place]
    if article.title:
        return Piece("title", article.title, 0, len(article.title))
    abstract = article.abstract or ""
    return Piece("abstract", abstract, 0, len(abstract))


def _shown(piece: Piece, *, is_text: bool = False) -> PieceOfText:
    field = "text" if is_text else piece.field
    return PieceOfText(field, piece.text, piece.start, piece.end)
