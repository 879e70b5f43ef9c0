"""What a tool answers, and whether that fits the tokens it may take."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

MOST_CHARS_A_TOKEN = 8
"""A tokenizer takes a word that it does not know for one token, however long it is: where a text
has more characters a token than this, the characters count."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a tool: `text` for the model, `data` for a program.

    The text says all that a model needs. `data` joins what the text leaves out (scores, offsets)
    to it by article ids; None where the text is JSON itself.
    """

    text: str
    data: dict[str, object] | None = None

    def size(self, count: Callable[[str], int]) -> int:
        """Give the tokens of everything that is sent: of the text, and of the data as JSON."""
        return sum(_size(part, count) for part in self._parts())

    def _parts(self) -> list[str]:
        return [self.text] if self.data is None else [self.text, to_json(self.data)]


@dataclass(frozen=True, slots=True)
class Budget:
    """How many tokens an answer may take, and how they are counted."""

    max_tokens: int
    count: Callable[[str], int]

    def holds(self, answer: Answer) -> bool:
        """Tell whether an answer fits."""
        n_chars = len(answer.text)
        # what is far too long is not worth counting
        if n_chars > self.max_tokens * MOST_CHARS_A_TOKEN:
            return False
        return answer.size(self.count) <= self.max_tokens


def to_json(value: object) -> str:
    """Give JSON as it is sent: without blanks."""
    return orjson.dumps(value).decode()


def _size(text: str, count: Callable[[str], int]) -> int:
    return max(count(text), -(-len(text) // MOST_CHARS_A_TOKEN))
