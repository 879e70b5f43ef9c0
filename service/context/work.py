"""Works: what could be handed over of each article that answers, sentence by sentence."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from index.article import Article
from index.sentences import split_sentences
from service.context.bundle import ExcerptField
from service.context.keys import citation_key
from service.context.results import GAP
from service.context.writing import write_heading, write_short_heading

Span = tuple[int, int]
Count = Callable[[Sequence[str]], list[int]]
"""Counts the tokens of texts."""

CHARS_A_TOKEN = 8
"""A token stands for no more code points than this: a run of letters without an end is one token to
some tokenizers, and hundreds to a language model."""

_GOES_ON = re.compile(
    r"(?:this|these|those|that|such|it|its|they|their|he|she|both|here|the (?:former|latter|same"
    r"|above)|however|therefore|thus|hence|moreover|furthermore|instead|conversely|in contrast"
    r"|by contrast|as a result|consequently|similarly|likewise|nevertheless|nonetheless)\b",
    re.IGNORECASE,
)
"""How a sentence begins that cannot be read without the one before it."""
_MOST_BEFORE = 2


@dataclass(frozen=True, slots=True)
class Work:
    """An article that answers: its text in sentences, and what each of them is worth.

    `match` is its probability. `text` is that of `field`. `heading` stands above its excerpt, or
    `short_heading` where there is less room.
    """

    article: Article
    match: float
    key: str
    field: ExcerptField
    text: str
    sentences: Sequence[Span]
    heading: str
    short_heading: str
    worths: Sequence[float] = ()

    @classmethod
    def of(cls, article: Article, match: float) -> Self:
        """Make a work of an article, its sentences not yet weighed."""
        key, abstract = citation_key(article), article.abstract
        text = abstract or article.title or ""
        return cls(
            article=article,
            match=match,
            key=key,
            field="abstract" if abstract else "title",
            text=text,
            sentences=split_sentences(text, article.language) if abstract else [(0, len(text))],
            heading=write_heading(article, key, has_title=abstract is not None),
            short_heading=write_short_heading(article, key),
        )

    @property
    def best_first(self) -> list[int]:
        """The numbers of the sentences, by what they are worth; equals in their order."""
        return sorted(range(len(self.worths)), key=lambda number: -self.worths[number])

    def with_what_it_needs(self, number: int) -> frozenset[int]:
        """Give a sentence, and those before it that it goes on from."""
        first = number
        while first > 0 and number - first < _MOST_BEFORE and self._goes_on(first):
            first -= 1
        return frozenset(range(first, number + 1))

    def _goes_on(self, number: int) -> bool:
        return _GOES_ON.match(self.text, *self.sentences[number]) is not None

    def spans(self, numbers: Iterable[int]) -> tuple[Span, ...]:
        """Give the places of sentences, those that follow each other as one."""
        runs: list[list[int]] = []
        for number in sorted(numbers):
            if runs and runs[-1][1] == number - 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        return tuple((self.sentences[run[0]][0], self.sentences[run[1]][1]) for run in runs)

    def parts(self, numbers: Iterable[int]) -> list[str]:
        """Give what an excerpt of these sentences is made of: sentences, and gaps between them."""
        in_order = sorted(numbers)
        gaps = [GAP] * (len(self.spans(in_order)) - 1)
        return [self.text[slice(*self.sentences[number])] for number in in_order] + gaps

    def excerpt(self, spans: Iterable[Span]) -> str:
        """Give the text of an excerpt."""
        return GAP.join(self.text[start:end] for start, end in spans)


class Costs:
    """What texts take of the room, in tokens; each is counted once, many at a time."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._known: dict[str, int] = {}

    def learn(self, *texts: str) -> None:
        """Count texts that are not known; those that are very long take more than their tokens."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            for text, n_tokens in zip(new, self._count(new), strict=True):
                self._known[text] = max(n_tokens, len(text) // CHARS_A_TOKEN)

    def of(self, *texts: str) -> int:
        """Give what texts take together."""
        self.learn(*texts)
        return sum(self._known[text] for text in texts)
