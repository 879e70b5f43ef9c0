"""Make an encoder: a sentence-transformers model, exported to ONNX int8 and checked.

Only a build imports this file's libraries (torch, sentence-transformers); serving reads
what `export_encoder` writes through `index.onnx`.

The graph is exported by torch's TorchScript-based exporter with eager attention: its
plain matrix products are what the quantiser knows how to turn into int8. Weights are
signed, per channel and of 7 bits, so that sums do not saturate on processors without
VNNI instructions.
"""

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

from index.errors import EncoderError
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

_OUTPUT = "embedding"
_DEFAULT_WINDOW = 512
_LONGEST_WINDOW = 1 << 20  # tokenizers without a limit of their own say 10 ** 30
_PASSAGE_PROMPTS = ("document", "passage", "corpus")
_SAMPLE = (
    "Emotion recognition from electroencephalography with graph neural networks",
    "A randomised trial of early surgery in patients with asymptomatic aortic stenosis.",
    "We present a dataset of 12,000 annotated questions about European copyright law.",
)


def export_encoder(model: ModelFiles, folder: Path, texts: Sequence[str]) -> OnnxEncoder:
    """Export a model into the existing, empty `folder`, and load what was exported.

    The export is compared with the original on `texts` (a sample of the passages to come);
    int8 is kept above the floors above, else float32.
    """
    original = _load_original(model)
    tokenizer = getattr(original.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        message = f"the model {model.name} has no fast tokenizer (tokenizer.json); choose another"
        raise EncoderError(message)
    tokenizer.save(os.fspath(folder / TOKENIZER_FILE))
    write_words(original, folder / WORDS_FILE)
    spec = _first_spec(original, model)
    _check_pooling(original, spec)
    sample = [*_SAMPLE, *texts]
    expected = original.encode(
        [spec.passage_prompt + text for text in sample], prompt="", normalize_embeddings=True
    )
    with tempfile.TemporaryDirectory(dir=folder) as scratch, _refused_by_name(model.name):
        exported = Path(scratch) / "float32.onnx"
        _export_graph(original, exported)
        for precision in ("int8", "float32"):
            _write_graph(exported, folder / MODEL_FILE, precision)
            cosines = _agreement(OnnxEncoder(folder, spec), sample, expected)
            if precision == "float32" or _agrees(cosines):
                break
    return _finish(folder, spec, precision, cosines)


@contextmanager
def _refused_by_name(name: str) -> Iterator[None]:
    """Name the model in whatever exporter, quantiser or runtime raise of it."""
    try:
        yield
    except (OSError, EncoderError):
        raise  # a full disk is no fault of the model
    except Exception as error:  # they raise many kinds
        reason = str(error).partition("\n")[0]
        message = f"the model {name} cannot be exported to ONNX ({reason}); choose another model"
        raise EncoderError(message) from error


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


def _load_original(model: ModelFiles) -> "SentenceTransformer":
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        message = "building with a model needs the build extra: pip install 'cognate[build]'"
        raise EncoderError(message) from error
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # untyped there
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(
            os.fspath(model.folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={"attn_implementation": "eager"},
        )
    except Exception as error:  # the libraries below raise many kinds
        reason = " ".join(str(error).split())
        message = f"sentence-transformers cannot load the model {model.name}: {reason}"
        raise EncoderError(message) from error


def _first_spec(original: "SentenceTransformer", model: ModelFiles) -> EncoderSpec:
    window = original.max_seq_length
    if window is None or not 0 < window <= _LONGEST_WINDOW:
        window = original.max_seq_length = _DEFAULT_WINDOW
    dimension = original.get_embedding_dimension()
    assert dimension is not None
    return EncoderSpec(
        model=model.name,
        revision=model.revision,
        fingerprint=model.fingerprint,
        weights_sha256=model.weights_sha256,
        dimension=dimension,
        window=int(window),
        query_prompt=_prompt(original, ("query",), but_not=_PASSAGE_PROMPTS),
        passage_prompt=_prompt(original, _PASSAGE_PROMPTS, but_not=("query",)),
        precision="float32",
        mean_cosine=0.0,
        least_cosine=0.0,
        n_compared=0,
    )


def _prompt(
    original: "SentenceTransformer", names: Sequence[str], *, but_not: Sequence[str]
) -> str:
    """Give the first prompt of these names, else the default one if it is not for the others."""
    if original.default_prompt_name and original.default_prompt_name not in but_not:
        names = (*names, original.default_prompt_name)
    prompts = original.prompts or {}
    return next(filter(None, (prompts.get(name) for name in names)), "")


def _check_pooling(original: "SentenceTransformer", spec: EncoderSpec) -> None:
    is_blind_to_prompts = any(not getattr(module, "include_prompt", True) for module in original)
    if is_blind_to_prompts and (spec.query_prompt or spec.passage_prompt):
        message = (
            f"the model {spec.model} leaves its prompts out of the pooling, which its export would "
            f"not; choose another model"
        )
        raise EncoderError(message)


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
    np.save(path, reduce_pieces(table, n_pieces, unknown=tokenizer.all_special_ids))


def _export_graph(original: "SentenceTransformer", path: Path) -> None:
    import torch

    class Graph(torch.nn.Module):
        """The whole pipeline of modules, as one function of plain tensors."""

        def __init__(self) -> None:
            super().__init__()
            self.pipeline = original

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            output: torch.Tensor = self.pipeline(dict(zip(names, tensors, strict=True)))[
                "sentence_embedding"
            ]
            return output

    tokens = original.tokenizer(
        ["one text", "and another, longer text"], padding=True, return_tensors="pt"
    )
    known = ("input_ids", "attention_mask", "token_type_ids")
    names = [name for name in known if name in tokens]
    axes: dict[str, dict[int, str]] = {name: {0: "batch", 1: "length"} for name in names}
    axes[_OUTPUT] = {0: "batch"}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every shape that it reads
        torch.onnx.export(
            Graph().eval(),
            tuple(tokens[name] for name in names),
            os.fspath(path),
            input_names=names,
            output_names=[_OUTPUT],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def _write_graph(exported: Path, path: Path, precision: str) -> None:
    if precision == "float32":
        path.write_bytes(exported.read_bytes())
        return
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # the quantiser advises and warns of what the comparison with the original then measures
    logging.getLogger().addFilter(_is_error)
    try:
        quantize_dynamic(
            os.fspath(exported),
            os.fspath(path),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
    finally:
        logging.getLogger().removeFilter(_is_error)


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def _agreement(
    encoder: OnnxEncoder, texts: Sequence[str], expected: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    encoded = np.array([passage.embedding for passage in encoder.encode_passages(texts)])
    cosines: npt.NDArray[np.float32] = (encoded * expected).sum(axis=1)
    return cosines


def _agrees(cosines: npt.NDArray[np.float32]) -> bool:
    return bool(cosines.mean() >= MEAN_COSINE_FLOOR and cosines.min() >= LEAST_COSINE_FLOOR)
