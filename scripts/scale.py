"""Measure Cognate on a corpus of any size, up to a million articles and beyond.

    python -m scripts.scale make --from INDEX --articles N --into DIR    corpus, build, bytes
    python -m scripts.scale recall --index DIR        recall@10 of the dense leg, by filter
    python -m scripts.scale serve --index DIR         start, latency, throughput, memory
    python -m scripts.scale add --from INDEX --index DIR --articles 1000
    python -m scripts.scale curve --index DIR… --chart FILE.svg     time by size, and its limit

The corpus is the articles of INDEX, then others recombined of them (scripts/recombined): their
embeddings are means of real ones, perturbed, so that no figure here says how well anything is
ranked. What `make` needs of INDEX is kept beside DIR, for the next size. `add` changes the
corpus in DIR. `--smoke` tries a command with a few questions, `--results FILE.json` writes the
figures. Run nothing else beside it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.provenance import provenance
from scripts.scaling.builds import add, index_in, make
from scripts.scaling.curve import draw_curve, measure_curve
from scripts.scaling.recall import measure_recall
from scripts.scaling.serving import measure_serving

_FEW = 12
_FEW_WORDS = 1 << 16

Figures = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and print the figures."""
    options = _parse(arguments)
    figures: Figures = options.run(options)
    print(json.dumps(figures, indent=2))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=2) + "\n")
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    kinds = parser.add_subparsers(required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--results", type=Path, metavar="FILE.json")
    common.add_argument("--smoke", action="store_true")
    made = kinds.add_parser("make", parents=[common])
    made.add_argument("--from", dest="origin", type=Path, required=True, metavar="INDEX")
    made.add_argument("--articles", type=int, required=True)
    made.add_argument("--into", type=Path, required=True, metavar="DIR")
    made.set_defaults(run=_make)
    recalled = kinds.add_parser("recall", parents=[common])
    recalled.add_argument("--index", type=Path, required=True, metavar="DIR")
    recalled.add_argument("--questions", type=int, default=250)
    recalled.set_defaults(run=_recall)
    served = kinds.add_parser("serve", parents=[common])
    served.add_argument("--index", type=Path, required=True, metavar="DIR")
    served.add_argument("--questions", type=int, default=1000, help="for one client, and for eight")
    served.add_argument("--starts", type=int, default=5)
    served.set_defaults(run=_serve)
    added = kinds.add_parser("add", parents=[common])
    added.add_argument("--from", dest="origin", type=Path, required=True, metavar="INDEX")
    added.add_argument("--index", type=Path, required=True, metavar="DIR")
    added.add_argument("--articles", type=int, default=1000)
    added.set_defaults(run=_add)
    curved = kinds.add_parser("curve", parents=[common])
    curved.add_argument("--index", type=Path, required=True, nargs="+", metavar="DIR")
    curved.add_argument("--questions", type=int, default=300)
    curved.add_argument("--chart", type=Path, metavar="FILE.svg")
    curved.set_defaults(run=_curve)
    return parser.parse_args(arguments)


def _make(options: argparse.Namespace) -> Figures:
    return make(options.origin, options.articles, options.into)


def _recall(options: argparse.Namespace) -> Figures:
    return measure_recall(index_in(options.index), _few(options, options.questions))


def _serve(options: argparse.Namespace) -> Figures:
    n_starts = 1 if options.smoke else options.starts
    return measure_serving(index_in(options.index), _few(options, options.questions), n_starts)


def _add(options: argparse.Namespace) -> Figures:
    return add(options.origin, options.index, _few(options, options.articles))


def _curve(options: argparse.Namespace) -> Figures:
    indexes = [index_in(directory) for directory in options.index]
    n_questions = _few(options, options.questions)
    figures = (
        measure_curve(indexes, n_questions, _FEW_WORDS)
        if options.smoke
        else measure_curve(indexes, n_questions)
    )
    if options.chart:
        options.chart.write_text(draw_curve(figures))
    return figures


def _few(options: argparse.Namespace, n: int) -> int:
    return min(n, _FEW) if options.smoke else n


if __name__ == "__main__":
    sys.exit(main())
