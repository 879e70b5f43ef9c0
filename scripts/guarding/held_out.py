"""Styles of citing, the second set: written when the guard was finished, and judged once."""

import random
import re

from scripts.guarding.cited import Cited
from scripts.guarding.styles import (
    STATED,
    Style,
    ended,
    in_text,
    initials,
    joined,
    short_venue,
    whole,
)


def _pages(draw: random.Random) -> str:
    first = draw.randint(1, 400)
    return f"{first}–{first + draw.randint(5, 20)}"


def _family_first(cited: Cited) -> list[str]:
    return [f"{family}, {given}".rstrip(", ") for family, given in cited.authors]


def _with_initials(cited: Cited) -> list[str]:
    return [f"{family}, {initials(given)}".rstrip(", ") for family, given in cited.authors]


def _mla(cited: Cited, draw: random.Random) -> str:
    names = _family_first(cited)
    authors = names[0]
    if len(names) == 2:
        authors = f"{names[0]}, and {whole(cited.authors)[1]}"
    elif len(names) > 2:
        authors = f"{names[0]}, et al"
    doi = f", doi:{cited.doi}" if cited.doi else ""
    return (
        f'{ended(authors)} "{ended(cited.title)}" *{cited.venue}*, vol. {draw.randint(1, 40)}, no.'
        f" {draw.randint(1, 9)}, {cited.year}, pp. {_pages(draw)}{doi}."
    )


def _chicago(cited: Cited, draw: random.Random) -> str:
    names = [_family_first(cited)[0], *whole(cited.authors)[1:]]
    return (
        f"{joined(names)}. {cited.year}. “{ended(cited.title)}” {short_venue(cited)}"
        f" {draw.randint(1, 40)} ({draw.randint(1, 9)}): {_pages(draw)}."
    )


def _nature(cited: Cited, draw: random.Random) -> str:
    names = _with_initials(cited)
    authors = f"{names[0]} et al." if len(names) > 5 else joined(names, " & ", serial=False)
    return (
        f"{authors} {ended(cited.title)} *{short_venue(cited)}* **{draw.randint(1, 500)}**,"
        f" {_pages(draw)} ({cited.year})."
    )


def _harvard(cited: Cited, draw: random.Random) -> str:
    authors = joined(_with_initials(cited), serial=False)
    doi = f" doi: {cited.doi}." if cited.doi else ""
    return (
        f"{authors} ({cited.year}) ‘{cited.title}’, *{cited.venue}*, {draw.randint(1, 40)}"
        f"({draw.randint(1, 9)}), pp. {_pages(draw)}.{doi}"
    )


def _acm(cited: Cited, draw: random.Random) -> str:
    doi = f" https://doi.org/{cited.doi}" if cited.doi else ""
    return (
        f"{joined(whole(cited.authors))}. {cited.year}. {ended(cited.title)} In *{cited.venue}*."
        f" ACM, New York, NY, USA, {_pages(draw)}.{doi}"
    )


def _labelled(cited: Cited, _: random.Random) -> str:
    doi = f" DOI: {cited.doi}" if cited.doi else ""
    return (
        f"**Title:** {cited.title}. **Authors:** {', '.join(whole(cited.authors))}. **Year:**"
        f" {cited.year}.{doi}"
    )


def _dashed(cited: Cited, _: random.Random) -> str:
    names = whole(cited.authors)
    authors = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
    doi = f" — DOI: {cited.doi}" if cited.doi else ""
    return f"**{cited.title}** ({cited.year}) — {authors}{doi}"


def _bare_line(cited: Cited, _: random.Random) -> str:
    return f"{cited.title}, {in_text(cited)}, {short_venue(cited)}, {cited.year}"


def _published(cited: Cited, _: random.Random) -> str:
    doi = f" (https://doi.org/{cited.doi})" if cited.doi else ""
    return f"the {cited.year} paper “{cited.title}” by {in_text(cited)}{doi}"


def _possessive(cited: Cited, _: random.Random) -> str:
    return f'{in_text(cited)}\'s {cited.year} paper, "{cited.title},"'


def _german(cited: Cited, _: random.Random) -> str:
    return f"„{cited.title}“ ({in_text(cited, ' & ')}, {cited.year})"


def _html(cited: Cited, _: random.Random) -> str:
    return f"<i>{cited.title}</i> ({in_text(cited, ' & ')} {cited.year})"


def _linked_names(cited: Cited, _: random.Random) -> str:
    return f"[{in_text(cited, ' & ')}, {cited.year}](https://doi.org/{cited.doi})"


def _anchor(cited: Cited, _: random.Random) -> str:
    return (
        f'<a href="https://doi.org/{cited.doi}">{cited.title}</a>, {in_text(cited)}, {cited.year}'
    )


def _textual_doi(cited: Cited, _: random.Random) -> str:
    return f"{in_text(cited)} ({cited.year}; https://doi.org/{cited.doi})"


def _bibitem(cited: Cited, draw: random.Random) -> str:
    key = re.sub(r"\W", "", cited.authors[0][0].lower()) + str(draw.randint(10, 99))
    return (
        f"\\bibitem{{{key}}} {joined(whole(cited.authors))}.\n\\newblock {ended(cited.title)}\n"
        f"\\newblock In \\emph{{{cited.venue}}}, {cited.year}."
    )


SECOND_SET = (
    Style("MLA", STATED | {"venue", "doi"}, _mla, is_listed=True),
    Style("Chicago", STATED | {"venue"}, _chicago, is_listed=True),
    Style("Nature", STATED | {"venue"}, _nature, is_listed=True),
    Style("Harvard", STATED | {"venue", "doi"}, _harvard, is_listed=True),
    Style("ACM", STATED | {"venue", "doi"}, _acm, is_listed=True),
    Style("labelled", STATED | {"doi"}, _labelled, is_listed=True),
    Style("dashes", STATED | {"doi"}, _dashed, is_listed=True),
    Style("commas alone", STATED | {"venue"}, _bare_line, is_listed=True),
    Style("the year's paper", STATED | {"doi"}, _published),
    Style("possessive", STATED, _possessive),
    Style("low quotation marks", STATED, _german),
    Style("HTML", STATED, _html),
    Style("linked names", frozenset(("authors", "year", "doi")), _linked_names),
    Style("link in HTML", STATED | {"doi"}, _anchor),
    Style("names, then DOI in brackets", frozenset(("authors", "year", "doi")), _textual_doi),
    Style("bibitem", STATED | {"venue"}, _bibitem),
)
