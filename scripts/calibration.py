"""Measure whether the match probability of an article is the share of such articles that match.

    python -m scripts.calibration --index DIR… --claims DIR --data FOLDER [--results FILE.json]

Of every index the probabilities are tried on pairs that their fit has not seen, by kind of
question (`quality` as the build noted it stands beside). SciFact, with `--claims` its index
and `--data` its folder in BEIR layout, is what no curve was fitted on: the judged evidence of
each claim against the articles among its 20 best that nobody judged. Of these some are
evidence too, so that a perfect probability would not reach an error of 0. `--diagram FILE.svg`
draws what was said against what was true.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.calibration import quality as measure_quality
from index.calibration import reliability
from index.snapshot import SNAPSHOTS, Snapshot
from index.trials import Predictions, try_calibration
from index.vectors import EMBEDDINGS
from scripts.charts import Line, Panel, draw_panels
from scripts.provenance import provenance
from scripts.questions import Asked, Corpus, open_corpus, read_judged
from service.ranking import order

N_BEST = 20
LEAST_DRAWN = 10
SPLITS = ("test", "train")
_DIGITS = 4

Figures = dict[str, object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; write figures and diagrams where asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--index", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--claims", type=Path, metavar="DIR", help="the index of SciFact")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="SciFact in BEIR layout")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    parser.add_argument("--diagram", type=Path, metavar="FILE.svg")
    options = parser.parse_args(arguments)
    if (options.claims is None) != (options.data is None):
        parser.error("--claims and --data go together")
    held_out: dict[str, Figures] = {}
    panels: list[Panel] = []
    for directory in options.index:
        said, figures = measure_held_out(directory)
        held_out[directory.name] = figures
        panels.append(to_panel(f"{directory.name}: held-out pairs", said))
    results: Figures = {"held_out": held_out}
    if options.claims is not None:
        said = judge_claims(options.claims, options.data)
        results["claims"] = {split: measure(of_split) for split, of_split in said.items()}
        panels.append(to_panel(f"{options.data.name}: claims", said))
    print(json.dumps(results, indent=2))
    if options.results:
        options.results.write_text(json.dumps(provenance() | results, indent=2) + "\n")
    if options.diagram:
        options.diagram.write_text(draw_panels(panels), encoding="utf-8")
    return 0


def measure_held_out(directory: Path) -> tuple[dict[str, Predictions], Figures]:
    """Try the curves of an index, and give what they said, with its measures."""
    with closing(Snapshot.open(directory)) as snapshot:
        path = directory / SNAPSHOTS / snapshot.name / "vectors" / EMBEDDINGS
        predictions = try_calibration(
            list(snapshot.store),
            np.load(path, mmap_mode="r", allow_pickle=False),
            snapshot.versions.family,
            snapshot.encoder,
            snapshot.lexical,
        )
        built = snapshot.manifest.calibration
        n_articles = snapshot.manifest.n_articles
    said = {str(kind): of_kind for kind, of_kind in predictions.items()}
    figures: Figures = {
        "n_articles": n_articles,
        "n_articles_of_the_fit": built.n_articles,
        "prior": round(built.prior, _DIGITS),
        "chance": round(built.chance, _DIGITS),
        "floors": {kind: round(curve.floor, 6) for kind, curve in built.curves["hybrid"].items()},
        "quality_of_the_build": {kind: _rounded(of) for kind, of in built.quality.items()},
        "kinds": {kind: measure(of_kind) for kind, of_kind in said.items()},
    }
    return said, figures


def judge_claims(directory: Path, folder: Path) -> dict[str, Predictions]:
    """Ask all claims, and give what was said of their evidence and of the best of the rest."""
    with open_corpus(directory) as corpus:
        return {split: _judge(corpus, read_judged(folder, split)) for split in SPLITS}


def _judge(corpus: Corpus, claims: Sequence[Asked]) -> Predictions:
    probabilities: list[float] = []
    is_match: list[bool] = []
    for claim in claims:
        matches, is_evidence = corpus.match_set(claim, 0.0)
        best = order(matches.fused, corpus.snapshot.columns.id_places[matches.rows])[:N_BEST]
        beside = best[~is_evidence[best]]
        for places in (np.flatnonzero(is_evidence), beside):
            probabilities += matches.match[places].tolist()
            is_match += is_evidence[places].tolist()
    return Predictions(np.array(probabilities), np.array(is_match, dtype=np.bool_))


def measure(said: Predictions) -> Figures:
    """Give the quality of predictions, and their bins as [how many, said, true]."""
    bins = reliability(said.probabilities, said.is_match)
    return {
        **_rounded(measure_quality(said.probabilities, said.is_match)),
        "base_rate": round(float(said.is_match.mean()), _DIGITS) if len(said.is_match) else None,
        "bins": [[one.n, round(one.said, _DIGITS), round(one.true, _DIGITS)] for one in bins],
    }


def to_panel(title: str, said: Mapping[str, Predictions]) -> Panel:
    """Give the reliability diagram of some predictions, by tenths of what was said.

    Of bins of equal mass nearly all would lie in one corner. Few pairs make no point.
    """
    lines = [
        Line(f"{name} ({len(of_name.is_match):,} pairs)", list(_tenths(of_name)))
        for name, of_name in said.items()
    ]
    return Panel(title, "match probability", "share that matches", lines, diagonal=True)


def _tenths(said: Predictions) -> Iterator[tuple[float, float]]:
    tenths = np.minimum((said.probabilities * 10).astype(int), 9)
    for tenth in range(10):
        is_in = tenths == tenth
        if is_in.sum() >= LEAST_DRAWN:
            yield float(said.probabilities[is_in].mean()), float(said.is_match[is_in].mean())


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, _DIGITS) for name, value in values.items()}


if __name__ == "__main__":
    sys.exit(main())
