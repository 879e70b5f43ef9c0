"""Measure whether what is asked for by name comes first: titles, DOIs, authors, phrases.

    python -m scripts.known_items CORPUS --index DIR [--beside SOURCE…] [--results FILE.json]

What is asked is drawn (seeded) from CORPUS, which the index holds; `--beside` names what else it
holds, so that a title is known to occur once. Every question goes to a real service with the
defaults. Versions of one work answer as one hit: an article counts as found where the hit lists
it among its versions, and strictly (`itself`) only where the hit is the article. Misses are
listed, at most 20 of a kind. `--n` scales every draw down; `--smoke` asks a few questions about
the project's own sample, of which DIR must be an index.
"""

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.article import Article
from scripts.draws import (
    Known,
    Named,
    Wanted,
    author_forms,
    author_key,
    draw_acronyms,
    draw_authors,
    draw_dois,
    draw_phrases,
    draw_shared_titles,
    draw_unique_titles,
    mistyped_titles,
    read_known,
)
from scripts.provenance import provenance
from scripts.serving import Service, serve

SAMPLE = Path(__file__).parent / "sample" / "library.jsonl"
N_TITLES = 1000
N_SMOKE = 15
SHARES = {"shared titles": 0.2, "authors": 0.3, "acronyms": 0.2, "phrases": 0.2}
"""How many of the other kinds are drawn for each title."""
FIRST = 10
MOST_LISTED = 20
DOI_FORMS: Mapping[str, Callable[[str], str]] = {
    "bare": str,
    "doi:": "doi:{}".format,
    "https://doi.org/": "https://doi.org/{}".format,
    "upper case": str.upper,
}

_DIGITS = 4

Hit = dict[str, Any]
Figures = dict[str, object]


def ids_of(hit: Hit) -> set[str]:
    """Give the ids of all versions that a hit stands for."""
    article = hit["article"]
    return {article["article_id"], *(one["article_id"] for one in article["versions"])}


def place_of(article_id: str, hits: Sequence[Hit]) -> int | None:
    """Give the rank of the first hit that stands for an article."""
    return next((at for at, hit in enumerate(hits, start=1) if article_id in ids_of(hit)), None)


def bearers_come_first(bearers: Container[str], n_bearers: int, hits: Sequence[Hit]) -> bool:
    """Tell whether all bearers of a title come before anything else."""
    found: set[str] = set()
    for hit in hits:
        of_hit = {one for one in ids_of(hit) if one in bearers}
        if not of_hit:
            break
        found |= of_hit
    return len(found) == n_bearers


@dataclass(slots=True)
class Misses:
    """The first misses of a kind, as they are written, and how many there were."""

    n: int = 0
    listed: list[Figures] = field(default_factory=list)

    def add(self, hits: Sequence[Hit], **what: object) -> None:
        """Note a miss and what came first instead."""
        self.n += 1
        if len(self.listed) < MOST_LISTED:
            first = hits[0]["article"] if hits else {"article_id": None, "title": None}
            came_first = {"id": first["article_id"], "title": first["title"]}
            self.listed.append(what | {"came_first": came_first})


def measure_named(service: Service, asked: Iterable[Named]) -> Figures:
    """Give the share of articles that are the first hit, and among the first ten."""
    n = n_empty = n_first = n_itself = n_within = 0
    misses = Misses()
    for one in asked:
        n += 1
        article_id = one.article.article_id
        hits = service.search(query=one.query, limit=FIRST)["hits"]
        place = place_of(article_id, hits)
        n_empty += not hits
        n_within += place is not None
        n_first += place == 1
        n_itself += bool(hits) and hits[0]["article"]["article_id"] == article_id
        if place != 1:
            misses.add(hits, id=article_id, title=one.article.title, query=one.query, place=place)
    return {
        "n": n,
        "n_empty": n_empty,
        "first": _share(n_first, n),
        "first_itself": _share(n_itself, n),
        f"in_first_{FIRST}": _share(n_within, n),
        "misses": misses.listed,
    }


def measure_shared(service: Service, titles: Sequence[Sequence[Article]]) -> Figures:
    """Give the share of titles whose bearers all come before anything else."""
    n_first = n_themselves = 0
    misses = Misses()
    for bearers in titles:
        ids = {article.article_id for article in bearers}
        hits = service.search(query=bearers[0].title, limit=max(FIRST, len(ids)))["hits"]
        is_first = bearers_come_first(ids, len(ids), hits)
        n_first += is_first
        n_themselves += {hit["article"]["article_id"] for hit in hits[: len(ids)]} == ids
        if not is_first:
            places = {one: place_of(one, hits) for one in sorted(ids)}
            misses.add(hits, title=bearers[0].title, places=places)
    return {
        "n": len(titles),
        "all_first": _share(n_first, len(titles)),
        "all_first_themselves": _share(n_themselves, len(titles)),
        "misses": misses.listed,
    }


