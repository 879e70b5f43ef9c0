"""The tools that find articles: by a question, and by examples."""

from service.cursor import walked_snapshot
from service.deadline import Deadline
from service.holder import EngineHolder
from service.query import Query
from service.results import Hit, Results
from service.tools.answer import Answer, Budget, to_json
from service.tools.arguments import (
    DEFAULT_TOKENS,
    SearchArguments,
    SearchArticlesArguments,
    SimilarArticlesArguments,
)
from service.tools.fitting import most_that_fit
from service.tools.pages import page_that_fits
from service.tools.shown import LONGEST_TITLE, citable_url, clipped
from service.tools.tool import Tool
from service.wording import heading

MOST_RESULTS = 20


def _search_articles(
    holder: EngineHolder, asked: SearchArticlesArguments, deadline: Deadline
) -> Answer:
    with holder.borrow(walked_snapshot(asked.to_query(asked.limit))) as engine:

        def ask(limit: int) -> Results:
            return engine.search(asked.to_query(limit), deadline)

        budget = Budget(asked.max_tokens, engine.count_tokens)
        return page_that_fits(ask, asked.limit, asked.detail, budget)


def _similar_articles(
    holder: EngineHolder, asked: SimilarArticlesArguments, deadline: Deadline
) -> Answer:
    with holder.borrow(walked_snapshot(asked.to_query(asked.limit))) as engine:

        def ask(limit: int) -> Results:
            return engine.similar(asked.to_query(limit), deadline)

        budget = Budget(asked.max_tokens, engine.count_tokens)
        return page_that_fits(ask, asked.limit, asked.detail, budget)


def _search(holder: EngineHolder, asked: SearchArguments, deadline: Deadline) -> Answer:
    with holder.borrow() as engine:
        limit = min(MOST_RESULTS, engine.limits.max_limit)
        query = Query(text=asked.query, limit=limit, highlight=False)
        hits = engine.search(query, deadline).hits
        budget = Budget(DEFAULT_TOKENS, engine.count_tokens)
        found = [_result(hit) for hit in hits]
        items = (Answer(to_json(one) + ",") for one in found)
        return most_that_fit(items, lambda n: _results(found[:n]), budget) or _results([])


def _result(hit: Hit) -> dict[str, object]:
    article = hit.article
    title = clipped(heading(article), LONGEST_TITLE)
    return {"id": article.article_id, "title": title, "url": citable_url(article)}


def _results(found: list[dict[str, object]]) -> Answer:
    return Answer(to_json({"results": found}))


SEARCH = Tool(
    "search",
    "Search",
    "Find articles by a question, title, author or DOI. For filters and pages: search_articles.",
    SearchArguments,
    _search,
)
SEARCH_ARTICLES = Tool(
    "search_articles",
    "Search articles",
    "Find articles, each with the probability that it matches and the sentence that does.",
    SearchArticlesArguments,
    _search_articles,
)
SIMILAR_ARTICLES = Tool(
    "similar_articles",
    "Similar articles",
    "Find articles like some articles or texts, and unlike others.",
    SimilarArticlesArguments,
    _similar_articles,
)
