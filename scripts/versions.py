"""Measure which versions are found, against pairs that were read and judged by hand.

    python -m scripts.versions SOURCE… --results FILE.json
    python -m scripts.versions --index DIR --results FILE.json

Precision is of pairs drawn at random from those that the finder proposes, after its rules
were settled; recall is of works of the one corpus whose version in the other was looked up
without the finder. The judgements hold ids and a verdict, "same" or "different", a line each.
"""

import argparse
import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from index.article import Article
from index.corpus import Corpus
from index.families import find_families
from index.reading import read_corpus
from index.snapshot import SNAPSHOTS, current_name
from index.sources import find_sources
from index.store import STORE, ArticleStore
from index.versions import Family, Versions, kind_of
from scripts.provenance import provenance

JUDGEMENTS = Path(__file__).parent / "judgements"
PRECISION = "versions_precision.tsv"
RECALL = "versions_recall.tsv"
TUNING = "versions_tuning.tsv"
_VERDICTS = ("same", "different")

Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """The families of a corpus, and what finding them took (None where they were stored)."""

    articles: Sequence[Article]
    families: Sequence[Family]
    seconds: float | None

    def pairs(self) -> set[Pair]:
        """Give every pair of ids that are versions of one work."""
        return {
            frozenset(self.articles[row].article_id for row in rows)
            for family in self.families
            for rows in combinations(family.rows, 2)
        }


def read_judgements(path: Path) -> dict[Pair, bool]:
    """Read pairs and whether they are the same work; ValueError on any other verdict."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    for number, row in enumerate(rows, start=2):
        if row["verdict"] not in _VERDICTS:
            message = f"{path}, line {number}: {row['verdict']!r} is none of {_VERDICTS}"
            raise ValueError(message)
    return {frozenset((row["id_a"], row["id_b"])): row["verdict"] == "same" for row in rows}


def find_in_sources(paths: Sequence[Path]) -> Found:
    """Read sources and find the versions among their articles."""
    corpus, _ = read_corpus(find_sources(paths), Corpus(), quiet=True)
    articles = corpus.articles()
    start = time.perf_counter()
    families = find_families(articles)
    return Found(articles, families, time.perf_counter() - start)


def find_in_index(directory: Path) -> Found:
    """Give the versions that the current snapshot of an index holds."""
    folder = directory / SNAPSHOTS / current_name(directory)
    with closing(ArticleStore(folder / STORE)) as store:
        articles = list(store)
    return Found(articles, Versions(folder / "columns").families(), None)


def measure(found: Found, folder: Path = JUDGEMENTS) -> dict[str, object]:
    """Compare the pairs found with the judgements in a folder."""
    proposed = found.pairs()
    precision, recall = read_judgements(folder / PRECISION), read_judgements(folder / RECALL)
    tuning = read_judgements(folder / TUNING)
    judged = [is_same for pair, is_same in precision.items() if pair in proposed]
    looked_up = [pair for pair, is_same in recall.items() if is_same]
    n_found = sum(pair in proposed for pair in looked_up)
    wrong = [
        sorted(pair)
        for pair in proposed
        if False in (precision.get(pair), recall.get(pair), tuning.get(pair))
    ]
    return {
        "n_articles": len(found.articles),
        "n_works_of_several_versions": len(found.families),
        "n_pairs": len(proposed),
        "n_pairs_never_judged": len(proposed - precision.keys() - recall.keys() - tuning.keys()),
        "seconds": None if found.seconds is None else round(found.seconds, 1),
        "rules": dict(Counter(reason.rule for one in found.families for reason in one.reasons)),
        "kinds": dict(Counter(_kinds(found, one) for one in found.families)),
        "precision": {
            "n_drawn": len(precision),
            "n_still_proposed": len(judged),
            "n_same": sum(judged),
            "value": _share(sum(judged), len(judged)),
        },
        "recall": {
            "n_looked_up": len(looked_up),
            "n_found": n_found,
            "value": _share(n_found, len(looked_up)),
        },
        "judged_different_but_proposed": sorted(wrong),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _kinds(found: Found, family: Family) -> str:
    return " + ".join(sorted(kind_of(found.articles[row]) for row in family.rows))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the measures, and write them with where they come from if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("sources", nargs="*", type=Path, metavar="SOURCE")
    parser.add_argument("--index", type=Path, metavar="DIR", help="an index, in place of sources")
    parser.add_argument("--results", type=Path, help="the JSON file to write")
    options = parser.parse_args(arguments)
    if bool(options.sources) == bool(options.index):
        parser.error("name either sources or an index")
    found = find_in_index(options.index) if options.index else find_in_sources(options.sources)
    results = measure(found)
    print(json.dumps(results, indent=1))
    if options.results:
        written = json.dumps(provenance() | results, indent=1)
        options.results.write_text(written + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