def measure_authors(service: Service, names: Sequence[str], known: Container[str]) -> Figures:
    """Give the precision of the first hits, no more of them than the author has works.

    How many works an author has is what the filter on the name finds: versions count once.
    """
    draw = random.Random("typing errors in names")
    precisions: dict[str, list[float]] = defaultdict(list)
    misses: dict[str, Misses] = defaultdict(Misses)
    for name in names:
        n_works = service.search(filters={"authors": [name]}, limit=1)["total"]
        k = max(1, min(FIRST, n_works))
        for form, query in author_forms(name, known, draw).items():
            hits = service.search(query=query, limit=FIRST)["hits"]
            strange = [hit for hit in hits[:k] if not _is_by(name, hit)]
            precision = (len(hits[:k]) - len(strange)) / k
            precisions[form].append(precision)
            if precision < 1:
                miss = {"query": query, "works": n_works, "precision": round(precision, _DIGITS)}
                misses[form].add(strange, **miss)
    return {
        form: {
            "n": len(of_form),
            f"precision_at_{FIRST}_or_all": _share(sum(of_form), len(of_form)),
            "all_theirs": _share(len(of_form) - misses[form].n, len(of_form)),
            "misses": misses[form].listed,
        }
        for form, of_form in precisions.items()
    }


def _is_by(name: str, hit: Hit) -> bool:
    return author_key(name) in {author_key(one["name"]) for one in hit["article"]["authors"]}


def measure_wanted(
    service: Service, asked: Sequence[Wanted], known: Known, **options: object
) -> Figures:
    """Give the share of all hits, and of first hits, whose title or abstract passes each test."""
    n_hits = n_empty = 0
    passed: dict[str, Counter[str]] = {kind: Counter() for kind in ("", "_itself", "_first")}
    misses = Misses()
    for one in asked:
        hits = service.search(query=one.query, **options)["hits"]
        n_hits += len(hits)
        n_empty += not hits
        texts = [_texts_of_all_versions(hit, known) for hit in hits]
        for name, test in one.tests.items():
            passes = [any(map(test, of_hit)) for of_hit in texts]
            passed[""][name] += sum(passes)
            passed["_itself"][name] += sum(any(map(test, _own_texts(hit))) for hit in hits)
            passed["_first"][name] += any(passes[:1])
        lacking = [hit for hit, of_hit in zip(hits, texts, strict=True) if not one.is_in(of_hit)]
        if lacking or not hits:
            misses.add(lacking, query=one.query, n_hits=len(hits), n_lacking=len(lacking))
    shares = {
        name + kind: _share(n_passed, len(asked) if kind == "_first" else n_hits)
        for kind, of_kind in passed.items()
        for name, n_passed in of_kind.items()
    }
    of_hits: Figures = {"n": len(asked), "n_empty": n_empty, "n_hits": n_hits}
    return of_hits | shares | {"misses": misses.listed}


def _own_texts(hit: Hit) -> list[str]:
    article = hit["article"]
    return [text for text in (article["title"], article["abstract"]) if text]


def _texts_of_all_versions(hit: Hit, known: Known) -> list[str]:
    versions = [known.articles[one] for one in sorted(ids_of(hit)) if one in known.articles]
    texts = [text for one in versions for text in (one.title, one.abstract) if text]
    return _own_texts(hit) + texts


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, _DIGITS) if whole else None


def measure(service: Service, known: Known, n: int) -> Figures:
    """Ask all kinds of questions, `n` titles and as many of the others as go with them."""
    counts = {kind: max(1, round(share * n)) for kind, share in SHARES.items()}
    titles = draw_unique_titles(known, n)
    dois = draw_dois(known, n)
    names = {author_key(name) for one in known.articles.values() for name in one.authors}
    return {
        "titles": measure_named(service, titles),
        "shared_titles": measure_shared(
            service, draw_shared_titles(known, counts["shared titles"])
        ),
        "dois": {
            form: measure_named(service, (Named(spell(one.query), one.article) for one in dois))
            for form, spell in DOI_FORMS.items()
        },
        "titles_with_a_typing_error": measure_named(service, mistyped_titles(titles)),
        "authors": measure_authors(service, draw_authors(known, counts["authors"]), names),
        "acronyms": measure_wanted(
            service, draw_acronyms(known, counts["acronyms"]), known, limit=FIRST
        ),
        "quoted_phrases": measure_wanted(service, draw_phrases(known, counts["phrases"]), known),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, and write the figures with their provenance where asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("corpus", nargs="?", type=Path, metavar="CORPUS")
    parser.add_argument("--index", type=Path, required=True, metavar="DIR")
    parser.add_argument("--beside", type=Path, nargs="+", default=[], metavar="SOURCE")
    parser.add_argument("--n", type=int, default=N_TITLES, help="titles and DOIs to draw")
    parser.add_argument("--smoke", action="store_true", help="the sample library, a few questions")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    options = parser.parse_args(arguments)
    if bool(options.corpus) == options.smoke:
        parser.error("name a corpus, or ask for --smoke")
    known = read_known(SAMPLE if options.smoke else options.corpus, options.beside)
    with serve(options.index) as service:
        snapshot = service.search(query="which snapshot answers", limit=1)["snapshot"]
        figures = measure(service, known, N_SMOKE if options.smoke else options.n)
    of_index = {"index": options.index.name, "snapshot": snapshot, "n_read": len(known.articles)}
    figures = of_index | figures
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if options.results:
        written = json.dumps(provenance() | figures, indent=2, ensure_ascii=False)
        options.results.write_text(written + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
