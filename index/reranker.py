"""The reranker of a snapshot: a cross-encoder as an ONNX graph and its tokenizer, without torch.

It reads a question and a passage together, which tells more than their two embeddings, and
costs as much as encoding the passage did. `index.reranker_export` makes the folder it reads.

Pairs are scored one at a time for the reason that `index.onnx` gives: a score then depends on
its pair alone.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import orjson

from index.errors import EncoderError
from index.machine import n_cores
from index.onnx import OnnxGraph, read_spec

SPEC_FILE = "reranker.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankerSpec:
    """What a reranker is: the model it was exported from, and how far the two agree.

    `fingerprint` is the sha256 over the model's own files; `window` is in word pieces, for
    question and passage together; `correlation` is that of the exported model's scores with
    the original's over `n_compared` pairs.
    """

    model: str
    revision: str | None
    fingerprint: str
    weights_sha256: str
    window: int
    precision: str
    correlation: float
    n_compared: int

    @classmethod
    def from_json(cls, value: dict[str, object]) -> Self:
        """Read a spec back from its JSON object; refuse one with other keys."""
        return read_spec(cls, value, "reranker")

    def to_json(self) -> dict[str, object]:
        """Give the spec as a JSON object."""
        return asdict(self)


class OnnxReranker:
    """The cross-encoder that travels with a snapshot; safe for many threads."""

    def __init__(self, folder: Path, spec: RerankerSpec, *, n_threads: int | None = None) -> None:
        self.spec = spec
        self._n_threads = n_threads or n_cores()
        self._graph = OnnxGraph(folder, spec.window)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load the reranker that `save` or an export wrote into `folder`."""
        try:
            spec = RerankerSpec.from_json(orjson.loads((folder / SPEC_FILE).read_bytes()))
            return cls(folder, spec)
        except EncoderError:
            raise
        except Exception as error:  # the tokenizer raises plain Exception
            message = f"{folder} holds no reranker that can be loaded: {error}"
            raise EncoderError(message) from error

    def scores(self, question: str, passages: Sequence[str], budget_s: float) -> list[float]:
        """Score the first passages against a question, as many as can be in `budget_s` seconds.

        A score is the model's logit: any real number, higher is better. The list is in the
        order of the passages and ends where the time did, perhaps at once. No passage is begun
        that would take longer than is left, going by the longest so far.
        """
        deadline = time.perf_counter() + budget_s
        places = iter(range(len(passages)))  # gives each place once, to whichever thread asks
        found: dict[int, float] = {}

        def work() -> None:
            longest, began = 0.0, time.perf_counter()
            while began + longest < deadline and (place := next(places, None)) is not None:
                found[place] = self._score(question, passages[place])
                now = time.perf_counter()
                longest, began = max(longest, now - began), now

        n_helpers = min(self._n_threads, len(passages)) - 1
        if n_helpers < 1:
            work()
        else:
            with ThreadPoolExecutor(n_helpers) as pool:
                helpers = [pool.submit(work) for _ in range(n_helpers)]
                work()
                for helper in helpers:
                    helper.result()
        # what was begun was finished, in whatever order
        return [found[place] for place in range(len(found))]

    def save(self, folder: Path) -> None:
        """Write the reranker's files into an existing folder."""
        self._graph.save(folder)
        (folder / SPEC_FILE).write_bytes(orjson.dumps(self.spec.to_json()))

    def _score(self, question: str, passage: str) -> float:
        return float(self._graph.run(self._graph.tokenizer.encode(question, passage))[0])
