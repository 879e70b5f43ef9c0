"""The parts of an author's name, as far as keys, entries and citations need them."""

import re
from typing import NamedTuple

_PARTICLES = "van von der den de del della di da du la le ten ter zu af av el al bin dos das do"
_PARTICLE_SET = frozenset(_PARTICLES.split())
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")


class AuthorName(NamedTuple):
    """The family name with its particles, what stands before it, and "Jr." and the like."""

    family: str
    given: str = ""
    suffix: str = ""


def split_name(name: str) -> AuthorName:
    """Part "Given Family" or "Family, Given"; of three or more words the last is the family."""
    if "," in name:
        family, *rest = (part.strip() for part in name.split(","))
        suffixes = [part for part in rest if _SUFFIX.fullmatch(part)]
        given = [part for part in rest if part not in suffixes]
        return AuthorName(family, " ".join(given), " ".join(suffixes))
    words = name.split()
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    first = max(0, len(words) - 1)
    while first > 1 and words[first - 1].casefold() in _PARTICLE_SET:
        first -= 1
    return AuthorName(" ".join(words[first:]), " ".join(words[:first]), suffix)
