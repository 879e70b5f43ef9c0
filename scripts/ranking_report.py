"""Measured rankings for readers: what is compared with what, the tables, the chart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scripts.charts import BarPanel, Bars
from scripts.rankings import EVERYTHING, MATCHES, Evaluation, Figures, Measured
from scripts.significance import Difference, compare_pairs

TESTED = "nDCG@10"
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Tested:
    """The paired test of `first` against `second`, by the measure TESTED, on one collection."""

    collection: str
    floor: str
    first: str
    second: str
    difference: Difference

    def to_json(self) -> Figures:
        """Give the figures of the test, rounded."""
        rounded = {name: round(value, _DIGITS) for name, value in asdict(self.difference).items()}
        return {
            "collection": self.collection,
            "min_match": self.floor,
            "first": self.first,
            "second": self.second,
            **rounded,
        }


def compare_modes(evaluation: Evaluation) -> Iterator[Tested]:
    """Test hybrid against each other mode; where there is one query, nothing is tested."""
    if "hybrid" not in evaluation.modes or len(evaluation.query_ids) < 2:
        return
    for floor in (EVERYTHING, MATCHES):
        hybrid = evaluation.modes["hybrid"][floor]
        for mode, floors in evaluation.modes.items():
            if mode != "hybrid":
                difference = _compare(hybrid, floors[floor])
                yield Tested(evaluation.name, floor, "hybrid", mode, difference)


def compare_results(
    first: Sequence[Evaluation], second: Sequence[Evaluation], names: tuple[str, str]
) -> Iterator[Tested]:
    """Test two results, which bear `names`, where both have a collection and a mode.

    ValueError where nothing is in both, or where a collection's queries are not the same.
    """
    others = {evaluation.name: evaluation for evaluation in second}
    shared = [(one, others[one.name]) for one in first if one.name in others]
    if not shared:
        message = f"{names[0]} and {names[1]} have no collection in common"
        raise ValueError(message)
    for one, other in shared:
        if list(one.query_ids) != list(other.query_ids):
            message = f"{one.name}: {names[0]} and {names[1]} have not the same queries"
            raise ValueError(message)
        for mode in [mode for mode in one.modes if mode in other.modes]:
            for floor in (EVERYTHING, MATCHES):
                difference = _compare(one.modes[mode][floor], other.modes[mode][floor])
                first_name, second_name = (f"{mode} of {name}" for name in names)
                yield Tested(one.name, floor, first_name, second_name, difference)


def _compare(first: Measured, second: Measured) -> Difference:
    return compare_pairs(first.per_query[TESTED], second.per_query[TESTED])


def describe_origin(figures: Mapping[str, Any]) -> Iterator[str]:
    """Say where figures come from: the command, then commit, day, machine and settings."""
    yield f"`{figures['command']}`"
    yield ""
    settings = " ".join(f"{name}={value}" for name, value in figures["settings"].items())
    yield (
        f"Commit {figures['commit']}, {figures['date']}, {figures['cpu']}, "
        f"{figures['cores']} cores; settings: {settings or 'defaults'}."
    )
    yield ""


def describe_indexes(evaluations: Iterable[Evaluation]) -> Iterator[str]:
    """Give the table of what was asked."""
    rows = (
        (
            one.name,
            f"{len(one.query_ids):,} ({one.n_own:,} of them articles)",
            f"{one.n_articles:,}",
            one.snapshot,
            f"{one.encoder['model']}, {one.encoder['precision']}, "
            f"{one.encoder['window']} word pieces, {one.encoder['fingerprint']}",
        )
        for one in evaluations
    )
    yield from _table(("collection", "judged queries", "articles", "snapshot", "encoder"), rows)


def describe_measures(evaluations: Sequence[Evaluation]) -> Iterator[str]:
    """Give the table of the measures, by collection, mode and floor."""
    ways = [
        (one.name, mode, floor, measured)
        for one in evaluations
        for mode, floors in one.modes.items()
        for floor, measured in floors.items()
    ]
    rows = (
        (
            name,
            mode,
            floor,
            *(f"{value:.{_DIGITS}f}" for value in measured.means().values()),
            f"{measured.answered:.1%}",
            f"{measured.mean_total:,.1f}",
        )
        for name, mode, floor, measured in ways
    )
    measures = ways[0][-1].per_query if ways else ()
    heads = ("collection", "mode", "min_match", *measures, "answered", "mean total")
    yield from _table(heads, rows)


def describe_tests(tests: Iterable[Tested]) -> Iterator[str]:
    """Give the table of the paired tests."""
    rows = (
        (
            one.collection,
            one.floor,
            one.first,
            one.second,
            f"{one.difference.mean:+.4f}",
            f"{one.difference.low:+.4f} to {one.difference.high:+.4f}",
            f"{one.difference.p:.4f}",
        )
        for one in tests
    )
    heads = ("collection", "min_match", f"{TESTED} of", "less that of", "is", "95 % interval", "p")
    yield from _table(heads, rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(cell.replace('|', '∣') for cell in row)} |"
    yield ""


def to_panel(evaluation: Evaluation) -> BarPanel:
    """Give the chart of one collection: bars rank everything, rings keep to the default floor."""
    bars, groups = [], list[str]()
    for mode, floors in evaluation.modes.items():
        everything, matches = floors[EVERYTHING].means(), floors[MATCHES].means()
        groups = list(everything)
        bars.append(Bars(mode, list(everything.values()), list(matches.values())))
    return BarPanel(
        title=evaluation.name,
        x_label="bars: min_match=0; rings: default floor",
        y_label="mean over queries",
        groups=groups,
        bars=bars,
    )
