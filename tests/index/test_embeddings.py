"""Embeddings on their way into a snapshot: none is computed twice, none is mixed up."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.embeddings import (
    KEY_BYTES,
    PASSAGES,
    Embedder,
    EmbeddingLog,
    StoredEmbeddings,
    encoder_key,
    log_entry,
    passage_key,
    read_truncated,
)
from index.errors import EncoderError
from index.onnx import Encoded
from index.vectors import EMBEDDINGS
from tests.encoders import DIMENSION, HashEncoder, hash_spec

ENTRY_BYTES = log_entry(DIMENSION).itemsize
PASSAGE_TEXTS = ["Bees remember flowers", "Wheat and soil", "Bees " * 60]


def encode(text: str) -> Encoded:
    return next(HashEncoder().encode_passages([text]))


def half(text: str) -> "np.typing.NDArray[np.float16]":
    return encode(text).embedding.astype(np.float16)


def fill_log(path: Path, texts: Iterable[str]) -> None:
    with EmbeddingLog(path, DIMENSION) as log:
        for text in texts:
            log.append(passage_key(text), encode(text))


def write(
    folder: Path, log_path: Path, texts: Sequence[str], stored: StoredEmbeddings | None = None
) -> tuple[HashEncoder, Embedder, int]:
    """Encode what is missing of these passages and write them into a new folder."""
    folder.mkdir()
    encoder = HashEncoder()
    keys = [passage_key(text) for text in texts]
    with EmbeddingLog(log_path, DIMENSION) as log:
        embedder = Embedder(encoder, log, stored)
        embedder.encode_missing(zip(keys, texts, strict=True), keys, quiet=True)
        return encoder, embedder, embedder.write(folder, keys)


def test_a_key_tells_texts_apart_and_has_a_fixed_length() -> None:
    keys = {passage_key(text) for text in [*PASSAGE_TEXTS, "", "bees remember flowers"]}

    assert len(keys) == len(PASSAGE_TEXTS) + 2
    assert {len(key) for key in keys} == {KEY_BYTES}


def test_an_encoder_is_known_by_what_decides_its_embeddings() -> None:
    same = encoder_key(hash_spec()), encoder_key(hash_spec())
    others = encoder_key(hash_spec(window=9)), encoder_key(hash_spec(fingerprint="other"))

    assert len(set(same)) == 1
    assert len({same[0], *others}) == 3


def test_a_log_remembers_what_was_appended_before_it_was_closed(tmp_path: Path) -> None:
    fill_log(tmp_path / "log", PASSAGE_TEXTS[:2])
    fill_log(tmp_path / "log", PASSAGE_TEXTS[2:])

    with EmbeddingLog(tmp_path / "log", DIMENSION) as log:
        for place, text in enumerate(PASSAGE_TEXTS):
            entry = log.entries()[log.places[passage_key(text)]]
            assert log.places[passage_key(text)] == place
            assert bool(entry["truncated"]) is encode(text).truncated
            np.testing.assert_array_equal(entry["embedding"], half(text))


def test_an_empty_log_has_no_entries(tmp_path: Path) -> None:
    with EmbeddingLog(tmp_path / "building" / "log", DIMENSION) as log:
        assert len(log.entries()) == 0
        assert log.places == {}


@pytest.mark.parametrize("n_lost", [1, 2 * DIMENSION, ENTRY_BYTES - 1])
def test_a_torn_last_entry_is_cut_off_and_the_log_goes_on(tmp_path: Path, n_lost: int) -> None:
    path = tmp_path / "log"
    fill_log(path, PASSAGE_TEXTS[:2])
    with path.open("r+b") as stream:
        stream.truncate(2 * ENTRY_BYTES - n_lost)

    fill_log(path, PASSAGE_TEXTS[1:])

    assert path.stat().st_size == len(PASSAGE_TEXTS) * ENTRY_BYTES
    with EmbeddingLog(path, DIMENSION) as log:
        assert [key in log.places for key in map(passage_key, PASSAGE_TEXTS)] == [True] * 3
        np.testing.assert_array_equal(log.entries()[1]["embedding"], half(PASSAGE_TEXTS[1]))


@pytest.mark.parametrize("place", range(0, ENTRY_BYTES, 7))
def test_an_entry_that_a_power_cut_damaged_does_not_count_and_those_behind_it_do(
    tmp_path: Path, place: int
) -> None:
    path = tmp_path / "log"
    fill_log(path, PASSAGE_TEXTS)
    raw = bytearray(path.read_bytes())
    raw[ENTRY_BYTES + place] ^= 4
    path.write_bytes(raw)

    with EmbeddingLog(path, DIMENSION) as log:
        assert list(log.places) == [passage_key(PASSAGE_TEXTS[0]), passage_key(PASSAGE_TEXTS[2])]
    encoder, _, _ = write(tmp_path / "vectors", path, PASSAGE_TEXTS)

    assert encoder.n_encoded == 1
    matrix = np.load(tmp_path / "vectors" / EMBEDDINGS)
    np.testing.assert_array_equal(matrix, [half(text) for text in PASSAGE_TEXTS])


def test_a_log_of_zeros_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(bytes(3 * ENTRY_BYTES))

    with EmbeddingLog(tmp_path / "log", DIMENSION) as log:
        assert log.places == {}


def test_what_is_written_is_one_row_a_passage_in_their_order(tmp_path: Path) -> None:
    encoder, embedder, truncated = write(tmp_path / "vectors", tmp_path / "log", PASSAGE_TEXTS)

    matrix = np.load(tmp_path / "vectors" / EMBEDDINGS)
    assert matrix.dtype == np.float16
    np.testing.assert_array_equal(matrix, [half(text) for text in PASSAGE_TEXTS])
    assert truncated == 1
    assert read_truncated(tmp_path / "vectors").tolist() == [False, False, True]
    assert (encoder.n_encoded, embedder.n_encoded, embedder.n_reused) == (3, 3, 0)


def test_equal_passages_are_encoded_once_and_written_twice(tmp_path: Path) -> None:
    texts = ["Bees", "Wheat", "Bees"]

    encoder, embedder, _ = write(tmp_path / "vectors", tmp_path / "log", texts)

    assert (encoder.n_encoded, embedder.n_encoded) == (2, 2)
    matrix = np.load(tmp_path / "vectors" / EMBEDDINGS)
    np.testing.assert_array_equal(matrix[0], matrix[2])


def test_what_the_log_holds_is_not_encoded_again(tmp_path: Path) -> None:
    fill_log(tmp_path / "log", PASSAGE_TEXTS[:2])

    encoder, embedder, truncated = write(tmp_path / "vectors", tmp_path / "log", PASSAGE_TEXTS)

    assert encoder.n_encoded == 1
    assert (embedder.n_encoded, embedder.n_reused) == (1, 2)
    assert truncated == 1
    assert read_truncated(tmp_path / "vectors").tolist() == [False, False, True]


def test_what_the_last_snapshot_holds_is_not_encoded_again(tmp_path: Path) -> None:
    write(tmp_path / "first", tmp_path / "log", PASSAGE_TEXTS)
    stored = StoredEmbeddings(tmp_path / "first")
    texts = ["Something new", *reversed(PASSAGE_TEXTS)]

    encoder, embedder, truncated = write(tmp_path / "second", tmp_path / "new", texts, stored)

    assert encoder.n_encoded == 1
    assert (embedder.n_encoded, embedder.n_reused) == (1, 3)
    assert truncated == 1
    assert read_truncated(tmp_path / "second").tolist() == [False, True, False, False]
    matrix = np.load(tmp_path / "second" / EMBEDDINGS)
    np.testing.assert_array_equal(matrix, [half(text) for text in texts])


def test_a_build_that_finds_everything_encodes_nothing(tmp_path: Path) -> None:
    write(tmp_path / "first", tmp_path / "log", PASSAGE_TEXTS)
    stored = StoredEmbeddings(tmp_path / "first")

    encoder, *_ = write(tmp_path / "second", tmp_path / "new", PASSAGE_TEXTS, stored)

    assert encoder.n_encoded == 0
    for name in (EMBEDDINGS, PASSAGES):
        first, second = tmp_path / "first" / name, tmp_path / "second" / name
        assert first.read_bytes() == second.read_bytes()


def test_more_passages_than_a_block_holds_keep_their_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.embeddings._BLOCK_ROWS", 2)
    texts = [f"bees {n}" for n in range(5)]

    write(tmp_path / "vectors", tmp_path / "log", texts)

    matrix = np.load(tmp_path / "vectors" / EMBEDDINGS)
    np.testing.assert_array_equal(matrix, [half(text) for text in texts])


class BrokenEncoder(HashEncoder):
    """A model whose weights overflow."""

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        for one in super().encode_passages(texts):
            yield Encoded(one.embedding * np.float32(np.nan), one.truncated)


def test_an_embedding_that_is_no_number_stops_the_build_and_is_not_kept(tmp_path: Path) -> None:
    with EmbeddingLog(tmp_path / "log", DIMENSION) as log:
        embedder, key = Embedder(BrokenEncoder(), log, None), passage_key("Bees")
        with pytest.raises(EncoderError, match="no finite embedding for the passage 'Bees'"):
            embedder.encode_missing([(key, "Bees")], [key], quiet=True)

    assert (tmp_path / "log").stat().st_size == 0
