"""Context for a question or a conversation, put together from one snapshot."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.errors import QueryError
from index.pieces import MOST_PIECES, code_cosines
from index.snapshot import Snapshot
from index.vectors import Embedding
from service.context.packing import Packed, pack
from service.context.query import ContextQuery
from service.context.results import Context, Excerpt
from service.context.work import Work
from service.deadline import NO_DEADLINE, Deadline
from service.highlights import Highlighter, QuestionWords
from service.query import Query
from service.ranking import Rows
from service.ranking import Scores as Values
from service.short_article import ShortArticle

LATER_IS_BETTER = 0.15
"""What the last sentence of an abstract has over the first: findings stand at the end."""
MEANING = 0.25
"""What the cosine of a sentence counts beside the share of the question's words that it carries."""
MOST_LOOKED_AT = 200
"""So many of the first articles are looked at, where most of them are retracted or alike."""

_BLOCK = 8
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Ranked:
    """What answers a question, best first: rows and their probabilities of a match.

    `asked` is the question with its typing errors mended.
    """

    rows: Rows
    match: Values
    asked: str
    embedding: Embedding | None


class ContextSearch:
    """Finds excerpts in one snapshot; safe for many threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        rank: Callable[[Query, Deadline], Ranked],
        highlighter: Highlighter,
    ) -> None:
        self._snapshot = snapshot
        self._rank = rank
        self._highlighter = highlighter

    def answer(self, query: ContextQuery, deadline: Deadline = NO_DEADLINE) -> Context:
        """Give the excerpts worth handing over, none where nothing matches."""
        asked = query.to_search()
        ranked = self._rank(asked, deadline)
        deadline.check()
        works = _AsNeeded(self._works(ranked, include_retracted=query.include_retracted))
        count = self._snapshot.encoder.count_tokens
        bundled = pack(works.get, query.max_tokens, query.max_excerpts, count)
        if not bundled.packed and works.get(0) is not None:
            reason = f"{query.max_tokens} tokens have no room for one excerpt; ask for more"
            raise QueryError("max_tokens", reason)
        tokens = count([one.text for one in bundled.packed])
        return Context(
            query=asked.question or "",
            text=bundled.text,
            tokens=bundled.tokens,
            max_tokens=query.max_tokens,
            tokenizer=_named(self._snapshot.encoder.spec.model),
            excerpts=tuple(
                _excerpt(number, *one)
                for number, one in enumerate(zip(bundled.packed, tokens, strict=True), 1)
            ),
            snapshot=self._snapshot.name,
            took_ms=0.0,
        )

    def _works(self, ranked: Ranked, *, include_retracted: bool) -> Iterator[Work]:
        """Give the works that answer, the best first; they are read a block at a time.

        One whose key another one has is passed over, as rare as that is: a key names one work.
        """
        question = self._highlighter.question_words(ranked.asked)
        keys: set[str] = set()
        for start in range(0, min(len(ranked.rows), MOST_LOOKED_AT), _BLOCK):
            rows = [int(row) for row in ranked.rows[start : start + _BLOCK]]
            match = ranked.match[start : start + _BLOCK].tolist()
            read = [
                (row, Work.of(article, probability))
                for row, article, probability in zip(
                    rows, self._snapshot.store.articles(rows), match, strict=True
                )
                if include_retracted or not article.retracted
            ]
            for work in self._weighed(read, question, ranked.embedding):
                if work.key not in keys:
                    keys.add(work.key)
                    yield work

    def _weighed(
        self, read: list[tuple[int, Work]], question: QuestionWords, embedding: Embedding | None
    ) -> Iterator[Work]:
        """Say what each sentence of the works of some rows is worth."""
        carried = self._highlighter.carried(
            question, [(work.text, work.sentences) for _, work in read]
        )
        for (row, work), shares in zip(read, carried, strict=True):
            worths = np.array(shares) + MEANING * self._meaning(row, work, embedding)
            worths += LATER_IS_BETTER * np.linspace(0, 1, len(worths))
            yield replace(work, worths=worths.round(_DIGITS).tolist())

    def _meaning(self, row: int, work: Work, embedding: Embedding | None) -> Values:
        """Give the cosine of each sentence with the question, 0 where it has no embedding."""
        cosines = np.zeros(len(work.sentences))
        if embedding is None or work.field == "title":
            return cosines
        stored = code_cosines(self._snapshot.pieces.of(row), embedding)
        n_before = 1 if work.article.title else 0
        if len(stored) == min(n_before + len(cosines), MOST_PIECES):
            cosines[: len(stored) - n_before] = stored[n_before:]
        return cosines


class _AsNeeded:
    """Values of an iterator by place, taken from it when they are first asked for."""

    def __init__(self, works: Iterator[Work]) -> None:
        self._works = works
        self._taken: list[Work] = []

    def get(self, place: int) -> Work | None:
        while len(self._taken) <= place:
            following = next(self._works, None)
            if following is None:
                return None
            self._taken.append(following)
        return self._taken[place]


def _named(model: str) -> str:
    """Give a model's name; of a folder its last part, since where it lies concerns nobody."""
    return Path(model).name if Path(model).is_absolute() else model


def _excerpt(number: int, packed: Packed, tokens: int) -> Excerpt:
    work = packed.work
    return Excerpt(
        number=number,
        key=work.key,
        article=ShortArticle.of(work.article),
        match=work.match,
        field=work.field,
        text=packed.text,
        spans=packed.spans,
        tokens=tokens,
    )
