"""References written out in words, in whatever style: who, when, what and where.

Styles differ in order and punctuation, so the title is found first, by what is known, and the
rest is told by its place: the names stand before the title or right behind it, then the journal.
Whatever stands where names are and is none is compared as a name, so that nothing is passed over.
"""

import re
from collections.abc import Iterator, Sequence

from index.article import Article
from service.verification.identifiers import URL, find_identifiers
from service.verification.person_names import NAMES, CitedNames
from service.verification.spans import Span, emphasised, links, quotations
from service.verification.statement import YEAR, Statement, years_in
from service.verification.titles import LEAST_WORDS, MOST_WORDS, FoldedText, Place, n_words
from service.verification.venues import is_same_venue

LONGEST = 3_000
"""Of a longer reference the first characters are read."""

_GONE = " | "
_LEAD = re.compile(r"\s*(?:[-*•–]\s+|\[\^?\w{1,20}\]:?\s+|\(?\d{1,3}[.)]\s+)?")
_LABEL = re.compile(
    r"(?:^|(?<=[.;|*(])|(?<=[.;|*(]\s))(?P<marks>[*_]{0,2})"
    r"(?:title|authors?|written by|source|reference|paper"
    r"|study|article|year|published|journal|venue|doi|link|url|pmid)(?:\s?:[*_]{0,2}|(?P=marks)\s?:)\s*",
    re.IGNORECASE,
)
_VISITED = re.compile(
    r"\b(?:accessed|retrieved|last visited|abgerufen)\b(?:\s(?:on|am))?[:,]?\s"
    r"[\w ,.]{0,24}\b(?:19|20)\d\d(?:-\d\d){0,2}",
    re.IGNORECASE,
)
_BORDER = re.compile(
    r"(?P<stop>[.?!](?=[\s*_\"”’)\]]|$))|[,;:](?=\s)|\s[–—|-]\s|[()“”„«»\"*\[\]|]|\n|(?<=\d)\s|_(?=\W|$)|(?<!\w)_"
)
_INITIAL = re.compile(r"(?:^|[\s.\-(])[A-ZÀ-ÖØ-Þ]$")
_INITIAL_BEFORE_TITLE = re.compile(
    r"(?<![^\W_])[A-ZÀ-ÖØ-Þ]\.[,;]?\s+(?=[A-ZÀ-ÖØ-Þ\d][\w'’-]+[\s:])"
)
_BEFORE_TITLE = re.compile(r"[\s*_)\]–—:.,-]*")
_SHORT_NAME = re.compile(r"(?:^|[\s.\-(])[A-ZÀ-ÖØ-Þ][a-z]?$")
_SENTENCE = re.compile(r"[.?!](?=[\s*_\"”)\]]|$)")
_BEHIND_YEAR = re.compile(r"[)\]]?[a-z]?[.,:;]?[)\]]?\s*[.,:–-]?\s+")
_MOST_BORDERS = 90
_MOST_JOINED = 9
_MOST_TRIED = 400
_VENUE_WORD = re.compile(
    r"\b(?:journal|proceedings|proc|conference|conf|transactions|trans|letters|annals|review|reviews"
    r"|workshop|symposium|press|springer|elsevier|university|meeting|arxiv|corr"
    r"|lecture notes|nature|ieee|acm)\b",
    re.IGNORECASE,
)
_NO_VENUE = re.compile(
    r"(?:pages?|pp?|vol(?:ume)?|no|issue|article|doi|available|retrieved|accessed|url|https?"
    r"|accepted|online|pmid|pmcid|link|in press|isbn|issn|eds?|editors?|ed|abs|cited"
    r"|advance|epub|published online|full text|pdf|by|from|written|authored|called|titled)\b\.?|\d",
    re.IGNORECASE,
)
_IN = re.compile(
    r"(?:^|(?<=[.,;:|)(”\"*_]))\s*"
    r"(?:[Ii]n|(?:was\s)?(?:published|presented|appeared|to appear)\s(?:in|at))\b:?\s+"
    r"(?=[\"“*_]{0,3}[\w])"
)
_PART_OF_VENUE = re.compile(
    r"(?:[^,.;:()\[\]|*_\"“”\n]|(?<=[^\W\d_])(?<![^\W_]{7})\.(?=\s{0,4}(?:[^\W\d_]|\d{1,3}(?:st|nd|rd|th)\b)))+"
)
_ORDINAL = re.compile(r"\b(?:\d+(?:st|nd|rd|th)?|(?:19|20)\d\d)\b")
_EDITORS = re.compile(r"\(?(?<!['’])\beds?\b\.?\)?|\(editors?\)", re.IGNORECASE)
_LOWER_WORD = re.compile(r"\b[a-zà-öø-ÿ]{3,}\b")
_NAME_START = re.compile(
    r"[\s.,;:?!|*_\"”’)\]–—-]*(?:\(\s*)?"
    r"(?:(?:1[5-9]|20)\d\d[a-z]?\s?\)[\s.,;:*_–—-]*)?(?:(?:written\s+)?by\s+)?"
)
_LIST_SIGN = re.compile(r"\bet\.?\s+al\b|\band\b|&|;|\bund\b|\b[A-Z]\.", re.IGNORECASE)
_IN_NAMES = re.compile(
    r"\b(?:and|und|et|al|others|colleagues|van|von|der|den|del|della|ten|ter|dos|das|bin|ibn)\b"
)
_HAS_LETTER = re.compile(r"[^\W\d_]")
_ET_AL = re.compile(r"\bet\.?\s+al\b\.?|\band (?:others|colleagues)\b")
_TWO_TO_FOUR = re.compile(r"[^\s,]+(?:\s[^\s,]+){1,3}")


