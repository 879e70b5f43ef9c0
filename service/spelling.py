"""Spellings: other ways in which a question may have been meant, for a person to choose from.

A question is mended without asking only where one letter is wrong (`service.naming`). What goes
beyond is offered: several words that may be meant, words two letters away, words glued together
or cut in two, words that one article mistypes as the question does. All are words of the articles.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from index.lexical import LexicalIndex
from service.naming import MOST_TYPED, QUOTED, SPELLED_OUT, strange_words

MOST_MENDED = 3
"""So many words of a question are mended; of more it is in another language."""
MOST_MEANT = 4
"""So many words are taken for what one word may have been meant to be."""
LEAST_LETTERS = 4
"""A word of fewer letters is too near to too many others."""
LEAST_FOR_TWO = 7
"""A word of fewer letters is one letter from what was meant, not two."""
RARE, MORE_FREQUENT = 10, 20
"""A word of so few articles may be a slip of theirs, if a near one has so many times more."""

_LEAST_PART = 2
_PHRASES_COUNTED = 100

_Span = tuple[int, int]
_Edits = Mapping[_Span, str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that may have been meant, and how many articles answer it."""

    text: str
    total: int


def spellings(
    text: str, lexical: LexicalIndex, is_name: Callable[[str], bool], *, is_empty: bool
) -> list[str]:
    """Give other spellings of a question, the likeliest first; none where nothing is odd.

    Odd is a word that no article has and `is_name` knows nothing of, and then also a rare word
    beside it. Where nothing answered (`is_empty`) so are rare words, neighbours that are one word
    elsewhere, and phrases in quotes.
    """
    strange = {word.span() for word in strange_words(text, lexical, is_name)}
    if len(text.split()) > MOST_TYPED or len(strange) > MOST_MENDED or not (strange or is_empty):
        return []
    meant = _mended(text, lexical, strange)
    first = {span: others[0] for span, others in meant.items()}
    joined = _joined(text, lexical, strange, is_empty=is_empty)
    found = [_edited(text, _without(first, span) | {span: one}) for span, one in joined]
    found += [_edited(text, first)]
    found += [
        _edited(text, first | {span: other})
        for span, others in meant.items()
        for other in others[1:]
    ]
    if is_empty:
        found.append(QUOTED.sub(r"\1", text))
    return [one for one in dict.fromkeys(found) if one != text]


def _mended(text: str, lexical: LexicalIndex, strange: set[_Span]) -> dict[_Span, list[str]]:
    """Give what the odd words may have been meant to be, the likeliest first."""
    quoted = [match.span() for match in QUOTED.finditer(text)]
    meant: dict[_Span, list[str]] = {}
    for word in SPELLED_OUT.finditer(text):
        if len(word[0]) < LEAST_LETTERS or len(meant) == MOST_MENDED:
            continue
        if any(start <= word.start() < end for start, end in quoted):
            continue
        others = (_meant if word.span() in strange else _commoner)(word[0], lexical)
        if others:
            meant[word.span()] = [_cased(other, word[0]) for other in others[:MOST_MEANT]]
    return meant


def _meant(word: str, lexical: LexicalIndex) -> list[str]:
    """Give near words, and pairs of words that were glued together, for one that nobody has."""
    near = lexical.near(word, 1 if len(word) < LEAST_FOR_TWO else 2)
    most = max((one.n_with for one in near), default=0)
    # beside a far more frequent word a rare one is a slip itself
    near = [one for one in near if one.n_with * MORE_FREQUENT > most]
    return [
        *(one.word for one in near if one.n_apart == 1),
        *_parted(word, lexical),
        *(one.word for one in near if one.n_apart > 1),
    ]


def _commoner(word: str, lexical: LexicalIndex) -> list[str]:
    """Give the far more frequent words that are one letter from a rare one."""
    n_with = lexical.n_written(word)
    if not 0 < n_with <= RARE:
        return []
    return [one.word for one in lexical.near(word, 1) if one.n_with >= MORE_FREQUENT * n_with]


def _parted(word: str, lexical: LexicalIndex) -> list[str]:
    """Cut a word into two that stand beside each other in articles, of most articles first."""
    places = range(_LEAST_PART, len(word) - _LEAST_PART + 1)
    parts = ((word[:place].lower(), word[place:].lower()) for place in places)
    pairs = [" ".join(pair) for pair in parts if all(map(lexical.n_written, pair))]
    counts = {pair: len(lexical.phrase_rows(pair, "text", _PHRASES_COUNTED)) for pair in pairs}
    return sorted((pair for pair in pairs if counts[pair]), key=lambda pair: -counts[pair])


def _joined(
    text: str, lexical: LexicalIndex, strange: set[_Span], *, is_empty: bool
) -> Iterator[tuple[_Span, str]]:
    """Give the neighbours that the articles write as one word, where one of them is odd."""
    for first, second in pairwise(SPELLED_OUT.finditer(text)):
        is_odd = is_empty or first.span() in strange or second.span() in strange
        if is_odd and text[first.end() : second.start()] in (" ", "-"):
            whole = first[0] + second[0].lower()
            if lexical.n_written(whole):
                yield (first.start(), second.end()), whole


def _without(edits: _Edits, span: _Span) -> dict[_Span, str]:
    """Leave out the edits that touch a span."""
    start, end = span
    return {one: other for one, other in edits.items() if one[1] <= start or one[0] >= end}


def _edited(text: str, edits: _Edits) -> str:
    """Give a text with some of its spans written otherwise."""
    parts, reached = [], 0
    for (start, end), other in sorted(edits.items()):
        parts += [text[reached:start], other]
        reached = end
    return "".join([*parts, text[reached:]])


def _cased(other: str, word: str) -> str:
    """Write a word in capitals, or with one, as another is."""
    if word.isupper():
        return other.upper()
    return other.capitalize() if word[0].isupper() else other
