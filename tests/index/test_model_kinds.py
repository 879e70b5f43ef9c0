"""Models as they are published, in small: each kind of pooling, prompts and network.

Every model is made and saved by sentence-transformers and transformers themselves, and what
our export gives is compared with what `encode_query` and `encode_document` give.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pytest

from index import graphs
from index.encoder import FLOAT_COSINE_FLOOR, LEAST_COSINE_FLOOR, export_encoder
from index.errors import EncoderError
from index.models import POOLINGS, ModelChoice, Pooling, find_model
from index.onnx import OnnxEncoder
from tests.tiny_models import (
    DIMENSION,
    WINDOW,
    bert_config,
    save_tiny_model,
    save_tokenizer,
    vocabulary_size,
)

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import nn
    from transformers import PreTrainedConfig

BGE = "Represent this sentence for searching relevant passages: "
TEXTS = [
    "wheat and soil",
    "a graph network",
    "signals: 42",
    "x",
    "a text that is longer than any window of these models, of which the end is cut off" * 2,
    *(f"text {number}" for number in range(10)),
]


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Keep torch from waiting for its threads, which takes longer than these models do."""
    import torch

    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


@dataclass(frozen=True, slots=True)
class Compared:
    """An exported model, and the least cosines of its texts with the original's."""

    encoder: OnnxEncoder
    queries: float
    passages: float

    def agrees(self) -> bool:
        """Tell whether both are as near as the precision that was kept allows."""
        floor = {"int8": LEAST_COSINE_FLOOR, "float32": FLOAT_COSINE_FLOOR}
        return min(self.queries, self.passages) >= floor[self.encoder.spec.precision]


def compare(
    tmp_path: Path,
    choice: ModelChoice,
    mend: "Callable[[SentenceTransformer], None]" = lambda _: None,
) -> Compared:
    """Export a model and compare it with what sentence-transformers makes of it.

    `mend` sets in the original what `choice` says of the model.
    """
    from sentence_transformers import SentenceTransformer

    folder = tmp_path / "exported"
    folder.mkdir()
    encoder = export_encoder(find_model(choice, print), folder, TEXTS)
    original = SentenceTransformer(choice.name, device="cpu").float()
    original.max_seq_length = encoder.spec.window
    mend(original)
    queries = [encoder.encode_query(text) for text in TEXTS]
    passages = [passage.embedding for passage in encoder.encode_passages(TEXTS)]
    return Compared(
        encoder,
        least_cosine(queries, original.encode_query(TEXTS, normalize_embeddings=True)),
        least_cosine(passages, original.encode_document(TEXTS, normalize_embeddings=True)),
    )


def least_cosine(ours: Sequence[npt.NDArray[np.float32]], theirs: npt.NDArray[np.float32]) -> float:
    return float((np.array(ours) * theirs).sum(axis=1).min())


def prompt_with(query: str, passage: str) -> "Callable[[SentenceTransformer], None]":
    def mend(original: "SentenceTransformer") -> None:
        original.prompts = {"query": query, "document": passage}

    return mend


def save_network(
    folder: Path, config: "PreTrainedConfig", *, half: bool = False, window: int | None = WINDOW
) -> Path:
    """Save a random network and its tokenizer as transformers does, without types."""
    from transformers import AutoModel, set_seed
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # untyped there
    set_seed(0)
    network = AutoModel.from_config(config)  # type: ignore[no-untyped-call]
    (network.half() if half else network).save_pretrained(folder)
    save_tokenizer(folder, window, has_types=config.model_type == "bert")
    return folder


