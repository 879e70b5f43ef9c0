"""Measure when an answer is empty: for questions about something else, and for one's own.

    python -m scripts.emptiness --own FOLDER:SPLIT:INDEX… --elsewhere INDEX… --results FILE.json

The judged questions of each collection (FOLDER in BEIR layout) are asked of its own INDEX,
where they have answers, and of every other index elsewhere, where most have none; there too the
off-topic ones in scripts/judgements/off_topic.txt. Given are the share of empty answers and,
of their own, the share of questions with a judged article in the match set: at the default
floor, and as a curve over floors (`min_match`). `--diagram FILE.svg` draws the curves.
"""

import argparse
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.charts import Line, Panel, draw_panels
from scripts.provenance import provenance
from scripts.questions import OFF_TOPIC, Asked, Corpus, open_corpus, read_judged, read_off_topic

FLOORS = (
    0, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.07,
    0.1, 0.15, 0.2, 0.3, 0.4, 0.5,
)  # fmt: skip
NOTHING = -1.0
"""The match of what was not found: below every floor, 0 too."""
_DIGITS = 4
_TICKS = (0.0001, 0.001, 0.01, 0.1, 1)

Figures = dict[str, object]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found for one question.

    `best` is the match of the best article, `judged` of the best judged one; the others tell
    of the answer at the default `floor` of such a question, of `total` articles.
    """

    best: float
    judged: float
    floor: float
    total: int
    has_judged: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What was found for some questions, `name`d, in one index."""

    name: str
    seen: Sequence[Seen]
    is_own: bool

    def empty(self, floor: float | None = None) -> float:
        """Give the share of empty answers, by default at the default floor."""
        return statistics.mean(
            not one.total if floor is None else one.best < floor or one.best == NOTHING
            for one in self.seen
        )

    def with_judged(self, floor: float | None = None) -> float:
        """Give the share of questions with a judged article in the match set."""
        return statistics.mean(
            one.has_judged if floor is None else one.judged >= floor for one in self.seen
        )

    def figures(self) -> Figures:
        """Give what is written of these answers."""
        figures: Figures = {
            "n_questions": len(self.seen),
            "floors": sorted({round(one.floor, 6) for one in self.seen}),
            "empty": round(self.empty(), _DIGITS),
            "median_total": statistics.median(one.total for one in self.seen),
            "empty_by_floor": {f"{at:g}": round(self.empty(at), _DIGITS) for at in FLOORS},
        }
        if self.is_own:
            figures["with_judged"] = round(self.with_judged(), _DIGITS)
            figures["with_judged_by_floor"] = {
                f"{at:g}": round(self.with_judged(at), _DIGITS) for at in FLOORS
            }
        return figures

    def line(self, *, of_judged: bool = False) -> Line:
        """Give the curve over the floors, with a ring at the floor of most questions."""
        share = self.with_judged if of_judged else self.empty
        floor = statistics.mode(one.floor for one in self.seen)
        name = f"{self.name}, {'a judged article' if of_judged else 'empty'}"
        return Line(name, [(at, share(at)) for at in FLOORS], (floor, share()))


@dataclass(slots=True)
class Report:
    """All answers, by the index that gave them."""

    own: list[Answers] = field(default_factory=list)
    elsewhere: dict[str, list[Answers]] = field(default_factory=lambda: defaultdict(list))

    def figures(self) -> Figures:
        """Give all figures; `foreign_empty` is of the questions of all collections together."""
        return {
            "own": {answers.name: answers.figures() for answers in self.own},
            "elsewhere": {
                index: {
                    "foreign_empty": _foreign_empty(of_index),
                    "questions": {answers.name: answers.figures() for answers in of_index},
                }
                for index, of_index in self.elsewhere.items()
            },
        }

    def panels(self) -> Iterator[Panel]:
        """Give a chart for each index elsewhere, and one of the questions' own."""
        for index, of_index in self.elsewhere.items():
            yield _panel(f"asked of {index}", "share of empty answers", map(Answers.line, of_index))
        if self.own:
            found = [answers.line(of_judged=True) for answers in self.own]
            empty = [answers.line() for answers in self.own]
            yield _panel("asked of their own corpus", "share of questions", [*empty, *found])


def _foreign_empty(of_index: Sequence[Answers]) -> float | None:
    foreign = [
        not one.total
        for answers in of_index
        if answers.name != OFF_TOPIC.stem
        for one in answers.seen
    ]
    return round(statistics.mean(foreign), _DIGITS) if foreign else None


def _panel(title: str, y_label: str, lines: Iterable[Line]) -> Panel:
    return Panel(title, "floor (min_match)", y_label, list(lines), _TICKS, "log")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; write figures and curves where asked to."""
    options = _parser().parse_args(arguments)
    report = measure(options.own, options.elsewhere)
    figures = report.figures()
    print(json.dumps(figures, indent=2))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=2) + "\n")
    if options.diagram:
        options.diagram.write_text(draw_panels(list(report.panels())), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--own", nargs="+", default=[], metavar="FOLDER:SPLIT:INDEX")
    parser.add_argument("--elsewhere", type=Path, nargs="+", default=[], metavar="INDEX")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    parser.add_argument("--diagram", type=Path, metavar="FILE.svg")
    return parser


def measure(own: Sequence[str], elsewhere: Sequence[Path]) -> Report:
    """Ask every collection's questions of its own index, and all questions elsewhere."""
    report = Report()
    collections: dict[str, list[Asked]] = {}
    homes: dict[str, Path] = {}
    for collection in own:
        folder, split, home = collection.split(":")
        name = Path(folder).name
        collections[name] = read_judged(Path(folder), split)
        homes[name] = Path(home)
        with open_corpus(homes[name]) as corpus:
            report.own.append(Answers(name, ask(corpus, collections[name]), is_own=True))
    for directory in elsewhere:
        with open_corpus(directory) as corpus:
            for name, asked in (collections | {OFF_TOPIC.stem: read_off_topic()}).items():
                if directory != homes.get(name):
                    answers = Answers(name, ask(corpus, asked), is_own=False)
                    report.elsewhere[directory.name].append(answers)
    return report


def ask(corpus: Corpus, questions: Sequence[Asked]) -> list[Seen]:
    """Ask each question twice, without a floor and with the default one."""
    return [_ask(corpus, asked) for asked in questions]


def _ask(corpus: Corpus, asked: Asked) -> Seen:
    ranked, is_judged = corpus.match_set(asked, 0.0)
    answer, answers_judged = corpus.match_set(asked, None)
    return Seen(
        best=float(ranked.match.max(initial=NOTHING)),
        judged=float(ranked.match[is_judged].max(initial=NOTHING)),
        floor=corpus.snapshot.manifest.calibration.curve("hybrid", asked.text).floor,
        total=len(answer),
        has_judged=bool(answers_judged.any()),
    )


if __name__ == "__main__":
    sys.exit(main())
