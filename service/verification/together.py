"""Which citations of a sentence stand together, as parts of one: names, title and identifier.

They do where nothing but names, places and the words of citing stands between them. What only
shares a sentence with an identifier is held against it too, but a difference then leaves the
citation undecided, since the sentence may be about two works.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.article import Article
from service.verification.comparison import identifiers_of
from service.verification.mentions import Mention
from service.verification.named_years import names_before
from service.verification.person_names import PARTICLES, CitedNames
from service.verification.statement import (
    Reference,
    StatedReference,
    Statement,
    years_in,
)
from service.verification.written import WrittenReference

MOST_BETWEEN = 220
"""Characters between two parts of one citation at most."""
_MOST_BEHIND = 240

_GLUE_WORDS = (
    "by in their his her its the a an paper article study work survey review book report "
    "preprint chapter thesis titled entitled called named published doi see available at from "
    "arxiv of via on year link url id pmid pubmed et al written authored also title source "
    "volume vol no pp pages proceedings journal presented appeared with for and conference "
    "print online first version"
)
_GLUE = frozenset(_GLUE_WORDS.split())
_ONLY_JOINING = re.compile(
    r"[\s,;]*(?:and|or|but|while|whereas|as well as|versus|vs\.?|unlike|see also)?[\s,;]*", re.I
)
_WORD = re.compile(r"https?://\S+|[^\W_]+(?:['’-][^\W_]+)*|[.!?](?=\s+[A-Z\"“*])")
_TIGHT = re.compile(r"[\s\])*_>\"”]*[,–—:-]?\s*(?:\(|by\b|from\b)?\s*[*_]*")
_GOES_ON = re.compile(
    r"[\"”’*_)\]>]*\s*(?:[(,:–—\[-]|by\b|in\b|published\b|from\b|written\b|doi\b|\d)", re.I
)
_PIECE = re.compile(r"\s+|https?://[^\s)\]]+|[^\W_]+(?:['’.-][^\W_]+)*|.", re.DOTALL)
_YEAR_BEFORE = re.compile(
    r"\b(?P<year>(?:1[5-9]|20)\d\d)\s+(?:\w{1,20}\s){0,2}(?:paper|article|study|work|survey|preprint|book"
    r"|review|report|publication)\b[\s,:]*(?:titled|entitled|called)?[\s,:(\"“*_\[]*$"
    r"|\b[Ii]n\s+(?P<early>(?:1[5-9]|20)\d\d),?\s*[(\"“*_\[]*$"
)
_ADDRESS = re.compile(r"^[*_]{0,3}\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?\)")
_ADDRESS = re.compile(r"^[*_]{0,3}\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?\)")
_NAMED_BEFORE = re.compile(
    r"[^\s.;:()\[\]]{1,40}\s+et\.?\s+al\b\.?['’s]{0,2}[\s,;:.()\[\]*_–—-]{0,8}$"
)
_DATED_BEFORE = re.compile(
    r"(?:[^\s.;:()\[\]]{1,40}\s+et\.?\s+al\b\.?['’s]{0,2}|[^\s.;:()\[\]]{1,40},?\s\(?(?:1[5-9]|20)\d\d[a-z]?)"
    r"[\s,;:.()\[\]*_–—-]{0,8}$"
)
_DATED_BEHIND = re.compile(
    r"[\s\])*_>]{0,6}\((?P<text>[^()]{0,80}\b(?:1[5-9]|20)\d\d[a-z]?[^()]{0,40})\)"
)
_MORE_NAMES = re.compile(r"\bet\.?\s+al\b", re.IGNORECASE)
_LOOK_BACK = 80


@dataclass(slots=True)
class Together:
    """Mentions that are parts of one citation; `loose` are those that only share its sentence."""

    parts: list[Mention] = field(default_factory=list)
    loose: list[Mention] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Where the first part begins."""
        return self.parts[0].start

    @property
    def end(self) -> int:
        """Where the last part ends."""
        return max(one.end for one in self.parts)

    def of_kind(self, *kinds: str) -> list[Mention]:
        """Give the parts of some kinds."""
        return [one for one in self.parts if one.kind in kinds]

    @property
    def has_anchor(self) -> bool:
        """Whether an identifier, a number or a key says which work is meant."""
        return any(one.is_identifier or one.is_pointer for one in self.parts)


