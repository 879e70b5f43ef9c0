"""An answer as plain text, for the console: the whole of it, one line after the other."""

from collections.abc import Iterator

from service.results import Explanation, FacetValue, Hit, Leg, Reason, Results
from service.wording import heading, per_cent, short_authors, total_words, version_words

_INDENT = " " * 5


def results_to_lines(results: Results) -> Iterator[str]:
    """Give the total, the hits, the facets, and how to ask for the next page."""
    if results.hits:
        first, last = results.hits[0].rank, results.hits[-1].rank
        is_whole = len(results.hits) == results.total
        yield total_words(results) + ("" if is_whole else f", {first:,} to {last:,}")
    if results.respelled:
        yield f"asked as: {results.respelled}"
    for hit in results.hits:
        yield from _hit_lines(hit)
    for field, values in results.facets.items():
        if values:
            yield f"{field}: {', '.join(map(_facet_words, values))}"
    if results.next_cursor:
        yield f"next page: --cursor {results.next_cursor}"


def no_hits_line(results: Results) -> str:
    """Say why there is no hit, and how to see more."""
    if results.answerable:
        return "no article that passes these filters matches"
    return "no article here matches this; --min-match 0 shows the nearest misses"


def _hit_lines(hit: Hit) -> Iterator[str]:
    article = hit.article
    match = "" if hit.scores.match is None else f"{per_cent(hit.scores.match):>6}  "
    unknown = "" if article.title else " (title unknown)"
    yield f"{hit.rank:>3}. {match}{heading(article)}{unknown}"
    byline = [short_authors(article) or "unknown author", article.journal, article.published]
    yield _INDENT + " · ".join([part for part in byline if part] + [article.article_id])
    if hit.versions:
        yield f"{_INDENT}also: {' · '.join(map(version_words, hit.versions))}"
    for highlight in hit.highlights:
        if highlight.field == "abstract":
            yield f"{_INDENT}> {' '.join(highlight.text.split())}"
    if hit.because:
        yield f"{_INDENT}because of {_reason_words(hit.because)}"
    if hit.despite:
        yield f"{_INDENT}despite {_reason_words(hit.despite)}"
    if hit.explanation:
        yield from (_INDENT + line for line in _explanation_lines(hit.explanation))


def _reason_words(reason: Reason) -> str:
    ours, its = (
        " ".join(piece.text.split())
        for piece in (reason.sentences.example, reason.sentences.article)
    )
    return f"example {reason.example + 1}: {ours!r} ~ {its!r} ({reason.sentences.cosine:.2f})"


def _facet_words(value: FacetValue) -> str:
    return f"{'*' if value.selected else ''}{value.value} ({value.count:,})"


def _explanation_lines(explanation: Explanation) -> Iterator[str]:
    legs = (("semantic", explanation.semantic), ("lexical", explanation.lexical))
    parts = [_leg_words(name, leg) for name, leg in legs if leg]
    parts += [f"{name} {value:.3f}" for name, value in (explanation.second_look or {}).items()]
    yield f"order: {'; '.join(parts)}; together {explanation.fused:.3f}"
    evidence = ", ".join(f"{name} {value:.3g}" for name, value in explanation.evidence.items())
    yield (
        f"match: by {', '.join(explanation.matched_by) or 'nothing'}; asked as "
        f"{explanation.query_kind}; {evidence}; {explanation.selectivity:.2%} pass the filters"
    )


def _leg_words(name: str, leg: Leg) -> str:
    rank = "not ranked" if leg.rank is None else f"rank {leg.rank}"
    return f"{name} {rank}, score {leg.score:.3f} (z {leg.z_score:.2f} × {leg.weight:.2f})"
