"""The sentences of an answer, each with the citations that stand in it."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from service.drafts.draft import read_draft
from service.drafts.sentence import Sentence
from service.verification.mentions import Mention
from service.verification.titles import n_words
from service.verification.together import Together, group

_TOUCHING = re.compile(r"[ \])”“»’\"*_,:;(\[–—-]{0,20}")
_LINE = re.compile(r"[^\n]+")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_MOST_BEFORE = 3
_FEW_WORDS = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence, or a line of none, with the citations in it that stand together."""

    start: int
    end: int
    groups: tuple[Together, ...]
    sentence: Sentence | None = None

    def around(self, number: int) -> tuple[int, int]:
        """Give the places between which a group can be read: up to the ones next to it."""
        start = self.groups[number - 1].end if number else self.start
        is_last = number + 1 == len(self.groups)
        end = self.end if is_last else self.groups[number + 1].start
        return min(start, self.groups[number].start), max(end, self.groups[number].end)


def read_units(text: str, mentions: Sequence[Mention]) -> list[Unit]:
    """Give the sentences with what each cites, and the lines that cite outside of any."""
    sentences = sorted(read_draft(text).sentences, key=lambda one: one.start)
    starts = [one.start for one in sentences]
    of_sentence: dict[int, list[Mention]] = {}
    of_line: dict[int, list[Mention]] = {}
    last: list[Mention] = []
    for one in mentions:
        number = bisect_right(starts, one.start) - 1
        if last and _TOUCHING.fullmatch(text, last[-1].end, max(last[-1].end, one.start)):
            # "[Why?](https://doi.org/…)" is no end of a sentence
            pass
        elif number >= 0 and _belongs(text, sentences[number].end, one):
            last = of_sentence.setdefault(number, [])
        else:
            last = of_line.setdefault(text.rfind("\n", 0, one.start) + 1, [])
        last.append(one)
    units = [
        _unit(text, one.start, one.end, of_sentence.get(number, []), one)
        for number, one in enumerate(sentences)
    ]
    for start, found in of_line.items():
        line = _LINE.match(text, start)
        units.append(_unit(text, start, line.end() if line else start, found, None))
    units.sort(key=lambda unit: unit.start)
    _join_what_stands_alone(text, units)
    return units


def _join_what_stands_alone(text: str, units: Sequence[Unit]) -> None:
    """Hold an identifier that is all of a sentence against the names and title before it.

    "Müller et al. (2020). A title. doi:…" within a paragraph is one citation and three sentences.
    """
    for place, unit in enumerate(units):
        if not unit.groups or not unit.groups[0].has_anchor or not _is_alone(text, unit):
            continue
        for before in reversed(units[max(0, place - _MOST_BEFORE) : place]):
            is_apart = _PARAGRAPH.search(text, before.end, unit.start) is not None
            if is_apart or any(one.has_anchor for one in before.groups):
                break
            unit.groups[0].loose.extend(part for one in before.groups for part in one.parts)


def _is_alone(text: str, unit: Unit) -> bool:
    """Tell whether a sentence says hardly more than an identifier."""
    parts, place = [], unit.start
    for one in (part for together in unit.groups for part in together.parts):
        parts.append(text[place : one.start])
        place = max(place, one.end)
    return n_words(" ".join((*parts, text[place : unit.end]))) < _FEW_WORDS


def _belongs(text: str, end: int, one: Mention) -> bool:
    """Tell whether a citation is of the sentence that ends at a place, or right behind it."""
    return one.start < end or not text[end : one.start].strip(' \t*_"”.)')


def _unit(
    text: str, start: int, end: int, mentions: Sequence[Mention], sentence: Sentence | None
) -> Unit:
    end = max([end, *(one.end for one in mentions)])
    return Unit(start, end, tuple(group(text, mentions)), sentence)
