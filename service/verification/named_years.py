"""Names before a year in running text: "Smith et al. (2020)", "(Smith & Lee, 2020; doi:…)".

Each year is looked back from, word by word, as far as the words can be names. So the time is
linear, and styles need no pattern each.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from service.verification.person_names import CitedNames

MOST_CHARS = 240
"""How far back from a year its names can begin."""

_FIRST_LOOK = 48
_YEAR = re.compile(
    r"(?<![\w.:/–—-])(?P<open>[(\[]\s?)?(?P<year>1[5-9]\d\d|20\d\d)[a-z]?(?![\w/–—]|-\d)"
)
_TOKEN = re.compile(
    r"(?P<initials>(?:[A-ZÀ-ÖØ-Þ]\.\s?-?){1,4})|(?P<word>[^\W\d_](?:[^\W\d_]|['’`-](?=[^\W\d_]))*)"
    r"|(?P<sign>[,&])|(?P<mark>[*_]{1,3})|(?P<other>\S)"
)
_PARTICLES = frozenset(
    "van von vom der den de del della di da du la le ten ter zu zur af av el al bin ibn dos das do".split()
)
_JOINING = frozenset(("and", "und", "et", "y"))
_MORE = frozenset(("al", "others", "colleagues", "coworkers"))
_NO_NAMES = frozenset(
    "january february march april may june july august september october november december jan feb"
    " mar apr jun jul aug sep sept oct nov dec spring summer autumn fall winter figure table section"
    " chapter appendix equation version release in since from until by of early late as while although"
    " like see and but however also following unlike with both for the when then later thus hence"
    " moreover furthermore although because published year paper study article work authors author"
    " title doi arxiv pmid copyright accessed retrieved conference proceedings journal workshop this"
    " that these those our we it they he she there here after before between during".split()
)
_ADVERB = re.compile(r"[A-Z][a-z]+ly")
_ACRONYM = re.compile(r"(?:[A-Z][a-z]*){2,}s?")
_ET_AL = re.compile(r"\bet\.?\s+al\b\.?|\band\s+(?:others|colleagues)\b")
_POSSESSIVE = re.compile(r"['’]s?$")


class NamedYear(NamedTuple):
    """Names and the year behind them, and the place of both."""

    start: int
    end: int
    names: str
    year: int
    venue: str | None = None


class _Token(NamedTuple):
    text: str
    kind: str
    start: int
    end: int


def named_years(text: str) -> Iterator[NamedYear]:
    """Give every year that stands behind names, with its names, in order."""
    last: NamedYear | None = None
    for found in _YEAR.finditer(text):
        before = text[max(0, found.start() - 4) : found.start()].rstrip(" ,*_")[-1:]
        one = _named(text, found) if before.isalpha() or before in (".", "'", "’") else None
        if one is None and last is not None and _goes_on(text[last.end : found.start("year")]):
            # "Smith, 2019, 2020"
            one = NamedYear(found.start("year"), found.end(), last.names, int(found["year"]))
        if one is not None:
            last = one
            yield one


def _goes_on(between: str) -> bool:
    return between.strip() in (",", ";", ", and", "and", "&")


def _named(text: str, found: re.Match[str]) -> NamedYear | None:
    is_opened = found["open"] is not None
    names = _trimmed(_names_before(text, found.start()))
    if not names or not _are_names(names):
        return None
    start, end = names[0].start, found.end()
    written = _POSSESSIVE.sub("", text[start : names[-1].end].replace("*", "").strip(" ,_"))
    written, venue = _without_venue(written)
    cited = CitedNames(written)
    is_list = cited.is_open or any(one.text in _JOINING or one.text == "&" for one in names)
    is_within = text[:start].rstrip(" *_")[-1:] in ("(", "[", ";") or text[:start].endswith("see ")
    if not cited.has_names or not (is_opened or is_list or is_within):
        return None
    if is_opened and text[end : end + 1] in (")", "]"):
        end += 1
    return NamedYear(start, end, " ".join(written.split()), int(found["year"]), venue or None)


def _without_venue(written: str) -> tuple[str, str]:
    """Part names from a conference behind them: "Smith et al., ACL 2020", "Smith & Lee, ACL"."""
    if open_end := _ET_AL.search(written):
        return written[: open_end.end()], written[open_end.end() :].strip(" ,.")
    names, _, last = written.rpartition(",")
    is_acronym = last.strip().isupper() and len(last.strip()) > 1 and "." not in last
    return (names.strip(), last.strip()) if names and is_acronym else (written, "")


def names_before(text: str, end: int) -> tuple[int, str] | None:
    """Give the names that stand right before a place and where they begin, if any do."""
    names = _trimmed(_names_before(text, end))
    if not names or not _are_names(names):
        return None
    written = text[names[0].start : names[-1].end].replace("*", "").strip(" ,_")
    written = " ".join(_POSSESSIVE.sub("", written).split())
    return (names[0].start, written) if CitedNames(written).has_names else None


def _names_before(text: str, end: int) -> list[_Token]:
    """Give the words before a place that can be names, looking no further back than it takes."""
    n_chars = _FIRST_LOOK
    while True:
        begin = max(0, end - n_chars)
        tokens = [
            _Token(match[0], match.lastgroup or "", begin + match.start(), begin + match.end())
            for match in _TOKEN.finditer(text[begin:end])
        ]
        names = _last_names(tokens)
        if len(names) < len(tokens) - 1 or n_chars >= MOST_CHARS or not begin:
            return names
        n_chars *= 3


def _last_names(tokens: list[_Token]) -> list[_Token]:
    """Give the last words of a text as far back as they can be names."""
    place = len(tokens)
    while place and _may_be_of_names(tokens, place - 1):
        place -= 1
    return tokens[place:]


def _may_be_of_names(tokens: list[_Token], place: int) -> bool:
    token = tokens[place]
    if token.kind in ("sign", "initials", "mark"):
        return True
    if token.kind == "word":
        plain = token.text.casefold()
        if plain in _NO_NAMES and plain not in _JOINING:
            return False
        return token.text[0].isupper() or plain in _PARTICLES | _JOINING | _MORE
    is_of_al = token.text == "." and place and tokens[place - 1].text.casefold() == "al"
    return bool(is_of_al) or token.text in ("'", "’")


def _trimmed(tokens: list[_Token]) -> list[_Token]:
    """Leave out what cannot begin a list of names: a comma, "and", an adverb before a comma."""
    first = 0
    while first < len(tokens):
        token = tokens[first]
        is_adverb = _ADVERB.fullmatch(token.text) and tokens[first + 1 : first + 2]
        is_before_comma = bool(is_adverb) and tokens[first + 1].text == ","
        is_odd = (
            token.kind in ("sign", "mark", "other") or token.text.casefold() in _JOINING | _MORE
        )
        if not (is_odd or is_before_comma):
            break
        first += 1
    return tokens[first:]


def _are_names(tokens: list[_Token]) -> bool:
    """Tell names from a venue: "(ACL 2020)" names a conference."""
    words = [one.text for one in tokens if one.kind == "word" and len(one.text) > 1]
    if (
        len(words) == 1
        and _ACRONYM.fullmatch(words[0])
        and not re.match(r"(?:Mc|Mac|De|Di|La|Le|Van|O['’])", words[0])
    ):
        return any(one.kind == "initials" for one in tokens)
    return bool(words)
