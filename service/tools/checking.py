"""The tool that checks what an answer cites, quotes and claims."""

from collections import Counter
from collections.abc import Iterable, Iterator

from index.progress import counted
from service.deadline import Deadline
from service.holder import EngineHolder
from service.schemas import rounded
from service.tools.answer import Answer, Budget
from service.tools.arguments import VerifyCitationsArguments
from service.tools.fitting import nothing_fits
from service.tools.parts import InParts
from service.tools.shown import LONGEST_SENTENCE, clipped, line, one_line, place
from service.tools.tool import Tool
from service.verification.results import (
    CheckedCitation,
    CheckedClaim,
    CheckedQuote,
    Verification,
)
from service.wording import per_cent

_LONGEST_NAMED = 120
"""So much of a citation, quotation or claim names it: the model has the whole of it."""
_LONGEST_STATED = 200
_MOST_DIFFERENCES = 8


def _verify_citations(
    holder: EngineHolder, asked: VerifyCitationsArguments, deadline: Deadline
) -> Answer:
    with holder.borrow() as engine:
        found = engine.verify(asked.to_query(), deadline)
        budget = Budget(asked.max_tokens, engine.count_tokens)
        data = {
            "is_wrong": found.is_wrong,
            "summary": {status: n for status, n in found.summary.items() if n},
            "snapshot": found.snapshot,
        }
        heading = _heading(found)
        whole = InParts(heading, list(_parts(found)), data)
        return whole.from_part(asked.start, budget) or nothing_fits(heading, budget)


def _heading(found: Verification) -> str:
    quotes = Counter(quote.status for quote in found.quotes)
    n_supported = sum(claim.supported for claim in found.claims)
    return " ".join(
        (
            _counted(len(found.citations), "citation", found.summary.items()),
            _counted(len(found.quotes), "quote", quotes.items()),
            _counted(len(found.claims), "claim", [("supported", n_supported)]),
        )
    )


def _counted(n: int, noun: str, statuses: Iterable[tuple[str, int]]) -> str:
    of_each = [f"{n_of} {status}" for status, n_of in statuses if n_of]
    return f"{counted(n, noun)}{': ' if of_each else ''}{', '.join(of_each)}."


def _parts(found: Verification) -> Iterator[Answer]:
    """Give citations, then quotations, then claims, each with what was found."""
    yield from map(_citation, found.citations)
    yield from map(_quote, found.quotes)
    yield from map(_claim, found.claims)


def _first_line(kind: str, text: str, status: str, reason: str) -> str:
    named = clipped(one_line(text), _LONGEST_NAMED)
    return f"{kind} {named}: {status}. {clipped(one_line(reason), LONGEST_SENTENCE)}"


def _citation(citation: CheckedCitation) -> Answer:
    lines = [_first_line("Citation", citation.text, citation.status, citation.reason)]
    if citation.article is not None:
        lines.append(line("id", citation.article.article_id))
    for differs in citation.differs[:_MOST_DIFFERENCES]:
        given, found = (
            clipped(one_line(stated or "unknown"), _LONGEST_STATED)
            for stated in (differs.given, differs.found)
        )
        lines.append(line("differs", f"{differs.field}: given {given}; found {found}"))
    if citation.retracted:
        lines.append(line("retracted", "yes"))
    if citation.in_bundle is False:
        lines.append(line("in bundle", "no"))
    return Answer(
        "\n".join(lines),
        {
            "kind": citation.kind,
            "start": citation.start,
            "end": citation.end,
            "status": citation.status,
            "in_bundle": citation.in_bundle,
        },
    )


def _quote(quote: CheckedQuote) -> Answer:
    lines = [_first_line("Quote", quote.text, quote.status, quote.reason)]
    if quote.article_id is not None:
        lines.append(line("id", quote.article_id))
    if quote.status == "altered" and quote.found_text is not None:
        lines.append(line("found", clipped(quote.found_text, LONGEST_SENTENCE)))
    return Answer(
        "\n".join(lines),
        {
            "kind": "quote",
            "start": quote.start,
            "end": quote.end,
            "status": quote.status,
            "field": quote.field,
            "found_start": quote.found_start,
            "found_end": quote.found_end,
        },
    )


def _claim(claim: CheckedClaim) -> Answer:
    verdict = "supported" if claim.supported else "not supported"
    match = "" if claim.match is None else f"match {per_cent(claim.match)}"
    lines = [_first_line("Claim", claim.text, verdict, match).rstrip()]
    if claim.article_id is not None:
        lines.append(line("id", claim.article_id))
    support = claim.support
    if support is not None:
        lines.append(line("says", clipped(support.text, LONGEST_SENTENCE)))
    return Answer(
        "\n".join(lines),
        {
            "kind": "claim",
            "start": claim.start,
            "end": claim.end,
            "citations": list(claim.citations),
            "supported": claim.supported,
            "match": rounded(claim.match),
            "support": support and place(support),
        },
    )


VERIFY_CITATIONS = Tool(
    "verify_citations",
    "Verify citations",
    "Check an answer before it is given: each citation, quotation and claim against the index.",
    VerifyCitationsArguments,
    _verify_citations,
)
