"""Progress lines say how far a step is and how long it will take, no more often than useful."""

import io
import os
from collections.abc import Callable

import pytest

from index.progress import Progress, counted, duration


def clock(*times: float) -> Callable[[], float]:
    """Give a clock that tells these times, one after the other."""
    told = iter(times)
    return lambda: next(told)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (3.25, "3.2 s"),
        (9.94, "9.9 s"),
        (10, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3_599.7, "1 h 0 min"),
        (3_900, "1 h 5 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_a_time_span_is_written_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_step_of_unknown_length_says_how_much_is_done_and_how_fast() -> None:
    progress = Progress("reading", stream=io.StringIO())
    progress.advance(5_000)

    assert progress.line(2) == "reading: 5,000 (2,500/s)"


def test_a_step_of_known_length_says_how_long_it_will_take() -> None:
    progress = Progress("encoding", 4_000, stream=io.StringIO())
    progress.advance(1_000)

    assert progress.line(10) == "encoding: 1,000 of 4,000 (100/s), 30 s left"


def test_the_time_left_goes_by_weight_where_one_is_given() -> None:
    progress = Progress("encoding", 4, total_weight=100, stream=io.StringIO())
    progress.advance(weight=80)

    assert progress.line(8) == "encoding: 1 of 4 (0/s), 2.0 s left"


def test_more_weight_than_was_announced_leaves_no_time() -> None:
    progress = Progress("encoding", 4, total_weight=100, stream=io.StringIO())
    progress.advance(3, weight=120)

    assert progress.line(1) == "encoding: 3 of 4 (3/s), 0.0 s left"


def test_before_anything_is_done_nothing_is_foretold() -> None:
    assert Progress("encoding", 4, stream=io.StringIO()).line(0) == "encoding: 0 of 4 (0/s)"
    assert Progress("encoding", 0, stream=io.StringIO()).line(1) == "encoding: 0 of 0 (0/s)"


def test_a_log_gets_a_line_every_ten_seconds_and_one_at_the_end() -> None:
    stream = io.StringIO()
    progress = Progress("reading", 4, stream=stream, clock=clock(0, 9, 10, 19, 20, 21))

    for _ in range(4):
        progress.advance()
    progress.finish()

    assert stream.getvalue().splitlines() == [
        "reading: 2 of 4 (0/s), 10 s left",
        "reading: 4 of 4 (0/s), 0.0 s left",
        "reading: 4 in 21 s",
    ]


def test_on_a_terminal_one_line_is_rewritten_every_second() -> None:
    ours, theirs = os.openpty()
    with open(theirs, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor, no path
        progress = Progress("reading", stream=stream, clock=clock(0, 0.5, 1, 2))
        progress.advance()
        progress.advance()
        progress.finish()
        written = b""
        while not written.endswith(b"\n"):
            written += os.read(ours, 1_000)
    os.close(ours)

    assert written == b"\r\x1b[Kreading: 2 (2/s)\r\x1b[Kreading: 2 in 2.0 s\r\n"


def test_a_quiet_step_writes_nothing() -> None:
    stream = io.StringIO()
    progress = Progress("reading", stream=stream, quiet=True, clock=clock(0, 100, 200))

    progress.advance()
    progress.finish()

    assert stream.getvalue() == ""


def test_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    Progress("reading", clock=clock(0, 1)).finish()

    assert capsys.readouterr() == ("", "reading: 0 in 1.0 s\n")


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 articles"), (1, "1 article"), (1_204, "1,204 articles")]
)
def test_a_count_agrees_with_its_noun(n: int, text: str) -> None:
    assert counted(n, "article") == text
