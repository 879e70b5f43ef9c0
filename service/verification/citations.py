"""The citations of an answer judged, each by what it points to: a list, a bundle, or the corpus."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.article import Article
from service.deadline import Deadline
from service.verification.beside import doubt, doubt_of_title
from service.verification.comparison import Comparison, compare
from service.verification.handed import HandedOver, HandedWork, changed
from service.verification.library import Library, Work
from service.verification.listed import Listed
from service.verification.mentions import CitationKind, Mention
from service.verification.person_names import CitedNames
from service.verification.reading import Answer
from service.verification.statement import Statement
from service.verification.together import references
from service.verification.units import Unit
from service.verification.verdict import Verdict, differing, judge, of_known_work, softened

_TWO_WORKS = "It stands in one sentence with what differs, and may be another work."
_BY_RANK: tuple[CitationKind, ...] = ("doi", "arxiv", "pmid")


@dataclass(frozen=True, slots=True)
class Judged:
    """One citation at its place, and what it was found to be."""

    start: int
    end: int
    kind: CitationKind
    verdict: Verdict


class CitationJudge:
    """Judges the citations of one answer."""

    def __init__(self, answer: Answer, library: Library, handed: HandedOver | None) -> None:
        self._answer = answer
        self._library = library
        self._handed = handed
        self._of_entries: dict[int, Verdict] = {}
        self._certain: list[Work] = []

    def judge(self, deadline: Deadline) -> list[Judged]:
        """Give all citations in the order of the text."""
        found = [self._listed(one) for one in deadline.watching(self._answer.listed)]
        waiting: list[Mention] = []
        for unit in deadline.watching(self._answer.units):
            for number, together in enumerate(unit.groups):
                if all(part.kind == "author_year" for part in together.parts):
                    waiting += together.parts
                else:
                    found += self._together(unit, number)
        self._certain = [
            one.verdict.work for one in found if one.verdict.is_certain and one.verdict.work
        ]
        found += [Judged(one.start, one.end, one.kind, self._named(one)) for one in waiting]
        return sorted(found, key=lambda one: (one.start, one.end))

    def _listed(self, one: Listed) -> Judged:
        kinds = {identifier.partition(":")[0] for identifier in one.reference.identifiers}
        kind: CitationKind = next((kind for kind in _BY_RANK if kind in kinds), "title")
        return Judged(one.start, one.end, kind, self._of_entry(one))

    def _of_entry(self, one: Listed) -> Verdict:
        if one.start not in self._of_entries:
            self._of_entries[one.start] = judge(one.reference, self._library)
        return self._of_entries[one.start]

    def _together(self, unit: Unit, number: int) -> Iterator[Judged]:
        """Judge what stands together: all its parts have one verdict, but for what they are."""
        together = unit.groups[number]
        pointers = together.of_kind("number", "key")
        own, loose = references(self._answer.body, together, *unit.around(number))
        if pointers and not any(one.is_identifier for one in together.parts):
            verdict = self._pointed(pointers[0])
            verdict = _with_more(verdict, own.statement(_versions(verdict)))
        else:
            verdict = judge(own, self._library)
            if pointers:
                verdict = _agreeing_with(verdict, self._pointed(pointers[0]))
        if loose is not None and verdict.work is not None:
            beside = _with_more(verdict, loose.statement(verdict.work.versions))
            verdict = softened(beside, _TWO_WORKS) if beside is not verdict else verdict
        if not pointers:
            verdict = self._with_caution(verdict, unit, number)
        verdict = self._since(verdict)
        yield from (Judged(one.start, one.end, one.kind, verdict) for one in together.parts)

    def _with_caution(self, verdict: Verdict, unit: Unit, number: int) -> Verdict:
        """Take a verified citation back where what stands beside it would not agree."""
        if verdict.status != "verified" or verdict.work is None:
            return verdict
        groups, text = unit.groups, self._answer.text
        # what names and years between them state was compared; here it is beside them
        parts = [one for one in groups[number].parts if one.kind != "author_year"]
        start, end = parts[0].start, max(one.end for one in parts)
        first = max(one.end for one in groups[number - 1].parts) if number else unit.start
        last = groups[number + 1].parts[0].start if number + 1 < len(groups) else unit.end
        has_title = any(one.kind == "title" for one in parts)
        versions = verdict.work.versions
        reason = doubt(text[first:start], text[end:last], versions)
        if reason is None and not has_title:
            # what looks like names and a year may be the end of a title
            reason = doubt_of_title(text[first:start], text[end : unit.end], versions)
        return verdict if reason is None else replace(verdict, status="unchecked", reason=reason)

    def _pointed(self, pointer: Mention) -> Verdict:
        """Judge a number or key: by the answer's own list, else by the bundle."""
        name = f"[{pointer.value}]" if pointer.kind == "number" else repr(pointer.value)
        entry = self._answer.entry(pointer.value)
        one = self._of_bundle(pointer)
        if entry is not None:
            verdict = self._of_entry(entry)
            note = _conflict(name, verdict, one)
            return replace(verdict, reason=f"{verdict.reason}{note}")
        if pointer.kind == "number" and self._answer.is_numbered:
            return Verdict("unchecked", f"The answer's own list of references has no {name}.")
        if one is not None:
            return _handed_over(one, self._handed.bundle.snapshot if self._handed else "")
        if self._handed is not None:
            return Verdict("unchecked", f"Nothing that was handed over is {name}.")
        return Verdict("unchecked", f"There is no list of references or bundle in which {name} is.")

    def _of_bundle(self, pointer: Mention) -> HandedWork | None:
        if self._handed is None:
            return None
        if pointer.kind == "number":
            return self._handed.numbered(pointer.value)
        return self._handed.keyed(pointer.value)

    def _named(self, mention: Mention) -> Verdict:
        """Judge names and a year alone: by the list, the bundle, or what is cited elsewhere."""
        names = CitedNames(mention.value, may_be_first_alone=True)
        entries = [one for one in self._answer.listed if one.is_by(names, mention.year)]
        if entries:
            return self._of_entries_named(entries, names, mention)
        known = [one.work for one in self._handed.works if one.work] if self._handed else []
        for works in (known, self._certain):
            fitting = _fitting(works, names, mention.year)
            if len(fitting) == 1:
                return self._since(of_known_work(fitting[0], "authors and year"))
            if fitting:
                reason = f"{len(fitting)} works that are cited or were handed over fit it."
                return Verdict("unchecked", reason)
        return self._in_corpus(names, mention)

    def _of_entries_named(
        self, entries: Sequence[Listed], names: CitedNames, mention: Mention
    ) -> Verdict:
        verdicts = [self._of_entry(one) for one in entries]
        if len(entries) > 1:
            fitting = [
                one
                for one in verdicts
                if one.work is not None and _fitting([one.work], names, mention.year)
            ]
            if len(fitting) != 1:
                return Verdict(
                    "unchecked", f"{len(entries)} entries of the answer's own list fit it."
                )
            verdicts = fitting
        statement = Statement(names=names, years=(mention.year,), venue=mention.venue)
        return _with_more(verdicts[0], statement)

    def _in_corpus(self, names: CitedNames, mention: Mention) -> Verdict:
        """Say what the corpus has by such names of that year: one that fits is not yet meant."""
        works = self._library.written_by(names, mention.year)
        if works is None or len(works) > 1:
            number = "Many" if works is None else str(len(works))
            reason = f"{number} articles of this corpus fit these names and year."
            return Verdict("unchecked", f"{reason} Nothing tells which one is meant.")
        if works:
            reason = (
                "One article of this corpus fits these names and year, but neither a title nor an"
                " identifier says that it is meant."
            )
            return Verdict("unchecked", reason, works[0])
        if not self._library.knows_authors:
            reason = "This corpus does not know the authors and years of its articles."
            return Verdict("unchecked", reason)
        return Verdict(
            "not_in_corpus", "No article of this corpus is by these authors of that year."
        )

    def _since(self, verdict: Verdict) -> Verdict:
        """Add what has changed since the work was handed over."""
        if self._handed is None or verdict.work is None:
            return verdict
        one = self._handed.of(verdict.work)
        note = changed(one, self._handed.bundle.snapshot) if one else ""
        is_said = not note or note in verdict.reason
        return verdict if is_said else replace(verdict, reason=f"{verdict.reason} {note}")


