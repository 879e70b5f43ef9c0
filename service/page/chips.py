"""Chips: the filters that are chosen, each with the address that lifts it."""

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from service.page.addresses import Address
from service.page.form import ANY_TIME, CUSTOM, DURATIONS, FormDates, form_dates, given
from service.wording import type_name

DATES = ("duration", "from", "to")
FILTERS = ("author", "journal", "type", "language", *DATES)
"""The names in an address that narrow an answer."""

_KINDS = {"author": "Author", "journal": "Journal", "type": "Type", "language": "Language"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is chosen, in words, and the address of the same without it."""

    kind: str
    words: str
    lifted: Address


def chips(form: QueryParams, here: Address) -> list[Chip]:
    """Give what is chosen, name by name."""
    chosen = [
        Chip(kind, type_name(value) if name == "type" else value, _lifted(here, name, value))
        for name, kind in _KINDS.items()
        for value in given(form, name)
    ]
    dates = form_dates(form)
    if dates.since or dates.to:
        chosen.append(Chip("Published", date_words(dates), here.without(*DATES)))
    least = form.get("min_match")
    if least:
        words = "nearest misses" if least == "0" else f"at least {least}"
        chosen.append(Chip("Match", words, here.without("min_match")))
    return chosen


def _lifted(here: Address, name: str, value: str) -> Address:
    kept = here.without()
    items = [item for item in kept.items if (item[0], item[1].strip()) != (name, value)]
    return Address(kept.path, tuple(items))


def date_words(dates: FormDates) -> str:
    """Say which dates are chosen: "Last year", "2015 to 2020", "since 2015", "in 2015"."""
    if dates.duration not in (CUSTOM, ANY_TIME):
        return DURATIONS.get(dates.duration, dates.duration)
    if dates.since and dates.to:
        return f"in {dates.since}" if dates.since == dates.to else f"{dates.since} to {dates.to}"
    return f"since {dates.since}" if dates.since else f"until {dates.to}"
