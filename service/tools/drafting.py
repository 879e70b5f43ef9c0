"""The tool that finds what a paragraph or a draft could cite."""

from collections.abc import Iterator

from index.progress import counted
from service.deadline import Deadline
from service.holder import EngineHolder
from service.related.results import AnsweredSentence, Candidate, Neighbour, RelatedResults
from service.schemas import rounded
from service.tools.answer import Answer, Budget
from service.tools.arguments import Detail, RelatedWorkArguments
from service.tools.fitting import less_and_less, nothing_fits
from service.tools.parts import InParts
from service.tools.shown import (
    LONGEST_SENTENCE,
    clipped,
    head_lines,
    line,
    one_line,
    place,
    whole_lines,
)
from service.tools.tool import Tool

_MOST_CITED = 10
_LONGEST_KEY = 60


def _related_work(holder: EngineHolder, asked: RelatedWorkArguments, deadline: Deadline) -> Answer:
    with holder.borrow() as engine:
        results = engine.related(asked.to_query(), deadline)
        return _that_fits(results, asked, Budget(asked.max_tokens, engine.count_tokens))


def _that_fits(results: RelatedResults, asked: RelatedWorkArguments, budget: Budget) -> Answer:
    heading = _heading(results)
    data = {"n_sentences": len(results.sentences), "snapshot": results.snapshot}
    for detail in less_and_less(asked.detail):
        whole = InParts(heading, list(_parts(results, detail)), data)
        if answer := whole.from_part(asked.start, budget):
            return answer
    return nothing_fits(heading, budget)


def _heading(results: RelatedResults) -> str:
    said = f"{counted(len(results.sentences), 'sentence')}, {results.needing} could use a citation"
    if results.answered or results.neighbours:
        return f"{said}, {results.answered} have candidates."
    return f"{said}; this index has nothing for them, and nothing near the whole."


def _parts(results: RelatedResults, detail: Detail) -> Iterator[Answer]:
    """Give the answer in parts: each sentence that has candidates, then each neighbour."""
    for number, sentence in enumerate(results.sentences):
        if sentence.candidates:
            yield _sentence(number, sentence, detail)
    for rank, neighbour in enumerate(results.neighbours, 1):
        yield _neighbour(rank, neighbour, detail)


def _sentence(number: int, answered: AnsweredSentence, detail: Detail) -> Answer:
    sentence = answered.sentence
    lines = [f"Sentence {number}: {clipped(one_line(sentence.text), LONGEST_SENTENCE)}"]
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
    return {
        "article_id": candidate.article.article_id,
        "match": rounded(candidate.scores.match),
        "key": clipped(candidate.key, _LONGEST_KEY),
        "support": place(candidate.support),
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
