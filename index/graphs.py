"""Models of sentence-transformers as ONNX graphs: loaded, exported, quantised to int8.

What the exports of encoders and of rerankers share; only a build comes here, and torch is
imported within the functions.

The graph is exported by torch's TorchScript-based exporter with eager attention: its plain
matrix products are what the quantiser knows how to turn into int8. Weights are signed, per
channel and of 7 bits, so that sums do not saturate on processors without VNNI instructions.
"""

import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args, overload

from index.errors import EncoderError
from index.models import ModelFiles

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer
    from tokenizers import Tokenizer

Precision = Literal["int8", "float32"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
"""What an export is tried in, the one that is wanted first."""

_MOST_BYTES = 2_000_000_000
"""A little less than what fits into one ONNX file."""
_DEFAULT_WINDOW = 512
_LONGEST_WINDOW = 1 << 20  # tokenizers without a limit of their own say 10 ** 30
_KNOWN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@overload
def load_model(
    kind: Literal["SentenceTransformer"], model: ModelFiles
) -> "SentenceTransformer": ...
@overload
def load_model(kind: Literal["CrossEncoder"], model: ModelFiles) -> "CrossEncoder": ...
def load_model(
    kind: Literal["SentenceTransformer", "CrossEncoder"], model: ModelFiles
) -> "SentenceTransformer | CrossEncoder":
    """Load a model of sentence-transformers in float32, from its files alone."""
    try:
        import sentence_transformers
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        message = "building with a model needs the build extra: pip install 'cognate[build]'"
        raise EncoderError(message) from error
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # untyped there
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # nor there
    try:
        original: SentenceTransformer | CrossEncoder = getattr(sentence_transformers, kind)(
            os.fspath(model.folder),
            device="cpu",
            local_files_only=True,
            # what a model's folder holds is data: no code of it is run, and no pickle read
            trust_remote_code=False,
            model_kwargs={"attn_implementation": "eager", "use_safetensors": True},
        )
    except Exception as error:  # the libraries below raise many kinds
        reason = " ".join(str(error).split())
        message = f"sentence-transformers cannot load the model {model.name}: {reason}"
        raise EncoderError(message) from error
    # weights may be stored in half precision, in which a CPU computes slowly or not at all
    original = original.float().eval()
    n_bytes = sum(4 * weights.numel() for weights in original.parameters())
    if n_bytes > _MOST_BYTES:
        message = (
            f"the model {model.name} has {n_bytes / 4e6:,.0f} million parameters; the most that "
            f"can be exported is {_MOST_BYTES / 4e6:,.0f} million: choose a smaller model"
        )
        raise EncoderError(message)
    return original


def fast_tokenizer(original: "SentenceTransformer | CrossEncoder", name: str) -> "Tokenizer":
    """Give the tokenizer that can be stored and used without the model's library."""
    tokenizer = getattr(original.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        message = f"the model {name} has no fast tokenizer (tokenizer.json); choose another"
        raise EncoderError(message)
    found: Tokenizer = tokenizer
    return found


def fit_window(original: "SentenceTransformer | CrossEncoder") -> int:
    """Give how many word pieces the model reads, and have it read no more."""
    window = original.max_seq_length
    if window is None or not 0 < window <= _LONGEST_WINDOW:
        window = _DEFAULT_WINDOW
    for part in original.modules():
        n_positions = getattr(getattr(part, "position_embeddings", None), "num_embeddings", None)
        padding = getattr(part, "padding_idx", None)
        if isinstance(padding, int) and isinstance(n_positions, int):
            # RoBERTa's kin count positions from behind the padding's
            window = min(window, n_positions - padding - 1)
    original.max_seq_length = window
    return int(window)


def set_pooling(original: "SentenceTransformer", model: ModelFiles) -> None:
    """Pool as was chosen, and refuse a pooling that an export cannot say."""
    from sentence_transformers.sentence_transformer.modules import Pooling

    pooled = next((module for module in original if isinstance(module, Pooling)), None)
    if model.pooling is not None:
        if pooled is None:
            message = f"the model {model.name} pools in a way of its own, not by {model.pooling}"
            raise EncoderError(message)
        pooled.pooling_mode = model.pooling
        pooled.pooling_output_dimension = pooled.embedding_dimension
    is_blind_to_prompts = any(not getattr(module, "include_prompt", True) for module in original)
    if is_blind_to_prompts and (model.query_prompt or model.passage_prompt):
        message = (
            f"the model {model.name} leaves its prompts out of the pooling, which its export would "
            f"not; choose another model"
        )
        raise EncoderError(message)


@contextmanager
def refused_by_name(name: str) -> Iterator[None]:
    """Name the model in whatever exporter, quantiser or runtime raise of it."""
    try:
        yield
    except (OSError, EncoderError):
        raise  # a full disk is no fault of the model
    except Exception as error:  # they raise many kinds
        reason = str(error).partition("\n")[0]
        message = f"the model {name} cannot be exported to ONNX ({reason}); choose another model"
        raise EncoderError(message) from error


def export_graph(
    original: "SentenceTransformer | CrossEncoder",
    tokens: "Mapping[str, torch.Tensor]",
    path: Path,
    *,
    output: str,
    width: int | None = None,
) -> None:
    """Write the float32 graph from word pieces to the first `width` numbers of `output`.

    `tokens` are those of two texts of different lengths, padded.
    """
    import torch

    class Graph(torch.nn.Module):
        """The whole pipeline of modules, as one function of plain tensors."""

        def __init__(self) -> None:
            super().__init__()
            self.pipeline = original

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            features = self.pipeline(dict(zip(names, tensors, strict=True)))
            found: torch.Tensor = features[output]
            return found[:, :width]

    names = [name for name in _KNOWN_INPUTS if name in tokens]
    axes: dict[str, dict[int, str]] = {name: {0: "batch", 1: "length"} for name in names}
    axes[output] = {0: "batch"}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every shape that it reads
        torch.onnx.export(
            Graph().eval(),
            tuple(tokens[name] for name in names),
            os.fspath(path),
            input_names=names,
            output_names=[output],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def write_graph(exported: Path, path: Path, precision: Precision) -> None:
    """Write an exported graph as it is, or quantised to int8."""
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
