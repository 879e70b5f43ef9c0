"""Making an answer fit its budget: how many items, in how much detail, cut where.

Counting is what costs, so items are measured one by one until the budget is full, and the answer
that comes of it is measured as a whole: tokens of parts do not add up exactly.
"""

from collections.abc import Callable, Iterable
from typing import get_args

from index.sentences import split_sentences
from service.tools.answer import MOST_CHARS_A_TOKEN, Answer, Budget
from service.tools.arguments import Detail

_DETAILS: tuple[Detail, ...] = get_args(Detail)


def less_and_less(detail: Detail) -> tuple[Detail, ...]:
    """Give a detail, and those below it."""
    return _DETAILS[: _DETAILS.index(detail) + 1][::-1]


def most_that_fit(
    items: Iterable[Answer], make: Callable[[int], Answer], budget: Budget
) -> Answer | None:
    """Give the answer `make(n)` of the most items, from the first on, that fits; None for none."""
    for tried in range(_n_that_fit(items, budget), 0, -1):
        answer = make(tried)
        if budget.holds(answer):
            return answer
    return None


def _n_that_fit(items: Iterable[Answer], budget: Budget) -> int:
    """Tell how many items fit where nothing else is said."""
    left, n = budget.max_tokens, 0
    for item in items:
        if not Budget(left, budget.count).holds(item):
            break
        left -= item.size(budget.count)
        n += 1
    return n


def cut_to_fit(
    text: str, language: str | None, make: Callable[[str], Answer], budget: Budget
) -> Answer | None:
    """Give the answer with as many whole sentences of a text, from its first on, as fit.

    None where not even one does.
    """
    reach = text[: budget.max_tokens * MOST_CHARS_A_TOKEN]
    ends = [end for _, end in split_sentences(reach, language)]
    fitting: Answer | None = None
    least, most = 0, len(ends)
    while least < most:
        middle = (least + most + 1) // 2
        answer = make(text[: ends[middle - 1]])
        if budget.holds(answer):
            least, fitting = middle, answer
        else:
            most = middle - 1
    return fitting


def nothing_fits(found: str, budget: Budget) -> Answer:
    """Say that not even the first item fits; short enough for the least budget."""
    cure = f"raise max_tokens, now {budget.max_tokens}, or narrow what is asked"
    return Answer(f"{found.rstrip('.')}, but even the first part does not fit; {cure}.")
