"""Ids of papers: our own in a form that stands in an address, and what else names a paper.

Clients put an id into the path of an address as it is, so an id must not hold what an address
takes for its own.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, unquote

from index.errors import UnknownArticleError
from service.results import FoundArticle
from service.search import SearchEngine

BELOW_PAPER = ("/authors", "/citations", "/references")
"""What lies below a paper's address."""

_NEVER_PLAIN = "%?#"
_SHA = re.compile(r"[0-9a-f]{40}")
_ACL_ADDRESS = re.compile(
    r"https?://(?:www\.)?aclweb\.org/anthology/(?:papers/\w/\w+/)?([\w.-]+?)(?:\.pdf)?/?"
)
_OWN_ADDRESS = re.compile(
    r"https?://(?:www\.)?semanticscholar\.org/paper/(?:[^/]+/)?([0-9a-f]{40})"
)
_PREPRINT_ADDRESS = re.compile(r"https?://(?:www\.)?(?:bio|med)rxiv\.org/content/(10\.[\d./]+)v\d")


def paper_id(article_id: str) -> str:
    """Give an article's id as a `paperId`: the same text, but for what would break an address."""
    escaped = _NEVER_PLAIN
    if {"", ".", ".."} & set(article_id.split("/")) or article_id.endswith(BELOW_PAPER):
        escaped += "./"
    return "".join(_escaped(sign) if sign in escaped else sign for sign in article_id)


def _escaped(sign: str) -> str:
    return "%2E" if sign == "." else quote(sign, safe="")


def find_papers(
    engine: SearchEngine, given: Sequence[str], *, is_decoded: bool = False
) -> list[FoundArticle | None]:
    """Give the articles that ids name, None where one is unknown.

    `is_decoded` tells that the ids come out of a path, which is decoded by then.
    """
    forms = [_all_forms(text, is_decoded=is_decoded) for text in given]
    found: list[FoundArticle | None] = [None] * len(given)
    for turn in range(max(map(len, forms), default=0)):
        # a turn for each form, so that no more are asked for at once than were given
        asked = [
            number for number, of_one in enumerate(forms)
            if found[number] is None and turn < len(of_one)
        ]  # fmt: skip
        articles = engine.articles([forms[number][turn] for number in asked])
        for number, article in zip(asked, articles, strict=True):
            found[number] = article
    return found


def known_papers(
    engine: SearchEngine, given: Sequence[str], *, is_decoded: bool = False
) -> list[FoundArticle]:
    """Give the articles that ids name; UnknownArticleError for the first that is unknown."""
    papers = []
    found_all = find_papers(engine, given, is_decoded=is_decoded)
    for text, found in zip(given, found_all, strict=True):
        if found is None:
            raise UnknownArticleError(text)
        papers.append(found)
    return papers


def _all_forms(text: str, *, is_decoded: bool) -> tuple[str, ...]:
    plain = unquote(text)
    either = (text, plain) if is_decoded else (plain, text)
    return tuple(dict.fromkeys(form for one in either for form in _forms(one)))


def _forms(text: str) -> Iterator[str]:
    """Give what a text may be the id of an article as; forms of DOI, arXiv and PubMed are known."""
    yield text
    scheme, _, value = text.partition(":")
    match scheme.lower():
        case "url":
            yield from _forms_of_address(value)
        case "pmcid":
            number = value.upper().removeprefix("PMC")
            yield from (f"pmcid:PMC{number}", f"pmcid:{number}")
        case "acl":
            yield from (f"acl:{value.upper()}", f"acl:{value.lower()}")
    if _SHA.fullmatch(text):
        yield f"s2:{text}"


def _forms_of_address(address: str) -> Iterator[str]:
    yield address
    if of_acl := _ACL_ADDRESS.fullmatch(address):
        yield f"acl:{of_acl[1]}"
    if own := _OWN_ADDRESS.match(address):
        yield f"s2:{own[1]}"
    if preprint := _PREPRINT_ADDRESS.match(address):
        yield f"doi:{preprint[1]}"
