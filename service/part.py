"""A part of an answer: so many hits from a place on, found anew and alone.

A cursor goes on where a page ended. Who counts places instead, as other APIs do, asks for any
part: those of one snapshot are cut out of one list, however they are asked for.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from index.columns import NO_DAY, Columns
from service.ranking import Rows
from service.ranking import Scores as Values

PartOrder = Literal["answer", "oldest", "newest", "id", "id_backwards"]
"""The order of an answer's own pages, or by date (what has none last) or id; equals by id."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which hits of an answer are wanted: at most so many, from a place on, which counts from 0."""

    start: int = 0
    most: int = 100
    order: PartOrder = "answer"


def part_keys(columns: Columns, rows: Rows, order: PartOrder) -> Values:
    """Give what rows are sorted by in an order that is not the answer's own, highest first."""
    if order in ("id", "id_backwards"):
        places = columns.id_places[rows].astype(np.float64)
        return -places if order == "id" else places
    days = columns.first_day[rows]
    keys = days.astype(np.float64) * (1 if order == "newest" else -1)
    keys[days == NO_DAY] = -np.inf
    return keys
