"""Read the dates that sources write, and say which days a partial date names.

A date is an ISO date as exact as the source gave it: "2025-12-23", "2025-12" or "2025". What
lies between (a season, a quarter, "Jan-Feb") is known to the year only.
"""

import calendar
import datetime
import re
import unicodedata
from functools import lru_cache

EARLIEST_YEAR, LATEST_YEAR = 1400, 2100
"""The years a scholarly article can bear: from the first printed books on."""

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ].*)?)?)?", re.DOTALL)
_PARTED = re.compile(r"(\d{4})[/.](\d{0,2})(?:[/.](\d{0,2})(?:[/ T].*)?)?", re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)?")
_MONTH_FIRST = re.compile(r"(\d{1,2})[/.-](\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?(?![\d])")
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 100

_MONTH_NAMES = (
    "jan january januar janvier janv enero ene gennaio janeiro",
    "feb february februar fevrier fevr febrero febbraio fevereiro",
    "mar march marz maerz mrz mars marzo marco",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio maio",
    "jun june juni juin junio giugno junho",
    "jul july juli juillet juil julio luglio julho",
    "aug august aout agosto ago",
    "sep sept september septembre septiembre settembre setembro",
    "oct october okt oktober octobre octubre ottobre outubro",
    "nov november novembre noviembre novembro",
    "dec december dez dezember decembre diciembre dic dicembre dezembro",
)
_MONTHS = {name: 1 + i for i, names in enumerate(_MONTH_NAMES) for name in names.split()}


@lru_cache(maxsize=8192)
def parse_date(raw: str) -> tuple[str | None, str | None]:
    """Give the ISO partial date that a source wrote, and what was wrong with it, if anything.

        parse_date("Dec 25, 2025")   ("2025-12-25", None)
        parse_date("2019 Jan-Feb")   ("2019", None)
        parse_date("2021-02-30")     ("2021-02", 'the date "2021-02-30" names no day …')
        parse_date("in press")       (None, 'the date "in press" names no year; left out')

    Blank text is no date and no fault.
    """
    text = " ".join(raw[:_LONGEST].split())
    if not text:
        return None, None
    year, month, day = _parts(text)
    shown = f'the date "{text}"'
    if year is None:
        return None, f"{shown} names no year; left out"
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None, f"{shown} names the year {year}, which cannot be; left out"
    if not month:
        return f"{year:04}", None
    if month > 12:
        return f"{year:04}", f"{shown} names no month; only its year is kept"
    if not day:
        return f"{year:04}-{month:02}", None
    if day > calendar.monthrange(year, month)[1]:
        return f"{year:04}-{month:02}", f"{shown} names no day of its month; only the month is kept"
    return f"{year:04}-{month:02}-{day:02}", None


def parse_moment(raw: str) -> str | None:
    """Give an ISO time as every index writes it, `2026-11-22T10:00:00.000Z`; None for none."""
    try:
        moment = datetime.datetime.fromisoformat(raw.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        moment = moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def date_span(published: str) -> tuple[datetime.date, datetime.date]:
    """Give the first and the last day that an ISO partial date names."""
    year, month, day = (int(part) for part in (published + "-0-0").split("-")[:3])
    if day:
        exact = datetime.date(year, month, day)
        return exact, exact
    last_day = calendar.monthrange(year, month or 12)[1]
    return datetime.date(year, month or 1, 1), datetime.date(year, month or 12, last_day)


def _parts(text: str) -> tuple[int | None, int, int]:
    """Give year, month and day as written, 0 for what is not; the year None if there is none."""
    for pattern in (_ISO, _PARTED, _COMPACT):
        if match := pattern.fullmatch(text):
            year, month, day = (int(part or 0) for part in match.groups())
            return year, month, day
    if match := _MONTH_FIRST.fullmatch(text):
        return int(match[2]), int(match[1]), 0
    if match := _DAY_FIRST.fullmatch(text):
        return _day_first(int(match[1]), int(match[3]), int(match[4]), match[2])
    years = _YEAR.findall(text)
    if not years:
        return None, 0, 0
    rest = _YEAR.sub(" ", text)
    months = [_MONTHS[word] for word in map(_folded, _WORD.findall(rest)) if word in _MONTHS]
    if len(set(years)) > 1 or len(months) != 1:
        return int(years[0]), 0, 0
    days = {int(day) for day in _DAY.findall(rest)}
    return int(years[0]), months[0], days.pop() if len(days) == 1 else 0


def _day_first(first: int, second: int, year: int, mark: str) -> tuple[int, int, int]:
    """Read 31/12/1999 and 12/31/1999; where both readings hold, only the year is sure."""
    if mark == "." or first > 12 or first == second:
        return year, second, first
    return (year, first, second) if second > 12 else (year, 0, 0)


def _folded(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
