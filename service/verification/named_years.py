"""Names before a year in running text: "Smith et al. (2020)", "(Smith & Lee, 2020; doi:…)".

Each year is looked back from, word by word, as far as the words can be names. So the time is
linear, and styles need no pattern each.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from service.verification.person_names import PARTICLES, CitedNames

MOST_CHARS = 480
"""How far back from a year its names can begin."""

_NO_SIGNS = '0123456789()[];:?!"“”\n'
"""What stands within no name."""
_YEAR = re.compile(
    r"(?<![\w.:/–—-])(?P<open>[(\[]\s?)?(?P<year>1[5-9]\d\d|20\d\d)[a-z]?(?![\w/–—]|-\d)"
)
_TOKEN = re.compile(
    r"(?P<initials>(?:[A-ZÀ-ÖØ-Þ]\.\s?-?){1,4})|(?P<word>[^\W\d_](?:[^\W\d_]|['’`-](?=[^\W\d_]))*)"
    r"|(?P<sign>[,&])|(?P<mark>[*_]{1,3})|(?P<other>\S)"
)
_JOINING = frozenset(("and", "und", "et", "y"))
_MORE = frozenset(("al", "others", "colleagues", "coworkers"))
_NO_NAMES_WORDS = (
    "spring summer autumn fall winter figure table section chapter appendix equation version "
    "release in since from until by of early late as while although like see and but however "
    "also following unlike with both for the when then later thus hence moreover furthermore "
    "although because published year paper study article work authors author title doi arxiv "
    "pmid copyright accessed retrieved conference proceedings journal workshop this that "
    "these those our we it they he she there here after before between during"
)
_NO_NAMES = frozenset(_NO_NAMES_WORDS.split())
_NAMES_TOO = frozenset(("he", "she", "so"))
_CUT_SHORT = frozenset(("al", "Proc", "Conf", "Trans", "Int", "Mohd"))
_LONGEST_CUT = 3
_LONGEST_WORD = 60
_JOINED_BEFORE = re.compile(r"[^\s()\[\];:\d]+,?\s+(?:and|&|und|et)\s+$")
_MONTH = re.compile(
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)",
    re.IGNORECASE,
)
_ADVERB = re.compile(r"[A-Z][a-z]+ly")
_ACRONYM = re.compile(r"(?:[A-Z][a-z]*){2,}s?")
_ET_AL = re.compile(r"\bet\.?\s+al\b\.?|\band\s+(?:others|colleagues)\b")
_CAPITAL_WITHIN = re.compile(r"(?:Mc|Mac|De|Di|La|Le|Van|O['’])[A-Z]")
_OWN = re.compile(r"['’]s?\s+$")
_LOOKED_AT = 4
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
        before = text[max(0, found.start() - _LOOKED_AT) : found.start()].rstrip(" ,*_")[-1:]
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
    possessive = _OWN.search(text, max(0, found.start() - _LOOKED_AT), found.start())
    names = _trimmed(_names_before(text, possessive.start() if possessive else found.start()))
    if not names or not _are_names(names):
        return None
    start, end = _start(text, names[0].start), found.end()
    written = _POSSESSIVE.sub("", text[start : names[-1].end].replace("*", "").strip(" ,_"))
    written, venue = _without_venue(written)
    cited = CitedNames(written)
    is_list = cited.is_open or any(one.text in _JOINING or one.text == "&" for one in names)
    is_within = text[:start].rstrip(" *_")[-1:] in ("(", "[", ";") or text[:start].endswith("see ")
    if not cited.has_names or not (is_opened or is_list or is_within or possessive):
        return None
    if is_opened and text[end : end + 1] in (")", "]"):
        end += 1
    return NamedYear(start, end, " ".join(written.split()), int(found["year"]), venue or None)


def _start(text: str, start: int) -> int:
    """Give where names begin of which some may not have been recognised, but are joined to them.

    What stands there is compared as a name, so that no half of a list is taken for the whole.
    """
    joined = _JOINED_BEFORE.search(text, max(0, start - _LONGEST_WORD), start)
    return joined.start() if joined else start


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
    begin = max(0, end - MOST_CHARS)
    begin = max(begin, *(text.rfind(sign, begin, end) + 1 for sign in _NO_SIGNS))
    tokens = [
        _Token(match[0], match.lastgroup or "", begin + match.start(), begin + match.end())
        for match in _TOKEN.finditer(text[begin:end])
    ]
    return _last_names(tokens)


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
        if plain in _NO_NAMES - _JOINING and not _is_also_a_name(tokens, place):
            return False
        return token.text[0].isupper() or plain in PARTICLES | _JOINING | _MORE
    before = tokens[place - 1].text if place else ""
    # "et al.", "Md. Haider Ali", "et al., Proc. ACL"
    is_cut = before in _CUT_SHORT or (before[:1].isupper() and len(before) < _LONGEST_CUT)
    is_short = token.text == "." and is_cut
    return is_short or token.text in ("'", "’")


def _is_also_a_name(tokens: list[_Token], place: int) -> bool:
    """Tell "He et al." and "So & Lee" from "He said"."""
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if not tokens[place].text[0].isupper():
        return False
    if following is not None and following.text.casefold() == "et":
        return True
    is_followed = following is None or following.text in ("&", ",", "and")
    return is_followed and tokens[place].text.casefold() in _NAMES_TOO


def _trimmed(tokens: list[_Token]) -> list[_Token]:
    """Leave out what cannot begin a list of names: a comma, "and", an adverb before a comma."""
    first = 0
    while first < len(tokens):
        token = tokens[first]
        is_adverb = _ADVERB.fullmatch(token.text) and tokens[first + 1 : first + 2]
        is_before_comma = bool(is_adverb) and tokens[first + 1].text == ","
        is_odd = token.kind in ("sign", "mark", "other") or token.text in _JOINING | _MORE
        if not (is_odd or is_before_comma):
            break
        first += 1
    return tokens[first:]


def _are_names(tokens: list[_Token]) -> bool:
    """Tell names from a venue: "(ACL 2020)" names a conference."""
    words = [one.text for one in tokens if one.kind == "word" and len(one.text) > 1]
    if all(_MONTH.fullmatch(word) for word in words):
        return False
    is_alone = len(words) == 1 and _ACRONYM.fullmatch(words[0]) is not None
    if is_alone and not _CAPITAL_WITHIN.match(words[0]):
        return any(one.kind == "initials" for one in tokens)
    return True
