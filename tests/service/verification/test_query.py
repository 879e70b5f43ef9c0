"""What is asked of the guard, and how much of it is checked at once."""

import time
from contextlib import suppress

import pytest

from index.errors import QueryError
from service.deadline import Deadline, OutOfTimeError
from service.query import Limits
from service.search import SearchEngine
from service.verification.query import VerifyQuery
from service.verification.reading import MOST_CITATIONS, MOST_CLAIMS, MOST_QUOTES
from tests.service.verification.answering import verify

LONGEST = Limits().max_draft_chars
GENEROUS_S = 60
"""What takes the square of the time would need hours for these texts."""


@pytest.mark.parametrize(
    ("text", "min_match", "field"),
    [("", None, "answer"), (" \n", None, "answer"), ("\ud800", None, "answer"),
     ("x", 0.0, "min_match"), ("x", 1.1, "min_match")],
)  # fmt: skip
def test_what_cannot_be_checked_is_refused(text: str, min_match: float | None, field: str) -> None:
    with pytest.raises(QueryError) as refused:
        VerifyQuery(text=text, min_match=min_match)
    assert refused.value.field == field


def test_a_text_is_as_long_as_the_limit_and_no_longer() -> None:
    VerifyQuery(text="x" * LONGEST).check(Limits())
    with pytest.raises(QueryError, match="400001 characters; the most is 400000"):
        VerifyQuery(text="x" * (LONGEST + 1)).check(Limits())


@pytest.mark.parametrize(
    ("unit", "most", "what"),
    [
        ("x [1], ", MOST_CITATIONS, "citations"),
        ("see 10.5555/a.1, ", MOST_CITATIONS, "citations"),
        ("“ant bee cow dog eel”\n\n", MOST_QUOTES, "quotes"),
        ("Wheat grows well in moist soil.\n\n", MOST_CLAIMS, "claims"),
    ],
)
def test_as_much_is_checked_as_the_bounds_say_and_no_more(
    guard: SearchEngine, unit: str, most: int, what: str
) -> None:
    found = verify(guard, unit * most)
    assert len(getattr(found, what)) == most
    with pytest.raises(QueryError, match=f"answer: holds more than {most} {what}"):
        verify(guard, unit * (most + 1))


def test_references_count_as_citations(guard: SearchEngine) -> None:
    entry = "[{}] A. Lo. 2020. Whales sing the same song here.\n"
    listed = "References\n\n" + "".join(entry.format(n) for n in range(1, MOST_CITATIONS + 2))

    with pytest.raises(QueryError, match="citations"):
        verify(guard, listed)


@pytest.mark.parametrize(
    "unit",
    ["(", '"', "“", "*", "[1, ", "10.1000/(", "Smith, ", "(Smith, 2020; ", "Aa ", "@article{",
     "[x](", "et al. ", "References\n", "\n"],
)  # fmt: skip
def test_no_text_takes_the_square_of_the_time(guard: SearchEngine, unit: str) -> None:
    text = (unit * (LONGEST // len(unit) + 1))[:LONGEST]

    started = time.monotonic()
    with suppress(QueryError):
        verify(guard, text)
    assert time.monotonic() - started < GENEROUS_S


def test_a_long_reference_takes_no_square_of_the_time_either(guard: SearchEngine) -> None:
    units = ["A. B. ", "Aa, ", "“a b c” ", "*a b c* ", "a b c. ", "10.1000/a, ", "2020. ", "and "]
    text = "References\n\n" + "".join(
        f"[{n}] Xx {unit * (3_000 // len(unit))}\n" for n, unit in enumerate(units * 12, 1)
    )

    started = time.monotonic()
    verify(guard, text)
    assert time.monotonic() - started < GENEROUS_S


def test_an_answer_that_comes_too_late_is_given_up(guard: SearchEngine) -> None:
    with pytest.raises(OutOfTimeError):
        guard.verify(VerifyQuery(text="Wheat grows [1]."), Deadline(0.0, 0.0))
