"""The one article whose title is nearest to the one asked for."""

from collections import Counter
from collections.abc import Iterable

from index.identity import fold_name
from service.results import Hit

LEAST_SHARED = 0.75
"""So much of the words asked for must stand in a title: else it is another one."""
LOOKED_AT = 100

_BEST = 100.0


def closest_title(asked: str, hits: Iterable[Hit]) -> tuple[Hit, float] | None:
    """Give the hit with the title most like `asked`, and how alike they are, up to 100.

    That is the share of both titles' words that they have in common. Of equals the first hit is
    taken; None where too few of the words are in any title.
    """
    wanted = _words(asked)
    best: tuple[Hit, float] | None = None
    for hit in hits:
        score = _score(wanted, _words(hit.article.title or ""))
        if score and (best is None or score > best[1]):
            best = hit, score
    return best


def _score(wanted: Counter[str], title: Counter[str]) -> float:
    shared = (wanted & title).total()
    if not shared or shared < LEAST_SHARED * wanted.total():
        return 0.0
    return round(_BEST * 2 * shared / (wanted.total() + title.total()), 2)


def _words(text: str) -> Counter[str]:
    # a hyphen parts words as a space does
    spaced = "".join(sign if sign.isalnum() else " " for sign in text)
    return Counter(fold_name(word, is_person=False) for word in spaced.split())
