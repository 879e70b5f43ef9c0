"""The verdict on one citation: looked up, compared, and said in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from service.verification.comparison import Comparison, Difference, compare
from service.verification.library import Library, Work
from service.verification.statement import Reference, Statement
from service.verification.titles import LEAST_WORDS, n_words

Status = Literal["verified", "metadata_mismatch", "retracted", "not_in_corpus", "unchecked"]
STATUSES: tuple[Status, ...] = get_args(Status)

SURE_BY_TITLE = 4
"""A title of so many words, which one work of the index bears, says alone which one is meant."""

_CALLED = {
    "title": "title",
    "authors": "authors",
    "year": "year",
    "journal": "journal",
    "doi": "DOI",
    "arxiv": "arXiv id",
    "pmid": "PubMed id",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a citation is found to be, and why, in a sentence; `work` is what it names, if known.

    `is_certain` where the work is surely the one that is meant, whatever else is stated of it.
    """

    status: Status
    reason: str
    work: Work | None = None
    differs: tuple[Difference, ...] = ()
    is_certain: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A work that may be meant, and how what is stated compares with it."""

    work: Work
    statement: Statement
    comparison: Comparison

    @classmethod
    def of(cls, reference: Reference, work: Work) -> "_Candidate":
        statement = reference.statement(work.versions)
        return cls(work, statement, compare(statement, work.versions))

    @property
    def n_faults(self) -> tuple[int, int]:
        return len(self.comparison.differs), len(self.comparison.unknown)


def judge(reference: Reference, library: Library) -> Verdict:
    """Look a citation up, by its identifiers, else by its title, and compare what it states."""
    named = [(one, library.identified(one)) for one in reference.identifiers]
    works = _distinct([work for _, work in named if work is not None])
    if len(works) > 1:
        return _of_two_works(reference, works)
    if works:
        return _compared(_Candidate.of(reference, works[0]), is_identified=True)
    titled = _titled(reference, library)
    if titled:
        candidates = [_Candidate.of(reference, work) for work in titled]
        best = min(candidates, key=lambda one: one.n_faults)
        rivals = [one for one in candidates if one.n_faults == best.n_faults]
        if len(rivals) > 1:
            return _of_one_title(rivals)
        return _compared(best, is_identified=False)
    return _not_found(reference, library)


def _distinct(works: Sequence[Work]) -> list[Work]:
    found: dict[int, Work] = {}
    for work in works:
        found.setdefault(min(work.rows), work)
    return [*found.values()]


def _titled(reference: Reference, library: Library) -> tuple[Work, ...]:
    for title in reference.titles():
        works = library.titled(title)
        # a short piece of a reference can be some other title by chance
        if works and _Candidate.of(reference, works[0]).statement.title is not None:
            return works
    return ()


def _of_two_works(reference: Reference, works: Sequence[Work]) -> Verdict:
    first = _Candidate.of(reference, works[0])
    ids = " and ".join(work.article.article_id for work in works[:2])
    reason = f"Its identifiers name different articles: {ids}."
    return Verdict("metadata_mismatch", reason, works[0], first.comparison.differs)


def _of_one_title(rivals: Sequence[_Candidate]) -> Verdict:
    reason = (
        f"{len(rivals)} works of this corpus have this title, and what is stated does not tell"
        " them apart."
    )
    if rivals[0].comparison.differs:
        one = rivals[0]
        return Verdict(
            "metadata_mismatch",
            differing(one.comparison.differs, one.comparison),
            one.work,
            one.comparison.differs,
        )
    return Verdict("unchecked", reason)


def _compared(candidate: _Candidate, *, is_identified: bool) -> Verdict:
    """Say what comes of comparing; `is_identified` where an identifier names the work."""
    work, comparison, statement = candidate.work, candidate.comparison, candidate.statement
    if comparison.differs:
        is_certain = is_identified
        return Verdict(
            "metadata_mismatch",
            differing(candidate.comparison.differs, candidate.comparison),
            work,
            comparison.differs,
            is_certain,
        )
    if comparison.unknown:
        fields = _listed([one.field for one in comparison.unknown])
        reason = f"This corpus does not know its {fields}, so what is stated was not compared."
        return Verdict("unchecked", reason, work, comparison.unknown)
    if statement.unread:
        reason = f"What stands beside it was not understood: {statement.unread!r}."
        return Verdict("unchecked", reason, work)
    is_told = bool({"authors", "year"} & set(comparison.agrees))
    if not is_identified and not is_told and n_words(statement.title or "") < SURE_BY_TITLE:
        reason = "A title of so few words, with no author or year beside it, is not certain."
        return Verdict("unchecked", reason, work)
    if work.is_retracted:
        reason = f"{_agreeing(comparison)} The article is retracted."
        return Verdict("retracted", reason, work, is_certain=True)
    return Verdict("verified", _agreeing(comparison), work, is_certain=True)


def _not_found(reference: Reference, library: Library) -> Verdict:
    """Say that no article has what identifies the work, or nearly which one was meant."""
    statement = reference.statement(())
    title = statement.title
    near = None
    if title is not None and n_words(title) >= LEAST_WORDS:
        near = library.nearly_titled(title)
    if near is not None:
        candidate = _Candidate(near, statement, compare(statement, near.versions))
        differs = candidate.comparison.differs
        if differs:
            return Verdict(
                "metadata_mismatch",
                differing(candidate.comparison.differs, candidate.comparison),
                near,
                differs,
            )
    if statement.identifiers:
        kinds = _listed([one.partition(":")[0] for one in statement.identifiers])
        return Verdict("not_in_corpus", f"No article of this corpus has this {kinds}.")
    if title is None or n_words(title) < LEAST_WORDS:
        return Verdict("unchecked", "No identifier and no title could be read in it.")
    return Verdict("not_in_corpus", "No article of this corpus has this title or nearly this one.")


def differing(differs: Sequence[Difference], comparison: Comparison) -> str:
    """Say in a sentence what differs, and what agrees."""
    names = [one.field for one in differs]
    fields = _listed(names)
    verb = "differ" if _are_many(names) else "differs"
    others = replace(comparison, agrees=tuple(one for one in comparison.agrees if one not in names))
    agreeing = f" {_agreeing(others)}" if others.agrees else ""
    return f"The {fields} {verb}.{agreeing}"


def _agreeing(comparison: Comparison) -> str:
    if not comparison.agrees:
        return "Nothing is stated of it that could differ."
    fields = _listed([*comparison.agrees])
    verb = "agree" if _are_many(comparison.agrees) else "agrees"
    versions = "".join(
        f" The {_CALLED[field]} is that of its version {article_id}."
        for field, article_id in comparison.by_version
    )
    return f"The {fields} {verb}.{versions}"


def _are_many(fields: Sequence[str]) -> bool:
    return len(set(fields)) > 1 or "authors" in fields


def _listed(fields: Sequence[str]) -> str:
    names = list(dict.fromkeys(_CALLED.get(field, field) for field in fields))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def of_known_work(work: Work, by: str) -> Verdict:
    """Give the verdict on a citation whose work is known for certain, by a list or a bundle."""
    if work.is_retracted:
        reason = f"Its {by} is that of an article which is retracted."
        return Verdict("retracted", reason, work, is_certain=True)
    return Verdict("verified", f"Its {by} is that of this article.", work, is_certain=True)


def softened(verdict: Verdict, why: str) -> Verdict:
    """Give a verdict in which a difference only leaves the citation undecided."""
    if verdict.status != "metadata_mismatch":
        return verdict
    return replace(verdict, status="unchecked", reason=f"{verdict.reason} {why}")
