"""The encoder of a snapshot: an ONNX graph and its tokenizer, without torch.

This is all that serving needs of a model. `index.encoder` makes the folder it reads;
`index.reranker` runs its own graph in the same way.

Texts are encoded one at a time, in as many threads as asked for. That is as fast as
padded batches on a CPU, and makes an embedding depend on its text alone: int8 activations
are scaled over everything in a batch, so in a batch the neighbours would leak in.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt
import onnxruntime
import orjson
from tokenizers import Encoding, Tokenizer

from index.errors import EncoderError
from index.machine import n_cores
from index.words import WORDS_FILE, Vectors, WordVectors

Embedding = npt.NDArray[np.float32]
Spec = TypeVar("Spec")

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
SPEC_FILE = "encoder.json"

_CHUNK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderSpec:
    """What an encoder is: the model it was exported from, and how text is put to it.

    `fingerprint` is the sha256 over the model's own files (weights, tokenizer, pooling), so
    two encoders with the same fingerprint, window and prompts give the same embeddings;
    `window` is in word pieces, special ones included; `mean_cosine` and `least_cosine` are
    the exported encoder's agreement with the original over `n_compared` texts; `languages` are
    those that the model's card says it was made for, none where it does not say.
    """

    model: str
    revision: str | None
    fingerprint: str
    weights_sha256: str
    dimension: int
    window: int
    query_prompt: str
    passage_prompt: str
    precision: str
    mean_cosine: float
    least_cosine: float
    n_compared: int
    languages: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read a spec back from its JSON object; refuse one with other keys."""
        # one of an older version has none
        languages = tuple(value.get("languages", ()))
        return read_spec(cls, value | {"languages": languages}, "encoder")

    def to_json(self) -> dict[str, object]:
        """Give the spec as a JSON object."""
        return asdict(self)


def read_spec(kind: type[Spec], value: dict[str, object], called: str) -> Spec:
    """Read the description of a model back from its JSON object; refuse one with other keys."""
    try:
        return kind(**value)  # the hash of the manifest vouches for the types
    except TypeError as error:
        message = f"the {called}'s description has other keys than this version knows: {error}"
        raise EncoderError(message) from error


class OnnxGraph:
    """An exported network and its tokenizer, run on one text or pair; safe for many threads."""

    def __init__(self, folder: Path, window: int) -> None:
        self._folder = folder
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            os.fspath(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [put.name for put in self._session.get_inputs()]
        self.tokenizer: Tokenizer = Tokenizer.from_file(os.fspath(folder / TOKENIZER_FILE))
        self.tokenizer.no_padding()
        # of a pair the longer text gives way first, as cross-encoders were trained
        self.tokenizer.enable_truncation(window, strategy="longest_first")

    def run(self, tokens: Encoding) -> npt.NDArray[np.float32]:
        """Give what the network computes of one text, shape (width,)."""
        values = {
            "input_ids": tokens.ids,
            "attention_mask": tokens.attention_mask,
            "token_type_ids": tokens.type_ids,
        }
        feed = {name: np.array([values[name]], dtype=np.int64) for name in self._inputs}
        return np.asarray(self._session.run(None, feed)[0][0], dtype=np.float32)

    def save(self, folder: Path, *others: str) -> None:
        """Copy the graph, its tokenizer and other files beside them into an existing folder."""
        for name in (MODEL_FILE, TOKENIZER_FILE, *others):
            (folder / name).write_bytes((self._folder / name).read_bytes())


class Encoded(NamedTuple):
    """One encoded passage: its unit embedding, and whether it overflowed the window."""

    embedding: Embedding
    truncated: bool


class Encoder(Protocol):
    """Turns text into unit embeddings of one dimension."""

    spec: EncoderSpec

    def encode_query(self, text: str) -> Embedding:
        """Encode a question, shape (dimension,)."""
        ...

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        """Encode passages, one after the other, in the order given."""
        ...

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Give a unit vector for each word by itself, zeros where the model knows none."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of texts, of any length, special ones left out."""
        ...

    def save(self, folder: Path) -> None:
        """Write all that is needed to load this encoder again into an existing folder."""
        ...


class OnnxEncoder:
    """The encoder that travels with a snapshot; safe for many threads."""

    def __init__(self, folder: Path, spec: EncoderSpec, *, n_threads: int | None = None) -> None:
        self.spec = spec
        self._n_threads = n_threads or n_cores()
        self._graph = OnnxGraph(folder, spec.window)
        self._words = WordVectors.load(folder / WORDS_FILE, self._graph.tokenizer)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load the encoder that `save` or an export wrote into `folder`."""
        try:
            spec = EncoderSpec.from_json(orjson.loads((folder / SPEC_FILE).read_bytes()))
            return cls(folder, spec)
        except EncoderError:
            raise
        except Exception as error:  # the tokenizer raises plain Exception
            message = f"{folder} holds no encoder that can be loaded: {error}"
            raise EncoderError(message) from error

    def encode_query(self, text: str) -> Embedding:
        """Encode a question, with the model's query prompt; shape (dimension,)."""
        return self._encode(self.spec.query_prompt + text).embedding

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        """Encode passages in order, with the model's passage prompt, in all threads."""
        prompt = self.spec.passage_prompt
        remaining = iter(texts)
        with ThreadPoolExecutor(self._n_threads) as pool:
            while chunk := list(islice(remaining, _CHUNK)):
                yield from pool.map(self._encode, [prompt + text for text in chunk])

    def overflows(self, text: str) -> bool:
        """Tell whether a passage is longer than the window."""
        return bool(self._graph.tokenizer.encode(self.spec.passage_prompt + text).overflowing)

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Give a unit vector for each word by itself, of up to 64 dimensions; see `WordVectors`."""
        return self._words.vectors(words)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of texts, of any length, special ones left out."""
        encoded = self._graph.tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(one) + sum(map(len, one.overflowing)) for one in encoded]

    def save(self, folder: Path) -> None:
        """Write the encoder's files into an existing folder."""
        self._graph.save(folder, WORDS_FILE)
        (folder / SPEC_FILE).write_bytes(orjson.dumps(self.spec.to_json()))

    def _encode(self, text: str) -> Encoded:
        tokens = self._graph.tokenizer.encode(text)
        vector = self._graph.run(tokens)
        length = float(np.linalg.norm(vector))
        return Encoded(vector / length if length else vector, bool(tokens.overflowing))
