"""The tool that gives one article, in the form that ChatGPT's connectors look for."""

from service.deadline import Deadline
from service.holder import EngineHolder
from service.results import FoundArticle
from service.tools.answer import Answer, Budget, to_json
from service.tools.arguments import DEFAULT_TOKENS, FetchArguments
from service.tools.fitting import cut_to_fit
from service.tools.shown import (
    LONGEST_JOURNAL,
    LONGEST_TITLE,
    citable_url,
    clipped,
    named_authors,
)
from service.tools.tool import Tool
from service.wording import heading


def _fetch(holder: EngineHolder, asked: FetchArguments, _: Deadline) -> Answer:
    with holder.borrow() as engine:
        found = engine.article(asked.id)
        budget = Budget(DEFAULT_TOKENS, engine.count_tokens)
        article = found.article
        text = article.abstract or article.title or ""
        whole = _document(found, text, len(text))
        if budget.holds(whole):
            return whole
        cut = cut_to_fit(
            text, article.language, lambda kept: _document(found, kept, len(text)), budget
        )
        return cut or _document(found, "", len(text))


def _document(found: FoundArticle, kept: str, n_chars: int) -> Answer:
    article = found.article
    metadata: dict[str, object] = {
        "authors": named_authors(article),
        "journal": clipped(article.journal or "", LONGEST_JOURNAL),
        "published": article.published,
        "type": article.type,
        "doi": article.doi,
        "retracted": article.retracted,
        "text_is": "abstract" if article.abstract else "title",
    }
    if len(kept) < n_chars:
        metadata["note"] = (
            f"text has the first {len(kept):,} of {n_chars:,} characters; "
            "the whole is in the resource cognate://article/ + id"
        )
    document = {
        "id": article.article_id,
        "title": clipped(heading(article), LONGEST_TITLE),
        "text": kept,
        "url": citable_url(article),
        "metadata": {name: value for name, value in metadata.items() if value},
    }
    return Answer(to_json(document))


FETCH = Tool(
    "fetch",
    "Fetch an article",
    "Give one article: title, abstract, authors, journal, date, DOI, whether it is retracted.",
    FetchArguments,
    _fetch,
)
