"""Snippets: the part of an abstract that answers a query, with the sentences in it."""

from collections.abc import Sequence

from index.pieces import Piece, located_pieces
from service.results import Hit
from service.semantic_scholar.paper import Wire
from service.semantic_scholar.paper_ids import paper_id

MOST_WORDS = 500
"""About as long as Semantic Scholar's: most abstracts are shorter and are given whole."""


def to_snippet(hit: Hit, names: Sequence[str]) -> Wire:
    """Give the snippet of a hit, with the fields of these names."""
    sentences = _chosen(hit)
    first, last = sentences[0], sentences[-1]
    article = hit.article
    text = (article.abstract if first.field == "abstract" else article.title) or ""
    annotations: Wire = {
        "sentences": [
            {"start": one.start - first.start, "end": one.end - first.start} for one in sentences
        ],
        "refMentions": [],
    }
    if "annotations" not in names:
        annotations = {
            key: annotations[key] for key in annotations if f"annotations.{key}" in names
        }
    whole: Wire = {
        "text": text[first.start : last.end],
        "snippetKind": first.field,
        "section": None,
        "snippetOffset": {"start": first.start, "end": last.end},
        "annotations": annotations,
    }
    asked = {name.partition(".")[0] for name in names}
    return {
        "snippet": {name: value for name, value in whole.items() if name in asked},
        "score": hit.score,
        "paper": {
            "corpusId": None,
            "title": article.title,
            "authors": list(article.authors),
            "openAccessInfo": None,
            "paperId": paper_id(article.article_id),
        },
    }


def _chosen(hit: Hit) -> list[Piece]:
    """Give the sentences of the abstract around the one that matches best; else the title."""
    pieces = located_pieces(hit.article)
    sentences = [piece for piece in pieces if piece.field == "abstract"]
    if not sentences:
        return pieces
    marked = [one for one in hit.highlights if one.field == "abstract"]
    start = max(marked, key=lambda one: one.score).start if marked else 0
    # of an abstract of very many sentences the last are no pieces
    best = next((n for n, one in enumerate(sentences) if one.end > start), len(sentences) - 1)
    first, end = best, best + 1
    n_words = _n_words(sentences[best])
    while first > 0 or end < len(sentences):
        # the side with room, by turns
        is_before = first > 0 and (end == len(sentences) or best - first <= end - best - 1)
        following = sentences[first - 1 if is_before else end]
        n_words += _n_words(following)
        if n_words > MOST_WORDS:
            break
        first, end = (first - 1, end) if is_before else (first, end + 1)
    return sentences[first:end]


def _n_words(piece: Piece) -> int:
    return len(piece.text.split())
