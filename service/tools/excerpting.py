"""The tool that gives excerpts to answer a question from."""

from index.errors import QueryError
from service.context.query import LEAST_TOKENS, ContextQuery
from service.context.results import Context, Excerpt
from service.deadline import Deadline
from service.holder import EngineHolder
from service.schemas import rounded
from service.search import SearchEngine
from service.tools.answer import Answer, Budget
from service.tools.arguments import GetContextArguments
from service.tools.fitting import nothing_fits
from service.tools.tool import Tool

_MOST_TRIES = 8
_FOUND = "Something in this index answers that"


def _get_context(holder: EngineHolder, asked: GetContextArguments, deadline: Deadline) -> Answer:
    with holder.borrow() as engine:
        budget = Budget(asked.max_tokens, engine.count_tokens)
        least, room, most = LEAST_TOKENS, asked.max_tokens, asked.max_tokens
        for _ in range(_MOST_TRIES):
            context = _context(engine, asked.to_query(room), deadline)
            if context is None:
                least, room = room + 1, (room + 1 + most) // 2
            else:
                answer = _answer(context)
                excess = answer.size(budget.count) - asked.max_tokens
                if excess <= 0:
                    return answer
                # what is said beside the excerpts needs room, too
                most = room - 1
                room = max(least, min(room, context.tokens) - excess)
            if least > most:
                break
        return nothing_fits(_FOUND, budget)


def _context(engine: SearchEngine, query: ContextQuery, deadline: Deadline) -> Context | None:
    """Give the context; None where there is no room for a single excerpt."""
    try:
        return engine.context(query, deadline)
    except QueryError as error:
        if error.field == "max_tokens":
            return None
        raise


def _answer(context: Context) -> Answer:
    bundle = context.bundle
    if bundle is None:
        text = "Nothing in this index answers that; say so instead of guessing."
        return Answer(text, {"answerable": False, "excerpts": [], "snapshot": context.snapshot})
    return Answer(
        f"{context.text}\n\nbundle_id: {bundle.to_id()}",
        {
            "answerable": True,
            "excerpts": [_excerpt_data(excerpt) for excerpt in context.excerpts],
            "snapshot": context.snapshot,
        },
    )


def _excerpt_data(excerpt: Excerpt) -> dict[str, object]:
    """Give what the text leaves out of an excerpt; its number joins it to the text."""
    return {
        "number": excerpt.number,
        "article_id": excerpt.article.article_id,
        "match": rounded(excerpt.match),
        "field": excerpt.field,
        "spans": [list(span) for span in excerpt.spans],
    }


GET_CONTEXT = Tool(
    "get_context",
    "Get context",
    "Give excerpts to answer a question from, each with a key to cite it by, as [key] or [n].",
    GetContextArguments,
    _get_context,
)
