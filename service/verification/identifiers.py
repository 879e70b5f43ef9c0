"""Identifiers in running text: DOIs, arXiv ids and PubMed ids, and where each of them ends.

A DOI can hold brackets, semicolons and full stops, and can stand within brackets, before a
semicolon or at the end of a sentence. A bracket that it did not open ends it.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from index.identity import normalise_arxiv, normalise_doi, normalise_pmid

IdentifierKind = Literal["doi", "arxiv", "pmid"]

LONGEST = 400
"""Characters of the longest identifier."""

_DOI = re.compile(r"(?<![\d.])10\.\d{4,9}(?:\.\d{1,9}){0,5}(?:\\?/|%2[fF])(?=\S)")
_BEFORE_DOI = re.compile(
    r"(?:https?://[^\s()\[\]<>\"]{1,100}|(?:dx\.)?doi\.org/|\bdoi\s{0,3}:?\s{0,3}|info:doi/"
    r"|\bDOI\s{0,3}\(\s?)$",
    re.IGNORECASE,
)
_LOOK_BACK = 120
_STOP = re.compile(
    r"[\s\"“”„«»`|]|</|\]\(|—|\*\*|\[\d{1,3}\]|[;,](?=10\.\d{4})|[;,]\s?doi:|\\[)\]}]", re.I
)
_PAIRS = {")": "(", "]": "[", ">": "<", "}": "{"}
_AT_END = ".,;:!?'’…*_\\"
_ARXIV = re.compile(
    r"(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html|format|ps|e-print)/"
    r"(?P<address>(?:\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[A-Z]{2})?/\d{7})(?:v\d{1,2})?)(?:\.pdf)?"
    r"|\barxiv(?:\s{0,2}(?:preprint|id|e-print))?\s{0,2}[:.]?\s{0,2}(?:arxiv\s{0,2}[:.]\s{0,2})?"
    r"(?P<labelled>(?:\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[A-Z]{2})?/\d{7})(?:v\d{1,2})?)(?![\d/])"
    r"|(?<![\w./-])(?P<old>(?:astro-ph|cond-mat|cs|gr-qc|hep-(?:ex|lat|ph|th)|math(?:-ph)?|nlin"
    r"|nucl-(?:ex|th)|physics|q-bio|quant-ph|cmp-lg|stat|eess|econ)(?:\.[A-Z]{2})?/\d{7}(?:v\d{1,2})?)(?![\d/])"
    r"|(?<![\w./-])(?P<bare>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}(?:v\d{1,2})?)(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
_PMID = re.compile(
    r"(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/"
    r"(?P<address>\d{1,9})\b/?"
    r"|\b(?:PMID|PubMed(?:\s(?:ID|identifier))?)\s{0,2}[:#]?\s{0,2}(?P<labelled>\d{1,9})\b",
    re.IGNORECASE,
)
URL = re.compile(r"(?:https?://|www\.)[^\s<>\"“”|]{1,2000}", re.IGNORECASE)


class FoundIdentifier(NamedTuple):
    """An identifier, as `scheme:value`, and where it stands with what introduces it.

    `is_sure` unless it may be a number: "1905.12345" alone can be either.
    """

    start: int
    end: int
    kind: IdentifierKind
    identifier: str
    is_sure: bool = True


def find_identifiers(text: str) -> list[FoundIdentifier]:
    """Give the identifiers of a text, in their order; of two at one place the first or longer."""
    found = [*_dois(text), *_arxiv_ids(text), *_pmids(text)]
    found.sort(key=lambda one: (one.start, -one.end))
    chosen: list[FoundIdentifier] = []
    for one in found:
        if not chosen or one.start >= chosen[-1].end:
            chosen.append(one)
    return chosen


def _dois(text: str) -> Iterator[FoundIdentifier]:
    last = 0
    for match in _DOI.finditer(text):
        if match.start() < last:
            continue
        begin = max(last, match.start() - _LOOK_BACK)
        before = _BEFORE_DOI.search(text[begin : match.start()])
        start = begin + before.start() if before else match.start()
        end = _end_of_doi(text, match.start(), match.end())
        doi, _ = normalise_doi(text[start:end] if before else text[match.start() : end])
        if doi is not None:
            last = end
            yield FoundIdentifier(start, end, "doi", f"doi:{doi}")


def _end_of_doi(text: str, start: int, place: int) -> int:
    """Give where a DOI ends: at a space, a quotation mark, or a bracket that it did not open."""
    most = min(len(text), start + LONGEST)
    stop = _STOP.search(text, place, most)
    most = stop.start() if stop else most
    opened: list[str] = []
    end = place
    while end < most:
        sign = text[end]
        if sign in "([<{":
            opened.append(sign)
        elif sign in _PAIRS:
            if not opened or opened[-1] != _PAIRS[sign]:
                break
            opened.pop()
        end += 1
    while end > place and (text[end - 1] in _AT_END or (opened and text[end - 1] in "([<{")):
        end -= 1
    return end


def _arxiv_ids(text: str) -> Iterator[FoundIdentifier]:
    for match in _ARXIV.finditer(text):
        kind = match.lastgroup or ""
        value = normalise_arxiv(match[kind])
        if value is not None:
            is_sure = kind != "bare"
            yield FoundIdentifier(match.start(), match.end(), "arxiv", f"arxiv:{value}", is_sure)


def _pmids(text: str) -> Iterator[FoundIdentifier]:
    for match in _PMID.finditer(text):
        value = normalise_pmid(match[match.lastgroup or ""])
        if value is not None:
            yield FoundIdentifier(match.start(), match.end(), "pmid", f"pmid:{value}")
