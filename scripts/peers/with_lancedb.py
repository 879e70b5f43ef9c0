"""LanceDB: one table with vectors and a full-text index, in a small FastAPI application.

By its own documentation a table of less than about 100,000 rows needs no vector index, so the
vectors are scanned, which is exact. A hybrid query is ranked by its default, reciprocal ranks.
"""

from pathlib import Path
from typing import Any, Literal

import lancedb
import pyarrow as pa
import uvicorn
from fastapi import FastAPI
from lancedb.index import FTS
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer

from scripts.peers import HOST
from scripts.peers.given import Given, run_peer

TABLE = "articles"
_FIELDS = ("id", "title", "abstract", "journal", "published", "text")
_SHOWN = ["id", "title", "abstract", "authors", "journal", "published"]


class Question(BaseModel):
    """What is asked: a text, how many articles, by what, and of which journal if of one only."""

    query: str
    limit: int = 20
    mode: Literal["semantic", "hybrid"] = "semantic"
    journal: str | None = None


def prepare(given: Given, into: Path) -> None:
    """Write the table in one go, then its full-text index."""
    articles, embeddings = given.articles(), given.embeddings()
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(embeddings.ravel()), embeddings.shape[1])
    columns = {name: pa.array([one[name] for one in articles], pa.string()) for name in _FIELDS}
    authors = pa.array([one["authors"] for one in articles], pa.list_(pa.string()))
    rows = pa.table({**columns, "authors": authors, "vector": vectors})
    table = lancedb.connect(str(into)).create_table(TABLE, rows)
    table.create_index("text", config=FTS())
    table.optimize()


def create_app(model: SentenceTransformer, table: Any) -> FastAPI:  # noqa: ANN401 - not installed where this is checked
    """Build the application."""
    app = FastAPI()

    @app.post("/search")
    def search(question: Question) -> dict[str, Any]:
        embedding = model.encode(question.query, normalize_embeddings=True)
        if question.mode == "hybrid":
            asked = table.search(query_type="hybrid").vector(embedding).text(question.query)
            shown = _SHOWN
        else:
            asked = table.search(embedding)
            # named, since without it each question writes a warning; a hybrid one refuses it
            shown = [*_SHOWN, "_distance"]
        asked = asked.distance_type("cosine").limit(question.limit)
        if question.journal is not None:
            quoted = question.journal.replace("'", "''")
            asked = asked.where(f"journal = '{quoted}'")
        return {"hits": asked.select(shown).to_list()}

    return app


def serve(given: Given, folder: Path, port: int) -> None:
    """Open the table and serve it."""
    table = lancedb.connect(str(folder)).open_table(TABLE)
    app = create_app(SentenceTransformer(str(given.model)), table)
    uvicorn.run(app, host=HOST, port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    run_peer(prepare, serve)
