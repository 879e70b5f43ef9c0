"""The console's citation guard: a file into a query, and what was found into lines."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from index.errors import QueryError
from index.progress import counted
from service.verification.query import FIELD, VerifyQuery
from service.verification.results import CheckedCitation, CheckedClaim, CheckedQuote, Verification

STDIN = "-"
WRONG = 3
"""The exit status where something that was checked is wrong."""

_SHOWN = 72


def to_verify_query(options: argparse.Namespace) -> VerifyQuery:
    """Give the query that the options of `cognate check-citations` ask."""
    text = _read(options.file)
    return VerifyQuery(text=text, bundle_id=options.bundle, min_match=options.min_match)


def _read(name: str) -> str:
    content = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        shown = "stdin" if name == STDIN else name
        reason = f"{shown} is not in UTF-8 (byte {error.start}); convert it"
        raise QueryError(FIELD, reason) from error


def to_lines(found: Verification, text: str) -> Iterator[str]:
    """Give what was found, a paragraph for each part; claims only where they have no support."""
    for one in found.citations:
        yield from _of_citation(one, text)
    for quote in found.quotes:
        yield from _of_quote(quote, text)
    for claim in found.claims:
        if not claim.supported:
            yield from _of_claim(claim, text)
    counts = ", ".join(f"{number} {status}" for status, number in found.summary.items() if number)
    yield f"{counted(len(found.citations), 'citation')}: {counts or 'none'}"
    n_verbatim = sum(one.status == "verbatim" for one in found.quotes)
    yield f"{counted(len(found.quotes), 'quotation')}: {n_verbatim} verbatim"
    n_supported = sum(one.supported for one in found.claims)
    yield f"{counted(len(found.claims), 'claim')}: {n_supported} supported"


def _of_citation(one: CheckedCitation, text: str) -> Iterator[str]:
    outside = ", not in the bundle" if one.in_bundle is False else ""
    yield f"{_line(text, one.start)}: {one.status}{outside}: {_short(one.text)}"
    yield f"    {one.reason}"
    for difference in one.differs:
        found = difference.found if difference.found is not None else "not known"
        yield f"    {difference.field}: {_short(difference.given)} | {_short(found)}"


def _of_quote(one: CheckedQuote, text: str) -> Iterator[str]:
    yield f"{_line(text, one.start)}: quotation {one.status}: {_short(one.text)}"
    yield f"    {one.reason}"
    if one.found_text is not None:
        yield f"    {one.article_id}, {one.field}: {_short(one.found_text)}"
    for change in one.differs:
        yield f"    {change.given or '(nothing)'} | {change.found or '(nothing)'}"


def _of_claim(one: CheckedClaim, text: str) -> Iterator[str]:
    yield f"{_line(text, one.start)}: claim without support: {_short(one.text)}"


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN else f"{plain[: _SHOWN - 1]}…"
