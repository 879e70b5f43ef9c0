"""The citation guard put together: an answer read, and all of it looked up in one snapshot."""

from concurrent.futures import ThreadPoolExecutor

from index.machine import n_cores
from index.snapshot import Snapshot
from service.context.bundle import Bundle
from service.deadline import Deadline
from service.match import Matcher
from service.related.candidates import CandidateFinder
from service.short_article import ShortArticle
from service.verification.citations import CitationJudge, Judged
from service.verification.claims import ClaimChecker
from service.verification.handed import HandedOver
from service.verification.library import Library
from service.verification.query import VerifyQuery
from service.verification.quotes import QuoteChecker
from service.verification.reading import read_answer
from service.verification.results import CheckedCitation, Verification


class AnswerVerifier:
    """Verifies answers against one snapshot; safe for many threads."""

    def __init__(self, snapshot: Snapshot, matcher: Matcher) -> None:
        self._snapshot = snapshot
        self._pool = ThreadPoolExecutor(n_cores(), thread_name_prefix="cognate-claims")
        self._claims = ClaimChecker(snapshot, CandidateFinder(snapshot, matcher, self._pool))

    def close(self) -> None:
        """End the threads; no call may follow."""
        self._pool.shutdown()

    def verify(self, query: VerifyQuery, deadline: Deadline) -> Verification:
        """Give what is found; QueryError for a bundle that is none, or more than is checked."""
        library = Library(self._snapshot)
        handed = None
        if query.bundle_id is not None:
            handed = HandedOver(Bundle.from_id(query.bundle_id), library)
        answer = read_answer(query.text, library, handed.has_key if handed else _no_key)
        judged = CitationJudge(answer, library, handed).judge(deadline)
        quotes = QuoteChecker(self._snapshot, library, answer, judged, handed).check(deadline)
        claims = self._claims.check(answer, judged, handed, query.min_match, deadline)
        return Verification(
            citations=tuple(_checked(query.text, one, handed) for one in judged),
            quotes=tuple(quotes),
            claims=tuple(claims),
            snapshot=self._snapshot.name,
        )


def _no_key(_: str) -> bool:
    return False


def _checked(text: str, one: Judged, handed: HandedOver | None) -> CheckedCitation:
    verdict = one.verdict
    in_bundle = None if handed is None else verdict.work is not None and handed.holds(verdict.work)
    return CheckedCitation(
        start=one.start,
        end=one.end,
        text=text[one.start : one.end],
        kind=one.kind,
        status=verdict.status,
        reason=verdict.reason,
        article=ShortArticle.of(verdict.work.article) if verdict.work else None,
        differs=verdict.differs,
        in_bundle=in_bundle,
        retracted=verdict.work is not None and verdict.work.is_retracted,
    )
