"""Styles of citing, the second set: written when the guard was finished, by who had not made it.

None of their forms was seen while the guard was made, so they tell how it reads what it was not
made for.
"""

import random

from scripts.guarding.cited import Cited
from scripts.guarding.styles import STATED, Style, ended, in_text, initials, joined, whole


def _mla(cited: Cited, draw: random.Random) -> str:
    family, given = cited.authors[0]
    first = f"{family}, {given}"
    names = {1: first, 2: f"{first}, and {whole(cited.authors)[-1]}"}
    authors = names.get(len(cited.authors), f"{first}, et al.")
    pages = f"pp. {draw.randint(1, 400)}-{draw.randint(401, 999)}"
    return f"{authors.rstrip('.')}. “{ended(cited.title)}” *{cited.venue}*, {cited.year}, {pages}."


def _chicago(cited: Cited, draw: random.Random) -> str:
    family, given = cited.authors[0]
    authors = joined([f"{family}, {given}", *whole(cited.authors[1:])])
    pages = f"{draw.randint(1, 99)}–{draw.randint(100, 200)}"
    doi = f" https://doi.org/{cited.doi}." if cited.doi else ""
    return f"{authors}. {cited.year}. “{ended(cited.title)}” {cited.venue}: {pages}.{doi}"


def _harvard(cited: Cited, _: random.Random) -> str:
    names = [f"{family}, {initials(given, between='')}" for family, given in cited.authors]
    doi = f" Available at: https://doi.org/{cited.doi}." if cited.doi else ""
    return f"{joined(names, serial=False)} ({cited.year}) ‘{cited.title}’, {cited.venue}.{doi}"


def _nature(cited: Cited, draw: random.Random) -> str:
    names = [f"{family}, {initials(given)}" for family, given in cited.authors]
    authors = f"{names[0]} et al." if len(names) > 5 else joined(names, " & ", serial=False)
    where = f"*{cited.venue}* **{draw.randint(1, 99)}**, {draw.randint(1, 999)} ({cited.year})"
    return f"{authors} {ended(cited.title)} {where}."


def _springer(cited: Cited, draw: random.Random) -> str:
    names = [f"{family}, {initials(given, between='')}" for family, given in cited.authors]
    pages = f"pp. {draw.randint(1, 99)}–{draw.randint(100, 200)}"
    doi = f" https://doi.org/{cited.doi}" if cited.doi else ""
    return (
        f"{', '.join(names)}: {ended(cited.title)} In: {cited.venue}, {pages} ({cited.year}).{doi}"
    )


def _bold(cited: Cited, _: random.Random) -> str:
    doi = f" · DOI: {cited.doi}" if cited.doi else ""
    return f"**{cited.title}** ({in_text(cited, ' & ')}, {cited.year}){doi}"


def _paper_of(cited: Cited, _: random.Random) -> str:
    return f"{in_text(cited)}’s {cited.year} paper “{cited.title}”"


def _in_year(cited: Cited, _: random.Random) -> str:
    names = joined(whole(cited.authors))
    return f"“{cited.title}”, which {names} published in {cited.year}"


def _semicolons(cited: Cited, _: random.Random) -> str:
    return f"({in_text(cited, ' and ')}: {cited.title}; {cited.year})"


def _doi_first(cited: Cited, _: random.Random) -> str:
    return f"<https://doi.org/{cited.doi}> (link: {cited.title}, {cited.year})"


HELD_BACK = (
    Style("MLA", STATED | {"venue"}, _mla, is_listed=True),
    Style("Chicago", STATED | {"venue", "doi"}, _chicago, is_listed=True),
    Style("Harvard", STATED | {"venue", "doi"}, _harvard, is_listed=True),
    Style("Nature", STATED | {"venue"}, _nature, is_listed=True),
    Style("Springer", STATED | {"venue", "doi"}, _springer, is_listed=True),
    Style("bold title, names in brackets", STATED | {"doi"}, _bold, is_listed=True),
    Style("names' paper", STATED, _paper_of),
    Style("title, which names published", STATED, _in_year),
    Style("names: title; year", STATED, _semicolons),
    Style("DOI as a link, then title", frozenset(("title", "year", "doi")), _doi_first),
)
