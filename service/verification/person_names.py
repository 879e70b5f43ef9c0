"""Names of authors as they are cited, held against the authors of an article.

"Müller A, de Vries J.-P.", "Ana Müller & Jan-Peter de Vries" and "Mueller et al." can all name
the same two people. No list is split into names beforehand, since every style does it otherwise:
the words are taken one by one, each by the author whose turn it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from index.article import Article
from index.identity import fold_name
from service.exports.author_name import split_name

MOST_WORDS = 600
"""Of a longer list of authors the first words are compared."""

_NAME_WORD = (
    r"(?:[^\W\d_a-zß-öø-ÿ](?:[\w'’`.-]{0,40})"
    r"|(?:van|von|de|der|den|del|della|di|da|du|la|le|ten|ter|zu|af|el|bin|dos|das|do|and|und|y|et|al"
    r"|others|colleagues)\b\.?)"
)
NAMES = re.compile(rf"{_NAME_WORD}(?:[\s,;&]{{1,3}}{_NAME_WORD}){{0,200}}")
"""A list of names at the place where it begins, as far as its words can be of names."""
_PARTICLE_WORDS = (
    "van von vom der den de del della di da du la le ten ter zu zur af av el al bin ibn dos "
    "das do st"
)
PARTICLES = frozenset(_PARTICLE_WORDS.split())
"""What stands within family names, and may be left out."""
_SUFFIXES_WORDS = "jr sr ii iii iv phd md"
_SUFFIXES = frozenset(_SUFFIXES_WORDS.split())
_MORE = re.compile(
    r",?\s*(?:\bet\.?\s+al\b\.?|\band\s+(?:others|colleagues|coworkers|co-workers|collaborators)\b"
    r"|\bu\.\s?a\.|&\s+(?:others|colleagues))",
    re.IGNORECASE,
)
_GAP = re.compile(r"\.\s?\.\s?\.|…")
_WORD = re.compile(
    r"(?P<word>[^\W\d_](?:[^\W\d_]|['’`]|[\u0300-\u036f])*)"
    r"|(?P<new>[;&|/]|\b(?:and|und|et|y|with)\b)|(?P<comma>,)|(?P<hyphen>[-‐‑])"
)
_HYPHENS = ("-", "‐", "‑")
_SHORT = 4
_NEW_WORDS = frozenset(("and", "And", "AND", "und", "et", "y", "with"))
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ß": "ss"})


class _Word(NamedTuple):
    """A word of a list of names, and what stands before it: nothing, a comma, or a border."""

    raw: str
    folds: frozenset[str]
    before: str

    @property
    def is_initial(self) -> bool:
        return len(self.raw) == 1


@dataclass(frozen=True, slots=True)
class CitedNames:
    """The names that a citation gives, in their order.

    `is_open` where it says that there are more; `may_be_first_alone` where the style names the
    first author for all, as "Smith (2020)" can.
    """

    text: str
    may_be_first_alone: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the list says that there are more."""
        return _MORE.search(self.text) is not None

    @property
    def has_names(self) -> bool:
        """Whether there is a name in it at all."""
        return any(len(word.raw) > 1 for word in _words(self.text))

    def family(self) -> str:
        """Give the first word of a name that is no initial, particles left out."""
        words = [word.raw for word in _words(self.text) if not word.is_initial]
        return next(
            (word for word in words if word.casefold() not in PARTICLES), (words or [""])[0]
        )

    def are_of(self, article: Article) -> bool:
        """Tell whether these can be the authors of an article, in their order, the first first."""
        words = [*_words(_GAP.sub(" | ", _MORE.sub("", self.text)))]
        authors = [_Author.of(name) for name in article.authors]
        n_authors = max(article.n_authors, len(authors))
        has_gap = _GAP.search(self.text) is not None
        n_named = _n_taken(words, authors, has_gap=has_gap)
        if n_named is None:
            return False
        is_whole = n_named == n_authors or has_gap
        return is_whole or self.is_open or (self.may_be_first_alone and n_named == 1)


def _words(text: str) -> Iterator[_Word]:
    if text.isupper() and len(text) > _SHORT:
        # of names that are all in capitals none is a row of initials
        text = text.title()
    before = "new"
    found = 0
    for match in _WORD.finditer(text):
        if found >= MOST_WORDS:
            return
        is_within = text[match.start() - 1 : match.start()] in _HYPHENS
        if match["word"] and (is_within or match["word"] not in _NEW_WORDS):
            found += 1
            yield _Word(match["word"], _folds(match["word"]), before)
            before = ""
        elif match["word"] or match["new"]:
            before = "new"
        elif match["comma"] and before != "new":
            before = "comma"


def _folds(word: str) -> frozenset[str]:
    """Give the ways to write a word without accents: "Müller" is "muller" and "mueller"."""
    plain = word.casefold()
    forms = (plain, plain.translate(_UMLAUTS))
    return frozenset(fold_name(form, is_person=False) for form in forms)


