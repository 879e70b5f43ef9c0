"""The console's context: options into a query, and its answer into lines."""

import argparse

from service.context.query import ContextQuery
from service.context.results import Context
from service.query import Filters


def to_context_query(options: argparse.Namespace, filters: Filters) -> ContextQuery:
    """Give the query that the options of `cognate context` ask."""
    return ContextQuery(
        text=options.question,
        max_tokens=options.max_tokens,
        max_excerpts=options.max_excerpts,
        filters=filters,
        mode=options.mode,
        min_match=options.min_match,
        prefer=options.prefer,
        include_retracted=options.include_retracted,
    )


def summary(context: Context) -> str:
    """Say how long a text is, or that there is none."""
    if not context.answerable:
        return "nothing that may be handed over matches; --min-match 0 takes what is nearest"
    return f"{context.tokens} tokens, as {context.tokenizer} counts"