def _versions(verdict: Verdict) -> Sequence[Article]:
    return verdict.work.versions if verdict.work else ()


def _with_more(verdict: Verdict, statement: Statement) -> Verdict:
    """Hold what stands beside a citation against the work that it was found to name."""
    if verdict.work is None:
        return verdict
    comparison: Comparison = compare(statement, verdict.work.versions)
    if comparison.differs:
        known = [one.field for one in verdict.differs]
        more = tuple(one for one in comparison.differs if one.field not in known)
        differs = (*verdict.differs, *more)
        return replace(
            verdict,
            status="metadata_mismatch",
            reason=differing(differs, comparison),
            differs=differs,
        )
    if comparison.unknown and verdict.status in ("verified", "retracted"):
        fields = " and ".join(dict.fromkeys(one.field for one in comparison.unknown))
        reason = f"This corpus does not know its {fields}, so what is stated was not compared."
        return replace(verdict, status="unchecked", reason=reason, differs=comparison.unknown)
    return verdict


def _agreeing_with(verdict: Verdict, pointed: Verdict) -> Verdict:
    """Hold an identifier against the number or key that stands with it."""
    first, second = verdict.work, pointed.work
    if first is None or second is None or set(first.rows) & set(second.rows):
        return verdict
    reason = f"The number or key beside it is of another article: {second.article.article_id}."
    return replace(verdict, status="metadata_mismatch", reason=reason)


def _conflict(name: str, verdict: Verdict, one: HandedWork | None) -> str:
    """Say that a number means one work in the answer's list and another in the bundle."""
    if one is None or one.work is None:
        return ""
    if verdict.work is not None and set(verdict.work.rows) & set(one.work.rows):
        return ""
    other = one.work.article.article_id
    return f" {name} is judged by the answer's own list; handed over as {name} was {other}."


def _handed_over(one: HandedWork, snapshot: str) -> Verdict:
    note = changed(one, snapshot)
    if one.work is None:
        return Verdict("not_in_corpus", note)
    verdict = of_known_work(one.work, "number or key")
    return replace(verdict, reason=f"{verdict.reason} {note}") if note else verdict


def _fitting(works: Sequence[Work], names: CitedNames, year: int) -> list[Work]:
    found: dict[int, Work] = {}
    for work in works:
        if any(names.are_of(one) and one.year == year for one in work.versions):
            found.setdefault(min(work.rows), work)
    return [*found.values()]
