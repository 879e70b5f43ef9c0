"""Measure what a bundle of excerpts holds, through HTTP, against the first hits of a search.

    python -m scripts.context --index DIR --claims FOLDER[:SPLIT] [--also INDEX…]
        [--most N] [--results FILE.json]
    python -m scripts.context --smoke

FOLDER is SciFact in BEIR layout (by default its test claims), DIR its index. Each claim is sent to
POST /v1/search and to POST /v1/context, at the calibrated floor and with `min_match=0`: the share
of claims of which an evidence abstract is among the first five hits, and lies in the bundle of
2,000 tokens; how much of the room bundles use. Of the abstracts in a bundle in which people marked
the sentences that hold the evidence: how often the excerpt has one of them whole; and of those that
are not handed over whole, beside what the first sentences of the same length would give. Round
trips are timed on DIR, and on the indexes of `--also` with the same claims. Intervals are those of
a bootstrap over claims.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from index.snapshot import Snapshot
from scripts.beir import Collection, read_collection
from scripts.highlights import Marked, read_marked, sentences_of
from scripts.measuring import build_index
from scripts.provenance import provenance
from scripts.related import share
from scripts.sample_collection import write_sample_collection
from scripts.serving import Service, serve

FIRST = 5
MAX_TOKENS = 2_000
N_WARM = 10
FLOORS: Mapping[str, Mapping[str, object]] = {
    "calibrated floor": {},
    "everything": {"min_match": 0},
}

Figures = dict[str, object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the figures, and write them if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--index", type=Path, metavar="DIR")
    parser.add_argument("--claims", metavar="FOLDER[:SPLIT]")
    parser.add_argument("--also", nargs="*", default=[], type=Path, metavar="INDEX")
    parser.add_argument("--most", type=int, metavar="N", help="of the claims, the first so many")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    options = parser.parse_args(arguments)
    if options.smoke:
        figures = measure_sample()
    elif options.index and options.claims:
        collection = read_collection(options.claims)
        figures = measure(collection, options.index, options.also, options.most)
    else:
        parser.error("name an index and claims, or --smoke")
    text = json.dumps(provenance() | figures, indent=2)
    print(text)
    if options.results:
        options.results.write_text(text + "\n", encoding="utf-8")
    return 0


def measure_sample() -> Figures:
    """Measure the collection made of the sample, in a folder that is removed again."""
    with tempfile.TemporaryDirectory() as folder:
        collection = read_collection(str(write_sample_collection(Path(folder) / "sample")))
        index = Path(folder) / "index"
        build_index(collection, index)
        return measure(collection, index, [index], None)


def measure(
    collection: Collection, index: Path, others: Sequence[Path], most: int | None
) -> Figures:
    """Measure the claims of a collection on its index, and the time alone on others."""
    snapshot = Snapshot.open(index)
    marked: dict[str, list[Marked]] = {}
    for one in read_marked(collection.folder, collection.split, snapshot):
        marked.setdefault(one.claim, []).append(one)
    n_articles = snapshot.store.n_articles
    snapshot.close()
    ids = list(collection.queries)[:most]
    evidence = {
        query_id: {
            qrel.doc_id
            for qrel in collection.qrels
            if qrel.query_id == query_id and qrel.relevance > 0
        }
        for query_id in ids
    }
    claims = [
        Claim(text, evidence[query_id], marked.get(text, []))
        for query_id in ids
        if (text := collection.queries[query_id].text)
    ]
    with serve(index) as service:
        found = {name: ask(service, claims, wanted) for name, wanted in FLOORS.items()}
    return {
        "collection": f"{collection.name} {collection.split}",
        "n_articles": n_articles,
        "max_tokens": MAX_TOKENS,
        "claims": {name: seen.figures() for name, seen in found.items()},
        "also": {other.name: time_on(other, claims) for other in others},
    }


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, the ids of the abstracts with evidence, and those in which it is marked."""

    text: str
    evidence: set[str]
    marked: Sequence[Marked]


