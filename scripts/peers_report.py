"""The comparison with peers for readers: rows, ratios pair by pair, tables, a chart.

    python -m scripts.peers_report PEERS.json      writes PEERS.md and PEERS.svg beside it

Every number comes from the results file. A ratio says how many times Cognate is ahead (below
1: behind), of what ran in the same round.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.charts import BarPanel, Bars, draw_panels
from scripts.systems import COGNATE, FILTERED, HYBRID, SEMANTIC, UNFLOORED, UNFLOORED_HYBRID, WHOLE

BY_HAND = "by hand"
_MEMORY = "memory after the questions by meaning, MB"
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: where it lies in what was measured of a round, and whether more is better.

    Cognate's own lies elsewhere, at `of_cognate`, where it answers the same in another way.
    """

    name: str
    at: tuple[str, ...]
    is_rate: bool = False
    of_cognate: tuple[str, ...] | None = None
    target: float | None = None

    def ratio(self, cognate: Figures, peer: Figures) -> float | None:
        """Give how many times Cognate is ahead in one round."""
        ours = find_figure(cognate, self.of_cognate or self.at)
        theirs = find_figure(peer, self.at)
        if not ours or not theirs:
            return None
        return ours / theirs if self.is_rate else theirs / ours


def find_figure(ran: Figures, path: tuple[str, ...]) -> float | None:
    """Give a figure of one round by the path of its keys; None where it was not measured."""
    found: Any = ran
    for key in path:
        if key not in found:
            return None
        found = found[key]
    return float(found)


def _of_way(way: str, name: str, **targets: float) -> Iterator[Row]:
    for part in ("p50", "p95", "p99"):
        at = ("ways", way, "1", f"{part}_ms")
        yield Row(f"{name}, 1 client, {part}, ms", at, target=targets.get(part))
    for n in ("8", "32"):
        at = ("ways", way, n, "per_s")
        target = targets.get(f"per_s_{n}")
        yield Row(f"{name}, {n} clients, answers/s", at, is_rate=True, target=target)


def _without_floor(way: str, of_cognate: str, name: str) -> Iterator[Row]:
    for n, at, unit in (
        ("1", "p50_ms", "1 client, p50, ms"),
        ("8", "per_s", "8 clients, answers/s"),
    ):
        yield Row(
            f"{name}, Cognate without its floor, {unit}",
            ("ways", way, n, at),
            is_rate=at == "per_s",
            of_cognate=("ways", of_cognate, n, at),
        )


ROWS: Sequence[Row] = (
    Row("start to first answer, s", ("first_answer_s",), target=10),
    *_of_way(SEMANTIC, "by meaning", p50=4, per_s_8=5),
    *_without_floor(SEMANTIC, UNFLOORED, "by meaning"),
    *(Row(f"filter of 1 %, 1 client, {at}, ms", ("ways", FILTERED, "1", f"{at}_ms"))
      for at in ("p50", "p95", "p99")),
    *_of_way(HYBRID, "hybrid"),
    *_without_floor(HYBRID, UNFLOORED_HYBRID, "hybrid"),
    *_of_way(WHOLE, "whole answer"),
    Row("memory at the start, MB", ("pss_mb_at_start",)),
    Row(_MEMORY, ("pss_mb", SEMANTIC), target=3),
    Row("memory after hybrid questions too, MB", ("pss_mb", HYBRID)),
    Row("memory after all ways, MB", ("pss_mb_at_end",)),
)  # fmt: skip


def to_ratios(results: Figures) -> dict[str, dict[str, dict[str, float]]]:
    """Give, for each peer and row, the median of the rounds' ratios, the least and the most."""
    ours = results["systems"][COGNATE]["rounds"]
    ratios: dict[str, dict[str, dict[str, float]]] = {}
    for name, system in results["systems"].items():
        if name == COGNATE:
            continue
        ratios[name] = {}
        for row in ROWS:
            pairs = zip(ours, system["rounds"], strict=True)
            found = [ratio for pair in pairs if (ratio := row.ratio(*pair)) is not None]
            if found:
                ratios[name][row.name] = _spread(found)
        on_disk = system["disk_mb"] / results["systems"][COGNATE]["disk_mb"]
        ratios[name]["disk, MB"] = _spread([on_disk])
    if rates := results["indexing"]:
        found = [one["cognate_per_s"] / one["original_per_s"] for one in rates]
        ratios["SentenceTransformer.encode"] = {"passages/s": _spread(found)}
    return ratios


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 2),
        "least": round(min(values), 2),
        "most": round(max(values), 2),
    }


