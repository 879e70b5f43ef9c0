"""txtai behind its own API (`txtai.api`), configured by a YAML file as its documentation says.

It has content storage on, so that an answer holds the articles and a filter is SQL. Beyond
5,000 articles its default vector index is approximate (IVF). What every system is given enters
through its documented way for embeddings made elsewhere, the method `external`; before it is
saved the configuration is turned to the model itself, loaded as txtai loads any path.

A filter holds for the candidates of the vector index only. Where that probes few of its cells,
as by default, what passes a narrow filter may not be among them, however many are asked for.

Whether it ranks by words too is a property of the index: this is the one that does not, and
`with_txtai_hybrid` is the other.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from txtai import Embeddings

from scripts.peers import HOST
from scripts.peers.given import Article, Given, run_peer

INDEX, CONFIG = "index", "config.yml"
_SHOWN = ("id", "title", "abstract", "journal", "published", "authors")


def prepare(given: Given, into: Path) -> None:
    """Index the embeddings alone."""
    _prepare(given, into, {})


def prepare_hybrid(given: Given, into: Path) -> None:
    """Index the embeddings and the words (BM25)."""
    _prepare(given, into, {"hybrid": True})


def _prepare(given: Given, into: Path, words: dict[str, Any]) -> None:
    articles, vectors = given.articles(), given.embeddings()
    known = dict(zip((article["text"] for article in articles), vectors, strict=True))

    def look_up(texts: list[str]) -> Any:  # noqa: ANN401 - a list of arrays, as txtai wants
        return [known[text] for text in texts]

    embeddings = Embeddings(method="external", transform=look_up, content=True, **words)
    embeddings.index(_to_rows(articles))
    for name in ("method", "transform"):
        embeddings.config.pop(name)
    embeddings.config["path"] = str(given.model)
    embeddings.save(str(into / INDEX))
    # JSON is YAML too, and quotes what has to be
    config = {"path": str(into / INDEX), "embeddings": {"path": str(given.model)}}
    (into / CONFIG).write_text(json.dumps(config))


def _to_rows(articles: list[Article]) -> Iterator[tuple[str, dict[str, Any], None]]:
    for article in articles:
        yield article["id"], {name: article[name] for name in (*_SHOWN[1:], "text")}, None


def serve(_: Given, folder: Path, port: int) -> None:
    """Serve the index with txtai's own application."""
    os.environ["CONFIG"] = str(folder / CONFIG)
    # the application reads its configuration from the environment when it starts
    uvicorn.run("txtai.api:app", host=HOST, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    run_peer(prepare, serve)