class WrittenReference:
    """One reference written out; read anew in the light of each article that could be meant."""

    def __init__(self, text: str) -> None:
        text = " ".join(text[:LONGEST].split())
        self._identifiers = [one for one in find_identifiers(text) if one.is_sure]
        self._plain = _plain(text)
        self._folded = FoldedText(self._plain)

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The identifiers in it, each once."""
        return tuple(dict.fromkeys(one.identifier for one in self._identifiers))

    def titles(self) -> Iterator[str]:
        """Give all that could be the title: what is set apart, then pieces, longer ones first."""
        tried = 0
        for span in self._apart():
            yield self._plain[span.start : span.end]
        starts, ends = self._borders()
        for number, start in enumerate(starts):
            for end in reversed(ends[number : number + _MOST_JOINED]):
                piece = self._plain[start:end]
                is_cut = _INITIAL.search(piece[-2:]) or not piece.strip()
                if is_cut:
                    continue
                if LEAST_WORDS <= len(piece.split()) <= MOST_WORDS and tried < _MOST_TRIED:
                    tried += 1
                    yield piece

    def _borders(self) -> tuple[list[int], list[int]]:
        """Give where pieces begin, and where each of them ends."""
        starts, ends = [0], []
        for found in _BORDER.finditer(self._plain):
            starts.append(found.end())
            ends.append(found.start())
            if len(ends) >= _MOST_BORDERS:
                break
        ends.append(len(self._plain))
        return starts, ends

    def _apart(self) -> list[Span]:
        """Give what is quoted, then what is emphasised or linked."""
        others = [*links(self._plain), *emphasised(self._plain)]
        return [*quotations(self._plain), *others]

    def statement(self, articles: Sequence[Article]) -> Statement:
        """Give what is stated."""
        known = [article.title for article in articles if article.title]
        journals = [article.journal for article in articles if article.journal]
        place = self._folded.find(known) or self._guessed_title(journals)
        title = self._plain[place.start : place.end] if place else None
        before, behind = self._around(place)
        names = CitedNames(before) if _HAS_LETTER.search(before) else None
        if names is None:
            names, behind = _names_behind(behind, articles)
        venue, between = _known_venue(behind, articles) or _venue(behind)
        if names is None and CitedNames(_only_names(between)).has_names:
            names = CitedNames(_only_names(between))
        years = years_in(self._without(place))
        return Statement(
            identifiers=self.identifiers,
            title=_cleaned(title) if title else None,
            names=names,
            years=_unexplained_years(years, articles),
            venue=venue,
        )

    def _around(self, place: Place | None) -> tuple[str, str]:
        if place is None:
            # names stand first, up to the year or whatever else is no name
            year = YEAR.search(self._plain)
            end = year.start() if year else self._plain.find("|") % (len(self._plain) + 1)
            return _only_names(self._plain[:end]), self._plain[end:]
        return _only_names(self._plain[: place.start]), self._plain[place.end :]

    def _without(self, place: Place | None) -> str:
        if place is None:
            return self._plain
        return self._plain[: place.start] + _GONE + self._plain[place.end :]

    def _guessed_title(self, journals: Sequence[str]) -> Place | None:
        """Give where a title stands that is not known: quoted, behind the year, or a sentence."""
        for guess in (self._quoted_title, self._title_behind_year, self._set_title, self._sentence):
            if (place := guess()) is not None:
                return self._without_names(place)
        return self._longest_rest(journals)

    def _longest_rest(self, journals: Sequence[str]) -> Place | None:
        """Give the longest piece that is neither names nor a known journal, nor pages and the like.

        Nothing of a reference is passed over because it was not understood.
        """
        best: Place | None = None
        starts, ends = self._borders()
        year = YEAR.search(self._plain)
        for start, end in zip(starts, ends, strict=True):
            text = self._plain[start:end].strip()
            is_before_year = year is not None and end <= year.start() and not _has_prose(text)
            if n_words(text) < LEAST_WORDS or _NO_VENUE.match(text) or is_before_year:
                continue
            is_venue = any(is_same_venue(text, journal) for journal in journals)
            if not is_venue and (best is None or end - start > best.end - best.start):
                best = Place(start, end)
        return best

    def _without_names(self, place: Place) -> Place:
        """Let a title begin behind the last initial of the names before it: "Lee K. Deep …"."""
        start = place.start
        for found in _INITIAL_BEFORE_TITLE.finditer(self._plain, place.start, place.end):
            if _has_prose(self._plain[place.start : found.start()]):
                break
            start = found.end()
        return Place(start, place.end)

    def _quoted_title(self) -> Place | None:
        quoted = [Place(one.start, one.end) for one in quotations(self._plain)]
        return max(quoted, key=lambda place: place.end - place.start, default=None)

    def _title_behind_year(self) -> Place | None:
        year = YEAR.search(self._plain)
        before = _only_names(self._plain[: year.start()]) if year else ""
        if year is None or not CitedNames(before).has_names or _has_prose(before):
            return None
        gap = _BEHIND_YEAR.match(self._plain, year.end())
        start = gap.end() if gap else year.end()
        return self._piece_from(start)

    def _piece_from(self, start: int) -> Place | None:
        """Give the sentence that begins at a place, if it is long enough for a title."""
        gap = _BEFORE_TITLE.match(self._plain, start)
        start = gap.end() if gap else start
        end = self._end_of_sentence(start)
        text = self._plain[start:end]
        is_venue = _VENUE_WORD.match(text) or _IN.match(text) or _NO_VENUE.match(text)
        return Place(start, end) if n_words(text) >= LEAST_WORDS and not is_venue else None

    def _end_of_sentence(self, start: int) -> int:
        for found in _SENTENCE.finditer(self._plain, start):
            if not _INITIAL.search(self._plain, max(start, found.start() - 2), found.start()):
                return found.start()
        bar = self._plain.find(" | ", start)
        return len(self._plain) if bar < 0 else bar

    def _set_title(self) -> Place | None:
        spans = [*links(self._plain), *emphasised(self._plain)]
        places = [Place(one.start, one.end) for one in spans]
        return next(
            (
                place
                for place in places
                if n_words(self._plain[place.start : place.end]) >= LEAST_WORDS
                and not _VENUE_WORD.search(self._plain, place.start, place.end)
            ),
            None,
        )

    def _sentence(self) -> Place | None:
        """Give the first piece that has the words of a title: two at least in lower case."""
        starts, ends = self._borders()
        for least in (4, LEAST_WORDS):
            for start, end in zip(starts, ends, strict=True):
                text = self._plain[start:end]
                is_venue = _VENUE_WORD.search(text) or _IN.match(text)
                if n_words(text) >= least and len(_LOWER_WORD.findall(text)) > 1 and not is_venue:
                    return Place(start, end)
        return None


def _plain(text: str) -> str:
    """Give a reference without its number, identifiers and addresses; links keep their words."""
    for span in reversed([*links(text)]):
        words = text[span.start : span.end]
        inner = words if not find_identifiers(words) and not URL.match(words) else ""
        address = text[span.end + 2 : span.outer_end - 1]
        shown = f"*{inner}* {address} " if inner.strip() else f" {address} "
        text = text[: span.outer_start] + shown + text[span.outer_end :]
    parts, place = [], 0
    for one in find_identifiers(text):
        parts += [text[place : one.start], _GONE]
        place = one.end
    text = URL.sub(_GONE, "".join((*parts, text[place:])))
    text = _VISITED.sub(_GONE, text)
    text = _LABEL.sub(" ", text)
    lead = _LEAD.match(text)
    return text[lead.end() if lead else 0 :].strip()


def _only_names(text: str) -> str:
    """Give what stands before a title without the year, brackets and the like."""
    text = YEAR.sub(" ", _EDITORS.sub(" ", text))
    return re.sub(r"[()\[\]\"“”*|:]|_(?!\w)|(?<!\w)_|\bn\.d\.|\bby\b", " ", text).strip(" ,.-–—")


def _names_behind(text: str, articles: Sequence[Article]) -> tuple[CitedNames | None, str]:
    """Give the names that stand right behind a title, and what stands behind them."""
    start = _NAME_START.match(text)
    begin = start.end() if start else 0
    found = NAMES.match(text, begin)
    if found is None:
        return None, text
    end = _end_of_names(text, begin, found.end())
    written = text[begin:end].strip(" ,;.")
    names = CitedNames(written)
    for cut in _comma_cuts(text, begin, end):
        # behind the names the journal can follow, with a comma like theirs
        fewer = CitedNames(text[begin:cut].strip(" ,;."))
        if any(fewer.are_of(article) for article in articles):
            return fewer, text[cut:]
    is_venue = any(
        article.journal and is_same_venue(written, article.journal) for article in articles
    )
    is_said = "by" in text[:begin].split()
    if is_venue or not (is_said or _look_like_names(written)):
        return None, text
    return names, text[end:]


def _comma_cuts(text: str, begin: int, end: int) -> list[int]:
    """Give the ends of a list of names, the longest first: all of it, and at its last commas."""
    commas = [found.start() for found in re.finditer(r",", text[begin:end])]
    return [end, *(begin + comma for comma in reversed(commas[-3:]))]


def _end_of_names(text: str, begin: int, end: int) -> int:
    """Give where a list of names ends at the latest: at a full stop that is no initial's."""
    open_end = _ET_AL.search(text, begin, end)
    end = open_end.end() if open_end else end
    for stop in re.finditer(r"\.\s|\sIn\s", text[begin:end]):
        place = begin + stop.start()
        is_initial = _SHORT_NAME.search(text, max(0, place - 4), place)
        if not is_initial and not text[:place].endswith(("et al", "et. al")):
            return place
    return end


