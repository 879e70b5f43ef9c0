"""An answer without a model: the sentences that support it, word for word, each cited."""

from collections.abc import Iterator

from cognate_client.context import Context, Excerpt

MOST_EXCERPTS = 3
MOST_TOKENS = 300
"""What to ask of a context that is quoted whole: so few that it is the best sentences only."""
LIKELY = 0.5
"""The first article is quoted; the others where they match at least so probably."""
_MARKS = (("“", "”"), ('"', '"'))


def extract(context: Context) -> str:
    """Quote the excerpts that probably answer, a paragraph each, and cite them as [n]."""
    paragraphs = [
        f"{' '.join(_quote(run) for run in runs(excerpt))} [{excerpt.number}]"
        for excerpt in context.excerpts
        if excerpt.number == 1 or excerpt.match >= LIKELY
    ]
    return "\n\n".join(paragraphs)


def runs(excerpt: Excerpt) -> Iterator[str]:
    """Give the parts of an excerpt that stand together in the article."""
    lengths = [span.end - span.start for span in excerpt.spans]
    # what lies between two parts is of one length
    gap = (len(excerpt.text) - sum(lengths)) // max(1, len(lengths) - 1)
    begin = 0
    for length in lengths:
        yield excerpt.text[begin : begin + length]
        begin += length + gap


def _quote(text: str) -> str:
    """Put marks around words that do not hold them themselves."""
    for begin, end in _MARKS:
        if begin not in text and end not in text:
            return f"{begin}{text}{end}"
    return text
