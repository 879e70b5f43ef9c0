"""Ask a live Cognate with the unmodified client of Semantic Scholar, and check what comes.

    python -m scripts.semantic_scholar --index DIR [--results FILE.json] [--smoke]

What is asked is drawn (seeded) from the index. Every kind of call is counted, timed as the client
sees it (it opens a connection for every request) and checked against what the index holds and
what `/v1` answers. Exit status 1 where a check fails; what failed is listed, at most 20 of a
kind. `--smoke` draws little, for an index of a few articles.
"""

import argparse
import json
import logging
import random
import re
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from semanticscholar import SemanticScholar
from semanticscholar.SemanticScholarException import (
    BadQueryParametersException,
    ObjectNotFoundException,
)

from index.article import Article
from index.identity import fold_name
from index.snapshot import SNAPSHOTS, current_name
from index.store import STORE, ArticleStore
from scripts.load import percentiles
from scripts.provenance import provenance
from scripts.serving import Service, serve
from service.semantic_scholar.paper_ids import paper_id
from service.semantic_scholar.parameters import MOST_IN_BATCH, MOST_RANKED, MOST_RECOMMENDED

SEED = 20261125
MOST_LISTED = 20
NOWHERE = ('"words that nobody wrote {}"', "10.5555/nobody.{}", "nobody:{}")
"""A phrase, a DOI and an id that no article has."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything is asked."""

    n_questions: int = 100
    n_empty: int = 20
    n_walks: int = 10
    n_fetched: int = 500
    n_unknown: int = 50
    n_examples: int = 60
    n_titles: int = 200
    pages: tuple[int, ...] = (100, 30)


SMOKE = Plan(4, 2, 2, 8, 2, 4, 4)


class Requests(logging.Handler):
    """Counts the requests that the client says it makes."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.n = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count a line of the client's log."""
        self.n += record.getMessage().startswith("HTTP Request")


@dataclass(slots=True)
class Trial:
    """What was asked so far: times by the kind of call, checks done, and what failed."""

    scholar: SemanticScholar
    service: Service
    articles: Sequence[Article]
    draw: random.Random
    times_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    n_checks: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failures: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def timed(self, kind: str, call: Callable[..., T], *given: object, **named: object) -> T:
        """Call, and keep how long it took."""
        began = time.perf_counter()
        answer = call(*given, **named)
        self.times_ms[kind].append((time.perf_counter() - began) * 1000)
        return answer

    def check(self, kind: str, *, holds: bool, what: object) -> None:
        """Count a check, and keep what failed."""
        self.n_checks[kind] += 1
        if not holds:
            self.failures[kind].append(str(what))

    def drawn(self, n: int, of: Sequence[Article] | None = None) -> list[Article]:
        """Draw articles, as many as there are."""
        pool = self.articles if of is None else of
        return self.draw.sample(pool, min(n, len(pool)))

    def questions(self, n: int) -> list[str]:
        """Draw titles to ask for, without what quotes a phrase and what the client loses."""
        titled = [article for article in self.articles if article.title]
        return [re.sub('["“”„«»+%]', " ", one.title or "") for one in self.drawn(n, titled)]


def ids(papers: Iterable[Any]) -> list[str]:
    """Give the ids of papers."""
    return [str(paper.paperId) for paper in papers]


def ask_searches(trial: Trial, plan: Plan) -> None:
    """Search, and compare order and total with those of `/v1/search`."""
    for question in trial.questions(plan.n_questions):
        found = trial.timed("search", trial.scholar.search_paper, question)
        ours = trial.service.search(query=question, limit=100, highlight=False)
        expected = [paper_id(hit["article"]["article_id"]) for hit in ours["hits"]]
        same = (found.total, ids(found.items)) == (ours["total"], expected)
        trial.check("search: order and total are those of /v1/search", holds=same, what=question)
    for number in range(plan.n_empty):
        question = NOWHERE[0].format(number)
        empty = list(trial.timed("search, no result", trial.scholar.search_paper, question))
        trial.check("search: an empty answer ends the walk", holds=empty == [], what=question)


