"""What the page is asked: questions, names and years, drawn from the articles of an index."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.article import Article
from index.store import ArticleStore
from scripts.draws import mistype
from scripts.page_checks.service import Api

N_DRAWN = 200
WANTED_TOTAL = 400
"""A match set of about so many articles is walked to its end."""

_WORDS = 6
_PLAIN = re.compile(r"[^\w\s'-]+")


@dataclass(frozen=True, slots=True)
class Drawn:
    """Questions that find something; `walked` finds some hundred articles, if any does.

    `slip` is a question with typing errors, `author` a name that articles bear.
    """

    questions: tuple[str, ...]
    walked: str
    n_walked: int
    slip: str
    author: str
    article_id: str
    draft: str


def draw(store: ArticleStore, api: Api, n: int) -> Drawn:
    """Draw what is asked; the same of the same index."""
    chosen = random.Random("page").sample(range(len(store)), min(N_DRAWN, len(store)))
    articles = store.articles(chosen)
    asked = [question for article in articles if (question := _question(article))]
    totals = {question: api.total(q=question) for question in asked[: max(4 * n, 40)]}
    found = [question for question in totals if totals[question]]
    walked = min(found, key=lambda question: abs(totals[question] - WANTED_TOTAL))
    author = next(name for article in articles for name in article.authors[:1])
    return Drawn(
        questions=tuple(found[:n]),
        walked=walked,
        n_walked=totals[walked],
        slip=next(_slips(found)),
        author=author,
        article_id=articles[0].article_id,
        draft=_draft(articles),
    )


def _question(article: Article) -> str:
    """Give the beginning of a title in plain words."""
    words = _PLAIN.sub(" ", article.title or "").split()
    return " ".join(words[:_WORDS]) if len(words) > 2 else ""


def _slips(questions: Sequence[str]) -> Iterator[str]:
    draw = random.Random("slips")
    for question in questions:
        once = mistype(question, draw)
        if once is not None and (twice := mistype(once, draw)) is not None:
            yield twice


def _draft(articles: Sequence[Article]) -> str:
    """Put sentences of abstracts together; each says that it was shown before."""
    said = [one.abstract.partition(". ")[0].rstrip(".") for one in articles if one.abstract]
    return "\n".join(f"It has been shown that {sentence[:300]}." for sentence in said[:4])