def _look_like_names(text: str) -> bool:
    if _VENUE_WORD.search(text) or not CitedNames(text).has_names:
        return False
    parts = [part.strip() for part in text.split(",") if part.strip()]
    is_list = bool(_LIST_SIGN.search(text)) and not _has_prose(text)
    return is_list or all(_TWO_TO_FOUR.fullmatch(part) for part in parts)


def _has_prose(text: str) -> bool:
    """Tell whether a text has a word that no list of names has."""
    return _LOWER_WORD.search(_IN_NAMES.sub("", text)) is not None


def _known_venue(text: str, articles: Sequence[Article]) -> tuple[str, str] | None:
    """Give a journal that stands in a text word for word, and what stands before it."""
    journals = [article.journal for article in articles if article.journal]
    # "In" before the name is no part of it: a mark parts them
    marked = _IN.sub(" | ", text)
    place = FoldedText(marked).find(journals) if journals else None
    return (marked[place.start : place.end], marked[: place.start]) if place else None


def _venue(text: str) -> tuple[str | None, str]:
    """Give the journal or conference that stands behind a title, if any does, and what is before.

    It stands behind "In", else it comes first.
    """
    text = _EDITORS.sub(" ", YEAR.sub(" ", text))
    within = _IN.search(text)
    begin = within.end() if within else 0
    for part in _PART_OF_VENUE.finditer(text, begin):
        piece = _ORDINAL.sub(" ", part[0]).strip(" -–—&'’+")
        if not re.search(r"[^\W\d_]{2}", piece):
            continue
        is_none = _NO_VENUE.match(piece) is not None
        return (None if is_none else " ".join(piece.split())), text[:begin]
    return None, text[:begin]


def _unexplained_years(years: tuple[int, ...], articles: Sequence[Article]) -> tuple[int, ...]:
    """Leave out years that stand in the name of a journal, but never all of them."""
    journals = " ".join(article.journal or "" for article in articles)
    kept = tuple(year for year in years if str(year) not in journals)
    return kept or years


def _cleaned(title: str) -> str:
    return title.strip(' ,.;:*_"“”')
