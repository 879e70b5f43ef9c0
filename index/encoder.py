"""Make an encoder: a sentence-transformers model, exported to ONNX int8 and checked.

Only a build comes here; serving reads what `export_encoder` writes through `index.onnx`.
"""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

from index.arrays import save_array
from index.errors import EncoderError
from index.graphs import (
    PRECISIONS,
    export_graph,
    fast_tokenizer,
    fit_window,
    load_model,
    refused_by_name,
    set_pooling,
    write_graph,
)
from index.models import ModelFiles
from index.onnx import MODEL_FILE, SPEC_FILE, TOKENIZER_FILE, EncoderSpec, OnnxEncoder
from index.words import WORDS_FILE, reduce_pieces

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MEAN_COSINE_FLOOR = 0.98
LEAST_COSINE_FLOOR = 0.95
"""An int8 export that agrees less with the original is replaced by a float32 one."""
FLOAT_COSINE_FLOOR = 0.999
"""A float32 export that agrees less is refused: the graph is not the model."""

_OUTPUT = "sentence_embedding"
_SAMPLE = (
    "Emotion recognition from electroencephalography with graph neural networks",
    "A randomised trial of early surgery in patients with asymptomatic aortic stenosis.",
    "We present a dataset of 12,000 annotated questions about European copyright law.",
)
_TRACED = ["one text", "and another, longer text"]


def export_encoder(model: ModelFiles, folder: Path, texts: Sequence[str]) -> OnnxEncoder:
    """Export a model into the existing, empty `folder`, and load what was exported.

    The export is compared with the original on `texts` (a sample of the passages to come);
    int8 is kept above the floors above, else float32.
    """
    original: SentenceTransformer = load_model("SentenceTransformer", model)
    fast_tokenizer(original, model.name).save(os.fspath(folder / TOKENIZER_FILE))
    write_words(original, folder / WORDS_FILE)
    set_pooling(original, model)
    spec = _first_spec(original, model)
    sample = [*_SAMPLE, *texts]
    expected = original.encode(
        [spec.passage_prompt + text for text in sample], prompt="", normalize_embeddings=True
    )
    with tempfile.TemporaryDirectory(dir=folder) as scratch, refused_by_name(model.name):
        exported = Path(scratch) / "float32.onnx"
        tokens = original.tokenizer(_TRACED, padding=True, return_tensors="pt")
        export_graph(original, tokens, exported, output=_OUTPUT, width=spec.dimension)
        for precision in PRECISIONS:
            write_graph(exported, folder / MODEL_FILE, precision)
            cosines = _agreement(OnnxEncoder(folder, spec), sample, expected)
            if precision == "float32" or _agrees(cosines):
                break
    return _finish(folder, spec, precision, cosines)


def _finish(
    folder: Path, spec: EncoderSpec, precision: str, cosines: npt.NDArray[np.float32]
) -> OnnxEncoder:
    mean, least = float(cosines.mean()), float(cosines.min())
    # `not >=`, so that a model that computes no number is refused too
    if precision == "float32" and not least >= FLOAT_COSINE_FLOOR:
        message = (
            f"the export of the model {spec.model} does not compute what the model does (least "
            f"cosine {least:.4f}, wanted {FLOAT_COSINE_FLOOR}); choose another model"
        )
        raise EncoderError(message)
    measured = {
        "precision": precision,
        "mean_cosine": round(mean, 5),
        "least_cosine": round(least, 5),
        "n_compared": len(cosines),
    }
    (folder / SPEC_FILE).write_bytes(orjson.dumps(spec.to_json() | measured))
    return OnnxEncoder.load(folder)


def _first_spec(original: "SentenceTransformer", model: ModelFiles) -> EncoderSpec:
    dimension = original.get_embedding_dimension()
    assert dimension is not None
    return EncoderSpec(
        model=model.name,
        revision=model.revision,
        fingerprint=model.fingerprint,
        weights_sha256=model.weights_sha256,
        dimension=dimension,
        window=fit_window(original),
        query_prompt=model.query_prompt,
        passage_prompt=model.passage_prompt,
        precision="float32",
        mean_cosine=0.0,
        least_cosine=0.0,
        n_compared=0,
        languages=model.languages,
    )


def write_words(original: "SentenceTransformer", path: Path) -> None:
    """Write the model's table of word pieces; one without dimensions where it has none."""
    tokenizer = original.tokenizer
    n_pieces = max(tokenizer.get_vocab().values()) + 1
    table = np.zeros((n_pieces, 0), np.float32)
    # a network may embed otherwise; then words are alike by their stems only
    network: Any = getattr(original[0], "auto_model", None)
    with suppress(AttributeError, NotImplementedError):
        found = network.get_input_embeddings().weight.detach().float().numpy()
        if found.ndim == table.ndim and np.isfinite(found).all():
            table = found
    save_array(path, reduce_pieces(table, n_pieces, unknown=tokenizer.all_special_ids))


def _agreement(
    encoder: OnnxEncoder, texts: Sequence[str], expected: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    encoded = np.array([passage.embedding for passage in encoder.encode_passages(texts)])
    cosines: npt.NDArray[np.float32] = (encoded * expected).sum(axis=1)
    return cosines


def _agrees(cosines: npt.NDArray[np.float32]) -> bool:
    return bool(cosines.mean() >= MEAN_COSINE_FLOOR and cosines.min() >= LEAST_COSINE_FLOOR)
