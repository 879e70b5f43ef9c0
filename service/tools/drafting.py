"""The tool that finds what a paragraph or a draft could cite."""

from collections.abc import Iterator

from service.holder import EngineHolder
from service.related.results import AnsweredSentence, Candidate, Neighbour, RelatedResults
from service.schemas import rounded
from service.tools.answer import Answer, Budget
from service.tools.arguments import Detail, RelatedWorkArguments
from service.tools.fitting import less_and_less, most_that_fit, nothing_fits
from service.tools.shown import (
    LONGEST_SENTENCE,
    clipped,
    head_lines,
    line,
    whole_lines,
)
from service.tools.tool import Tool

_MOST_CITED = 10
_LONGEST_KEY = 60


def _related_work(holder: EngineHolder, asked: RelatedWorkArguments) -> Answer:
    with holder.borrow() as engine:
        results = engine.related(asked.to_query())
        return _that_fits(results, asked, Budget(asked.max_tokens, engine.count_tokens))


def _that_fits(results: RelatedResults, asked: RelatedWorkArguments, budget: Budget) -> Answer:
    for detail in less_and_less(asked.detail):
        parts = list(_parts(results, detail))
        if asked.start >= len(parts):
            return _nothing(results, len(parts), asked.start)
        whole = _Whole(results, parts, asked.start)
        if answer := most_that_fit(parts[asked.start :], whole.answer, budget):
            return answer
    return nothing_fits(f"{results.answered} sentences have candidates", budget)


def _parts(results: RelatedResults, detail: Detail) -> Iterator[Answer]:
    """Give the answer in parts: each sentence that has candidates, then each neighbour."""
    for number, sentence in enumerate(results.sentences):
        if sentence.candidates:
            yield _sentence(number, sentence, detail)
    for rank, neighbour in enumerate(results.neighbours, 1):
        yield _neighbour(rank, neighbour, detail)


class _Whole:
    """The answer around its parts, of which those from `start` on are shown."""

    def __init__(self, results: RelatedResults, parts: list[Answer], start: int) -> None:
        self._results = results
        self._parts = parts
        self._start = start

    def answer(self, n: int) -> Answer:
        """Give `n` parts, and where to go on."""
        results = self._results
        end = self._start + n
        shown = self._parts[self._start : end]
        next_start = end if end < len(self._parts) else None
        first = (
            f"{len(results.sentences)} sentences; {results.needing} could use a citation, "
            f"{results.answered} have candidates. Parts {self._start} to {end - 1} "
            f"of {len(self._parts)}:"
        )
        last = "That is all." if next_start is None else f"Go on with start: {next_start}"
        return Answer(
            "\n".join([first, *(part.text for part in shown), last]),
            {
                "n_sentences": len(results.sentences),
                "parts": [part.data for part in shown],
                "next_start": next_start,
                "snapshot": results.snapshot,
            },
        )


def _nothing(results: RelatedResults, n_parts: int, start: int) -> Answer:
    if n_parts:
        text = f"The answer has {n_parts} parts, 0 to {n_parts - 1}; start {start} is behind them."
    else:
        text = (
            f"{results.needing} of {len(results.sentences)} sentences could use a citation; this "
            "index has no candidate for them, and nothing near the whole."
        )
    return Answer(text, {"parts": [], "next_start": None, "snapshot": results.snapshot})


def _sentence(number: int, answered: AnsweredSentence, detail: Detail) -> Answer:
    sentence = answered.sentence
    lines = [f"Sentence {number}: {clipped(sentence.text, LONGEST_SENTENCE)}"]
    if sentence.cites:
        cites = [clipped(key, _LONGEST_KEY) for key in sentence.cites[:_MOST_CITED]]
        lines.append(line("cites already", ", ".join(cites)))
    for candidate in answered.candidates:
        lines += _candidate_lines(candidate, detail)
    data: dict[str, object] = {
        "sentence": number,
        "start": sentence.start,
        "end": sentence.end,
        "candidates": [_candidate_data(candidate) for candidate in answered.candidates],
    }
    return Answer("\n".join(lines), data)


def _candidate_lines(candidate: Candidate, detail: Detail) -> Iterator[str]:
    if detail == "ids":
        yield f"{candidate.rank}. {candidate.article.article_id}"
        return
    yield from head_lines(candidate.article, f"{candidate.rank}", candidate.scores.match)
    if detail == "full":
        yield from whole_lines(candidate.article, candidate.versions, candidate.article.abstract)
    else:
        yield line("says", clipped(candidate.support.text, LONGEST_SENTENCE))


def _candidate_data(candidate: Candidate) -> dict[str, object]:
    support = candidate.support
    return {
        "article_id": candidate.article.article_id,
        "match": rounded(candidate.scores.match),
        "key": clipped(candidate.key, _LONGEST_KEY),
        "support": {"field": support.field, "start": support.start, "end": support.end},
    }


def _neighbour(rank: int, neighbour: Neighbour, detail: Detail) -> Answer:
    hit = neighbour.hit
    article, match = hit.article, hit.scores.match
    number = f"Near the whole: {rank}"
    if detail == "ids":
        lines = [f"{number}. {article.article_id}"]
    else:
        lines = [*head_lines(article, number, match)]
    if detail == "full":
        lines += whole_lines(article, hit.versions, article.abstract)
    data: dict[str, object] = {"article_id": article.article_id, "match": rounded(match)}
    return Answer("\n".join(lines), data)


RELATED_WORK = Tool(
    "related_work",
    "Related work",
    "Find what each sentence of a paragraph or draft could cite and does not yet.",
    RelatedWorkArguments,
    _related_work,
)
