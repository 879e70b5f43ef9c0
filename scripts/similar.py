"""Measure "papers like these, not like those": strategies, collections, examples, negatives.

    python -m scripts.similar --tune FOLDER[:SPLIT]… --test FOLDER… --indexes DIR
        [--acl INDEX] [--arxiv INDEX --categories FILE] --results FILE.json
    python -m scripts.similar --smoke

On the collections to tune on, in process: every strategy with one example, and every mixture of
one, two and three (`scripts.similar_strategies`). On those to test, through HTTP: the article
that a query is, sent to POST /v1/similar with `min_match=0`; nDCG@10 with a bootstrap interval
over the queries; with diversity, too. On the ACL Anthology and arXiv: what a negative example
takes away (`scripts.similar_topics`). Everything drawn is seeded. FILE.json holds the figures,
FILE.md the tables; what FILE.json has of an earlier run, and this one does not measure, stays.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from ir_measures import ScoredDoc

from scripts.beir import Collection, read_collection
from scripts.measuring import build_index, measure_queries
from scripts.provenance import provenance
from scripts.rankings import to_text
from scripts.sample_collection import write_sample_collection
from scripts.serving import Service, serve
from scripts.significance import N_RESAMPLES, SEED, compare_pairs
from scripts.similar_strategies import AS_IT_IS, compare_mixtures, compare_variants
from scripts.similar_topics import measure_acl, measure_arxiv, measure_trials, paired_trials
from service.search import SearchEngine

DEPTH = 100
DIVERSITIES = (0.0, 0.3, 0.5, 0.8)
SECTIONS = ("variants", "mixtures", "tests", "negatives")
_NDCG = "nDCG@10"

Figures = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is named; print the tables, and write them if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tune", nargs="*", default=[], metavar="FOLDER[:SPLIT]")
    parser.add_argument("--test", nargs="*", default=[], metavar="FOLDER[:SPLIT]")
    parser.add_argument("--indexes", type=Path, metavar="DIR")
    parser.add_argument("--acl", type=Path, metavar="INDEX")
    parser.add_argument("--arxiv", type=Path, metavar="INDEX")
    parser.add_argument("--categories", type=Path, metavar="FILE")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    options = parser.parse_args(arguments)
    if (options.tune or options.test) and options.indexes is None:
        parser.error("--indexes has to name the folder of the indexes")
    if (options.arxiv is None) != (options.categories is None):
        parser.error("--arxiv and --categories go together")
    figures = measure_sample() if options.smoke else measure(options)
    figures["runs"] = [provenance()]
    if options.results and options.results.exists():
        figures = joined(json.loads(options.results.read_text(encoding="utf-8")), figures)
    markdown = to_markdown(figures)
    print(markdown, end="")
    if options.results:
        options.results.write_text(to_text(figures) + "\n", encoding="utf-8")
        options.results.with_suffix(".md").write_text(markdown, encoding="utf-8")
    return 0


def joined(earlier: Figures, figures: Figures) -> Figures:
    """Give the figures of an earlier run, and of this one; what both measured is this one's."""
    commands = {run["command"] for run in figures["runs"]}
    kept = [run for run in earlier["runs"] if run["command"] not in commands]
    together: Figures = {"runs": [*kept, *figures["runs"]]}
    return together | {name: earlier[name] | figures[name] for name in SECTIONS}


def measure(options: argparse.Namespace) -> Figures:
    """Measure all that the options name."""
    figures: Figures = {name: {} for name in SECTIONS}
    for spec in options.tune:
        collection = read_collection(spec)
        tune(collection, options.indexes / collection.name, figures)
    for spec in options.test:
        collection = read_collection(spec)
        with serve(options.indexes / collection.name) as service:
            figures["tests"][_name(collection)] = test(service, collection)
    if options.acl:
        figures["negatives"]["ACL Anthology, one example of both topics"] = measure_acl(options.acl)
    if options.arxiv:
        measured = measure_arxiv(options.arxiv, options.categories)
        figures["negatives"]["arXiv, one example of each topic"] = measured
    return figures


def measure_sample() -> Figures:
    """Measure the collection made of the sample, in a folder that is removed again."""
    figures: Figures = {name: {} for name in SECTIONS}
    with tempfile.TemporaryDirectory() as folder:
        collection = read_collection(str(write_sample_collection(Path(folder) / "sample")))
        index = Path(folder) / "index"
        build_index(collection, index)
        tune(collection, index, figures, n_drawn=1)
        with serve(index) as service:
            figures["tests"][_name(collection)] = test(service, collection)
        # what an article of the sample is about stands in its id
        ids = [one for query in collection.queries.values() if (one := query.own_id)]
        ids += [judged.doc_id for judged in collection.qrels]
        topics = {one: frozenset({one.split(".")[-2]}) for one in ids}
        with closing(SearchEngine.open(index)) as engine:
            trials = paired_trials(topics, n_trials=2, least=3)
            figures["negatives"]["sample"] = measure_trials(engine, trials, topics)
    return figures


def _name(collection: Collection) -> str:
    return f"{collection.name} {collection.split}"


def tune(collection: Collection, index: Path, figures: Figures, n_drawn: int = 4) -> None:
    """Compare strategies on one collection, and add what they reach to the figures."""
    variants = compare_variants(collection, index, n_drawn)
    base = variants[AS_IT_IS]
    figures["variants"][_name(collection)] = {
        name: {"n": len(values), _NDCG: _mean(values), "p": _p(values, base)}
        for name, values in variants.items()
    }
    figures["mixtures"][_name(collection)] = {
        name: {"n": len(by_number[0]), _NDCG: [_mean(values) for values in by_number]}
        | {"p of two, three against one": [_p(values, by_number[0]) for values in by_number[1:]]}
        for name, by_number in compare_mixtures(collection, index, n_drawn).items()
    }