def to_markdown(results: Figures) -> str:
    """Give the tables: medians of every row, ratios, recall, indexing."""
    lines = [
        *_origin(results),
        *_medians(results),
        *_ratio_table(results),
        *_targets(results),
        *_recall(results),
        *_indexing(results),
    ]
    return "\n".join(lines) + "\n"


def _origin(results: Figures) -> Iterator[str]:
    plan, corpus = results["plan"], results["corpus"]
    yield "# Cognate and its peers"
    yield ""
    yield (
        f"`{results['command']}`, commit {results['commit']}, {results['date']}, "
        f"{results['cpu']}, {plan['threads']} threads."
    )
    yield (
        f"{corpus['n_articles']:,} articles; {plan['n_rounds']} rounds, by turns; "
        f"{plan['n_questions']} questions in each phase, {plan['limit']} hits each; the filter "
        f"lets {corpus['filter']['n_articles']:,} articles pass."
    )
    versions = ", ".join(f"{name} {version}" for name, version in _versions(results))
    yield f"Peers: {versions or 'none'}."
    yield (
        f"On disk each peer needs the model beside its folder ({corpus['model_mb']:,.0f} MB); "
        "Cognate's holds it in its own form, and the embeddings of all sentences."
    )
    most = max(_disturbances(results), default=0.0)
    yield f"Other processes took at most {most:.2f} cores of a phase."


def _disturbances(results: Figures) -> Iterator[float]:
    for system in results["systems"].values():
        for ran in system["rounds"]:
            for phases in ran["ways"].values():
                yield from (phase.get("cores_taken_by_others", 0.0) for phase in phases.values())


def _versions(results: Figures) -> Sequence[tuple[str, str]]:
    return list(results["versions_of_peers"].items())


def _medians(results: Figures) -> Iterator[str]:
    systems = results["systems"]
    yield from _heading("Medians of the rounds", ["", *systems])
    for row in ROWS:
        medians = [
            _median(one, row.of_cognate or row.at if name == COGNATE else row.at)
            for name, one in systems.items()
        ]
        if any(value is not None for value in medians):
            yield _line([row.name, *(_shown(value) for value in medians)])
    yield from _mean_hits(results)
    yield _line(["disk, MB", *(f"{one['disk_mb']:,.0f}" for one in systems.values())])


def _median(system: Figures, path: tuple[str, ...]) -> float | None:
    values = [find_figure(ran, path) for ran in system["rounds"]]
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _mean_hits(results: Figures) -> Iterator[str]:
    """Say how many hits the answers held: what finds fewer has less to give."""
    for way in (SEMANTIC, HYBRID, FILTERED):
        path = ("ways", way, "1", "mean_hits")
        medians = [_median(one, path) for one in results["systems"].values()]
        if any(value is not None for value in medians):
            yield _line([f"hits in an answer, {way}", *(_shown(value) for value in medians)])


def _ratio_table(results: Figures) -> Iterator[str]:
    ratios = {name: one for name, one in results["ratios"].items() if name in results["systems"]}
    if not ratios:
        return
    yield from _heading(
        "How many times Cognate is ahead: median of the rounds (least – most)", ["", *ratios]
    )
    for name in [*(row.name for row in ROWS), "disk, MB"]:
        cells = [_spread_shown(one.get(name)) for one in ratios.values()]
        if any(cell != "–" for cell in cells):
            yield _line([name, *cells])


def _spread_shown(spread: Figures | None) -> str:
    if spread is None:
        return "–"
    if spread["least"] == spread["most"]:
        return f"{spread['median']:.2f}"
    return f"{spread['median']:.2f} ({spread['least']:.2f} – {spread['most']:.2f})"


