"""Styles of citing, the third set: written after what the second set showed was mended."""

import random

from scripts.guarding.cited import Cited
from scripts.guarding.styles import STATED, Style, in_text, joined, whole


def _colon(cited: Cited, _: random.Random) -> str:
    return f"{joined(whole(cited.authors))}: “{cited.title}” ({cited.venue}, {cited.year})"


def _found_by(cited: Cited, _: random.Random) -> str:
    return f"work by {in_text(cited)} called “{cited.title}” from {cited.year}"


def _dashes(cited: Cited, _: random.Random) -> str:
    return f"“{cited.title}” – {in_text(cited)} – {cited.year}"


def _published(cited: Cited, _: random.Random) -> str:
    return f"*{cited.title}*, published in {cited.year} by {joined(whole(cited.authors))}"


def _square(cited: Cited, _: random.Random) -> str:
    return f"{cited.title} [{in_text(cited, ' & ')}, {cited.year}, {cited.doi}]"


def _plain(cited: Cited, _: random.Random) -> str:
    names = ", ".join(f"{family} {given[:1]}" for family, given in cited.authors)
    doi = f" {cited.doi}" if cited.doi else ""
    return f"{cited.year} – {names} – {cited.title} – {cited.venue}{doi}"


def _table(cited: Cited, _: random.Random) -> str:
    return f"| {cited.title} | {in_text(cited)} | {cited.year} | {cited.venue} |"


def _labelled(cited: Cited, _: random.Random) -> str:
    doi = f"; DOI: {cited.doi}" if cited.doi else ""
    return (
        f"Title: {cited.title}; Authors: {', '.join(whole(cited.authors))}; Year: {cited.year}{doi}"
    )


HELD_BACK_AGAIN = (
    Style("names: title (venue, year)", STATED | {"venue"}, _colon),
    Style("work by names called", STATED, _found_by),
    Style("dashes", STATED, _dashes),
    Style("title, published by", STATED, _published),
    Style("square brackets, DOI in brackets", STATED | {"doi"}, _square),
    Style("year first", STATED | {"venue", "doi"}, _plain, is_listed=True),
    Style("row of a table", STATED | {"venue"}, _table),
    Style("labelled", STATED | {"doi"}, _labelled, is_listed=True),
)