@dataclass(slots=True)
class _Author:
    """An author while words are held against the name; what was said already is gone."""

    family: tuple[frozenset[str], ...]
    given: list[frozenset[str]]
    particles: frozenset[str] = frozenset()
    used: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, name: str) -> "_Author":
        parts = split_name(name)
        whole = _parts(parts.family)
        # "Du" can be a particle, and a name
        family = [part for part in whole if part.casefold() not in PARTICLES] or whole
        particles = frozenset(part.casefold() for part in _parts(name)) & PARTICLES
        given = [_folds(part) for part in _parts(parts.given)]
        return cls(tuple(map(_folds, family)), given, particles)

    def takes_family(self, words: Sequence[_Word], place: int) -> int:
        """Give how many words from a place are the family name; 0 where they are not."""
        if not self.family:
            return 0
        end = place
        for part in self.family:
            while end > place and end < len(words) and _is_particle(words[end], part):
                end += 1
            if end >= len(words) or not part & words[end].folds:
                break
            if end > place and words[end].before:
                break
            end += 1
        else:
            return end - place
        # "Sung-hyon" and "Sunghyon", "O Brien" and "O'Brien"
        whole = "".join(min(part) for part in self.family)
        return 1 if whole in words[place].folds else self._takes_joined(words, place, whole)

    @staticmethod
    def _takes_joined(words: Sequence[_Word], place: int, whole: str) -> int:
        joined = ""
        for number, word in enumerate(words[place : place + 4], 1):
            if number > 1 and word.before:
                return 0
            joined += min(word.folds)
            if joined == whole:
                return number
        return 0

    def takes_given(self, word: _Word) -> bool:
        """Take a word that is a given name or its initial, if it is one that was not said."""
        for number, part in enumerate(self.given):
            if number not in self.used and _is_alike(word, part):
                self.used.add(number)
                return True
        joined = "".join(min(part) for part in self.given)
        if joined in word.folds and not self.used:
            self.used.update(range(len(self.given)))
            return True
        return self._takes_packed(word)

    def _takes_packed(self, word: _Word) -> bool:
        """Take initials written as one word: "JP" for Jan Peter."""
        if not (word.raw.isupper() and 2 <= len(word.raw) <= 4) or self.used or not self.given:
            return False
        letters = min(word.folds)
        initials = "".join(min(part)[:1] for part in self.given)
        if initials.startswith(letters) or letters.startswith(initials):
            self.used.update(range(len(self.given)))
            return True
        return False


def _is_particle(word: _Word, part: frozenset[str]) -> bool:
    """Tell a particle within a family name: "Perez-de-Viñaspre"."""
    return word.raw.casefold() in PARTICLES and not word.before and not part & word.folds


def _parts(name: str) -> list[str]:
    return [match["word"] for match in _WORD.finditer(name) if match["word"]]


def _is_alike(word: _Word, part: frozenset[str]) -> bool:
    if word.folds & part:
        return True
    if word.is_initial or any(len(form) == 1 for form in part):
        return any(form[:1] == other[:1] for form in word.folds for other in part)
    return False


def _n_taken(words: Sequence[_Word], authors: Sequence[_Author], *, has_gap: bool) -> int | None:
    """Give how many of the authors the words name, from the first on; None where they do not."""
    place, number = 0, 0
    while place < len(words):
        if number >= len(authors):
            return None
        n_words = _n_of_name(words, place, authors[number])
        if not n_words and has_gap and number:
            # behind an ellipsis the last author stands
            number = len(authors) - 1
            n_words = _n_of_name(words, place, authors[number])
        if not n_words:
            return None
        place += n_words
        number += 1
    return number or None


def _n_of_name(words: Sequence[_Word], start: int, author: _Author) -> int:
    """Give how many words from a place on name an author; 0 where they name someone else."""
    place, has_family, given_before = start, False, False
    while place < len(words):
        word = words[place]
        if place > start and word.before == "new":
            break
        is_behind_comma = place > start and word.before == "comma"
        is_given = has_family and not author.used
        if is_behind_comma and not is_given and word.raw.casefold() not in _SUFFIXES:
            break
        n_words = 0 if has_family else author.takes_family(words, place)
        if n_words:
            has_family = True
            place += n_words
            continue
        if not (author.takes_given(word) or _is_passed_over(word, author)):
            break
        given_before = given_before or not has_family
        place += 1
    return place - start if has_family else 0


def _is_passed_over(word: _Word, author: _Author) -> bool:
    """Tell what may stand in a name and not in the index: a particle, "Jr.", a middle initial."""
    plain = word.raw.casefold()
    is_particle = plain in author.particles or (plain in PARTICLES and not word.raw.isupper())
    if plain in _SUFFIXES or is_particle:
        return True
    return word.is_initial and bool(author.used) and not word.before