def _targets(results: Figures) -> Iterator[str]:
    """Compare with what was wanted against the stack by hand, and of indexing."""
    wanted = [(BY_HAND, row.name, row.target) for row in ROWS if row.target is not None]
    wanted.append(("SentenceTransformer.encode", "passages/s", 2))
    known = [one for one in wanted if one[1] in results["ratios"].get(one[0], {})]
    if not known:
        return
    yield from _heading("Targets", ["against", "", "wanted", "measured", ""])
    for against, name, target in known:
        spread = results["ratios"][against][name]
        verdict = "reached" if spread["median"] >= target else "missed"
        yield _line([against, name, f"≥ {target:g}", _spread_shown(spread), verdict])


def _recall(results: Figures) -> Iterator[str]:
    systems = {name: one for name, one in results["systems"].items() if one["recall"]}
    kinds = list(dict.fromkeys(kind for one in systems.values() for kind in one["recall"]))
    yield from _heading("Recall@10 against brute force", ["", *systems])
    for kind in kinds:
        cells = [one["recall"].get(kind) for one in systems.values()]
        yield _line([kind, *("–" if cell is None else f"{cell:.3f}" for cell in cells)])
    yield ""
    yield (
        "Against the system's own encoding of the questions; `float32`: against that of "
        "sentence-transformers. `nearest` is what Cognate's vector index finds. Its answers are "
        "ordered by more than the cosine, and hold matches only unless `unfloored`: of them these "
        "figures are no recall but how far they are those of a plain cosine."
    )


def _indexing(results: Figures) -> Iterator[str]:
    rates = results["indexing"]
    if not rates:
        return
    yield from _heading("Indexing, passages a second", ["", "median", "rounds"])
    for key, name in (
        ("original_per_s", "`SentenceTransformer.encode`"),
        ("cognate_per_s", "Cognate's encoder"),
        ("whole_build_per_s", "`cognate build`, whole: with sentences and the model's export"),
    ):
        values = [one[key] for one in rates]
        rounds = ", ".join(f"{value:.1f}" for value in values)
        yield _line([name, f"{statistics.median(values):.1f}", rounds])


def _heading(title: str, columns: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield _line(columns)
    yield "|---" * len(columns) + "|"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


_DRAWN = {
    "start to first answer, s": "Start to first answer, s",
    "by meaning, 1 client, p50, ms": "By meaning, one client, p50, ms",
    "by meaning, 8 clients, answers/s": "By meaning, 8 clients, answers/s",
    "hybrid, 1 client, p50, ms": "Hybrid, one client, p50, ms",
    "hybrid, 8 clients, answers/s": "Hybrid, 8 clients, answers/s",
    _MEMORY: "Memory after these, MB",
}


def to_chart(results: Figures) -> str:
    """Draw one panel for each main row, as shares of the largest; bars bear their values."""
    rows = [row for row in ROWS if row.name in _DRAWN]
    return draw_panels([panel for row in rows if (panel := _panel(row, results)) is not None])


def _panel(row: Row, results: Figures) -> BarPanel | None:
    # one index for each way is one system too many in a panel that is of neither
    drawn = {
        name: one
        for name, one in results["systems"].items()
        if HYBRID in row.at or SEMANTIC in one["rounds"][0]["ways"]
    }
    medians = {name: _median(one, row.at) for name, one in drawn.items()}
    known = {name: value for name, value in medians.items() if value is not None}
    if not known:
        return None
    largest = max(known.values())
    better = "more is better" if row.is_rate else "less is better"
    bars = Bars(
        better,
        [value / largest for value in known.values()],
        labels=[_shown(value) for value in known.values()],
    )
    return BarPanel(_DRAWN[row.name], "", "share of the largest", list(known), [bars])


def write_report(results: Figures, path: Path) -> None:
    """Write the results with their ratios, and the tables and the chart beside them."""
    written = {**results, "ratios": to_ratios(results)}
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(to_markdown(written), encoding="utf-8")
    path.with_suffix(".svg").write_text(to_chart(written), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the tables and the chart of a results file anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    options = parser.parse_args(arguments)
    write_report(json.loads(options.results.read_text(encoding="utf-8")), options.results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
