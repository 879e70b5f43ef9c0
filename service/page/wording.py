"""What only the page puts into words: dates, what a probability means, abstracts in pieces."""

from collections.abc import Sequence

from service.related.results import RelatedResults
from service.results import Highlight, Results

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_LEAD = 220
_MEANINGS = (
    (0.9, "almost surely"),
    (0.7, "very likely"),
    (0.5, "likely"),
    (0.25, "possibly"),
    (0.1, "unlikely"),
    (0.0, "hardly"),
)


def long_date(published: str) -> str:
    """Give a partial ISO date in words: "23 December 2025", "December 2025" or "2025"."""
    year, *rest = published.split("-")
    words = [str(int(part)) for part in rest[1:]]
    words += [_MONTHS[int(part) - 1] for part in rest[:1]]
    return " ".join([*words, year])


def match_words(match: float) -> str:
    """Say what the probability of a match means, in a word or two."""
    return next(words for least, words in _MEANINGS if match >= least)


def took(results: Results | RelatedResults) -> str:
    """Say how long an answer took: "24 ms", "1.2 s"; "under 1 ms" where it was kept."""
    if results.took_ms < 1:
        return "under 1 ms"
    return (
        f"{results.took_ms:.0f} ms" if results.took_ms < 1000 else f"{results.took_ms / 1000:.1f} s"
    )


def lead(abstract: str) -> str:
    """Give the beginning of an abstract, cut between words where it has spaces between them."""
    if len(abstract) <= _LEAD:
        return abstract
    whole_words, _, _ = abstract[:_LEAD].rpartition(" ")
    return (whole_words or abstract[:_LEAD]).rstrip(" ,;:.") + " …"


def abstract_pieces(abstract: str, sentences: Sequence[Highlight]) -> list[tuple[str, bool]]:
    """Cut an abstract into what matched and what stands between; True says that it matched."""
    pieces: list[tuple[str, bool]] = []
    reached = 0
    for sentence in sorted(sentences, key=lambda one: one.start):
        if sentence.start < reached:
            continue
        pieces += [(abstract[reached : sentence.start], False)]
        pieces += [(abstract[sentence.start : sentence.end], True)]
        reached = sentence.end
    return [piece for piece in [*pieces, (abstract[reached:], False)] if piece[0]]