def group(text: str, mentions: Sequence[Mention]) -> list[Together]:
    """Give the mentions of one sentence, each in the citation that it is a part of."""
    groups: list[Together] = []
    for one in mentions:
        last = groups[-1] if groups else None
        if last is not None and _is_part(text, last, one):
            last.parts.append(one)
            continue
        groups.append(Together([one]))
        if last is None:
            continue
        if _may_belong(last, groups[-1]):
            groups[-1].loose.extend(last.parts)
        elif last.has_anchor and not groups[-1].has_anchor and _is_next_to(text, last, one):
            last.loose.append(one)
    return groups


def _is_part(text: str, last: Together, one: Mention) -> bool:
    if any(one.kind == part.kind for part in last.parts):
        return False
    between = text[last.end : one.start]
    if one.start <= last.end:
        return True
    if last.has_anchor and not one.is_identifier:
        is_behind_number = any(part.is_pointer for part in last.parts)
        return bool(_TIGHT.fullmatch(between)) and (not is_behind_number or "(" in between)
    if one.is_pointer and ";" in between:
        return False
    return _is_glue(between)


def _is_glue(between: str) -> bool:
    """Tell whether what stands between two parts belongs to one citation."""
    if len(between) > MOST_BETWEEN or "\n\n" in between:
        return False
    if not between.strip() or between.strip(" \t,;:()[]*_\"“”'’–—-.") == "":
        return True
    if _ONLY_JOINING.fullmatch(between.strip(" ()[]*_")):
        return False
    return all(_is_of_citation(word) for word in _WORD.findall(between))


def _is_of_citation(word: str) -> bool:
    plain = word.casefold()
    is_name = word[0].isupper() or word[0].isdigit() or plain in PARTICLES
    return plain in _GLUE or is_name or plain.startswith("http")


def _is_next_to(text: str, last: Together, one: Mention) -> bool:
    """Tell whether names or a title stand behind an identifier without a word between them."""
    is_next = _is_glue(text[last.end : one.start])
    return is_next and any(part.is_identifier for part in last.parts)


def _may_belong(last: Together, this: Together) -> bool:
    """Tell whether an identifier or title at the end may be that of the work named before it."""
    is_more = this.has_anchor or bool(this.of_kind("title") and not last.of_kind("title"))
    return is_more and not last.has_anchor


def references(
    text: str, together: Together, start: int, end: int
) -> tuple[Reference, Reference | None]:
    """Give what the parts state together, and what is stated of the same sentence's other parts.

    They are read between the two places: the ends of the sentence, or the citations next to them.
    """
    own = _with_tail(text, together, end)
    beside = f"{_before(text, together.start, start)} | {_behind(text, together.end, end)}"
    is_pointer = not any(one.is_identifier or one.kind == "title" for one in together.parts)
    read = _BesideReference(own, beside, is_pointer=is_pointer)
    if not together.loose:
        return read, None
    return read, StatedReference(_stated(text, Together(together.loose)))


def _before(text: str, place: int, start: int) -> str:
    """Give the words of citing that stand right before a place, and all of an open bracket."""
    start = max(start, place - _MOST_BEHIND)
    first, depth = place, 0
    opening = text.rfind("(", start, place)
    is_within = opening >= 0 and ")" not in text[opening:place]
    for piece in reversed(list(_PIECE.finditer(text, start, place))):
        depth += (piece[0] in ")]") - (piece[0] in "([")
        if depth <= 0 and _is_prose(piece[0]) and not (is_within and piece.start() > opening):
            break
        first = piece.start()
    return text[first:place]


def _behind(text: str, place: int, end: int) -> str:
    """Give the words of citing that stand right behind a place, and all of brackets there."""
    last, depth = place, 0
    for piece in _PIECE.finditer(text, place, min(end, place + _MOST_BEHIND)):
        depth += (piece[0] in "([") - (piece[0] in ")]")
        if depth <= 0 and _is_prose(piece[0]):
            break
        last = piece.end()
    return text[place:last]


def _is_prose(piece: str) -> bool:
    return piece[0].isalpha() and not _is_of_citation(piece)


