"""Chroma: a persistent client in the process of a small FastAPI application.

Chroma has no text search that ranks beside its vectors in one process (its `$contains` only
filters), so it answers by meaning alone. Its vector index is approximate: HNSW with the
defaults of this version.
"""

from pathlib import Path
from typing import Any

import chromadb
import uvicorn
from chromadb.api import ClientAPI
from chromadb.config import Settings
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer

from scripts.peers import HOST
from scripts.peers.given import Article, Given, run_peer

COLLECTION = "articles"
_PLAIN = ("title", "abstract", "journal", "published")


class Question(BaseModel):
    """What is asked: a text, how many articles, and of which journal if of one only."""

    query: str
    limit: int = 20
    journal: str | None = None


def _open(folder: Path) -> ClientAPI:
    settings = Settings(anonymized_telemetry=False)
    return chromadb.PersistentClient(path=str(folder), settings=settings)


def prepare(given: Given, into: Path) -> None:
    """Add all articles with their embeddings, in batches as large as Chroma takes."""
    client = _open(into)
    collection = client.create_collection(
        COLLECTION,
        configuration={"hnsw": {"space": "cosine"}},
        embedding_function=None,  # the questions are encoded by sentence-transformers
    )
    articles, embeddings = given.articles(), given.embeddings()
    step = client.get_max_batch_size()
    for start in range(0, len(articles), step):
        part = articles[start : start + step]
        collection.add(
            ids=[article["id"] for article in part],
            embeddings=embeddings[start : start + step],
            documents=[article["text"] for article in part],
            metadatas=[_to_metadata(article) for article in part],
        )


def _to_metadata(article: Article) -> dict[str, str]:
    # a value is one text or number; what is unknown has to be left out
    known = {name: article[name] for name in _PLAIN if article[name] is not None}
    return known | {"authors": "; ".join(article["authors"])}


def create_app(model: SentenceTransformer, collection: Any) -> FastAPI:  # noqa: ANN401 - not installed where this is checked
    """Build the application."""
    app = FastAPI()

    @app.post("/search")
    def search(question: Question) -> dict[str, Any]:
        found = collection.query(
            query_embeddings=model.encode([question.query], normalize_embeddings=True),
            n_results=question.limit,
            where=None if question.journal is None else {"journal": question.journal},
            include=["metadatas", "distances"],
        )
        hits = zip(found["ids"][0], found["metadatas"][0], found["distances"][0], strict=True)
        return {"hits": [{"id": key, **article, "score": 1 - far} for key, article, far in hits]}

    return app


def serve(given: Given, folder: Path, port: int) -> None:
    """Open the collection and serve it."""
    collection = _open(folder).get_collection(COLLECTION, embedding_function=None)
    app = create_app(SentenceTransformer(str(given.model)), collection)
    uvicorn.run(app, host=HOST, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    run_peer(prepare, serve)
