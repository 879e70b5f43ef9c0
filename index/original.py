"""The original model on a GPU: there it encodes passages faster than its export does on a CPU.

Questions are encoded by the export, which travels with the snapshot; the two agree as the
manifest says. `index.exports` takes this encoder where there is a GPU that torch can use.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from index.graphs import fit_window, load_model, set_pooling
from index.onnx import Embedding, Encoded, OnnxEncoder
from index.words import Vectors

if TYPE_CHECKING:
    from index.models import ModelFiles

_DRIVER = Path("/proc/driver/nvidia")
_CHUNK = 8_192
_BATCH = 256


def gpu_device() -> str | None:
    """Name the GPU that torch can use, "cuda"; None where there is none."""
    # without a driver torch, which takes seconds to import, has nothing to say
    if not _DRIVER.exists():
        return None
    try:
        import torch
    except ImportError:
        return None
    return "cuda" if torch.cuda.is_available() else None


class OriginalEncoder:
    """An export whose passages the original model encodes, on a device of torch's."""

    def __init__(self, exported: OnnxEncoder, model: "ModelFiles", device: str) -> None:
        self.spec = exported.spec
        self._exported = exported
        self._original = load_model("SentenceTransformer", model)
        set_pooling(self._original, model)
        fit_window(self._original)
        self._original.to(device)

    def encode_query(self, text: str) -> Embedding:
        """Encode a question, shape (dimension,), as whoever asks the index will."""
        return self._exported.encode_query(text)

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        """Encode passages in order, some thousand at a time, long ones together."""
        remaining = iter(texts)
        while chunk := list(islice(remaining, _CHUNK)):
            embeddings = self._original.encode(
                [self.spec.passage_prompt + text for text in chunk],
                prompt="",
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            for text, embedding in zip(chunk, embeddings, strict=True):
                yield Encoded(embedding, self._exported.overflows(text))

    def word_vectors(self, words: Sequence[str]) -> Vectors:
        """Give a unit vector for each word by itself."""
        return self._exported.word_vectors(words)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of texts."""
        return self._exported.count_tokens(texts)

    def save(self, folder: Path) -> None:
        """Write the export into an existing folder."""
        self._exported.save(folder)
