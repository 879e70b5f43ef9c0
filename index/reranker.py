"""The reranker of a snapshot: a cross-encoder as an ONNX graph and its tokenizer, without torch.

It reads a question and a passage together, which tells more than their two embeddings, and
costs as much as encoding the passage did. `index.reranker_export` makes the folder it reads.

Pairs are scored one at a time for the reason that `index.onnx` gives: a score then depends on
its pair alone.
"""

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime
import orjson
from tokenizers import Tokenizer

from index.errors import EncoderError
from index.machine import n_cores
from index.onnx import MODEL_FILE, TOKENIZER_FILE

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
        try:
            return cls(**value)  # type: ignore[arg-type]  # checked by the hash of the manifest
        except TypeError as error:
            message = f"the reranker's description has other keys than this version knows: {error}"
            raise EncoderError(message) from error

    def to_json(self) -> dict[str, object]:
        """Give the spec as a JSON object."""
        return asdict(self)


class OnnxReranker:
    """The cross-encoder that travels with a snapshot; safe for many threads."""

    def __init__(self, folder: Path, spec: RerankerSpec, *, n_threads: int | None = None) -> None:
        self.spec = spec
        self._folder = folder
        self._n_threads = n_threads or n_cores()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            os.fspath(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [put.name for put in self._session.get_inputs()]
        self._tokenizer: Tokenizer = Tokenizer.from_file(os.fspath(folder / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        # as the models were trained: a long passage gives way first, a long question then too
        self._tokenizer.enable_truncation(spec.window, strategy="longest_first")

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
        for name in (MODEL_FILE, TOKENIZER_FILE):
            (folder / name).write_bytes((self._folder / name).read_bytes())
        (folder / SPEC_FILE).write_bytes(orjson.dumps(self.spec.to_json()))

    def _score(self, question: str, passage: str) -> float:
        tokens = self._tokenizer.encode(question, passage)
        values = {
            "input_ids": tokens.ids,
            "attention_mask": tokens.attention_mask,
            "token_type_ids": tokens.type_ids,
        }
        feed = {name: np.array([values[name]], dtype=np.int64) for name in self._inputs}
        return float(self._session.run(None, feed)[0][0][0])
