"""An answer without a model: the sentences that support it, word for word, each cited."""

from collections.abc import Iterator

from cognate_client import Cognate
from cognate_client.answers import Hit
from cognate_client.context import Context, Excerpt

MOST_QUOTED = 3
"""So many articles are quoted at most."""
LIKELY = 0.5
"""The first article is quoted; the others where they match at least so probably."""
_MARKS = (("“", "”"), ('"', '"'))


def extract(cognate: Cognate, context: Context) -> str:
    """Give the best sentence of each of the first articles, quoted and cited as [n]."""
    hits = {hit.article.article_id: hit for hit in cognate.search(context.query).hits}
    quoted = [
        _quote(_best(excerpt, hits.get(excerpt.article.article_id)), excerpt.number)
        for excerpt in context.excerpts[:MOST_QUOTED]
        if excerpt.number == 1 or (excerpt.match or 0) >= LIKELY
    ]
    return "\n".join(quoted)


def _best(excerpt: Excerpt, hit: Hit | None) -> str:
    """Give the sentence that carries most of the question, or else the excerpt's beginning."""
    highlights = [] if hit is None else hit.highlights
    carrying = [
        one
        for one in highlights
        if one.field == excerpt.field
        and any(span.start <= one.start and one.end <= span.end for span in excerpt.spans)
    ]
    if carrying:
        return max(carrying, key=lambda one: one.score).text
    return next(_runs(excerpt))


def _runs(excerpt: Excerpt) -> Iterator[str]:
    """Give the parts that stand together in the article; in the text something lies between."""
    lengths = [span.end - span.start for span in excerpt.spans]
    gap = (len(excerpt.text) - sum(lengths)) // max(1, len(lengths) - 1)
    begin = 0
    for length in lengths:
        yield excerpt.text[begin : begin + length]
        begin += length + gap


def _quote(text: str, number: int) -> str:
    """Put marks around words that do not hold them themselves."""
    for begin, end in _MARKS:
        if begin not in text and end not in text:
            return f"{begin}{text}{end} [{number}]"
    return f"{text} [{number}]"