def ask_walks(trial: Trial, plan: Plan) -> None:
    """Walk answers to their end, by places and by tokens."""
    for question in trial.questions(plan.n_walks):
        whole = _exported(trial.service, question)
        for limit in plan.pages:
            found = trial.scholar.search_paper(question, fields=["title"], limit=limit)
            walked = trial.timed(f"walk by {limit}", ids, found)
            reached = min(len(whole), MOST_RANKED // limit * limit)
            what = f"{question} by {limit}"
            trial.check("walk: slices of one list", holds=walked == whole[:reached], what=what)
        for sort in ("paperId:asc", "publicationDate:desc"):
            walked = trial.timed("bulk walk", _bulk, trial, question, sort)
            once = len(walked) == len(set(walked)) and set(walked) == set(whole)
            trial.check("bulk: each paper once", holds=once, what=f"{question} {sort}")
    everything = trial.timed("bulk walk of everything", _bulk, trial, "", "paperId:asc")
    once = len(everything) == len(set(everything)) and everything == sorted(everything)
    expected = trial.service.search(limit=1)["total"]
    what = f"{len(everything)} of {expected}"
    trial.check("bulk: the whole index", holds=once and len(everything) == expected, what=what)


def _bulk(trial: Trial, question: str, sort: str) -> list[str]:
    return ids(trial.scholar.search_paper(question, bulk=True, sort=sort, fields=["title"]))


def _exported(service: Service, question: str) -> list[str]:
    """Give the ids of all that answers, in order."""
    address = f"{service.url}/v1/export?{urlencode({'format': 'jsonl', 'q': question})}"
    with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310 - just started
        return [paper_id(json.loads(line)["article_id"]) for line in answer]


def ask_papers(trial: Trial, plan: Plan) -> None:
    """Fetch papers one by one by id and by DOI, and many at once with unknown ids among them."""
    for article in trial.drawn(plan.n_fetched):
        own = paper_id(article.article_id)
        paper = trial.timed("paper by id", trial.scholar.get_paper, own)
        same = (paper.paperId, paper.title) == (own, article.title)
        trial.check("paper: by its own id", holds=same, what=own)
    with_doi = [article for article in trial.articles if article.doi]
    for article in trial.drawn(plan.n_fetched, with_doi):
        doi = f"DOI:{article.doi}"
        paper = trial.timed("paper by DOI", trial.scholar.get_paper, doi)
        same = paper.paperId == paper_id(article.article_id)
        trial.check("paper: by its DOI", holds=same, what=doi)
    known = ids_of(trial.drawn(MOST_IN_BATCH - plan.n_unknown))
    unknown = [NOWHERE[1 + number % 2].format(number) for number in range(plan.n_unknown)]
    mixed = trial.draw.sample([*known, *unknown], len(known) + len(unknown))
    found, missing = trial.timed("batch", trial.scholar.get_papers, mixed, return_not_found=True)
    wanted = [one for one in mixed if one in set(known)]
    same = ids(found) == wanted and set(missing) == set(unknown)
    trial.check("batch: known ids in order, unknown ones named", holds=same, what=missing[:3])
    raw = trial.service.post("/graph/v1/paper/batch", ids=mixed)
    shown = [paper and paper["paperId"] for paper in list(raw)]  # type: ignore[index]
    nulls = [one if one in set(known) else None for one in mixed]
    trial.check("batch: null in place", holds=shown == nulls, what=len(mixed))


def ids_of(articles: Iterable[Article]) -> list[str]:
    """Give the paper ids of articles."""
    return [paper_id(article.article_id) for article in articles]


def ask_recommendations(trial: Trial, plan: Plan) -> None:
    """Ask for papers like some and unlike others: none of these may be among them."""
    for number in range(plan.n_examples):
        n_positive, n_negative = 1 + number % 3, number % 3
        examples = ids_of(trial.drawn(n_positive + n_negative))
        positive, negative = examples[:n_positive], examples[n_positive:]
        found = trial.timed(
            "recommendations",
            trial.scholar.get_recommended_papers_from_lists,
            positive,
            negative,
            fields=["title"],
            limit=MOST_RECOMMENDED,
        )
        shown = ids(found)
        apart = not set(shown) & set(examples) and len(shown) == len(set(shown))
        trial.check("recommendations: no example comes back", holds=apart, what=examples)
        ours = trial.service.similar(
            positive=[{"article_id": one} for one in positive],
            negative=[{"article_id": one} for one in negative],
            limit=100,
        )
        expected = [paper_id(hit["article"]["article_id"]) for hit in ours["hits"]]
        same = shown[:100] == expected
        trial.check("recommendations: order is that of /v1/similar", holds=same, what=examples)


def ask_titles(trial: Trial, plan: Plan) -> None:
    """Match whole titles, and complete them while they are typed."""
    for title in trial.questions(plan.n_titles):
        matched = trial.timed(
            "title match",
            trial.scholar.search_paper,
            title,
            fields=["title"],
            match_title=True,
        )
        same = _folded(matched.title) == _folded(title)
        trial.check("match: the title is that asked for", holds=same, what=title)
        typed = title[: max(3, len(title) * 2 // 3)]
        matches = trial.timed("autocomplete", trial.scholar.get_autocomplete, typed)
        held = all(_folded(typed) in _folded(match.title) for match in matches)
        trial.check("autocomplete: what is typed is in the title", holds=held, what=typed)
        trial.check("autocomplete: something is found", holds=bool(matches), what=typed)


def _folded(text: str | None) -> str:
    return fold_name(text or "", is_person=False)


def ask_errors(trial: Trial) -> None:
    """Ask for what is not there or has no meaning here: told at once, and never as nothing."""
    scholar = trial.scholar
    nobody, some = NOWHERE[2].format(0), ids_of(trial.drawn(1))[0]
    calls: dict[str, tuple[type[Exception], Callable[[], object]]] = {
        "unknown id": (ObjectNotFoundException, lambda: scholar.get_paper(nobody)),
        "unknown title": (
            ObjectNotFoundException,
            lambda: scholar.search_paper("qzx vrblt grmpf xwq", match_title=True),
        ),
        "unknown example": (
            ObjectNotFoundException,
            lambda: scholar.get_recommended_papers(nobody),
        ),
        "field that nobody has": (
            BadQueryParametersException,
            lambda: scholar.get_paper(some, fields=["shoeSize"]),
        ),
        "citations": (
            BadQueryParametersException,
            lambda: scholar.get_paper_citations(some),
        ),
        "field of study": (
            BadQueryParametersException,
            lambda: scholar.search_paper("a", fields_of_study=["Physics"]),
        ),
        "operator": (
            BadQueryParametersException,
            lambda: scholar.search_paper("a | b", bulk=True),
        ),
        "authors": (BadQueryParametersException, lambda: scholar.search_author("Ray")),
    }
    for what, (expected, call) in calls.items():
        try:
            trial.timed("error", call)
            holds = False
        except expected:
            holds = True
        trial.check("errors: raised at once, as the client knows them", holds=holds, what=what)


def measure(service: Service, articles: Sequence[Article], plan: Plan) -> Mapping[str, Any]:
    """Ask everything, and give counts, times and failures."""
    requests = Requests()
    log = logging.getLogger("semanticscholar")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(requests)
    try:
        scholar = SemanticScholar(api_url=service.url)
        trial = Trial(scholar, service, articles, random.Random(SEED))
        ask_searches(trial, plan)
        ask_walks(trial, plan)
        ask_papers(trial, plan)
        ask_recommendations(trial, plan)
        ask_titles(trial, plan)
        ask_errors(trial)
    finally:
        log.removeHandler(requests)
        log.propagate = True
    return {
        "n_requests": requests.n,
        "n_checks": sum(trial.n_checks.values()),
        "n_failed": sum(map(len, trial.failures.values())),
        "checks": dict(trial.n_checks),
        "failures": {kind: found[:MOST_LISTED] for kind, found in trial.failures.items()},
        "calls": {kind: {"n": len(t), **percentiles(t)} for kind, t in trial.times_ms.items()},
    }


def read_articles(index: Path) -> list[Article]:
    """Give the articles of an index."""
    store = index / SNAPSHOTS / current_name(index) / STORE
    with closing(ArticleStore(store)) as opened:
        return list(opened)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, print, and write the figures with their provenance where asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--index", type=Path, required=True, metavar="DIR")
    parser.add_argument("--smoke", action="store_true", help="few questions, for a small index")
    parser.add_argument("--results", type=Path, metavar="FILE.json")
    options = parser.parse_args(arguments)
    articles = read_articles(options.index)
    with serve(options.index) as service:
        figures = measure(service, articles, SMOKE if options.smoke else Plan())
    of_index = {
        "index": options.index.name,
        "snapshot": current_name(options.index),
        "n_articles": len(articles),
    }
    figures = of_index | dict(figures)
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    if options.results:
        written = json.dumps(provenance() | figures, indent=2, ensure_ascii=False)
        options.results.write_text(written + "\n", encoding="utf-8")
    return 1 if figures["n_failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
