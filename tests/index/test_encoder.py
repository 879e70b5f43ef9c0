"""An exported encoder computes what its model computes, or is refused."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pytest

from index.encoder import (
    FLOAT_COSINE_FLOOR,
    LEAST_COSINE_FLOOR,
    MEAN_COSINE_FLOOR,
    export_encoder,
)
from index.errors import EncoderError
from index.models import DEFAULT_MODEL, DEFAULT_WEIGHTS_SHA256, find_model
from index.onnx import MODEL_FILE, SPEC_FILE, TOKENIZER_FILE, OnnxEncoder
from index.words import WORDS_FILE
from tests.tiny_models import DIMENSION, WINDOW, bert_config, save_tiny_model, vocabulary_size

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from transformers import PreTrainedModel

TEXTS = [
    "wheat and soil",
    "a graph network of emotions",
    "brain, signals: 42",
    "x",
    "a text that is longer than the window of the model",
    *(f"text number {number} of many" for number in range(20)),
]


@dataclass(frozen=True, slots=True)
class Exported:
    """A model as sentence-transformers runs it, and as it was exported."""

    original: "SentenceTransformer"
    encoder: OnnxEncoder

    def query_cosines(self, prompted: Sequence[str]) -> npt.NDArray[np.float32]:
        """Compare the exported encoder's queries with the original's prompted texts."""
        return self._cosines([self.encoder.encode_query(text) for text in TEXTS], prompted)

    def passage_cosines(self, prompted: Sequence[str]) -> npt.NDArray[np.float32]:
        """Compare the exported encoder's passages with the original's prompted texts."""
        encoded = self.encoder.encode_passages(TEXTS)
        return self._cosines([passage.embedding for passage in encoded], prompted)

    def _cosines(self, ours: list[Any], prompted: Sequence[str]) -> npt.NDArray[np.float32]:
        theirs = self.original.encode(list(prompted), prompt="", normalize_embeddings=True)
        return np.asarray((np.array(ours) * theirs).sum(axis=1))


def export(tmp_path: Path, **options: Any) -> Exported:
    """Make a tiny model, and export it."""
    from sentence_transformers import SentenceTransformer

    model = save_tiny_model(tmp_path, **options)
    folder = tmp_path / "exported"
    folder.mkdir()
    encoder = export_encoder(find_model(str(model), print), folder, TEXTS)
    return Exported(SentenceTransformer(str(model), device="cpu"), encoder)


def sharpen(network: "PreTrainedModel") -> None:
    """Make attention so sharp that 8 bits cannot tell what is attended to."""
    for name, weights in network.named_parameters():
        if "query" in name or "key" in name:
            weights.mul_(100)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
@pytest.mark.parametrize("normalize", [True, False])
def test_an_int8_export_agrees_with_its_model(
    tmp_path: Path, pooling: str, normalize: bool
) -> None:
    exported = export(tmp_path, pooling=pooling, normalize=normalize)

    spec = exported.encoder.spec
    assert (spec.precision, spec.dimension, spec.window) == ("int8", DIMENSION, WINDOW)
    assert exported.query_cosines(TEXTS).min() >= LEAST_COSINE_FLOOR
    assert exported.passage_cosines(TEXTS).min() >= LEAST_COSINE_FLOOR
    # a few texts of the exporter's own are compared beside ours
    assert spec.n_compared > len(TEXTS)
    assert spec.mean_cosine >= MEAN_COSINE_FLOOR
    assert LEAST_COSINE_FLOOR <= spec.least_cosine <= spec.mean_cosine


@pytest.mark.parametrize("normalize", [True, False])
def test_a_model_that_int8_cannot_hold_is_exported_in_float32(
    tmp_path: Path, normalize: bool
) -> None:
    exported = export(tmp_path, pooling="cls", normalize=normalize, mend=sharpen)

    assert exported.encoder.spec.precision == "float32"
    assert exported.encoder.spec.least_cosine >= FLOAT_COSINE_FLOOR
    assert exported.passage_cosines(TEXTS).min() >= FLOAT_COSINE_FLOOR


def test_an_export_leaves_the_four_files_of_an_encoder(tmp_path: Path) -> None:
    encoder = export(tmp_path).encoder

    files = {path.name for path in (tmp_path / "exported").iterdir()}
    assert files == {MODEL_FILE, TOKENIZER_FILE, SPEC_FILE, WORDS_FILE}
    assert OnnxEncoder.load(tmp_path / "exported").spec == encoder.spec


def test_two_exports_of_a_model_give_the_same_bits(tmp_path: Path) -> None:
    model = find_model(str(save_tiny_model(tmp_path)), print)
    bits = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        encoder = export_encoder(model, tmp_path / name, TEXTS)
        bits.append([encoder.encode_query(text).tobytes() for text in TEXTS])

    assert bits[0] == bits[1]


@pytest.mark.parametrize(
    ("prompts", "default", "query", "passage"),
    [
        (None, None, "", ""),
        ({"query": "query: ", "passage": "passage: "}, None, "query: ", "passage: "),
        ({"query": "q: ", "document": "d: ", "passage": "p: "}, None, "q: ", "d: "),
        ({"query": "q: ", "corpus": "c: "}, None, "q: ", "c: "),
        ({"query": "q: "}, None, "q: ", ""),
        ({"query": "q: "}, "query", "q: ", ""),
        ({"document": "d: "}, "document", "", "d: "),
        ({"retrieval": "r: "}, "retrieval", "r: ", "r: "),
        ({"query": "q: ", "retrieval": "r: "}, "retrieval", "q: ", "r: "),
        ({"clustering": "c: "}, None, "", ""),
    ],
)
def test_prompts_stand_before_questions_and_passages(
    tmp_path: Path,
    prompts: dict[str, str] | None,
    default: str | None,
    query: str,
    passage: str,
) -> None:
    exported = export(tmp_path, prompts=prompts, default_prompt_name=default)

    assert exported.encoder.spec.query_prompt == query
    assert exported.encoder.spec.passage_prompt == passage
    assert exported.query_cosines([query + text for text in TEXTS]).min() >= LEAST_COSINE_FLOOR
    assert exported.passage_cosines([passage + text for text in TEXTS]).min() >= LEAST_COSINE_FLOOR


def test_prompts_that_the_pooling_leaves_out_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="leaves its prompts out of the pooling"):
        export(tmp_path, prompts={"query": "q: "}, include_prompt=False)


def test_a_pooling_without_prompts_has_no_prompts_to_leave_out(tmp_path: Path) -> None:
    assert export(tmp_path, include_prompt=False).encoder.spec.query_prompt == ""


def test_other_architectures_are_exported_too(tmp_path: Path) -> None:
    from transformers import DistilBertConfig

    config = DistilBertConfig(
        vocab_size=vocabulary_size(), dim=DIMENSION, n_layers=1, n_heads=2, hidden_dim=64
    )

    exported = export(tmp_path, config=config)

    assert exported.passage_cosines(TEXTS).min() >= LEAST_COSINE_FLOOR


def test_a_model_without_a_window_of_its_own_gets_one(tmp_path: Path) -> None:
    from transformers import T5Config

    config = T5Config(
        vocab_size=vocabulary_size(), d_model=DIMENSION, d_kv=16, num_layers=1, num_heads=2, d_ff=64
    )

    encoder = export(tmp_path, config=config, window=None).encoder

    assert encoder.spec.window == 512
    cut = [one.truncated for one in encoder.encode_passages(["a " * 510, "a " * 520])]
    assert cut == [False, True]


def test_a_window_is_no_longer_than_the_positions_of_the_model(tmp_path: Path) -> None:
    encoder = export(tmp_path, window=None).encoder

    assert encoder.spec.window == bert_config().max_position_embeddings


def test_a_model_that_onnx_cannot_say_is_refused_in_one_sentence(tmp_path: Path) -> None:
    from transformers import FNetConfig

    config = FNetConfig(vocab_size=vocabulary_size(), hidden_size=DIMENSION, num_hidden_layers=1)

    with pytest.raises(EncoderError, match=r"cannot be exported to ONNX \(.*fft.*\); choose"):
        export(tmp_path, config=config)


def test_a_model_that_computes_no_numbers_is_refused(tmp_path: Path) -> None:
    def spoil(network: "PreTrainedModel") -> None:
        for name, weights in network.named_parameters():
            if "LayerNorm" in name:
                weights.fill_(float("nan"))

    with pytest.raises(EncoderError, match="does not compute what the model does"):
        export(tmp_path, mend=spoil)


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "exported" / MODEL_FILE).mkdir(parents=True)
    model = find_model(str(save_tiny_model(tmp_path)), print)

    with pytest.raises(IsADirectoryError):
        export_encoder(model, tmp_path / "exported", [])


def test_without_the_build_extra_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = find_model(str(save_tiny_model(tmp_path)), print)
    # how Python marks a module that cannot be imported
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(EncoderError, match=r"pip install 'cognate\[build\]'"):
        export_encoder(model, tmp_path, [])


def test_a_folder_that_sentence_transformers_cannot_load_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    model = find_model(str(tmp_path), print)

    with pytest.raises(EncoderError, match="sentence-transformers cannot load the model"):
        export_encoder(model, tmp_path, [])


def test_a_model_without_a_fast_tokenizer_is_refused(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import BoW

    SentenceTransformer(modules=[BoW(vocab=["wheat", "soil"])], device="cpu").save(
        str(tmp_path / "words"), create_model_card=False
    )
    # words are counted: nothing was learnt, so there are no weights to be found
    (tmp_path / "words" / "model.safetensors").write_bytes(b"")
    model = find_model(str(tmp_path / "words"), print)

    with pytest.raises(EncoderError, match="has no fast tokenizer"):
        export_encoder(model, tmp_path, [])


@pytest.fixture(scope="module")
def default_encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    """Export the default model once."""
    folder = tmp_path_factory.mktemp("default")
    return export_encoder(find_model(DEFAULT_MODEL, print), folder, TEXTS)


def test_the_default_model_is_exported_whole(default_encoder: OnnxEncoder) -> None:
    spec = default_encoder.spec

    assert spec.model == DEFAULT_MODEL
    assert (spec.precision, spec.dimension, spec.window) == ("int8", 384, 256)
    assert (spec.query_prompt, spec.passage_prompt) == ("", "")
    assert spec.least_cosine >= LEAST_COSINE_FLOOR
    assert spec.weights_sha256 == DEFAULT_WEIGHTS_SHA256


def test_the_default_model_tells_subjects_apart(default_encoder: OnnxEncoder) -> None:
    question = default_encoder.encode_query("recognising feelings from brain signals")
    near, far = default_encoder.encode_passages(
        ["Emotion recognition from electroencephalography", "The yield of wheat on dry soil"]
    )

    assert question @ near.embedding > 0.4 > question @ far.embedding


def test_the_default_model_knows_which_words_are_related(default_encoder: OnnxEncoder) -> None:
    mice, mouse, copyright_law = default_encoder.word_vectors(["mice", "mouse", "copyright"])

    assert mice @ mouse > 0.7 > 0.3 > mice @ copyright_law
