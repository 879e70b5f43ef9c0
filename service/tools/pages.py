"""Pages of hits that fit a budget, each with a cursor that goes on where it ends."""

from collections.abc import Callable, Iterator

from index.article import Article
from service.results import Highlight, Hit, PieceOfText, Results
from service.schemas import rounded
from service.tools.answer import Answer, Budget
from service.tools.arguments import Detail
from service.tools.fitting import cut_to_fit, less_and_less, most_that_fit, nothing_fits
from service.tools.shown import LONGEST_SENTENCE, clipped, head_lines, line, place, whole_lines
from service.wording import total_words

Ask = Callable[[int], Results]
"""Gives the page of so many hits; the hits of a shorter page are the first of a longer one."""


def page_that_fits(ask: Ask, limit: int, detail: Detail, budget: Budget) -> Answer:
    """Give up to `limit` hits in this detail, or as many as the budget holds.

    Where it holds none, the first one's abstract is cut, then less is told of each.
    """
    results = ask(limit)
    if not results.hits:
        return _no_hits(results)
    wanted = len(results.hits)
    for shown in less_and_less(detail):
        page = _Page(wanted, shown, detail, budget.max_tokens)

        def make(n: int, page: _Page = page) -> Answer:
            return page.answer(results if n == wanted else ask(n))

        items = (page.item(hit) for hit in results.hits)
        answer = most_that_fit(items, make, budget) or page.cut(ask, budget)
        if answer is not None:
            return answer
    return nothing_fits(f"{total_words(results)} found", budget)


class _Page:
    """How a page is written: `shown` is the detail it has, `asked` the one that was asked for."""

    def __init__(self, wanted: int, shown: Detail, asked: Detail, max_tokens: int) -> None:
        self._wanted = wanted
        self._shown = shown
        self._is_less = shown != asked
        self._max_tokens = max_tokens

    def item(self, hit: Hit, abstract: str | None = None) -> Answer:
        """Give one hit; instead of the whole abstract, as much of it as is given."""
        text = "\n".join(self._lines(hit, abstract or hit.article.abstract))
        return Answer(text, _hit_data(hit))

    def answer(self, results: Results, abstract: str | None = None) -> Answer:
        """Give the whole page."""
        items = [self.item(hit, abstract) for hit in results.hits]
        parts = [self._first_line(results), *(item.text for item in items)]
        return Answer(
            "\n".join([*parts, self._last_line(results)]),
            {
                "total": results.total,
                "total_is_exact": results.total_is_exact,
                "answerable": results.answerable,
                "hits": [item.data for item in items],
                "next_cursor": results.next_cursor,
                "snapshot": results.snapshot,
            },
        )

    def cut(self, ask: Ask, budget: Budget) -> Answer | None:
        """Give the first hit alone, its abstract cut at a sentence; None if that does not help."""
        if self._shown != "full":
            return None
        first = ask(1)
        article: Article = first.hits[0].article
        if article.abstract is None:
            return None
        return cut_to_fit(
            article.abstract, article.language, lambda kept: self.answer(first, kept), budget
        )

    def _lines(self, hit: Hit, abstract: str | None) -> Iterator[str]:
        if self._shown == "ids":
            yield f"{hit.rank}. {hit.article.article_id}"
            return
        yield from head_lines(hit.article, f"{hit.rank}", hit.scores.match)
        if hit.because is not None:
            yield line("like", f"positive {hit.because.example}")
        if hit.despite is not None:
            yield line("unlike", f"negative {hit.despite.example}")
        if self._shown == "full":
            yield from whole_lines(hit.article, hit.versions, abstract)
        elif said := _said(hit):
            yield line("says", clipped(said.text, LONGEST_SENTENCE))

    def _first_line(self, results: Results) -> str:
        first, last = results.hits[0].rank, results.hits[-1].rank
        asked_as = f", asked as {clipped(results.respelled, 200)!r}" if results.respelled else ""
        return f"{total_words(results)} found{asked_as}; {first} to {last}:"

    def _last_line(self, results: Results) -> str:
        n = len(results.hits)
        words = []
        if self._is_less:
            words.append(
                f"Shown as `{self._shown}`: more does not fit in {self._max_tokens} tokens."
            )
        if n < self._wanted:
            words.append(f"{n} of {self._wanted} shown: {self._max_tokens} tokens hold no more.")
        if results.next_cursor:
            words.append(f"Go on with cursor: {results.next_cursor}")
        else:
            words.append("That is all.")
        return " ".join(words)


def _no_hits(results: Results) -> Answer:
    if results.answerable:
        text = "No article that passes these filters matches; loosen the filters."
    else:
        text = "No article of this index matches. min_match 0 shows the nearest misses."
    data = {"total": 0, "answerable": results.answerable, "snapshot": results.snapshot}
    return Answer(text, data | {"hits": [], "next_cursor": None})


def _hit_data(hit: Hit) -> dict[str, object]:
    """Give what the text leaves out of a hit; it is joined to it by the article's id."""
    data: dict[str, object] = {
        "article_id": hit.article.article_id,
        "match": rounded(hit.scores.match),
    }
    if (said := _said(hit)) is not None:
        data["says"] = place(said)
    return data


def _said(hit: Hit) -> Highlight | PieceOfText | None:
    """Give the sentence that a hit is there for."""
    if hit.because is not None:
        return hit.because.sentences.article
    return next((one for one in hit.highlights if one.field == "abstract"), None)
