"""The parts of an author's name, as far as keys, entries and citations need them."""

import re
from typing import NamedTuple

_PARTICLES = "van von der den de del della di da du la le ten ter zu af av el al bin dos das do"
_PARTICLE_SET = frozenset(_PARTICLES.split())
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")
_AND = re.compile(r"\band\b", re.IGNORECASE)
_GROUP = re.compile(
    r"\b(?:consortium|collaboration|group|team|committee|organi[sz]ation|institute|university|society|association"
    r"|network|project|foundation|agency|ministry|council|center|centre|investigators|initiative)\b|[&/\d]",
    re.IGNORECASE,
)
_MOST_NAMES = 4


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


def is_one_name(name: str) -> bool:
    """Tell a name that has no parts: of a group, or of one word."""
    if "," in name and not _AND.search(name):
        return False
    words = name.split()
    is_odd = len(words) < 2 or len(words) > _MOST_NAMES + 1
    return is_odd or bool(_GROUP.search(name) or _AND.search(name))


def family_first(name: str) -> str:
    """Give "Family, Suffix, Given" of a name that has parts; one with a comma stays as it is."""
    if "," in name:
        return name
    parts = split_name(name)
    return ", ".join([parts.family, *([parts.suffix] if parts.suffix else []), parts.given])