@dataclass(slots=True)
class Seen:
    """What was seen of all claims at one floor."""

    among_first: list[bool] = field(default_factory=list)
    in_bundle: list[bool] = field(default_factory=list)
    marked: list["Marking"] = field(default_factory=list)
    n_excerpts: list[int] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    id_chars: list[int] = field(default_factory=list)
    taken_ms: list[float] = field(default_factory=list)
    n_answerable: int = 0

    def figures(self) -> Figures:
        """Give the figures."""
        pairs = list(zip(self.in_bundle, self.among_first, strict=True))
        parts = [one for one in self.marked if one.is_part]
        return {
            "answerable": self.n_answerable,
            "evidence_among_first_5": share(self.among_first),
            "evidence_in_bundle": share(self.in_bundle),
            "in_bundle_only": sum(inside and not first for inside, first in pairs),
            "among_first_only": sum(first and not inside for inside, first in pairs),
            "marked_sentence_in_excerpts": share([one.in_excerpt for one in self.marked]),
            "of_excerpts_of_a_part": {
                "marked_sentence_in_excerpt": share([one.in_excerpt for one in parts]),
                "marked_sentence_in_first_of_same_length": share([one.in_first for one in parts]),
            },
            **self.sizes(),
        }

    def sizes(self) -> Figures:
        """Give how large bundles are, and how long they take."""
        return {
            "excerpts_mean": _mean(self.n_excerpts),
            "room_used_mean": _mean(self.used),
            "bundle_id_chars_mean": _mean(self.id_chars),
            "p50_ms": _percentile(self.taken_ms, 50),
            "p95_ms": _percentile(self.taken_ms, 95),
        }

    def add_bundle(self, bundle: Mapping[str, Any], taken_ms: float) -> None:
        """Note how large a bundle is, and how long it took."""
        self.taken_ms.append(taken_ms)
        if bundle["answerable"]:
            self.n_answerable += 1
            self.n_excerpts.append(len(bundle["excerpts"]))
            self.used.append(bundle["tokens"] / bundle["max_tokens"])
            self.id_chars.append(len(bundle["bundle_id"]))


def ask(service: Service, claims: Sequence[Claim], wanted: Mapping[str, object]) -> Seen:
    """Send every claim to both routes."""
    seen = Seen()
    for claim in claims[:N_WARM]:
        bundle_of(service, claim, wanted)
    for claim in claims:
        hits = service.search(query=claim.text, limit=FIRST, **wanted)["hits"]
        bundle, taken_ms = bundle_of(service, claim, wanted)
        seen.add_bundle(bundle, taken_ms)
        excerpts = {one["article"]["article_id"]: one for one in bundle["excerpts"]}
        first = {hit["article"]["article_id"] for hit in hits}
        seen.among_first.append(bool(claim.evidence & first))
        seen.in_bundle.append(bool(claim.evidence & excerpts.keys()))
        for one in claim.marked:
            if excerpt := excerpts.get(one.article.article_id):
                seen.marked.append(Marking.of(one, excerpt))
    return seen


def bundle_of(
    service: Service, claim: Claim, wanted: Mapping[str, object]
) -> tuple[dict[str, Any], float]:
    """Ask for the bundle of a claim; give it, and the milliseconds of the round trip."""
    started = time.perf_counter()
    bundle = service.post("/v1/context", query=claim.text, max_tokens=MAX_TOKENS, **wanted)
    return bundle, (time.perf_counter() - started) * 1000


def time_on(index: Path, claims: Sequence[Claim]) -> Figures:
    """Time the claims as questions to another index."""
    seen = Seen()
    with serve(index) as service:
        wanted = FLOORS["everything"]
        for claim in claims[:N_WARM]:
            bundle_of(service, claim, wanted)
        for claim in claims:
            seen.add_bundle(*bundle_of(service, claim, wanted))
    return {"n": len(claims), **seen.sizes()}


class Marking(NamedTuple):
    """Whether an excerpt holds a marked sentence, and the first sentences of the same length do.

    `is_part` tells that the excerpt is not the whole abstract, which holds them all.
    """

    in_excerpt: bool
    in_first: bool
    is_part: bool

    @classmethod
    def of(cls, marked: Marked, excerpt: Mapping[str, Any]) -> "Marking":
        """Compare an excerpt with what is marked in its abstract."""
        spans = [(span["start"], span["end"]) for span in excerpt["spans"]]
        length = sum(end - start for start, end in spans)
        is_part = length < len(marked.article.abstract or "")
        return cls(has_marked(marked, spans), has_marked(marked, [(0, length)]), is_part)


def has_marked(marked: Marked, spans: Iterable[tuple[int, int]]) -> bool:
    """Tell whether a marked sentence lies whole in one of the spans."""
    places = sentences_of(marked.article)
    wanted = [places[number] for number in marked.sentences]
    return any(first <= start and end <= last for first, last in spans for start, end in wanted)


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 3) if values else None


def _percentile(values: Sequence[float], of: int) -> float | None:
    return round(float(np.percentile(values, of)), 1) if values else None


if __name__ == "__main__":
    sys.exit(main())
