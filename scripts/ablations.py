"""Measure what each step of the ranking brings, by leaving it out or turning it up or down.

    python -m scripts.ablations FOLDER[:SPLIT]… --indexes DIR [--results FILE.json]

In process, on collections that may be tuned on (SciFact's training claims, Cranfield, CISI): all
queries are asked of the index DIR/<folder's name> with `min_match=0`, once as the engine is and
once for every variant of it: a constant of the ranking that has another value. nDCG@10 and R@100,
and the p value of nDCG@10 against the engine as it is, query by query.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from ir_measures import R, ScoredDoc, nDCG
from ir_measures import iter_calc as measure_each

from scripts.beir import Collection, read_collection
from scripts.measuring import DEPTH
from scripts.provenance import provenance
from scripts.significance import compare_pairs
from service.query import Query
from service.search import SearchEngine

NDCG, RECALL = nDCG @ 10, R @ 100
AS_IT_IS = "as it is"
VARIANTS: Mapping[str, Mapping[str, float]] = {
    AS_IT_IS: {},
    "no second look": {"service.match.LOOKED_AT": 0, "service.match.HUBNESS_TAKEN": 0},
    "no hubness taken off": {
        "service.match.HUBNESS_TAKEN": 0,
        "service.second_look.HUBNESS_TAKEN": 0,
        "service.second_look.PIECE_HUBNESS_TAKEN": 0,
    },
    "hubness .2": {
        "service.match.HUBNESS_TAKEN": 0.2,
        "service.second_look.HUBNESS_TAKEN": 0.2,
    },
    "hubness .6": {
        "service.match.HUBNESS_TAKEN": 0.6,
        "service.second_look.HUBNESS_TAKEN": 0.6,
    },
    "no feedback": {"service.second_look.FEEDBACK": 0},
    "feedback .3": {"service.second_look.FEEDBACK": 0.3},
    "feedback 1": {"service.second_look.FEEDBACK": 1},
    "feedback of 1 article": {"service.second_look.FED_BACK": 1},
    "feedback of 10 articles": {"service.second_look.FED_BACK": 10},
    "no sentences": {"service.second_look.PIECE_WEIGHT": 0},
    "sentences .15": {"service.second_look.PIECE_WEIGHT": 0.15},
    "sentences .5": {"service.second_look.PIECE_WEIGHT": 0.5},
    "sentences not sharpened": {"service.second_look.PIECE_SHARPNESS": 0.01},
    "sentences sharpened by 10": {"service.second_look.PIECE_SHARPNESS": 10},
    "second look at 100": {"service.match.LOOKED_AT": 100},
    "second look at 400": {"service.match.LOOKED_AT": 400},
    "meaning .4": {"service.ranking.SEMANTIC_WEIGHT": 0.4},
    "meaning .5": {"service.ranking.SEMANTIC_WEIGHT": 0.5},
    "meaning .7": {"service.ranking.SEMANTIC_WEIGHT": 0.7},
    "words with a full say always": {"service.ranking.ENOUGH_EVIDENCE": 1e-9},
}

Run = list[ScoredDoc]


class Measured(NamedTuple):
    """nDCG@10 of every query, in one order, and the mean R@100."""

    ndcg: list[float]
    recall: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every variant on every collection."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collections", nargs="+", metavar="FOLDER[:SPLIT]")
    parser.add_argument("--indexes", type=Path, required=True, metavar="DIR")
    parser.add_argument("--results", type=Path)
    options = parser.parse_args(arguments)
    collections = [read_collection(spec) for spec in options.collections]
    figures = {
        f"{one.name} {one.split}": compare(one, options.indexes / one.name) for one in collections
    }
    print(to_table(figures))
    if options.results:
        options.results.write_text(json.dumps(provenance() | figures, indent=1) + "\n")
    return 0


def compare(collection: Collection, index: Path) -> dict[str, dict[str, float]]:
    """Give the measures of every variant on one collection."""
    figures: dict[str, dict[str, float]] = {}
    base = Measured([], 0.0)
    with closing(SearchEngine.open(index)) as engine:
        for name, constants in VARIANTS.items():
            with changed(constants):
                measured = measure(collection, ask(engine, collection))
            base = measured if name == AS_IT_IS else base
            figures[name] = {
                str(NDCG): round(sum(measured.ndcg) / len(measured.ndcg), 4),
                str(RECALL): round(measured.recall, 4),
            }
            if name != AS_IT_IS:
                figures[name]["p"] = round(compare_pairs(base.ndcg, measured.ndcg).p, 4)
    return figures


@contextmanager
def changed(constants: Mapping[str, float]) -> Iterator[None]:
    """Give constants, named by module and name, other values for a while."""
    before: list[tuple[object, str, object]] = []
    for path, value in constants.items():
        module_name, _, name = path.rpartition(".")
        module = importlib.import_module(module_name)
        before.append((module, name, getattr(module, name)))
        setattr(module, name, value)
    try:
        yield
    finally:
        for changed_module, name, old in before:
            setattr(changed_module, name, old)


def ask(engine: SearchEngine, collection: Collection) -> Run:
    """Ask all queries, and give the first hundred articles of each but the query itself."""
    run: Run = []
    for query_id, query in collection.queries.items():
        asked = Query(text=query.text, min_match=0, limit=DEPTH, highlight=False)
        found = [hit.article.article_id for hit in engine.search(asked).hits]
        run += [
            ScoredDoc(query_id, doc_id, float(-place))
            for place, doc_id in enumerate(found)
            if doc_id != query.own_id
        ]
    return run


def measure(collection: Collection, run: Run) -> Measured:
    """Measure a run query by query."""
    values: dict[str, dict[str, float]] = {str(NDCG): {}, str(RECALL): {}}
    for one in measure_each([NDCG, RECALL], list(collection.qrels), run):
        values[str(one.measure)][one.query_id] = float(one.value)
    ndcg = [values[str(NDCG)].get(query_id, 0.0) for query_id in collection.queries]
    recall = sum(values[str(RECALL)].values()) / len(collection.queries)
    return Measured(ndcg, recall)


def to_table(figures: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Give the figures as a Markdown table: a row a variant, a column a collection."""
    lines = ["| variant | " + " | ".join(figures) + " |", "|---" * (len(figures) + 1) + "|"]
    for name in VARIANTS:
        cells = []
        for of_collection in figures.values():
            one = of_collection[name]
            p = f" (p {one['p']:.3f})" if "p" in one else ""
            cells.append(f"{one[str(NDCG)]:.4f} / {one[str(RECALL)]:.4f}{p}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
