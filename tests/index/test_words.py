"""Word vectors are the model's own table, reduced the same way every time."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

from index.encoder import export_encoder, write_words
from index.errors import EncoderError
from index.models import find_model
from index.onnx import OnnxEncoder
from index.words import DIMENSION, WORDS_FILE, WordVectors, reduce_pieces
from tests.tiny_models import DIMENSION as TINY_DIMENSION
from tests.tiny_models import save_tiny_model, vocabulary_size

VOCABULARY = ("[UNK]", "wheat", "soil", "brain", "##s")
HALF_PRECISION = 2e-3


def random_table(n_rows: int, width: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(3).normal(2.0, 1.0, (n_rows, width)).astype(np.float32)


def cosines(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(unit @ unit.T)


def word_vectors(unknown: tuple[int, ...] = (0,)) -> WordVectors:
    tokenizer = Tokenizer(
        WordPiece({piece: number for number, piece in enumerate(VOCABULARY)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    table = random_table(len(VOCABULARY), 4)
    return WordVectors(reduce_pieces(table, len(table), unknown=unknown), tokenizer)


def test_pieces_are_unit_rows_of_the_principal_directions() -> None:
    table = random_table(300, 2 * DIMENSION) * np.linspace(1, 5, 2 * DIMENSION, dtype=np.float32)
    pieces = reduce_pieces(table, len(table)).astype(np.float64)

    assert pieces.shape == (300, DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(pieces, axis=1), 1, atol=HALF_PRECISION)
    centred = (table - table.mean(axis=0)).astype(np.float64)
    axes = np.linalg.svd(centred, full_matrices=False).Vh[:DIMENSION]
    np.testing.assert_allclose(cosines(pieces), cosines(centred @ axes.T), atol=HALF_PRECISION)


def test_a_narrow_table_keeps_its_dimensions_and_its_cosines() -> None:
    table = random_table(50, 8)
    pieces = reduce_pieces(table, len(table)).astype(np.float64)

    assert pieces.shape == (50, 8)
    np.testing.assert_allclose(
        cosines(pieces), cosines(table - table.mean(axis=0)), atol=2 * HALF_PRECISION
    )


def test_a_table_is_reduced_the_same_way_every_time_whatever_its_size() -> None:
    table = random_table(40_000, 6)  # more rows than are read at once

    assert reduce_pieces(table, len(table)).tobytes() == reduce_pieces(table, 0).tobytes()


def test_each_axis_points_where_its_largest_weight_is_positive() -> None:
    # one direction only: the first axis must be +x, not -x
    table = np.array([[-3, 0.1], [-1, 0], [1, -0.1], [3, 0]], np.float32)

    assert np.sign(reduce_pieces(table, 4)[:, 0]).tolist() == [-1, -1, 1, 1]


def test_pieces_that_say_nothing_and_pieces_the_table_lacks_are_zeros() -> None:
    pieces = reduce_pieces(random_table(5, 3), 7, unknown=[1])

    is_zero = [not row.any() for row in pieces]
    assert is_zero == [False, True, False, False, False, True, True]


def test_a_table_without_directions_gives_zeros() -> None:
    assert not reduce_pieces(np.ones((4, 3), np.float32), 4).any()
    assert reduce_pieces(np.zeros((4, 0), np.float32), 6).shape == (6, 0)


def test_a_word_is_the_mean_of_its_pieces() -> None:
    words = word_vectors()
    wheat, soil, both = words.vectors(["wheat", "soil", "wheats"])
    suffix = words._pieces[VOCABULARY.index("##s")].astype(np.float32)

    assert not np.allclose(wheat, soil)
    expected = wheat + suffix / np.linalg.norm(suffix)
    np.testing.assert_allclose(both, expected / np.linalg.norm(expected), atol=HALF_PRECISION)


def test_words_that_the_model_does_not_know_are_like_nothing_not_even_each_other() -> None:
    vectors = word_vectors().vectors(["qqq", "zzz", "😀", ""])

    assert not vectors.any()


@given(
    words=st.lists(st.one_of(st.sampled_from(("Wheat", "soils", "brain")), st.text()), max_size=8)
)
def test_a_word_has_the_same_vector_in_any_company(words: list[str]) -> None:
    reader = word_vectors()
    together = reader.vectors(words)

    assert together.dtype == np.float32
    assert together.shape == (len(words), 4)
    for word, vector in zip(words, together, strict=True):
        assert vector.tobytes() == reader.vectors([word])[0].tobytes()
        length = np.linalg.norm(vector)
        assert length == pytest.approx(1, abs=1e-5) or length == 0


@pytest.mark.parametrize("table", [np.zeros(4, np.float16), np.zeros((4, 2), np.float64)])
def test_another_kind_of_table_is_refused(tmp_path: Path, table: npt.NDArray[np.floating]) -> None:
    np.save(tmp_path / WORDS_FILE, table)

    with pytest.raises(EncoderError, match="no table of word pieces"):
        WordVectors.load(tmp_path / WORDS_FILE, Tokenizer(WordPiece({"a": 0}, unk_token="a")))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a tiny model once."""
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


def export(model: Path, folder: Path) -> OnnxEncoder:
    folder.mkdir()
    return export_encoder(find_model(str(model), print), folder, [])


def test_an_export_brings_the_words_of_its_model_and_saves_them(tiny: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = export(tiny, tmp_path / "exported")
    (tmp_path / "saved").mkdir()
    encoder.save(tmp_path / "saved")
    again = OnnxEncoder.load(tmp_path / "saved")

    vectors = encoder.word_vectors(["a", "b", "ab", "é"])
    assert vectors.shape == (4, TINY_DIMENSION)
    assert again.word_vectors(["a", "b", "ab", "é"]).tobytes() == vectors.tobytes()
    network = SentenceTransformer(str(tiny), device="cpu")
    table = network[0].auto_model.get_input_embeddings().weight.detach().numpy()  # type: ignore[union-attr, operator]  # typed as any module
    table = table - table.mean(axis=0)
    a, b = (table[network.tokenizer.convert_tokens_to_ids(letter)] for letter in "ab")
    expected = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert vectors[0] @ vectors[1] == pytest.approx(expected, abs=HALF_PRECISION)


def test_two_exports_of_a_model_have_the_same_words(tiny: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export(tiny, tmp_path / name)

    one, two = ((tmp_path / name / WORDS_FILE).read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("spoiled", ["no table", "no numbers"])
def test_a_model_without_a_table_of_words_knows_words_by_their_stems_only(
    tiny: Path, tmp_path: Path, spoiled: str
) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    original = SentenceTransformer(str(tiny), device="cpu")
    network = original[0].auto_model
    if spoiled == "no table":
        network.set_input_embeddings(torch.nn.Identity())  # type: ignore[union-attr, operator]  # typed as any module
    else:
        network.get_input_embeddings().weight.data.fill_(float("nan"))  # type: ignore[union-attr, operator]  # as above

    write_words(original, tmp_path / WORDS_FILE)

    assert np.load(tmp_path / WORDS_FILE).shape == (vocabulary_size(), 0)
    reader = WordVectors.load(tmp_path / WORDS_FILE, original.tokenizer.backend_tokenizer)
    assert reader.vectors(["a", "b"]).shape == (2, 0)
