"""Measured rankings as values, as they are written to a results file and read back."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

EVERYTHING, MATCHES = "0", "default"
"""The floors asked with: `min_match=0`, which ranks all articles, and none given."""
_DIGITS = 4

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one way of asking gave: every measure, by query.

    `answered` is the share of queries with any article, the query itself left out, in the
    answer; `mean_total` is how many articles match in the mean, the query itself included.
    """

    per_query: Mapping[str, Sequence[float]]
    answered: float
    mean_total: float

    def means(self) -> dict[str, float]:
        """Give the mean of each measure over all judged queries, answered or not."""
        return {
            name: round(statistics.fmean(values), _DIGITS)
            for name, values in self.per_query.items()
        }

    def to_json(self) -> Figures:
        """Give the figures of these answers."""
        return {
            **self.means(),
            "answered": round(self.answered, _DIGITS),
            "mean_total": round(self.mean_total, 1),
            "per_query": {name: list(values) for name, values in self.per_query.items()},
        }

    @classmethod
    def from_json(cls, figures: Figures) -> Self:
        """Read them back."""
        return cls(figures["per_query"], figures["answered"], figures["mean_total"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What one index gave on one split of a collection: by mode, then by floor.

    The values of `modes` are in the order of `query_ids`; `n_own` of the queries are
    themselves articles. `encoder` describes the index's encoder, as its manifest does.
    """

    name: str
    query_ids: Sequence[str]
    n_own: int
    n_articles: int
    snapshot: str
    encoder: Figures
    modes: Mapping[str, Mapping[str, Measured]]

    def to_json(self) -> Figures:
        """Give the figures, without the name."""
        return {
            "n_queries": len(self.query_ids),
            "n_queries_that_are_articles": self.n_own,
            "n_articles": self.n_articles,
            "snapshot": self.snapshot,
            "encoder": self.encoder,
            "modes": {
                mode: {f"min_match {floor}": one.to_json() for floor, one in floors.items()}
                for mode, floors in self.modes.items()
            },
            "query_ids": list(self.query_ids),
        }

    @classmethod
    def from_json(cls, name: str, figures: Figures) -> Self:
        """Read an evaluation back."""
        return cls(
            name=name,
            query_ids=figures["query_ids"],
            n_own=figures["n_queries_that_are_articles"],
            n_articles=figures["n_articles"],
            snapshot=figures["snapshot"],
            encoder=figures["encoder"],
            modes={
                mode: {
                    floor: Measured.from_json(floors[f"min_match {floor}"])
                    for floor in (EVERYTHING, MATCHES)
                }
                for mode, floors in figures["modes"].items()
            },
        )


class Results(NamedTuple):
    """A results file: all its figures, and the evaluations in it."""

    figures: Figures
    evaluations: list[Evaluation]


def read_results(path: Path) -> Results:
    """Read a results file; ValueError where it holds no evaluations."""
    figures: Figures = json.loads(path.read_text(encoding="utf-8"))
    if "collections" not in figures:
        message = f"{path} holds no evaluations of rankings"
        raise ValueError(message)
    collections = figures["collections"].items()
    return Results(figures, [Evaluation.from_json(name, one) for name, one in collections])


def to_text(figures: object, indent: str = "") -> str:
    """Write figures as JSON: each key has a line, and each object of a list; other lists one."""
    deeper = f"{indent}  "
    if figures and isinstance(figures, dict):
        lines = [f"{json.dumps(key)}: {to_text(value, deeper)}" for key, value in figures.items()]
        brackets = "{}"
    elif figures and isinstance(figures, list) and isinstance(figures[0], dict):
        lines, brackets = [json.dumps(one, ensure_ascii=False) for one in figures], "[]"
    else:
        return json.dumps(figures, ensure_ascii=False)
    body = ",\n".join(deeper + line for line in lines)
    return f"{brackets[0]}\n{body}\n{indent}{brackets[1]}"
