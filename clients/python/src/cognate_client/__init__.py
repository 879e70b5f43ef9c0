"""A client for Cognate, semantic search over scholarly articles.

The values of answers are in `answers`, `related` and `context`; the retrievers of frameworks in
`langchain`, `llama_index` and `haystack`.
"""

from cognate_client.client import Cognate
from cognate_client.errors import (
    CognateError,
    FilterError,
    RefusedError,
    TimedOutError,
    UnexpectedAnswerError,
    UnreachableError,
)
from cognate_client.filters import Filters

__all__ = [
    "Cognate",
    "CognateError",
    "FilterError",
    "Filters",
    "RefusedError",
    "TimedOutError",
    "UnexpectedAnswerError",
    "UnreachableError",
]