def _mean(values: Sequence[float]) -> float:
    return round(statistics.fmean(values), 4) if values else 0.0


def _p(values: Sequence[float], base: Sequence[float]) -> float | None:
    if len(values) < 2 or values == base:
        return None
    return round(compare_pairs(values, base).p, 4)


def test(service: Service, collection: Collection) -> Figures:
    """Ask for what is like each query that is an article, and measure."""
    own = {name: query.own_id for name, query in collection.queries.items() if query.own_id}
    qrels = [judged for judged in collection.qrels if judged.query_id in own]
    figures: Figures = {}
    for diversity in DIVERSITIES:
        run: list[ScoredDoc] = []
        spread: list[float] = []
        for query_id, article_id in own.items():
            answer = service.similar(
                positive=[{"article_id": article_id}],
                min_match=0,
                limit=DEPTH,
                diversity=diversity,
            )
            found = [hit["article"]["article_id"] for hit in answer["hits"]]
            run += [ScoredDoc(query_id, one, float(-place)) for place, one in enumerate(found)]
            cosines = [hit["because"]["cosine"] for hit in answer["hits"][:10]]
            spread += cosines[:1] and [statistics.fmean(cosines)]
        by_query = measure_queries(qrels, run)
        figures[f"diversity {diversity:g}"] = {
            "n": len(own),
            "measures": {name: _mean(list(of.values())) for name, of in by_query.items()},
            "interval": bootstrap(list(by_query[_NDCG].values())),
            "cosine of example and first ten": _mean(spread),
        }
    return figures


def bootstrap(values: Sequence[float]) -> list[float]:
    """Give the 95 % interval of a mean, by percentiles of resampled queries."""
    if not values:
        return [0.0, 0.0]
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(np.asarray(values), size=(N_RESAMPLES, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return [round(float(low), 4), round(float(high), 4)]


def to_markdown(figures: Figures) -> str:
    """Write the figures as tables."""
    lines = ["# Papers like these, not like those", ""]
    lines += [
        f"* `{run['command']}`: {run['date']}, commit {run['commit']}, {run['cpu']}"
        for run in figures["runs"]
    ]
    lines.append("")
    lines += _variant_lines(figures["variants"])
    lines += _mixture_lines(figures["mixtures"])
    lines += _test_lines(figures["tests"])
    lines += _negative_lines(figures["negatives"])
    return "\n".join(lines).rstrip("\n") + "\n"


def _variant_lines(variants: Mapping[str, Figures]) -> list[str]:
    if not variants:
        return []
    counts = [f"{name} ({of[AS_IT_IS]['n']})" for name, of in variants.items()]
    lines = ["## One example: what each step brings", "", "nDCG@10; p against what it is.", ""]
    lines += ["| | " + " | ".join([*counts, "mean"]) + " |", "|---" * (len(counts) + 2) + "|"]
    for name in next(iter(variants.values())):
        cells = [_cell(of[name]) for of in variants.values()]
        mean = statistics.fmean(of[name][_NDCG] for of in variants.values())
        lines.append(f"| {name} | " + " | ".join([*cells, f"{mean:.4f}"]) + " |")
    return [*lines, ""]


def _cell(measured: Figures) -> str:
    p = "" if measured["p"] is None else f" (p {measured['p']:.3f})"
    return f"{measured[_NDCG]:.4f}{p}"


def _mixture_lines(mixtures: Mapping[str, Figures]) -> list[str]:
    if not mixtures:
        return []
    names = list(mixtures)
    lines = ["## One, two and three examples", ""]
    lines += ["nDCG@10 of the same answers; in brackets the p of three against one.", ""]
    lines += ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for name in next(iter(mixtures.values())):
        cells = []
        for of in mixtures.values():
            p = of[name]["p of two, three against one"][-1]
            shown = " / ".join(f"{value:.4f}" for value in of[name][_NDCG])
            cells.append(shown if p is None else f"{shown} ({p:.4f})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _test_lines(tests: Mapping[str, Figures]) -> list[str]:
    lines: list[str] = []
    for name, of in tests.items():
        n = next(iter(of.values()))["n"]
        lines += [f"## {name}, through POST /v1/similar ({n} articles)", ""]
        lines += ["| | nDCG@10, 95 % interval | R@100 | cosine of example and first ten |"]
        lines += ["|---|---|---|---|"]
        for diversity, one in of.items():
            low, high = one["interval"]
            measures = one["measures"]
            lines.append(
                f"| {diversity} | {measures[_NDCG]:.4f} ({low:.4f} to {high:.4f}) | "
                f"{measures['R@100']:.4f} | {one['cosine of example and first ten']:.4f} |"
            )
        lines.append("")
    return lines


def _negative_lines(negatives: Mapping[str, Figures]) -> list[str]:
    lines: list[str] = []
    for name, of in negatives.items():
        columns = list(next(iter(of.values())))
        lines += [f"## A negative example of topic B: {name}", ""]
        lines += ["Shares of the first 20 hits, means of up to 100 seeded trials; *kept*: of the"]
        lines += ["hits about A alone without it. The topics, and what is drawn, are defined in"]
        lines += ["`scripts/similar_topics.py`.", ""]
        lines += ["| of the first 20 | " + " | ".join(columns) + " |"]
        lines += ["|---" * (len(columns) + 1) + "|"]
        for variant, shares in of.items():
            cells = [f"{shares[column]:.3f}" for column in columns]
            lines.append(f"| {variant} | " + " | ".join(cells) + " |")
        lines.append("")
    return lines


if __name__ == "__main__":
    sys.exit(main())
