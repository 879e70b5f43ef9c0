"""The API beside the page: what it counts, and the articles it gives, page after page."""

from collections.abc import Iterator
from typing import Any

import httpx

_TIMEOUT_S = 60


class Api:
    """Asks the same service as the page, without a browser."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT_S)

    def search(self, **asked: object) -> Any:  # noqa: ANN401 - JSON
        """Ask `GET /v1/search`."""
        return self._client.get("/v1/search", params=_given(asked)).raise_for_status().json()

    def total(self, **asked: object) -> int:
        """Count what answers a search."""
        return int(self.search(limit=1, highlight="false", **asked)["total"])

    def similar(self, **body: object) -> Any:  # noqa: ANN401 - JSON
        """Ask `POST /v1/similar`."""
        return self._client.post("/v1/similar", json=body).raise_for_status().json()

    def get(self, path: str) -> httpx.Response:
        """Get whatever is at an address."""
        return self._client.get(path).raise_for_status()

    def walk(self, **asked: object) -> Iterator[tuple[list[str], str | None]]:
        """Give the ids of every page of a search, and the cursor that led there."""
        cursor = None
        while True:
            answer = self.search(highlight="false", cursor=cursor, **asked)
            yield ids_of(answer), cursor
            cursor = answer["next_cursor"]
            if cursor is None:
                return

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def ids_of(answer: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Give the articles of an answer in their order."""
    return [hit["article"]["article_id"] for hit in answer["hits"]]


def _given(asked: dict[str, object]) -> dict[str, Any]:
    return {name.rstrip("_"): value for name, value in asked.items() if value is not None}
