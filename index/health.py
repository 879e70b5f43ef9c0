"""The health of a corpus: what of its articles is missing, cut, foreign to the model or withdrawn.

An answer can be no better than what is known of the articles, and nobody sees that in a hit.
"""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embeddings import read_truncated
from index.inspection import read_report
from index.manifest import Manifest
from index.snapshot import read_manifest
from index.store import STORE, ArticleStore, LanguageCounts


@dataclass(frozen=True, slots=True)
class Health:
    """How many of `n_articles` lack something, by what they lack.

    `languages` are the articles' languages with how many have each, None for those that do not
    say; `n_foreign` articles are in none of `model_languages`, None where the model's card does
    not name any. `n_records` were read from `n_sources` files; of them `n_refused` became no
    article, `n_repaired` were mended and `n_merged` joined an article that was there already.
    """

    n_articles: int
    n_without_abstract: int
    n_without_title: int
    n_without_authors: int
    n_undated: int
    n_truncated: int
    n_retracted: int
    n_foreign: int | None
    model: str
    model_languages: tuple[str, ...]
    languages: tuple[tuple[str | None, int], ...]
    n_sources: int
    n_unread_sources: int
    n_records: int
    n_refused: int
    n_repaired: int
    n_merged: int


def read_health(folder: Path) -> Health:
    """Look through a snapshot: every article once, some four seconds a million."""
    manifest = read_manifest(folder)
    with closing(ArticleStore(folder / STORE)) as store:
        counts = store.count_by_language()
    report = read_report(folder)
    sources = report.sources
    return Health(
        n_articles=manifest.n_articles,
        n_without_abstract=sum(one.n_without_abstract for one in counts),
        n_without_title=sum(one.n_without_title for one in counts),
        n_without_authors=sum(one.n_without_authors for one in counts),
        n_undated=sum(one.n_undated for one in counts),
        n_truncated=int(np.count_nonzero(read_truncated(folder / "vectors"))),
        n_retracted=sum(one.n_retracted for one in counts),
        n_foreign=_count_foreign(manifest, counts),
        model=manifest.encoder.model,
        model_languages=manifest.encoder.languages,
        languages=tuple((one.language, one.n_articles) for one in counts),
        n_sources=len(sources),
        n_unread_sources=len(report.unread),
        n_records=sum(source.n_read for source in sources),
        n_refused=sum(len(source.refused) for source in sources),
        n_repaired=sum(source.n_repaired for source in sources),
        n_merged=sum(source.n_merged for source in sources),
    )


def _count_foreign(manifest: Manifest, counts: list[LanguageCounts]) -> int | None:
    known = manifest.encoder.languages
    if not known:
        return None
    return sum(one.n_articles for one in counts if one.language not in (None, *known))


def health_to_lines(health: Health) -> list[str]:
    """Write what is amiss as lines: how many, which share, what, and what it means."""
    rows = [
        (health.n_without_abstract, "without an abstract: known by their titles only"),
        (health.n_without_title, "without a title: known by their abstracts only"),
        (health.n_truncated, "cut: longer than the window, found beyond it by sentences and words"),
        (health.n_retracted, "retracted"),
        (health.n_undated, "without a date: no filter of dates finds them"),
        (health.n_without_authors, "without authors"),
    ]
    lines = [_line(number, health.n_articles, what) for number, what in rows]
    lines.insert(3, _foreign_line(health))
    lines.append("languages: " + ", ".join(_language(*one) for one in health.languages))
    lines.append(_line(health.n_refused, health.n_records, "of all records refused at build"))
    lines.append(_line(health.n_repaired, health.n_records, "of all records repaired"))
    if health.n_unread_sources:
        lines.append(f"{health.n_unread_sources:>11,}          sources could not be read")
    return [f"{health.n_articles:,} articles", *lines]


def _line(number: int, whole: int, what: str) -> str:
    return f"{number:>11,}  {number / max(whole, 1):>6.1%}  {what}"


def _foreign_line(health: Health) -> str:
    if health.n_foreign is None:
        return f"{'?':>11}          in another language than the model's, which is not known here"
    known = ", ".join(health.model_languages)
    return _line(
        health.n_foreign, health.n_articles, f"in another language than the model's ({known})"
    )


def _language(language: str | None, number: int) -> str:
    return f"{language or 'unsaid'} {number:,}"
