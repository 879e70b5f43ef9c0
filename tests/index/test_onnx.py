"""The encoder of a snapshot encodes each text by itself, in order, and loads only what is whole."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np
import orjson
import pytest
from tokenizers import Tokenizer

from index.encoder import export_encoder
from index.errors import EncoderError
from index.models import find_model
from index.onnx import MODEL_FILE, SPEC_FILE, TOKENIZER_FILE, EncoderSpec, OnnxEncoder
from index.words import WORDS_FILE
from tests.encoders import hash_spec
from tests.tiny_models import DIMENSION, WINDOW, save_tiny_model

TEXTS = ["wheat", "soil and wheat", "", "brain signals 42", "wheat", "🌾 Ünïcode", "a " * 100]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export a tiny model with prompts once."""
    outer = tmp_path_factory.mktemp("encoder")
    model = save_tiny_model(outer, prompts={"query": "q: ", "passage": "p: "})
    exported = outer / "exported"
    exported.mkdir()
    export_encoder(find_model(str(model), print), exported, [])
    return exported


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OnnxEncoder:
    """Load the tiny encoder once."""
    return OnnxEncoder.load(folder)


def embeddings(encoder: OnnxEncoder, texts: list[str]) -> list[bytes]:
    return [encoded.embedding.tobytes() for encoded in encoder.encode_passages(texts)]


def test_a_text_has_the_same_bits_alone_and_among_others(encoder: OnnxEncoder) -> None:
    together = embeddings(encoder, TEXTS)

    assert together == [embeddings(encoder, [text])[0] for text in TEXTS]
    assert together[0] == together[4]
    assert len(set(together)) == len(TEXTS) - 1


@pytest.mark.parametrize("n_threads", [1, 4])
def test_the_number_of_threads_changes_no_bit(
    encoder: OnnxEncoder, folder: Path, n_threads: int
) -> None:
    other = OnnxEncoder(folder, encoder.spec, n_threads=n_threads)

    assert embeddings(other, TEXTS) == embeddings(encoder, TEXTS)


def test_passages_keep_their_order_over_more_than_one_chunk(encoder: OnnxEncoder) -> None:
    texts = [f"text {number % 100}" for number in range(1_100)]

    encoded = embeddings(encoder, texts)

    assert encoded == [*encoded[:100]] * 11
    assert len(set(encoded)) == 100


def test_passages_are_taken_as_they_are_needed(encoder: OnnxEncoder) -> None:
    taken: list[int] = []

    def endless() -> Iterator[str]:
        for number in count():
            taken.append(number)
            yield "text"

    first = list(islice(encoder.encode_passages(endless()), 3))

    assert len(first) == 3
    assert len(taken) < 10_000


def test_no_passages_give_no_embeddings(encoder: OnnxEncoder) -> None:
    assert list(encoder.encode_passages([])) == []


def test_embeddings_are_unit_vectors_of_the_dimension(encoder: OnnxEncoder) -> None:
    encoded = [encoder.encode_query(text) for text in TEXTS]

    assert {(vector.shape, str(vector.dtype)) for vector in encoded} == {((DIMENSION,), "float32")}
    assert [np.linalg.norm(vector) for vector in encoded] == pytest.approx([1.0] * len(TEXTS))


def test_questions_and_passages_have_prompts_of_their_own(
    encoder: OnnxEncoder, folder: Path
) -> None:
    bare_spec = replace(encoder.spec, query_prompt="", passage_prompt="")
    bare = OnnxEncoder(folder, bare_spec)

    assert encoder.encode_query("wheat").tobytes() == bare.encode_query("q: wheat").tobytes()
    assert embeddings(encoder, ["wheat"]) == embeddings(bare, ["p: wheat"])


@pytest.mark.parametrize(("n_letters", "is_truncated"), [(0, False), (1, True)])
def test_a_passage_is_truncated_from_one_piece_past_the_window_on(
    encoder: OnnxEncoder, n_letters: int, is_truncated: bool
) -> None:
    # the prompt's "p" and ":" and two special pieces fill the window too
    fitting = "a " * (WINDOW - 4)

    (encoded,) = encoder.encode_passages([fitting + "b" * n_letters])

    assert encoded.truncated is is_truncated
    assert encoded.embedding.tobytes() == embeddings(encoder, [fitting])[0]


def test_a_saved_encoder_is_the_same_encoder(encoder: OnnxEncoder, tmp_path: Path) -> None:
    encoder.save(tmp_path)

    again = OnnxEncoder.load(tmp_path)

    assert again.spec == encoder.spec
    assert embeddings(again, TEXTS) == embeddings(encoder, TEXTS)


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE, SPEC_FILE, WORDS_FILE])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"\x00garbage"])
def test_an_unfinished_or_damaged_folder_is_refused(
    encoder: OnnxEncoder, tmp_path: Path, name: str, content: bytes | None
) -> None:
    encoder.save(tmp_path)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(EncoderError, match=r"no encoder that can be loaded|has other keys"):
        OnnxEncoder.load(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="holds no encoder that can be loaded"):
        OnnxEncoder.load(tmp_path / "nothing")


def test_a_spec_is_read_back_from_its_json() -> None:
    spec = hash_spec()

    assert EncoderSpec.from_json(orjson.loads(orjson.dumps(spec.to_json()))) == spec


@pytest.mark.parametrize("change", [{"strange": 1}, {"model": None, "window": None}])
def test_a_spec_with_other_keys_is_refused(change: dict[str, object]) -> None:
    value = hash_spec().to_json() | change
    if "strange" not in change:
        del value["window"]

    with pytest.raises(EncoderError, match="other keys than this version knows"):
        EncoderSpec.from_json(value)


def test_all_tokens_of_a_text_are_counted_however_many_the_window_has(
    folder: Path, encoder: OnnxEncoder
) -> None:
    endless = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    endless.no_truncation()
    endless.no_padding()
    texts = [*TEXTS, "a " * (WINDOW - 1), "a " * WINDOW, "a " * (WINDOW + 1), "b" * 50]
    expected = [len(endless.encode(text, add_special_tokens=False)) for text in texts]
    assert encoder.count_tokens(texts) == expected
    assert expected[-3:-1] == [WINDOW, WINDOW + 1]
    assert encoder.count_tokens([]) == []