def save_pipeline(folder: Path, network: Path, *parts: "nn.Module", **options: Any) -> Path:
    """Save a network and the modules behind it as sentence-transformers does."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules

    model = SentenceTransformer(
        modules=[modules.Transformer(str(network)), *parts], device="cpu", **options
    )
    model.save(str(folder), create_model_card=False)
    return folder


def test_bge_is_pooled_by_its_first_piece_and_prompts_the_question_only(tmp_path: Path) -> None:
    prompts = {"query": BGE, "document": ""}
    folder = save_tiny_model(tmp_path, pooling="cls", normalize=True, prompts=prompts, window=None)

    compared = compare(tmp_path, ModelChoice(name=str(folder)))

    spec = compared.encoder.spec
    assert (spec.query_prompt, spec.passage_prompt) == (BGE, "")
    assert compared.agrees()


def test_e5_is_pooled_by_the_mean_and_its_prompts_are_named_at_the_build(tmp_path: Path) -> None:
    folder = save_tiny_model(tmp_path, pooling="mean")
    choice = ModelChoice(name=str(folder), query_prompt="query: ", passage_prompt="passage: ")

    compared = compare(tmp_path, choice, prompt_with("query: ", "passage: "))

    spec = compared.encoder.spec
    assert (spec.query_prompt, spec.passage_prompt) == ("query: ", "passage: ")
    assert compared.agrees()


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("e5-small-v2", "query: ", "passage: "),
        ("multilingual-e5-base", "query: ", "passage: "),
        ("bge-base-en-v1.5", BGE, ""),
        ("gte-small", "", ""),
        ("e5-mistral-7b-instruct", "", ""),
        ("my-e5-small", "", ""),
    ],
)
def test_families_without_prompts_of_their_own_are_known_by_name(
    tmp_path: Path, name: str, query: str, passage: str
) -> None:
    folder = save_tiny_model(tmp_path).rename(tmp_path / name)

    found = find_model(str(folder), print)

    assert (found.query_prompt, found.passage_prompt) == (query, passage)


def test_what_a_model_says_of_its_prompts_comes_before_its_family(tmp_path: Path) -> None:
    folder = save_tiny_model(tmp_path, prompts={"query": "q: "}).rename(tmp_path / "e5-small")

    found = find_model(str(folder), print)

    assert (found.query_prompt, found.passage_prompt) == ("q: ", "")


def test_what_is_chosen_comes_before_all_also_if_it_is_nothing(tmp_path: Path) -> None:
    folder = save_tiny_model(tmp_path, prompts={"query": "q: ", "document": "d: "})

    found = find_model(ModelChoice(name=str(folder), query_prompt="", passage_prompt="p: "), print)

    assert (found.query_prompt, found.passage_prompt) == ("", "p: ")
    # which prompts there are is told apart by the prompts themselves
    assert found.fingerprint == find_model(str(folder), print).fingerprint


def test_gte_in_half_precision_is_computed_in_whole(tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    network = save_network(tmp_path / "network", bert_config(), half=True)
    pipeline = save_pipeline(
        tmp_path / "model", network, Pooling(DIMENSION, pooling_mode="mean"), Normalize()
    )

    compared = compare(tmp_path, ModelChoice(name=str(pipeline)))

    assert (compared.encoder.spec.query_prompt, compared.encoder.spec.passage_prompt) == ("", "")
    assert compared.agrees()
    # quantised weights are whole numbers: of half-precision ones none would have been
    assert compared.encoder.spec.precision == "int8"


def test_specter_is_a_bare_network_that_is_pooled_by_its_first_piece(tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer.modules import Pooling

    folder = save_network(tmp_path / "specter2_base", bert_config())

    def pool_first(original: "SentenceTransformer") -> None:
        original[1] = Pooling(DIMENSION, pooling_mode="cls")

    compared = compare(tmp_path, ModelChoice(name=str(folder)), pool_first)

    assert compared.agrees()


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_bare_network_is_pooled_as_chosen(tmp_path: Path, pooling: Pooling) -> None:
    from sentence_transformers.sentence_transformer import modules

    folder = save_network(tmp_path / "network", bert_config())

    def pool(original: "SentenceTransformer") -> None:
        original[1] = modules.Pooling(DIMENSION, pooling_mode=pooling)

    compared = compare(tmp_path, ModelChoice(name=str(folder), pooling=pooling), pool)

    assert compared.agrees()
    assert find_model(str(folder), print).fingerprint != compared.encoder.spec.fingerprint


@pytest.mark.parametrize("pooling", [*POOLINGS, ("cls", "mean")])
def test_every_pooling_that_a_model_says_is_kept(tmp_path: Path, pooling: Any) -> None:
    from sentence_transformers.sentence_transformer.modules import Pooling

    network = save_network(tmp_path / "network", bert_config())
    folder = save_pipeline(tmp_path / "model", network, Pooling(DIMENSION, pooling_mode=pooling))

    compared = compare(tmp_path, ModelChoice(name=str(folder)))

    assert compared.encoder.spec.dimension == DIMENSION * (1 if isinstance(pooling, str) else 2)
    assert compared.agrees()


def test_a_dense_layer_behind_the_pooling_is_part_of_the_model(tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling

    network = save_network(tmp_path / "network", bert_config())
    parts = (Pooling(DIMENSION), Dense(DIMENSION, 12), Normalize())

    compared = compare(
        tmp_path, ModelChoice(name=str(save_pipeline(tmp_path / "model", network, *parts)))
    )

    assert compared.encoder.spec.dimension == 12
    assert compared.agrees()


def test_a_model_that_cuts_its_embeddings_short_is_cut_in_the_graph(tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer.modules import Pooling

    network = save_network(tmp_path / "network", bert_config())
    folder = save_pipeline(tmp_path / "model", network, Pooling(DIMENSION), truncate_dim=20)

    compared = compare(tmp_path, ModelChoice(name=str(folder)))

    assert compared.encoder.spec.dimension == 20
    assert compared.agrees()


def network_config(kind: str) -> "PreTrainedConfig":
    """Describe a network of another kind than BERT, as small."""
    import transformers

    shared = {
        "vocab_size": vocabulary_size(),
        "hidden_size": DIMENSION,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 60,
        "initializer_range": 0.3,
    }
    of_kind: dict[str, dict[str, object]] = {
        "Qwen2": {"num_key_value_heads": 1},
        "Llama": {"num_key_value_heads": 2},
        "MPNet": {"pad_token_id": 1},
        "Roberta": {"pad_token_id": 1, "type_vocab_size": 1},
        "XLMRoberta": {"pad_token_id": 1, "type_vocab_size": 1},
        "ModernBert": {"local_attention": 8, "global_attn_every_n_layers": 2, "pad_token_id": 0},
    }
    config: PreTrainedConfig = getattr(transformers, f"{kind}Config")(**shared, **of_kind[kind])
    return config


@pytest.mark.parametrize("kind", ["Roberta", "XLMRoberta", "MPNet", "ModernBert"])
def test_networks_without_types_of_pieces_are_exported(tmp_path: Path, kind: str) -> None:
    folder = save_network(tmp_path / "network", network_config(kind))

    compared = compare(tmp_path, ModelChoice(name=str(folder)))

    assert compared.agrees()
    assert compared.encoder.spec.window == WINDOW


def test_the_kin_of_roberta_read_fewer_pieces_than_they_have_positions(tmp_path: Path) -> None:
    folder = save_network(tmp_path / "network", network_config("XLMRoberta"), window=None)

    compared = compare(tmp_path, ModelChoice(name=str(folder)))

    # 60 positions, counted from behind that of the padding, which is 1
    assert compared.encoder.spec.window == 58
    assert compared.agrees()


@pytest.mark.parametrize("kind", ["Qwen2", "Llama"])
def test_language_models_are_pooled_by_their_last_piece(tmp_path: Path, kind: str) -> None:
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    network = save_network(tmp_path / "network", network_config(kind))
    parts = (Pooling(DIMENSION, pooling_mode="lasttoken"), Normalize())
    prompts = {"query": "Instruct: find\nQuery: "}
    folder = save_pipeline(tmp_path / "model", network, *parts, prompts=prompts)

    compared = compare(tmp_path, ModelChoice(name=str(folder)))

    assert compared.encoder.spec.query_prompt == "Instruct: find\nQuery: "
    assert compared.agrees()


@pytest.mark.parametrize("prompt", ["", "Represent: "])
def test_prompts_that_a_pooling_leaves_out_are_refused_whoever_names_them(
    tmp_path: Path, prompt: str
) -> None:
    folder = save_tiny_model(tmp_path, include_prompt=False)
    choice = ModelChoice(name=str(folder), query_prompt=prompt)

    if not prompt:
        assert compare(tmp_path, choice).agrees()
    else:
        with pytest.raises(EncoderError, match="leaves its prompts out of the pooling"):
            compare(tmp_path, choice)


def test_a_pooling_is_chosen_only_where_there_is_one(tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer.modules import LSTM

    network = save_network(tmp_path / "network", bert_config())
    folder = save_pipeline(tmp_path / "model", network, LSTM(DIMENSION, 8))

    with pytest.raises(EncoderError, match=r"pools in a way of its own, not by cls"):
        compare(tmp_path, ModelChoice(name=str(folder), pooling="cls"))


def test_a_model_too_large_for_one_file_is_refused_with_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "_MOST_BYTES", 40_000)

    with pytest.raises(EncoderError, match=r"million parameters; the most that can be exported"):
        compare(tmp_path, ModelChoice(name=str(save_tiny_model(tmp_path))))
