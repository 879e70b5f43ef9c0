"""People: how a person's name can be read, and which authors of a corpus bear it.

"Christopher D. Manning", "Manning, C." and "manning c d" may be one person. A name is read as a
family name and given names in every way it can be cut; authors are kept under all their readings,
and a question's are looked up among them. The tables are those of the file of names.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from index.identity import fold_name
from index.slips import slips

MOST_WORDS = 6
"""A longer text is nobody's name."""
LEAST_MISTYPED = 5
"""In shorter words a letter more or less makes another name."""
MOST_MISTYPED = 40
"""A longer word is no name."""

PEOPLE_SCHEMA = """
CREATE TABLE people (family TEXT, given TEXT, code INTEGER,
    PRIMARY KEY (family, given, code)) WITHOUT ROWID;
"""
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[\s.,'’`‐‑–-]|[\u0300-\u036f])*")
_WORD = re.compile(r"[^\s.,]+")
_HYPHEN = re.compile(r"[-‐‑–]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "2nd", "3rd"))
_MOST_FAMILY_WORDS = 4
_PACKED = 3
_LAST_CHARACTER = "\U0010ffff"

Ask = Callable[..., Sequence[tuple[object, ...]]]
"""Runs a query with its values against the file of names and gives all its rows."""


class Reading(NamedTuple):
    """One way to read a name, all folded; initials are single letters."""

    family: str
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bearers:
    """The authors whose name a text can be, by their codes, ascending.

    `is_certain` where family and given name are spelled out: what is less may as well be a
    word and no name.
    """

    text: str
    codes: tuple[int, ...]
    is_certain: bool


class _Word(NamedTuple):
    """A word of a name: in one piece, and as given names ("JP" is two)."""

    whole: str
    given: tuple[str, ...]

    @property
    def is_initials(self) -> bool:
        return all(map(_is_initial, self.given))


def readings(name: str) -> set[Reading]:
    """Give all readings under which an author of this name is looked for."""
    words, behind_comma = _cut_at_comma(name)
    if behind_comma:
        return set(_family_first(words, behind_comma))
    first = max(1, len(words) - _MOST_FAMILY_WORDS)
    found = set(_given_first(words, range(first, len(words))))
    n_last = _n_initials_at_end(words)
    if 0 < n_last < len(words):
        found.add(Reading(_joined(words[:-n_last]), _given(words[-n_last:])))
    return found or {Reading(word.whole, ()) for word in words}


def _questioned(text: str) -> Iterator[list[Reading]]:
    """Give the readings of a text that asks for a person, the likelier ones first."""
    words, behind_comma = _cut_at_comma(text)
    every = (*words, *behind_comma)
    if len(every) > MOST_WORDS or all(_is_initial(word.whole) for word in every):
        return
    if behind_comma:
        yield list(_family_first(words, behind_comma))
        return
    cuts = range(1, len(words))
    yield list(_given_first(words, cuts))
    yield [Reading(_joined(words[:cut]), _given(words[cut:])) for cut in cuts]
    yield [Reading(_joined(words), ())]


def _may_be_a_name(text: str) -> bool:
    return len(text.split()) <= MOST_WORDS and bool(_NAME.fullmatch(text.strip()))


def _given_first(words: Sequence[_Word], cuts: range) -> Iterator[Reading]:
    for cut in cuts:
        yield Reading(_joined(words[cut:]), _given(words[:cut]))


def _family_first(family: Sequence[_Word], given: Sequence[_Word]) -> Iterator[Reading]:
    # "van den Bosch, A." is "Bosch, A. van den" too
    for cut in range(len(family)):
        yield Reading(_joined(family[cut:]), _given((*given, *family[:cut])))


def _cut_at_comma(name: str) -> tuple[tuple[_Word, ...], tuple[_Word, ...]]:
    """Give the words before a comma and those behind it; all of them where there is none."""
    is_shouted = name.isupper()
    parts = [_words(part, is_shouted) for part in name.split(",")]
    family, *rest = [part for part in parts if part] or [()]
    return family, tuple(word for part in rest for word in part)


def _words(text: str, is_shouted: bool) -> tuple[_Word, ...]:
    words = [_word(raw, is_shouted) for raw in _WORD.findall(text)]
    return tuple(word for word in words if word.whole and word.whole not in _SUFFIXES)


def _word(raw: str, is_shouted: bool) -> _Word:
    parts = [part for part in map(_folded, _HYPHEN.split(raw)) if part]
    whole = "".join(parts)
    is_packed = not is_shouted and raw.isupper() and len(whole) <= _PACKED
    if whole and (is_packed or all(len(part) == 1 for part in parts)):
        return _Word(whole, tuple(whole))
    return _Word(whole, (whole,))


def _folded(word: str) -> str:
    folded = fold_name(word, is_person=False)
    return folded if any(map(str.isalnum, folded)) else ""


def _joined(words: Sequence[_Word]) -> str:
    return "".join(word.whole for word in words)


def _given(words: Sequence[_Word]) -> tuple[str, ...]:
    return tuple(name for word in words for name in word.given)


def _n_initials_at_end(words: Sequence[_Word]) -> int:
    count = 0
    while count < len(words) and words[-count - 1].is_initials:
        count += 1
    return count


def fits(asked: Sequence[str], borne: Sequence[str]) -> bool:
    """Tell whether two lists of given names can be one person's.

    An initial stands for a name, and names behind the first may be missing in either list.
    """
    if not asked or not borne:
        return not asked
    if "".join(asked) == "".join(borne):
        return True
    shorter, longer = sorted((asked, borne), key=len)
    if not _is_alike(shorter[0], longer[0]):
        return False
    rest = iter(longer[1:])
    return all(any(_is_alike(name, other) for other in rest) for name in shorter[1:])


def _is_alike(name: str, other: str) -> bool:
    return name == other or (name[0] == other[0] and (_is_initial(name) or _is_initial(other)))


def _is_initial(word: str) -> bool:
    # where letters have no case, one of them can be a whole name
    return len(word) == 1 and word.upper() != word.lower()


def write_people(connection: sqlite3.Connection, names: Iterable[tuple[int, str]]) -> None:
    """Write the readings of authors, by code, into the file of names."""
    connection.executemany(
        "INSERT OR IGNORE INTO people VALUES (?, ?, ?)",
        (
            (reading.family, " ".join(reading.given), code)
            for code, name in names
            for reading in sorted(readings(name))
        ),
    )


class People:
    """The authors of one snapshot, by name; reads with what the file of names is asked by."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def bearers(self, text: str) -> Bearers | None:
        """Give the authors that a whole text names, or None where it is nobody's name.

            bearers("Manning, C.")   those of Christopher D. Manning and of C. Manning
            bearers("manning")       those of everybody of this family name

        Names spelled out are preferred: an initial in the corpus counts beside them where no
        other author could be meant. Eleven look-ups at most, of some 5 µs where nobody is.
        """
        if not _may_be_a_name(text):
            return None
        for of_one_order in _questioned(text):
            found = [self._borne(reading) for reading in of_one_order]
            codes = sorted({code for part, _ in found for code in part})
            if codes:
                return Bearers(text, tuple(codes), any(is_spelled for _, is_spelled in found))
        return None

    def _borne(self, reading: Reading) -> tuple[set[int], bool]:
        """Give the authors that fit a reading, and whether by names that are spelled out."""
        first = reading.given[0][0] if reading.given else ""
        query = "SELECT given, code FROM people WHERE family = ? AND given >= ? AND given < ?"
        borne = [
            (str(given).split(), int(str(code)))
            for given, code in self._ask(query, reading.family, first, first + _LAST_CHARACTER)
        ]
        fitting = {code for given, code in borne if fits(reading.given, given)}
        if not reading.given or _is_initial(reading.given[0]):
            return fitting, False
        spelled_out = {code for given, code in borne if not _is_initial(given[0])}
        spelled = fitting & spelled_out
        if not spelled:
            return fitting, False
        return (fitting if spelled_out <= fitting else spelled), not _is_initial(reading.family)

    def knows(self, word: str) -> bool:
        """Tell whether some author has this word in the name."""
        query = "SELECT 1 FROM words WHERE field = 'authors' AND word = ? LIMIT 1"
        return bool(self._ask(query, _folded(word)))

    def nearly(self, text: str, is_known: Callable[[str], bool]) -> list[Bearers]:
        """Give who may be meant by a name of which one word is mistyped by one letter.

        The word is the only one that neither an author nor, says `is_known`, any text has. Its
        first letter is right.
        """
        if not _may_be_a_name(text):
            return []
        strange = [
            word
            for word in _LETTERS.finditer(text)
            if LEAST_MISTYPED <= len(word[0]) <= MOST_MISTYPED
            and not is_known(word[0])
            and not self.knows(word[0])
        ]
        if len(strange) != 1:
            return []
        start, end = strange[0].span()
        mended = (text[:start] + word + text[end:] for word in self._near(_folded(text[start:end])))
        return [bearers for one in mended if (bearers := self.bearers(one))]

    def _near(self, word: str) -> list[str]:
        near = sorted(set(slips(word)) - {word})
        query = (
            "SELECT DISTINCT word FROM words WHERE field = 'authors'"  # noqa: S608 - only marks
            f" AND word IN ({', '.join('?' * len(near))})"
        )
        return [str(word) for (word,) in self._ask(query, *near)]
