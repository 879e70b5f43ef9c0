"""Of one text, articles in different languages have different sentences."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from index.build import add_sources
from index.pieces import encode_pieces, piece_key, pieces_of
from tests.building import build, open_snapshot, silent, write_source
from tests.encoders import HashEncoder

TEXT = "Die Tagung war am 3. Mai in Ulm. Sie war gut besucht."
UNKNOWN: dict[str, object] = {"id": "unknown", "abstract": TEXT}
ENGLISH: dict[str, object] = {"id": "english", "abstract": TEXT, "language": "en"}
GERMAN: dict[str, object] = {"id": "german", "abstract": TEXT, "language": "de"}
N_PIECES = {"unknown": 3, "english": 3, "german": 2}
KEY = bytes(range(16))


def assert_own_pieces(directory: Path) -> None:
    """Hold the pieces of every article to its own sentences, encoded by themselves."""
    snapshot = open_snapshot(directory)
    for row, article in enumerate(snapshot.store):
        encoded = HashEncoder().encode_passages(pieces_of(article))
        wanted = encode_pieces(np.array([one.embedding for one in encoded], np.float32))
        assert len(wanted.codes) == N_PIECES[article.article_id]
        np.testing.assert_array_equal(snapshot.pieces.of(row).codes, wanted.codes)
    snapshot.close()


@pytest.mark.parametrize("records", list(permutations([UNKNOWN, ENGLISH, GERMAN])))
def test_articles_of_one_text_have_the_sentences_of_their_own_language(
    tmp_path: Path, records: tuple[dict[str, object], ...]
) -> None:
    build(tmp_path / "index", write_source(tmp_path / "a.jsonl", *records))

    assert_own_pieces(tmp_path / "index")


def test_an_article_added_in_another_language_gets_its_own_sentences(tmp_path: Path) -> None:
    directory, encoder = tmp_path / "index", HashEncoder()
    build(directory, write_source(tmp_path / "a.jsonl", GERMAN))

    added = write_source(tmp_path / "b.jsonl", ENGLISH)
    add_sources([added], directory, encoder=encoder, say=silent, quiet=True)

    assert encoder.n_encoded == N_PIECES["english"]
    assert_own_pieces(directory)


def test_what_the_last_snapshot_has_in_a_language_is_not_encoded_again(tmp_path: Path) -> None:
    directory, encoder = tmp_path / "index", HashEncoder()
    build(directory, write_source(tmp_path / "a.jsonl", GERMAN, ENGLISH))

    build(directory, write_source(tmp_path / "b.jsonl", UNKNOWN, GERMAN), encoder=encoder)

    assert encoder.n_encoded == 0
    assert_own_pieces(directory)


def test_a_language_that_becomes_known_later_tells_the_sentences_apart_anew(
    tmp_path: Path,
) -> None:
    directory = tmp_path / "index"
    nameless = GERMAN | {"language": None}
    build(directory, write_source(tmp_path / "a.jsonl", nameless))

    added = write_source(tmp_path / "b.jsonl", GERMAN)
    add_sources([added], directory, encoder=HashEncoder(), say=silent, quiet=True)

    assert_own_pieces(directory)


def test_without_a_language_the_key_is_that_of_the_passage() -> None:
    assert piece_key(KEY, None) == piece_key(KEY, "en") == KEY
    assert len({piece_key(KEY, "de"), piece_key(KEY, "fr"), KEY}) == 3
    assert len(piece_key(KEY, "de")) == len(KEY)
