"""A conversation, and what its last question comes to where it cannot stand alone.

No model: a follow-up is told by its words. It is searched together with the question it follows,
since what "and for children?" is about was said before. The words are English; in another
language a turn is taken for a follow-up only where it has next to no words.
"""

import re
from collections.abc import Mapping, Sequence

from index.stopwords import STOPWORDS

LONGEST_BEFORE = 1_000
"""So many code points of what was said before are searched too, the last of it."""

_OPENER = re.compile(
    r"(?:and|but|or|so|then|also|plus|ok|okay|what about|how about|what if|what else|how so"
    r"|how come|anything else|any others?|more|another|others?|such as|like what|for example)\b",
    re.IGNORECASE,
)
"""How a turn begins that goes on from another one."""
_AHEAD = re.compile(
    r"\b(?:it (?:is|was|has been)|(?:is|was|would|has) it(?: been)?) \w+ (?:that|to|for|if|when)\b"
    r"|\bthis (?:year|decade|century)\b",
    re.IGNORECASE,
)
""""Is it true that …" and "it is known to …" point ahead, not back."""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{1,2}|[^\W_]+")
"""Scripts that put no spaces between words are counted by pairs of signs."""
_FEWEST_WORDS = 2
_MOST_BEFORE: Mapping[str, int] = dict.fromkeys(
    ("it", "them", "him", "this", "these", "those", "former", "latter", "ones"), 3
) | dict.fromkeys(("they", "their", "theirs", "its", "he", "his", "she", "her", "hers"), 1)
"""Words that point back, and how many words of content may stand before them in the turn: what
they point to stands most likely there, where more do."""
_LAST = "that"


def resolve(turns: Sequence[str]) -> str:
    """Give what to search for the last of a user's turns, which are in order.

    A turn that can stand alone is searched by itself. Else those before it come first, from the
    nearest that can.
    """
    last = turns[-1].strip()
    before: list[str] = []
    follows = is_follow_up(last)
    for turn in reversed(turns[:-1]):
        if not follows:
            break
        if turn := " ".join(turn.split()):
            before.append(turn)
            follows = is_follow_up(turn)
    said = _ending(" ".join(reversed(before)))
    return f"{said} {last}" if said else last


def is_follow_up(turn: str) -> bool:
    """Tell whether a turn says too little to be searched by itself."""
    words = _WORD.findall(_AHEAD.sub(" ", turn).casefold())
    n_content = 0
    for word in words:
        if n_content <= _MOST_BEFORE.get(word, -1):
            return True
        n_content += word not in STOPWORDS
    is_begun = _OPENER.match(turn.strip()) is not None
    return is_begun or n_content < _FEWEST_WORDS or words[-1] == _LAST


def _ending(text: str) -> str:
    """Give the end of what was said before, from the beginning of a word."""
    if len(text) <= LONGEST_BEFORE:
        return text
    ending = text[-LONGEST_BEFORE:]
    return ending if text[-LONGEST_BEFORE - 1] == " " else ending.partition(" ")[2] or ending
