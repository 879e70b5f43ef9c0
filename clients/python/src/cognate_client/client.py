"""The client: one method for each thing that the service does."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Self, Unpack
from urllib.parse import quote

from cognate_client.answers import Article, Articles, Ready, Results, SimilarResults
from cognate_client.connection import Connection
from cognate_client.context import Context, Verification
from cognate_client.options import (
    CiteFormat,
    ContextOptions,
    Example,
    ExportFormat,
    ExportOptions,
    Message,
    RelatedOptions,
    SearchOptions,
    SimilarOptions,
    to_wire,
)
from cognate_client.reading import read
from cognate_client.related import RelatedWork


class Cognate:
    """A Cognate service, at its address; threads may share one.

        with Cognate("http://127.0.0.1:8000") as cognate:
            hits = cognate.search("can poor sleep harm memory", limit=5).hits

    `timeout_s` holds for connecting, for sending, and for each wait for more of the answer. Every
    error is a `CognateError`. A request that is answered with 503 and `Retry-After` is sent again,
    at most three times, where the wait is ten seconds or less.
    """

    def __init__(
        self, base_url: str, *, api_key: str | None = None, timeout_s: float = 60.0
    ) -> None:
        self._connection = Connection(base_url, api_key, timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def ready(self) -> Ready:
        """Give the snapshot that is open; without one the error is `not_ready`."""
        return read(Ready, self._connection.json("GET", "/readyz"))

    def search(self, query: str | None = None, **options: Unpack[SearchOptions]) -> Results:
        """Rank the articles that match a question; without one, what passes the filters."""
        return read(Results, self._post("/v1/search", {"query": query, **options}))

    def search_pages(
        self, query: str | None = None, **options: Unpack[SearchOptions]
    ) -> Iterator[Results]:
        """Give the pages of a search one after the other, to the last; `limit` is that of each."""
        while True:
            page = self.search(query, **options)
            yield page
            if page.next_cursor is None:
                return
            options["cursor"] = page.next_cursor

    def similar(
        self,
        positive: Sequence[Example],
        negative: Sequence[Example] = (),
        **options: Unpack[SimilarOptions],
    ) -> SimilarResults:
        """Rank the articles that are like some examples and unlike others.

        cognate.similar([{"doi": "10.5555/cognate.neuro.01"}], [{"text": "stroke"}])
        """
        body = {"positive": positive, "negative": negative, **options}
        return read(SimilarResults, self._post("/v1/similar", body))

    def article(self, article_id: str) -> Article:
        """Give one article by any form of its id; the error of another is `unknown_article`."""
        return read(Article, self._connection.json("GET", _path(article_id)))

    def articles(self, ids: Iterable[str]) -> list[Article | None]:
        """Give articles in the order of their ids, None where an id is unknown."""
        answer = self._post("/v1/articles:batch", {"ids": ids})
        return list(read(Articles, answer).articles)

    def cite(self, article_id: str, format: CiteFormat = "text") -> str:
        """Give an article as a formatted reference, or as an entry for a bibliography."""
        return self._connection.text(f"{_path(article_id)}/cite", {"format": format})

    def export(
        self,
        format: ExportFormat,
        **what: Unpack[ExportOptions],
    ) -> Iterator[bytes]:
        """Give a file of articles block by block; nothing is asked before the first is taken.

        cognate.export("ris", search={"query": "sleep", "filters": Filters(types=("review",))})
        """
        return self._connection.stream("/v1/export", to_wire({"format": format, **what}))

    def related_work(self, text: str, **options: Unpack[RelatedOptions]) -> RelatedWork:
        """Give what each sentence of a draft could cite, and its bibliography checked."""
        return read(RelatedWork, self._post("/v1/related-work", {"text": text, **options}))

    def context(self, asked: str | Sequence[Message], **options: Unpack[ContextOptions]) -> Context:
        """Give the excerpts worth handing to a language model, for a question or conversation."""
        name = "query" if isinstance(asked, str) else "messages"
        return read(Context, self._post("/v1/context", {name: asked, **options}))

    def verify(
        self, text: str, *, bundle_id: str | None = None, min_match: float | None = None
    ) -> Verification:
        """Check the citations, quotes and claims of a text, also against what was handed over."""
        body = {"text": text, "bundle_id": bundle_id, "min_match": min_match}
        return read(Verification, self._post("/v1/verify", body))

    def _post(self, path: str, body: object) -> object:
        return self._connection.json("POST", path, to_wire(body))


def _path(article_id: str) -> str:
    # slashes too: an id may end as another path does
    return f"/v1/articles/{quote(article_id, safe='')}"
