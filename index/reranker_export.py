"""Make a reranker: a cross-encoder of sentence-transformers, exported to ONNX int8 and checked.

Only a build comes here; serving reads what `export_reranker` writes through `index.reranker`.
"""

import math
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson

from index.errors import EncoderError
from index.graphs import (
    PRECISIONS,
    export_graph,
    fast_tokenizer,
    fit_window,
    load_model,
    refused_by_name,
    write_graph,
)
from index.models import ModelFiles
from index.onnx import MODEL_FILE, TOKENIZER_FILE
from index.reranker import SPEC_FILE, OnnxReranker, RerankerSpec

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

CORRELATION_FLOOR = 0.97
"""An int8 export whose scores follow the original's less is replaced by a float32 one."""
FLOAT_CORRELATION_FLOOR = 0.999
"""A float32 export that follows it less is refused: the graph is not the model."""

_OUTPUT = "scores"
_SAMPLE = (
    "Emotion recognition from brain signals\nWe classify feelings from EEG with graph networks.",
    "Early surgery in asymptomatic aortic stenosis\nA randomised trial of 150 patients.",
    "Questions about European copyright law\nA dataset of 12,000 annotated questions.",
)
_TRACED = [("one", "text"), ("a question", "and another, longer text")]


def export_reranker(model: ModelFiles, folder: Path, texts: Sequence[str]) -> OnnxReranker:
    """Export a cross-encoder into the existing, empty `folder`, and load what was exported.

    The export is compared with the original on pairs made of `texts` (a sample of passages,
    the title first); int8 is kept above the floor above, else float32.
    """
    original = load_model("CrossEncoder", model)
    _check_kind(original, model)
    fast_tokenizer(original, model.name).save(os.fspath(folder / TOKENIZER_FILE))
    spec = RerankerSpec(
        model=model.name,
        revision=model.revision,
        fingerprint=model.fingerprint,
        weights_sha256=model.weights_sha256,
        window=fit_window(original),
        precision="float32",
        correlation=0.0,
        n_compared=0,
    )
    pairs = _pairs([*_SAMPLE, *texts])
    expected = _original_scores(original, pairs)
    with tempfile.TemporaryDirectory(dir=folder) as scratch, refused_by_name(model.name):
        exported = Path(scratch) / "float32.onnx"
        tokens = original.tokenizer(_TRACED, padding=True, return_tensors="pt")
        export_graph(original, tokens, exported, output=_OUTPUT)
        for precision in PRECISIONS:
            write_graph(exported, folder / MODEL_FILE, precision)
            correlation = _correlation(OnnxReranker(folder, spec), pairs, expected)
            if precision == "float32" or correlation >= CORRELATION_FLOOR:
                break
    # `not >=`, so that a model that computes no number, or one and the same, is refused too
    if precision == "float32" and not correlation >= FLOAT_CORRELATION_FLOOR:
        message = (
            f"the export of the model {model.name} does not compute what the model does "
            f"(correlation {correlation:.4f}, wanted {FLOAT_CORRELATION_FLOOR}); choose another"
        )
        raise EncoderError(message)
    measured = replace(
        spec, precision=precision, correlation=round(correlation, 5), n_compared=len(pairs)
    )
    (folder / SPEC_FILE).write_bytes(orjson.dumps(measured.to_json()))
    return OnnxReranker.load(folder)


def _check_kind(original: "CrossEncoder", model: ModelFiles) -> None:
    from sentence_transformers.cross_encoder.modules import LogitScore

    if any(isinstance(module, LogitScore) for module in original):
        reason = "is a language model that is asked in a chat"
    elif original.num_labels != 1:
        reason = f"gives {original.num_labels} numbers for a pair"
    elif any(original.prompts.values()):
        reason = "puts prompts before what it compares"
    else:
        return
    message = f"the model {model.name} {reason}; choose a cross-encoder with one score"
    raise EncoderError(message)


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Make questions of titles, and pair each with its own passage and with the next one."""
    titles = [text.partition("\n")[0] for text in texts]
    return [*zip(titles, texts, strict=True), *zip(titles, [*texts[1:], texts[0]], strict=True)]


def _original_scores(original: "CrossEncoder", pairs: Sequence[tuple[str, str]]) -> list[float]:
    import torch

    scores = original.predict(list(pairs), activation_fn=torch.nn.Identity())
    return [float(score) for score in scores]


def _correlation(
    reranker: OnnxReranker, pairs: Sequence[tuple[str, str]], expected: Sequence[float]
) -> float:
    found = [
        score
        for question, passage in pairs
        for score in reranker.scores(question, [passage], math.inf)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(np.corrcoef(found, expected)[0, 1])
