"""The systems that are compared: how each is started, asked and understood.

A way is how a question is asked: `semantic` (by meaning alone), `hybrid` (by words too),
`filtered` (by meaning, within about 1 % of the articles), and of Cognate alone `unfloored` and
`unfloored hybrid` (as many hits as asked for, also where they are no matches) and `whole`
(hybrid, with four facets and highlights). Every answer holds the articles themselves.
"""

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from scripts.load import Request
from scripts.peers.given import Given

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv-peers"
SEMANTIC, HYBRID, FILTERED = "semantic", "hybrid", "filtered"
UNFLOORED, UNFLOORED_HYBRID, WHOLE = "unfloored", "unfloored hybrid", "whole"
COGNATE = "cognate"
_FACETS = ["authors", "journals", "years", "types"]
_TXTAI_SHOWN = "id, title, abstract, journal, published, authors, score"
_TXTAI_CANDIDATES = 10_000


class Asked(NamedTuple):
    """A question in one way: `journal` is the filter's, used in that way only."""

    text: str
    way: str
    limit: int
    journal: str


@dataclass(frozen=True, slots=True)
class Cognate:
    """Cognate itself, serving an index that was built before."""

    index: Path
    name: str = COGNATE
    ways: tuple[str, ...] = (SEMANTIC, UNFLOORED, FILTERED, HYBRID, UNFLOORED_HYBRID, WHOLE)

    def missing(self) -> str | None:
        """Say what is not installed; None where all is."""
        return None

    def prepare(self, given: Given, folder: Path) -> Sequence[str]:
        """Give the command that makes the folder served: none, the index is there."""
        del given, folder
        return ()

    def serve(self, given: Given, folder: Path, port: int) -> Sequence[str]:
        """Give the command that serves at a port."""
        del given, folder
        served = ("--index", str(self.index), "--port", str(port))
        return (sys.executable, "-m", "service", "serve", *served)

    def disk(self, folder: Path) -> Path:
        """Give the folder that holds all the service reads."""
        del folder
        return self.index / "snapshots" / (self.index / "CURRENT").read_text().strip()

    def request(self, asked: Asked) -> Request:
        """Put a question."""
        body: dict[str, Any] = {"query": asked.text, "limit": asked.limit}
        body["mode"] = HYBRID if asked.way in (HYBRID, UNFLOORED_HYBRID, WHOLE) else SEMANTIC
        body["highlight"] = asked.way == WHOLE
        if asked.way == WHOLE:
            body["facets"] = _FACETS
        if asked.way in (UNFLOORED, UNFLOORED_HYBRID, FILTERED):
            # the others know no floor, and answer with as many as asked for
            body["min_match"] = 0
        if asked.way == FILTERED:
            body["filters"] = {"journals": [asked.journal]}
        return Request("/v1/search", json.dumps(body))

    def ids(self, answer: Any) -> list[str]:  # noqa: ANN401 - JSON
        """Give the ids of the articles found, best first."""
        return [hit["article"]["article_id"] for hit in answer["hits"]]


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer of scripts/peers with the small dialect that all but txtai share."""

    name: str
    module: str
    package: str
    distribution: str
    ways: tuple[str, ...]
    environment: Path = ENVIRONMENT

    def python(self) -> str:
        """Give the interpreter: that of the peers' environment, or this one without it."""
        return str(self.environment / "bin/python") if self._is_apart() else sys.executable

    def missing(self) -> str | None:
        """Say what is not installed; None where all is."""
        if self._is_apart() or importlib.util.find_spec(self.package):
            return None
        return f"{self.package} is not installed; scripts/peers/install makes .venv-peers"

    def _is_apart(self) -> bool:
        return any(self.environment.glob(f"lib/python*/site-packages/{self.package}"))

    def prepare(self, given: Given, folder: Path) -> Sequence[str]:
        """Give the command that makes the folder served."""
        return (self.python(), "-m", self.module, "prepare", str(given.folder), str(folder))

    def serve(self, given: Given, folder: Path, port: int) -> Sequence[str]:
        """Give the command that serves at a port."""
        served = (str(given.folder), str(folder), str(port))
        return (self.python(), "-m", self.module, "serve", *served)

    def disk(self, folder: Path) -> Path:
        """Give the folder that holds all the service reads but the model."""
        return folder

    def request(self, asked: Asked) -> Request:
        """Put a question."""
        body: dict[str, Any] = {"query": asked.text, "limit": asked.limit}
        if asked.way == FILTERED:
            body["journal"] = asked.journal
        if asked.way == HYBRID:
            body["mode"] = HYBRID
        return Request("/search", json.dumps(body))

    def ids(self, answer: Any) -> list[str]:  # noqa: ANN401 - JSON
        """Give the ids of the articles found, best first."""
        return [hit["id"] for hit in answer["hits"]]


@dataclass(frozen=True, slots=True)
class Txtai(Peer):
    """txtai, asked in SQL at its own route.

    It filters the candidates that are nearest without the filter: for a filter of 1 % it takes
    many of them to find twenty.
    """

    def request(self, asked: Asked) -> Request:
        """Put a question."""
        bound = {"q": asked.text}
        where = "similar(:q)"
        if asked.way == FILTERED:
            bound["journal"] = asked.journal
            where = f"similar(:q, {_TXTAI_CANDIDATES}) and journal = :journal"
        sql = f"select {_TXTAI_SHOWN} from txtai where {where} limit {asked.limit}"  # noqa: S608 - no text of others
        query = {"query": sql, "limit": str(asked.limit), "parameters": json.dumps(bound)}
        return Request(f"/search?{urlencode(query)}")

    def ids(self, answer: Any) -> list[str]:  # noqa: ANN401 - JSON
        """Give the ids of the articles found, best first."""
        return [hit["id"] for hit in answer]


System = Cognate | Peer

PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer(
            "by hand",
            "scripts.peers.by_hand",
            "sentence_transformers",
            "sentence-transformers",
            (SEMANTIC, FILTERED),
        ),
        Txtai("txtai", "scripts.peers.with_txtai", "txtai", "txtai", (SEMANTIC, FILTERED)),
        Txtai("txtai hybrid", "scripts.peers.with_txtai_hybrid", "txtai", "txtai", (HYBRID,)),
        Peer("Chroma", "scripts.peers.with_chroma", "chromadb", "chromadb", (SEMANTIC, FILTERED)),
        Peer(
            "LanceDB",
            "scripts.peers.with_lancedb",
            "lancedb",
            "lancedb",
            (SEMANTIC, FILTERED, HYBRID),
        ),
    )
}
