"""How the lines of a delimited text become rows of cells, and what a stray quote may cost.

The csv module reads from a quotation mark that is not closed to the end of the file, as one
cell. Here a row whose quotes do not match is read as its first line alone, and the lines
after it are looked at anew, so that the damage stays in that row.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from index.sources.record import Refused


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, the line it begins on, and what was mended to read it."""

    line: int
    cells: list[str]
    repairs: tuple[str, ...] = ()


class _Lines:
    """Numbered lines that remember which were taken for the present row."""

    def __init__(self, numbered: Iterator[tuple[int, str]]) -> None:
        self._numbered = numbered
        self._given_back: deque[tuple[int, str]] = deque()
        self.taken: list[tuple[int, str]] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._given_back.popleft() if self._given_back else next(self._numbered)
        self.taken.append(line)
        return line[1] + "\n"

    def give_back_all_but_first(self) -> None:
        """Let the lines after the first be read again."""
        self._given_back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def read_rows(numbered: Iterator[tuple[int, str]], delimiter: str) -> Iterator[Row | Refused]:
    """Give the rows of numbered lines; a cell may hold at most 131,072 characters."""
    lines = _Lines(numbered)
    while True:
        lines.taken.clear()
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            lines.give_back_all_but_first()
            yield _read_line(*lines.taken[0], delimiter)
        else:
            yield Row(lines.taken[0][0], cells)


def _read_line(line: int, text: str, delimiter: str) -> Row | Refused:
    """Read a line whose quotes do not match as a row of its own."""
    try:
        cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        return Refused(line, f"cannot be split into cells: {error}")
    return Row(line, cells, ("the quotation marks of the row do not match",))