@dataclass(frozen=True, slots=True)
class _BesideReference:
    """A citation, and the words of citing beside it that are no part of what was read.

    A year or an "et al." among them that the article does not explain leaves it undecided: it may
    be in a style that is not known. Beside a number of a list only names count, since the sentence
    around it can be about any year.
    """

    inner: Reference
    beside: str
    is_pointer: bool

    @property
    def identifiers(self) -> tuple[str, ...]:
        return self.inner.identifiers

    def titles(self) -> Iterable[str]:
        return self.inner.titles()

    def statement(self, articles: Sequence[Article]) -> Statement:
        stated = self.inner.statement(articles)
        is_unread = _MORE_NAMES.search(self.beside) is not None and stated.names is None
        if not self.is_pointer:
            explained = " ".join(
                f"{one.year} {one.title} {one.journal} {' '.join(identifiers_of(one))}"
                for one in articles
            )
            years = set(years_in(self.beside)) - set(stated.years)
            is_unread = is_unread or any(str(year) not in explained for year in years)
        return replace(stated, unread=self.beside.strip(" |") if is_unread else stated.unread)


def _stated(text: str, together: Together) -> Statement:
    """Give the statement of the parts themselves, and of what stands right before them."""
    named = next(iter(together.of_kind("author_year")), None)
    title = next(iter(together.of_kind("title")), None)
    years = tuple(one.year for one in together.of_kind("author_year"))
    before = _YEAR_BEFORE.search(text[max(0, together.start - _LOOK_BACK) : together.start])
    if before is not None and not years:
        years = (int(before["year"] or before["early"]),)
    return Statement(
        identifiers=tuple(dict.fromkeys(one.value for one in together.parts if one.is_identifier)),
        title=title.value if title else None,
        names=CitedNames(named.value, may_be_first_alone=True) if named else _lead(text, together),
        years=years,
        venue=named.venue if named else None,
    )


def _lead(text: str, together: Together) -> CitedNames | None:
    """Give the names that stand right before a citation: "Smith et al. [3]", "Lee's *Title*"."""
    start = together.start
    while start and text[start - 1] in ' \t([*_"“‘:,' and together.start - start < 6:
        start -= 1
    found = names_before(text, start)
    if found is None:
        return None
    names = CitedNames(found[1], may_be_first_alone=True)
    return names if names.is_open else None


class _TextReference:
    """A title in running text with what stands around it, read like a reference."""

    def __init__(self, stated: Statement, written: WrittenReference, title: str) -> None:
        self._stated = stated
        self._written = written
        self._title = title

    @property
    def identifiers(self) -> tuple[str, ...]:
        return self._stated.identifiers

    def titles(self) -> Iterator[str]:
        yield self._title

    def statement(self, articles: Sequence[Article]) -> Statement:
        read = self._written.statement(articles)
        stated = self._stated
        return replace(
            stated,
            names=stated.names or read.names,
            years=tuple(dict.fromkeys((*stated.years, *read.years))),
            venue=stated.venue or _without_names(read.venue, stated.names or read.names),
        )


def _without_names(venue: str | None, names: CitedNames | None) -> str | None:
    """Give what was read as a journal, unless it is names that were read otherwise."""
    is_of_names = names is not None and venue is not None and names.family() in venue
    return None if is_of_names else venue


def _with_tail(text: str, together: Together, end: int) -> Reference:
    stated = _stated(text, together)
    if stated.title is None:
        return StatedReference(stated)
    title = next(iter(together.of_kind("title")))
    tail = _ADDRESS.sub(" ", text[title.end : _end_of_tail(text, together.end, end)], count=1)
    lead = _names_of_title(text, title.start) or ""
    written = WrittenReference(f"{lead} “{stated.title}” {tail}")
    return _TextReference(stated, written, stated.title)


def _names_of_title(text: str, start: int) -> str | None:
    """Give names right before a title that are set off by a possessive, comma or colon."""
    before = text[max(0, start - 4) : start]
    if not re.search(r"['’]s?[\s\"“*_]+$|[,:][\s\"“*_]+$", before):
        return None
    while start and text[start - 1] in ' \t"“*_,:':
        start -= 1
    found = names_before(text, start)
    if found is None:
        return None
    is_list = CitedNames(found[1]).is_open or re.search(r"\band\b|&|[A-Z]\.|\w\s\w", found[1])
    return found[1] if is_list else None


def _end_of_tail(text: str, start: int, end: int) -> int:
    """Give where the words of citing end that stand behind a citation."""
    limit = min(end, start + _MOST_BEHIND)
    if not _GOES_ON.match(text, start, limit):
        return start
    place, depth = start, 0
    for piece in _PIECE.finditer(text, start, limit):
        sign = piece[0]
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        is_prose = sign[0].isalpha() and not _is_of_citation(sign) and depth <= 0
        if is_prose or (sign in "!?;" and depth <= 0):
            break
        if not (sign.islower() or sign.isspace()):
            # a preposition at the end goes on to something else
            place = piece.end()
    return place
