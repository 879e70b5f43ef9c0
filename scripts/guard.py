"""Measure the citation guard on answers whose citations and quotations are known, true or false.

    python -m scripts.guard --index DIR [--answers N] [--results FILE.json]

Each answer cites drawn articles (seeded) in one style; about half of its citations are altered: a
year, the first author, the DOI, a word of the title. *False verified* are altered ones that came
out verified, which must not happen; *true verified* are those that were not altered and came out
verified, with every number that points to them. Three sets of styles were held out, each written
after what the one before it showed was mended. Quotations are sentences of abstracts, as they are
or with a number, a negation or a word altered.
"""

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from index.snapshot import SNAPSHOTS, current_name
from index.store import STORE, ArticleStore
from scripts.guarding.answers import Made, Planted, make_answers
from scripts.guarding.cited import Corpus
from scripts.guarding.held_back import HELD_BACK
from scripts.guarding.held_back_again import HELD_BACK_AGAIN
from scripts.guarding.held_out import SECOND_SET
from scripts.guarding.quotations import make_quotations
from scripts.guarding.styles import FIRST_SET, Style
from scripts.provenance import provenance
from service.search import SearchEngine
from service.verification.query import VerifyQuery
from service.verification.results import Verification

SEED = 20261125
N_ANSWERS = 220
N_DRAWN = 3_000

Figures = dict[str, object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the figures, and write them if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--index", type=Path, required=True, metavar="DIR")
    parser.add_argument("--answers", type=int, default=N_ANSWERS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    options = parser.parse_args(arguments)
    n, seed, show = options.answers, options.seed, options.show
    with closing(SearchEngine.open(options.index)) as engine:
        corpus = draw_corpus(options.index, engine, seed)
        figures: Figures = {
            "index": options.index.name,
            "n_articles": engine.n_articles,
            "styles at hand": measure_set(engine, corpus, FIRST_SET, n, seed, show=show),
            "styles held out": measure_set(engine, corpus, SECOND_SET, n, seed, show=show),
            "styles held back": measure_set(engine, corpus, HELD_BACK, n, seed, show=show),
            "styles held back again": measure_set(
                engine, corpus, HELD_BACK_AGAIN, n, seed, show=show
            ),
            "quotations": measure_quotations(engine, corpus, n, seed),
        }
    text = json.dumps(provenance() | figures, indent=2)
    print(text)
    if options.results:
        options.results.write_text(text + "\n", encoding="utf-8")
    return 0


def draw_corpus(index: Path, engine: SearchEngine, seed: int) -> Corpus:
    """Draw the articles that are cited."""
    draw = random.Random(seed)
    with closing(ArticleStore(index / SNAPSHOTS / current_name(index) / STORE)) as store:
        rows = sorted(draw.sample(range(store.n_articles), min(N_DRAWN, store.n_articles)))
        articles = [one for one in store.articles(rows) if one.title]
    titles = engine._snapshot.columns.titles
    return Corpus(
        articles,
        lambda identifier: engine._snapshot.store.find(identifier) is not None,
        lambda title: len(titles.rows(title)) > 0,
    )


def measure_set(
    engine: SearchEngine, corpus: Corpus, styles: Sequence[Style], n: int, seed: int, *, show: bool
) -> Figures:
    """Verify answers of some styles, and count what came of true and altered citations."""
    true: dict[str, Counter[str]] = defaultdict(Counter)
    altered: dict[str, Counter[str]] = defaultdict(Counter)
    outside: Counter[str] = Counter()
    for made in make_answers(corpus, styles, n, seed):
        found = engine.verify(VerifyQuery(text=made.text))
        for one in made.planted:
            outcome = outcome_of(found, one)
            if one.cited.fault is None:
                true[one.style][outcome] += 1
            else:
                altered[one.cited.fault][outcome] += 1
            if show and (outcome == "verified") != (one.cited.fault is None):
                _show(made, one, found)
        outside.update(
            one.status for one in found.citations if (one.start, one.end) in made.outside
        )
    return {
        "answers": n,
        "true": {style: dict(counts) for style, counts in sorted(true.items())},
        "altered": {fault: dict(counts) for fault, counts in sorted(altered.items())},
        "numbers_outside": dict(outside),
        "n_true": sum(sum(one.values()) for one in true.values()),
        "true_verified": _share(true.values()),
        "n_altered": sum(sum(one.values()) for one in altered.values()),
        "false_verified": sum(one["verified"] for one in altered.values()) + outside["verified"],
    }


def measure_quotations(engine: SearchEngine, corpus: Corpus, n: int, seed: int) -> Figures:
    """Verify quotations, and count what came of those that are as written, and of others."""
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    for one in make_quotations(corpus.articles, n, seed):
        found = engine.verify(VerifyQuery(text=one.text)).quotes
        outcome = found[0].status if len(found) == 1 else f"{len(found)} quotations seen"
        outcomes[one.fault or "as written"][outcome] += 1
    altered = sum(counts["verbatim"] for fault, counts in outcomes.items() if fault != "as written")
    as_written = outcomes["as written"]
    return {
        "n": n,
        "outcomes": {fault: dict(counts) for fault, counts in sorted(outcomes.items())},
        "as_written_verbatim": round(as_written["verbatim"] / max(1, as_written.total()), 4),
        "altered_called_verbatim": altered,
    }


def _share(counts: Collection[Counter[str]]) -> float:
    n = sum(sum(one.values()) for one in counts)
    return round(sum(one["verified"] for one in counts) / max(1, n), 4)


def outcome_of(found: Verification, planted: Planted) -> str:
    """Give what became of a citation.

    Of an altered one: verified if any part of it was. Of a true one: the first status of any part
    that is another.
    """
    places = [(planted.start, planted.end), *planted.pointers]
    statuses = [
        one.status
        for one in found.citations
        if any(one.start < end and one.end > start for start, end in places)
    ]
    if not statuses:
        return "not seen"
    if planted.cited.fault is not None:
        return "verified" if "verified" in statuses else statuses[0]
    return next((status for status in statuses if status != "verified"), "verified")


def _show(made: Made, planted: Planted, found: Verification) -> None:
    print("=" * 8, planted.cited.fault, "|", planted.style, file=sys.stderr)
    print(made.text[planted.start : planted.end], file=sys.stderr)
    for one in found.citations:
        if one.start < planted.end and one.end > planted.start:
            print(
                "   ",
                one.kind,
                one.status,
                one.reason,
                [(d.field, d.given, d.found) for d in one.differs],
                file=sys.stderr,
            )


if __name__ == "__main__":
    sys.exit(main())
