"""The stack people write by hand: FastAPI, SentenceTransformer, IndexFlatIP, a list of articles.

As the usual tutorials have it: everything is loaded when the module starts, the route is a
plain `def` (FastAPI runs it in a thread), the answer is a list of dictionaries.

A filter is a comprehension over the list, given to FAISS as a selector. Many take a longer
answer and drop what does not pass instead: of 1 % of the articles that finds too few.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer

from scripts.peers import HOST
from scripts.peers.given import ARTICLES, EMBEDDINGS, Given, run_peer


class Question(BaseModel):
    """What is asked: a text, how many articles, and of which journal if of one only."""

    query: str
    limit: int = 20
    journal: str | None = None


def prepare(given: Given, into: Path) -> None:
    """Keep the articles and the embeddings as such a stack does: a JSON file, a NumPy file."""
    articles = given.articles()
    for article in articles:
        del article["text"]  # title and abstract once more
    (into / ARTICLES).write_text(json.dumps(articles), encoding="utf-8")
    shutil.copyfile(given.folder / EMBEDDINGS, into / EMBEDDINGS)


def create_app(model: SentenceTransformer, articles: list[dict[str, Any]], index: Any) -> FastAPI:  # noqa: ANN401 - FAISS has no types
    """Build the application."""
    app = FastAPI()

    @app.post("/search")
    def search(question: Question) -> dict[str, Any]:
        embedding = model.encode([question.query], normalize_embeddings=True)
        parameters = None
        if question.journal is not None:
            passing = [
                row
                for row, article in enumerate(articles)
                if article["journal"] == question.journal
            ]
            parameters = faiss.SearchParameters()
            parameters.sel = faiss.IDSelectorBatch(np.array(passing, dtype=np.int64))
        scores, rows = index.search(embedding, question.limit, params=parameters)
        found = zip(rows[0].tolist(), scores[0].tolist(), strict=True)
        return {"hits": [{**articles[row], "score": score} for row, score in found if row >= 0]}

    return app


def serve(given: Given, folder: Path, port: int) -> None:
    """Load everything into memory and serve it."""
    articles = json.loads((folder / ARTICLES).read_text(encoding="utf-8"))
    embeddings = np.load(folder / EMBEDDINGS)
    index = faiss.IndexFlatIP(embeddings.shape[1])
    index.add(embeddings)
    model = SentenceTransformer(str(given.model))
    app = create_app(model, articles, index)
    uvicorn.run(app, host=HOST, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    run_peer(prepare, serve)
