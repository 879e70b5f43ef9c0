"""Measure the ranking on collections in BEIR layout, through the HTTP interface.

    python -m scripts.evaluate FOLDER[:SPLIT]… --indexes DIR [--results FILE.json]
    python -m scripts.evaluate --compare A.json B.json [--results FILE.json]
    python -m scripts.evaluate --smoke

The index DIR/<name of FOLDER> is built where there is none. A real service is asked every
judged query in every mode: with `min_match=0`, which ranks all articles, and with the default
floor. An article that is itself the query is dropped, and the list of 100 filled from the
next page. The measures are those of ir_measures; hybrid is tested against the other modes,
query by query. The Markdown is printed; `--results` writes FILE.json with the values of every
query, FILE.md and FILE.svg. `--compare` tests two such files against each other; `--smoke`
measures a collection made of the sample.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

from scripts.beir import read_collection
from scripts.charts import draw_panels
from scripts.measuring import build_index, evaluate
from scripts.provenance import provenance
from scripts.ranking_report import (
    compare_modes,
    compare_results,
    describe_indexes,
    describe_measures,
    describe_origin,
    describe_tests,
    to_panel,
)
from scripts.rankings import Figures, read_results, to_text
from scripts.sample_collection import write_sample_collection
from service.query import Mode
from service.settings import PREFIX

MODES: tuple[Mode, ...] = get_args(Mode)
_NO_MATTER = frozenset(f"{PREFIX}{name}" for name in ("INDEX", "HOST", "PORT", "API_KEY"))


class Report(NamedTuple):
    """What is written of a measurement, a file for each; a comparison has no chart."""

    figures: Figures
    markdown: str
    chart: str | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or compare what was measured; print the tables, and write them if asked."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if bool(options.collections) + bool(options.compare) + options.smoke != 1:
        parser.error("name either collections, or two results to --compare, or --smoke")
    if options.collections and options.indexes is None:
        parser.error("--indexes has to name the folder of the indexes")
    if options.results and not options.results.parent.is_dir():
        parser.error(f"--results: there is no folder {options.results.parent}")
    if options.compare:
        report = report_comparison(*options.compare)
    elif options.smoke:
        report = report_sample(options.modes, options.model)
    else:
        report = report_rankings(options.collections, options.indexes, options.modes, options.model)
    print(report.markdown, end="")
    if options.results:
        write_report(report, options.results)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("collections", nargs="*", metavar="FOLDER[:SPLIT]")
    parser.add_argument("--indexes", type=Path, metavar="DIR")
    parser.add_argument("--modes", nargs="+", default=MODES, choices=MODES)
    parser.add_argument("--model", metavar="NAME", help="what an absent index is built with")
    parser.add_argument("--compare", type=Path, nargs=2, metavar="FILE.json")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    return parser


def report_sample(modes: Sequence[str], model: str | None) -> Report:
    """Measure the collection made of the sample, in a folder that is removed again."""
    with tempfile.TemporaryDirectory() as folder:
        collection = write_sample_collection(Path(folder) / "sample")
        return report_rankings([str(collection)], Path(folder) / "indexes", modes, model)


def report_rankings(
    specs: Sequence[str], indexes: Path, modes: Sequence[str], model: str | None
) -> Report:
    """Measure every collection; all are read before the first is asked."""
    collections = [read_collection(spec) for spec in specs]
    folders = {collection.folder for collection in collections}
    asked = {(collection.name, collection.split) for collection in collections}
    if len({folder.name for folder in folders}) < len(folders) or len(asked) < len(collections):
        message = f"a collection is named twice, or two have the same name: {', '.join(specs)}"
        raise ValueError(message)
    evaluations = []
    for collection in collections:
        index = indexes / collection.name
        build_index(collection, index, model)
        evaluations.append(evaluate(collection, index, modes))
    tests = [test for evaluation in evaluations for test in compare_modes(evaluation)]
    figures = provenance() | {
        "settings": changed_settings(os.environ),
        "tests": [test.to_json() for test in tests],
        "collections": {evaluation.name: evaluation.to_json() for evaluation in evaluations},
    }
    lines = [
        "# Rankings",
        "",
        *describe_origin(figures),
        *describe_indexes(evaluations),
        *describe_measures(evaluations),
        *describe_tests(tests),
    ]
    return Report(figures, _joined(lines), draw_panels([to_panel(one) for one in evaluations]))


def report_comparison(first: Path, second: Path) -> Report:
    """Test two results against each other, query by query."""
    of_first, of_second = read_results(first), read_results(second)
    names = (first.stem, second.stem)
    if first.stem == second.stem:
        names = (f"{first.parent.name}/{first.stem}", f"{second.parent.name}/{second.stem}")
    tests = list(compare_results(of_first.evaluations, of_second.evaluations, names))
    lines = ["# Rankings compared", "", *describe_tests(tests)]
    for name, results in zip(names, (of_first, of_second), strict=True):
        lines += [f"## {name}", "", *describe_origin(results.figures)]
        lines += describe_indexes(results.evaluations)
    figures = provenance() | {"tests": [test.to_json() for test in tests]}
    return Report(figures, _joined(lines))


def changed_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the variables by which the service answers otherwise than by default."""
    return {
        # where a file lies on one machine says nothing to a reader
        name: Path(value).name if Path(value).is_absolute() else value
        for name, value in sorted(environment.items())
        if name.startswith(PREFIX) and name not in _NO_MATTER
    }


def write_report(report: Report, path: Path) -> None:
    """Write FILE.json, and FILE.md and FILE.svg beside it."""
    path.write_text(to_text(report.figures) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(report.markdown, encoding="utf-8")
    if report.chart is not None:
        path.with_suffix(".svg").write_text(report.chart, encoding="utf-8")


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


if __name__ == "__main__":
    sys.exit(main())
