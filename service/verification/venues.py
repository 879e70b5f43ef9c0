"""Journals and conferences as they are cited: abbreviated, by their acronym, without their volume.

They are compared loosely, since nobody writes "Proceedings of the 58th Annual Meeting of the
Association for Computational Linguistics" out; but a journal that is another one is told apart.
"""

import re
from collections.abc import Sequence

from index.identity import fold_name

MOST_WORDS = 60
"""Of a longer name the first words are compared."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_IN_BRACKETS = re.compile(r"\(([^()]{0,200})\)")
_TAIL = re.compile(
    r"[,.:(]?\s*(?:\b(?:volume|vol|issue|number|no)\b\.?\s*\d.*|\(\s*volume\b.*)", re.IGNORECASE
)
_LITTLE_WORDS = "the of on and for in at to a an de la le les des du et l der die das und für &"
_LITTLE = frozenset(_LITTLE_WORDS.split())
_USUAL_WORDS = (
    "proceedings proc conference conf annual meeting international intl journal workshop "
    "symposium transactions trans actes first second third fourth fifth sixth seventh eighth "
    "ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
    "eighteenth nineteenth twentieth st nd rd th vol volume joint"
)
_USUAL = frozenset(_USUAL_WORDS.split())
_OF_MANY_WORDS = re.compile(
    r"\b(?:proceedings|actes|workshops?|conference|symposium|findings|meeting|track|papers)\b",
    re.IGNORECASE,
)
_LONGEST_ACRONYM = 14
_MOST_OF_A_WORD = 5
_SKIPPED = "chapter"
_FINDINGS = "findings"


def is_same_venue(given: str, found: str) -> bool:
    """Tell whether a journal or conference as it is cited can be the one that is known."""
    if fold_name(given, is_person=False) == fold_name(found, is_person=False):
        return True
    wanted, known = _words(_TAIL.sub("", given)), _words(_TAIL.sub("", found) or found)
    in_brackets = {word for part in _IN_BRACKETS.findall(found) for word in _words(part)}
    if (_FINDINGS in known) != (_FINDINGS in wanted):
        return False
    telling = [word for word in wanted if word not in _USUAL]
    taken = _taken(telling or wanted, known, in_brackets)
    if not wanted or taken is None:
        return False
    if _OF_MANY_WORDS.search(found):
        return bool(telling)
    # of a journal every word has to be there: "Nature" is not "Nature Communications"
    return all(word in _USUAL or place in taken for place, word in enumerate(known))


def _words(text: str) -> list[str]:
    folded = (fold_name(word, is_person=False) for word in _WORD.findall(text)[:MOST_WORDS])
    return [word for word in folded if word not in _LITTLE]


def _taken(wanted: Sequence[str], known: Sequence[str], in_brackets: set[str]) -> set[int] | None:
    """Give the places of the known words that the wanted ones stand for, in order, or None."""
    taken: set[int] = set()
    place = 0
    for word in wanted:
        found = next(
            (at for at in range(place, len(known)) if _is_short_for(word, known[at])), None
        )
        if found is not None:
            taken.add(found)
            place = found + 1
            continue
        as_acronym = _acronym(word, known)
        if as_acronym is not None:
            taken.update(as_acronym)
        elif word not in in_brackets and word not in known:
            return None
    return taken


def _is_short_for(word: str, known: str) -> bool:
    """Tell an abbreviation: it begins so ("comput"), or has some of the letters in order (intl)."""
    if word == known:
        return True
    if known.startswith(word):
        return len(word) > 1 or known in _USUAL
    if len(word) < 3 or len(word) >= len(known) or word[0] != known[0] or word[-1] != known[-1]:
        return False
    letters = iter(known)
    return all(letter in letters for letter in word)


def _acronym(word: str, known: Sequence[str]) -> set[int] | None:
    """Give the places of words next to each other whose beginnings make an acronym, or None."""
    if not 2 <= len(word) <= _LONGEST_ACRONYM:
        return None
    for start in range(len(known)):
        ends = {0}  # how many letters are explained
        for place in range(start, min(start + _LONGEST_ACRONYM + 1, len(known))):
            if known[place] == _SKIPPED and place > start:
                continue
            ends = {
                end + n
                for end in ends
                for n in range(1, _MOST_OF_A_WORD + 1)
                if known[place][:n] == word[end : end + n] and len(known[place]) >= n
            }
            if len(word) in ends and place > start:
                return set(range(start, place + 1))
            if not ends:
                break
    return None
