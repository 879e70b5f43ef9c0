"""The one test double: an encoder whose embeddings can be read."""

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np
import orjson

from index.onnx import Embedding, Encoded, EncoderSpec
from index.words import Vectors

DIMENSION = 48
WINDOW = 40
N_WORDS = 4096
PREFIX = 4
PREFIX_COSINE = 0.64


def hash_spec(*, window: int = WINDOW, fingerprint: str = "hash-encoder") -> EncoderSpec:
    """Describe a `HashEncoder`."""
    return EncoderSpec(
        model="hash-encoder",
        revision=None,
        fingerprint=fingerprint,
        weights_sha256="0" * 64,
        dimension=DIMENSION,
        window=window,
        query_prompt="",
        passage_prompt="",
        precision="float32",
        mean_cosine=1.0,
        least_cosine=1.0,
        n_compared=0,
    )


class HashEncoder:
    """Counts words, each in the dimension its hash names; the first `window` words count.

    Texts that share words are near each other, others are not: two equal texts have the
    cosine 1, two without a common word (nearly always) 0. `n_encoded` counts passages.
    """

    def __init__(self, spec: EncoderSpec | None = None) -> None:
        self.spec = spec or hash_spec()
        self.n_encoded = 0

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls(EncoderSpec.from_json(orjson.loads((folder / "encoder.json").read_bytes())))

    def save(self, folder: Path) -> None:
        (folder / "encoder.json").write_bytes(orjson.dumps(self.spec.to_json()))

    def encode_query(self, text: str) -> Embedding:
        return self._encode(text).embedding

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        for text in texts:
            self.n_encoded += 1
            yield self._encode(text)

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Point where the hash of a word says, and partly where that of its first letters does.

        Two words that begin with the same four letters have the cosine 0.64, other words
        (nearly always) 0.
        """
        vectors = np.zeros((len(words), N_WORDS), np.float32)
        for row, word in enumerate(word.casefold() for word in words):
            vectors[row, _dimension(word)] += (1 - PREFIX_COSINE) ** 0.5
            vectors[row, _dimension(word[:PREFIX] + "…")] += PREFIX_COSINE**0.5
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words and marks."""
        return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]

    def _encode(self, text: str) -> Encoded:
        words = re.findall(r"\w+", text.casefold())
        vector = np.zeros(DIMENSION, np.float32)
        for word in words[: self.spec.window]:
            vector[hashlib.sha256(word.encode()).digest()[0] % DIMENSION] += 1
        length = float(np.linalg.norm(vector))
        if not length:
            vector[0] = length = 1.0
        return Encoded(vector / length, len(words) > self.spec.window)


class HeldEncoder(HashEncoder):
    """Encodes no question while it is held, and knows which ones it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._is_let = threading.Event()
        self._is_let.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold every question until the end of the block."""
        self._is_let.clear()
        try:
            yield
        finally:
            self._is_let.set()

    def encode_query(self, text: str) -> Embedding:
        self.asked.append(text)
        assert self._is_let.wait(60)
        return super().encode_query(text)


def _dimension(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % N_WORDS
