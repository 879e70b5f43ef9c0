"""What every system is given: the same articles, the same embeddings, the same model.

    FOLDER/articles.json     a list of objects, in row order
    FOLDER/embeddings.npy    float32, unit length, in row order
    FOLDER/model             a link to the folder of the model's files

Knows nothing of where these come from: a peer reads them in an environment without Cognate.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Embeddings = npt.NDArray[np.float32]
Article = dict[str, Any]
"""id, title, abstract, authors (a list), journal, published, text (what was embedded)."""

ARTICLES, EMBEDDINGS, MODEL = "articles.json", "embeddings.npy", "model"


@dataclass(frozen=True, slots=True)
class Given:
    """The folder that all systems are made from."""

    folder: Path

    def articles(self) -> list[Article]:
        """Read all articles."""
        found: list[Article] = json.loads((self.folder / ARTICLES).read_text(encoding="utf-8"))
        return found

    def embeddings(self) -> Embeddings:
        """Read the embeddings of all articles, shape (n_articles, dimension)."""
        found: Embeddings = np.load(self.folder / EMBEDDINGS, allow_pickle=False)
        return found

    @property
    def model(self) -> Path:
        """The folder of the model that encodes the questions."""
        return (self.folder / MODEL).resolve()


def run_peer(
    prepare: Callable[[Given, Path], None],
    serve: Callable[[Given, Path, int], None],
    arguments: Sequence[str] | None = None,
) -> None:
    """Do what the command line says: `prepare GIVEN INTO` or `serve GIVEN FOLDER PORT`.

    Preparing prints how long it took, reading what is given included, as a JSON object.
    """
    parser = argparse.ArgumentParser()
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind in ("prepare", "serve"):
        command = kinds.add_parser(kind)
        command.add_argument("given", type=Path)
        command.add_argument("folder", type=Path)
        if kind == "serve":
            command.add_argument("port", type=int)
    options = parser.parse_args(arguments)
    given = Given(options.given)
    if options.kind == "serve":
        serve(given, options.folder, options.port)
        return
    started = time.perf_counter()
    prepare(given, options.folder)
    print(json.dumps({"prepared_s": round(time.perf_counter() - started, 2)}))
