"""Styles of citing, the first set: those that were at hand while the guard was made."""

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from scripts.guarding.cited import Cited

Write = Callable[[Cited, random.Random], str]


class Style(NamedTuple):
    """How one citation is written, and which fields it states.

    `is_listed` where it is an entry of a list, which the text points to by its number.
    """

    name: str
    states: frozenset[str]
    write: Write
    is_listed: bool = False


def initials(given: str, *, mark: str = ".", between: str = " ") -> str:
    """Give "J. P." of "Jan Peter"."""
    parts = [part for part in re.split(r"[\s-]+", given) if part and part[0].isalpha()]
    return between.join(f"{part[0].upper()}{mark}" for part in parts)


def whole(authors: Sequence[tuple[str, str]]) -> list[str]:
    """Give names as they are spoken."""
    return [f"{given} {family}".strip() for family, given in authors]


def joined(names: Sequence[str], last: str = " and ", *, serial: bool = True) -> str:
    """Join names with commas, and the last with a word."""
    if len(names) < 2:
        return "".join(names)
    comma = "," if serial and len(names) > 2 else ""
    return f"{', '.join(names[:-1])}{comma}{last}{names[-1]}"


def in_text(cited: Cited, last: str = " and ") -> str:
    """Give the names as running text does: one, two, or the first with "et al."."""
    families = [family for family, _ in cited.authors]
    return f"{families[0]} et al." if len(families) > 2 else last.join(families)


def ended(title: str) -> str:
    """End a title with a full stop, unless it has a mark of its own."""
    return title if title[-1:] in ".?!" else f"{title}."


def address(cited: Cited) -> str:
    """Give the DOI as an address, after a space."""
    return f" https://doi.org/{cited.doi}" if cited.doi else ""


def short_venue(cited: Cited) -> str:
    """Give the venue without its volume and with "Proc." for "Proceedings of the"."""
    venue = re.sub(r"\s*(?:\(Volume|, Volume).*", "", cited.venue or "")
    return re.sub(r"^Proceedings of the ", "Proc. ", venue)


def _apa(cited: Cited, draw: random.Random) -> str:
    names = [f"{family}, {initials(given)}".rstrip(", ") for family, given in cited.authors]
    authors = joined(names, " & ")
    issue = f"{draw.randint(1, 60)}({draw.randint(1, 9)})"
    where = f"*{cited.venue}*, {issue}, {draw.randint(1, 400)}–{draw.randint(401, 900)}"
    return f"{authors} ({cited.year}). {ended(cited.title)} {where}.{address(cited)}"


def _ieee(cited: Cited, draw: random.Random) -> str:
    names = [f"{initials(given)} {family}".strip() for family, given in cited.authors]
    authors = f"{names[0]} et al." if len(names) > 6 else joined(names)
    doi = f", doi: {cited.doi}" if cited.doi else ""
    pages = f"pp. {draw.randint(1, 99)}–{draw.randint(100, 200)}"
    return f"{authors}, “{cited.title},” in {short_venue(cited)}, {cited.year}, {pages}{doi}."


def _vancouver(cited: Cited, draw: random.Random) -> str:
    names = [
        f"{family} {initials(given, mark='', between='')}".strip()
        for family, given in cited.authors
    ]
    more = ", et al" if len(names) > 6 else ""
    doi = f" doi:{cited.doi}" if cited.doi else ""
    issue = f"{draw.randint(1, 40)}({draw.randint(1, 9)})"
    when = f"{cited.year};{issue}:{draw.randint(1, 99)}-{draw.randint(100, 200)}"
    return f"{', '.join(names[:6])}{more}. {ended(cited.title)} {short_venue(cited)}. {when}.{doi}"


def _acl(cited: Cited, draw: random.Random) -> str:
    names = joined(whole(cited.authors))
    pages = f"{draw.randint(1, 99)}–{draw.randint(100, 200)}"
    return f"{names}. {cited.year}. {ended(cited.title)} In {cited.venue}, pages {pages}."


def _title_first(cited: Cited, _: random.Random) -> str:
    return f"*{cited.title}* — {', '.join(whole(cited.authors))} ({cited.year}).{address(cited)}"


def _bibtex(cited: Cited, draw: random.Random) -> str:
    names = " and ".join(
        f"{family}, {given}" if given else family for family, given in cited.authors
    )
    doi = f"\n  doi = {{{cited.doi}}}," if cited.doi else ""
    key = re.sub(r"\W", "", cited.authors[0][0].lower()) + f"{cited.year}x{draw.randint(100, 999)}"
    fields = f"  author = {{{names}}},\n  title = {{{{{cited.title}}}}},\n"
    fields += f"  booktitle = {{{cited.venue}}},{doi}\n  year = {{{cited.year}}}\n"
    return f"@inproceedings{{{key},\n{fields}}}"


def _quoted_by(cited: Cited, _: random.Random) -> str:
    return f'the paper "{cited.title}" by {joined(whole(cited.authors))} ({cited.year})'


def _named_first(cited: Cited, _: random.Random) -> str:
    return f"{in_text(cited)} ({cited.year}), *{cited.title}*"


def _linked(cited: Cited, _: random.Random) -> str:
    return f"[{cited.title}](https://doi.org/{cited.doi}) ({in_text(cited, ' & ')}, {cited.year})"


def _bracketed(cited: Cited, _: random.Random) -> str:
    return f"({in_text(cited, ' & ')}, {cited.year}; doi:{cited.doi})"


def _title_alone(cited: Cited, _: random.Random) -> str:
    return f"the article “{cited.title}”"


STATED = frozenset(("title", "authors", "year"))
FIRST_SET = (
    Style("APA", STATED | {"venue", "doi"}, _apa, is_listed=True),
    Style("IEEE", STATED | {"venue", "doi"}, _ieee, is_listed=True),
    Style("Vancouver", STATED | {"venue", "doi"}, _vancouver, is_listed=True),
    Style("ACL", STATED | {"venue"}, _acl, is_listed=True),
    Style("title first", STATED | {"doi"}, _title_first, is_listed=True),
    Style("BibTeX", STATED | {"venue", "doi"}, _bibtex),
    Style("quoted title, by", STATED, _quoted_by),
    Style("names, then title", STATED, _named_first),
    Style("link, names", STATED | {"doi"}, _linked),
    Style("names and DOI in brackets", frozenset(("authors", "year", "doi")), _bracketed),
    Style("title alone", frozenset(("title",)), _title_alone),
)
