"""Pieces: rounded within bounds, encoded once, whole again after a kill, refused if damaged."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from index.article import Article
from index.build import add_sources
from index.embeddings import passage_key
from index.errors import DamagedSnapshotError, EncoderError
from index.hubness import HUBNESS
from index.manifest import FORMAT_VERSION, snapshot_name
from index.onnx import Encoded
from index.pieces import (
    CODES,
    MOST_PIECES,
    SCALES,
    STARTS,
    Coded,
    PieceLog,
    Pieces,
    PieceWriter,
    StoredPieces,
    code_cosines,
    decode_pieces,
    encode_pieces,
    located_pieces,
    pieces_of,
)
from index.snapshot import CURRENT, MANIFEST, PIECES, read_manifest, verify
from index.vectors import Embedding, Embeddings
from tests.building import (
    BEES,
    PIECES_OF_BEES,
    WHEAT,
    build,
    current_folder,
    open_snapshot,
    silent,
    write_source,
)
from tests.encoders import DIMENSION, HashEncoder, hash_spec

FLOAT_ERROR = 1e-5
HALF_BITS = 11
"""Of a scale; it is rounded to half precision."""
LOG_DIMENSION = 5

MOTHS = Article(
    article_id="moths", title="Moths at night", abstract="They seek light. Few find it. None stay."
)
MOSS = Article(article_id="moss", abstract="Moss grows. It waits for rain.")
TIDES = Article(article_id="tides", title="Tides of the moon")
REEFS = Article(article_id="reefs", abstract="Reefs are built by corals.")
ARTICLES = [MOTHS, TIDES, MOSS, REEFS]
N_PIECES = [4, 0, 2, 0]


def units(matrix: npt.NDArray[np.float32]) -> Embeddings:
    """Give the rows of a matrix as unit vectors."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / lengths, dtype=np.float32)


def decoded(coded: Coded, dimension: int) -> npt.NDArray[np.float64]:
    """Read codes one half of a byte after the other: the lower half first, 8 is zero."""
    rows = []
    for codes, scale in zip(coded.codes.tolist(), coded.scales.tolist(), strict=True):
        levels = [half for code in codes for half in (code % 16, code // 16)]
        rows.append([(level - 8) * scale for level in levels[:dimension]])
    return np.array(rows, np.float64).reshape(len(rows), dimension)


def random_units(n: int, dimension: int, seed: int = 0) -> Embeddings:
    return units(np.random.default_rng(seed).normal(size=(n, dimension)).astype(np.float32))


def keys_of(articles: Sequence[Article]) -> list[bytes]:
    return [passage_key(article.passage()) for article in articles]


def expected(article: Article) -> Coded:
    """Give the pieces of an article, encoded by themselves."""
    encoded = [one.embedding for one in HashEncoder().encode_passages(pieces_of(article))]
    return encode_pieces(np.array(encoded, np.float32).reshape(-1, DIMENSION))


def assert_equal(found: Coded, wanted: Coded) -> None:
    np.testing.assert_array_equal(found.codes, wanted.codes)
    np.testing.assert_array_equal(found.scales, wanted.scales)


def write(
    folder: Path,
    log_path: Path,
    articles: Sequence[Article],
    stored: StoredPieces | None = None,
    encoder: HashEncoder | None = None,
) -> int:
    """Write the pieces of articles into a new folder; give how many were encoded for it."""
    encoder, keys = encoder or HashEncoder(), keys_of(articles)
    with PieceLog(log_path, encoder.spec.dimension) as log:
        writer = PieceWriter(encoder, log, stored)
        writer.encode_missing(zip(keys, articles, strict=True), keys, quiet=True)
        writer.write(folder, keys)
    return encoder.n_encoded


# What a piece is


@pytest.mark.parametrize(
    ("title", "abstract", "pieces"),
    [
        ("Bees fly", None, []),
        ("Bees fly. They dance.", None, []),
        (None, "Bees fly.", []),
        (None, "Bees fly. They dance.", ["Bees fly.", "They dance."]),
        ("On bees", "They fly.", ["On bees", "They fly."]),
    ],
)
def test_what_is_all_one_piece_has_none(
    title: str | None, abstract: str | None, pieces: list[str]
) -> None:
    assert pieces_of(Article(article_id="x", title=title, abstract=abstract)) == pieces


@pytest.mark.parametrize(("n_sentences", "n_pieces"), [(30, 31), (31, 32), (32, 32), (90, 32)])
def test_of_many_sentences_the_first_are_pieces_after_the_title(
    n_sentences: int, n_pieces: int
) -> None:
    sentences = [f"Bees visit flower {n}." for n in range(n_sentences)]
    article = Article(article_id="x", title="On bees", abstract=" ".join(sentences))

    pieces = pieces_of(article)

    assert pieces == ["On bees", *sentences][:MOST_PIECES]
    assert len(pieces) == n_pieces


# Codes


@st.composite
def matrices(draw: st.DrawFn) -> Embeddings:
    """Draw unit vectors of an odd or even dimension; the first is the question."""
    shape = draw(st.integers(2, 6)), draw(st.integers(1, 33))
    drawn = draw(arrays.arrays(np.float32, shape, elements=st.floats(-1, 1, width=16)))
    assume((np.linalg.norm(drawn, axis=1) > 1e-3).all())
    return units(drawn)


@given(matrices())
def test_a_coded_cosine_is_off_by_half_a_step_a_dimension_at_most(
    vectors: Embeddings,
) -> None:
    question, embeddings = vectors[0], vectors[1:]

    found = code_cosines(encode_pieces(embeddings), question)

    steps = np.abs(embeddings).max(axis=1) / 7 * (1 + 2**-HALF_BITS)
    bounds = steps / 2 * np.abs(question).sum() + FLOAT_ERROR
    assert (np.abs(found - embeddings @ question) <= bounds).all()


@pytest.mark.parametrize("dimension", [383, 384])
def test_among_embeddings_of_a_usual_size_the_error_is_a_hundredth(dimension: int) -> None:
    question, *embeddings = random_units(201, dimension)

    found = code_cosines(encode_pieces(np.array(embeddings)), question)

    errors = found - np.array(embeddings) @ question
    assert float(np.sqrt((errors**2).mean())) < 0.01


@given(matrices())
def test_a_byte_holds_two_dimensions_and_what_is_left_over_is_zero(vectors: Embeddings) -> None:
    coded = encode_pieces(vectors)

    n, dimension = vectors.shape
    assert coded.codes.shape == (n, (dimension + 1) // 2)
    assert coded.codes.dtype == np.uint8
    assert coded.scales.shape == (n,)
    assert coded.scales.dtype == np.float16
    cosines = code_cosines(coded, vectors[0])
    np.testing.assert_allclose(cosines, decoded(coded, dimension) @ vectors[0], atol=FLOAT_ERROR)


def test_an_embedding_of_nothing_is_near_to_nothing() -> None:
    coded = encode_pieces(np.zeros((2, 5), np.float32))

    assert code_cosines(coded, random_units(1, 5)[0]).tolist() == pytest.approx([0, 0])


def test_no_piece_has_no_code() -> None:
    coded = encode_pieces(np.empty((0, 5), np.float32))

    assert (coded.codes.shape, coded.scales.shape) == ((0, 3), (0,))


# The pieces of a snapshot


def pieces_from(folder: Path, counts: Sequence[int], embeddings: Embeddings) -> Pieces:
    """Write embeddings as the pieces of articles, so many each, and open them."""
    coded = encode_pieces(embeddings)
    folder.mkdir()
    np.save(folder / CODES, coded.codes)
    np.save(folder / SCALES, coded.scales)
    np.save(folder / STARTS, np.cumsum([0, *counts], dtype=np.int64))
    return Pieces(folder)


def brute_force(pieces: Pieces, question: Embedding, row: int) -> float:
    """Give the highest cosine of an article's pieces, decoded; NaN where it has none."""
    values = decoded(pieces.of(row), len(question)) @ question.astype(np.float64)
    return max(values.tolist(), default=np.nan)


@pytest.mark.parametrize("dimension", [7, 16])
@pytest.mark.parametrize("counts", [[3, 0, 1, 0, 2], [0, 2, 0], [0, 0], [1], [32, 1, 5]])
def test_the_best_cosines_are_those_of_brute_force_and_none_where_there_are_no_pieces(
    tmp_path: Path, dimension: int, counts: list[int]
) -> None:
    pieces = pieces_from(tmp_path / PIECES, counts, random_units(sum(counts), dimension))
    question = random_units(1, dimension, seed=1)[0]
    rows = np.random.default_rng(2).permutation(len(counts)).astype(np.int64)

    found = pieces.best_cosines(question, rows)

    assert (pieces.n_articles, pieces.n_pieces) == (len(counts), sum(counts))
    assert np.isnan(found).tolist() == [counts[row] == 0 for row in rows]
    wanted = [brute_force(pieces, question, int(row)) for row in rows]
    np.testing.assert_allclose(found, wanted, atol=FLOAT_ERROR)


def test_a_best_cosine_is_the_same_to_the_last_bit_whatever_it_is_asked_with(
    tmp_path: Path,
) -> None:
    counts = [3, 0, 1, 2, 7, 1] * 5
    pieces = pieces_from(tmp_path / PIECES, counts, random_units(sum(counts), 47))
    question = random_units(1, 47, seed=1)[0]
    rows = np.random.default_rng(2).permutation(len(counts)).astype(np.int64)

    together = pieces.best_cosines(question, rows)

    alone = [pieces.best_cosines(question, np.array([row]))[0] for row in rows]
    np.testing.assert_array_equal(together, alone)
    assert len(pieces.best_cosines(question, np.empty(0, np.int64))) == 0


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (CODES, np.zeros((5, 8), np.uint8)),
        (SCALES, np.zeros(7, np.float16)),
        (STARTS, np.array([0, 4, 5])),
        (STARTS, np.empty(0, np.int64)),
    ],
)
def test_arrays_that_do_not_fit_together_are_refused_by_the_name_of_their_folder(
    tmp_path: Path, name: str, values: npt.NDArray[np.generic]
) -> None:
    pieces_from(tmp_path / PIECES, [4, 2], random_units(6, 16))
    np.save(tmp_path / PIECES / name, values)

    with pytest.raises(DamagedSnapshotError, match="scales of pieces") as caught:
        Pieces(tmp_path / PIECES)
    assert caught.value.path == str(tmp_path / PIECES)


@pytest.mark.parametrize("part", [b"NUMPY", b"{", b"descr", b"|u1", b"False", b"(", b"6", b"}"])
def test_codes_with_a_damaged_header_are_refused_by_name(tmp_path: Path, part: bytes) -> None:
    # they are large: what opens a snapshot has not compared their hash yet
    pieces_from(tmp_path / PIECES, [4, 2], random_units(6, 16))
    path = tmp_path / PIECES / CODES
    raw = bytearray(path.read_bytes())
    raw[raw.index(part)] ^= 1
    path.write_bytes(raw)

    with pytest.raises(DamagedSnapshotError) as caught:
        Pieces(tmp_path / PIECES)
    assert caught.value.path == str(path)


# The log


def coded_pieces(n: int) -> Coded:
    return encode_pieces(random_units(n, LOG_DIMENSION, seed=n))


LOGGED = {passage_key(str(n)): coded_pieces(n) for n in (2, 0, MOST_PIECES, 1)}


def assert_holds(path: Path, wanted: dict[bytes, Coded]) -> None:
    with PieceLog(path, LOG_DIMENSION) as log:
        assert {key for key in LOGGED if key in log} == set(wanted)
        for key, coded in wanted.items():
            assert_equal(log.pieces(key), coded)


def test_a_log_cut_at_any_byte_keeps_its_whole_entries_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "building" / "log"
    ends = []
    with PieceLog(path, LOG_DIMENSION) as log:
        for key, coded in LOGGED.items():
            log.append(key, coded)
            ends.append(path.stat().st_size)
    assert_holds(path, LOGGED)
    raw = path.read_bytes()

    for size in range(len(raw)):
        path.write_bytes(raw[:size])
        kept = [key for key, end in zip(LOGGED, ends, strict=True) if end <= size]
        with PieceLog(path, LOG_DIMENSION) as log:
            assert [key for key in LOGGED if key in log] == kept
            for key in set(LOGGED) - set(kept):
                log.append(key, LOGGED[key])
                assert_equal(log.pieces(key), LOGGED[key])
        assert path.stat().st_size == len(raw)
        assert_holds(path, LOGGED)


def test_a_log_damaged_at_any_byte_keeps_the_entries_before_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    ends = []
    with PieceLog(path, LOG_DIMENSION) as log:
        for key, coded in LOGGED.items():
            log.append(key, coded)
            ends.append(path.stat().st_size)
    raw = path.read_bytes()

    for place in range(len(raw)):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 8]) + raw[place + 1 :])
        kept = [key for key, end in zip(LOGGED, ends, strict=True) if end <= place]
        assert_holds(path, {key: LOGGED[key] for key in kept})
        assert path.stat().st_size == ([0, *ends])[len(kept)]


def test_a_log_of_zeros_holds_no_pieces(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(bytes(200))

    assert_holds(tmp_path / "log", {})
    assert (tmp_path / "log").stat().st_size == 0


def test_what_is_read_between_appends_stays_where_it_is(tmp_path: Path) -> None:
    with PieceLog(tmp_path / "log", LOG_DIMENSION) as log:
        for number, (key, coded) in enumerate(LOGGED.items(), 1):
            log.append(key, coded)
            for known in list(LOGGED)[:number]:
                assert_equal(log.pieces(known), LOGGED[known])

    assert_holds(tmp_path / "log", LOGGED)


def test_a_passage_that_is_not_in_the_log_has_no_pieces_there(tmp_path: Path) -> None:
    with PieceLog(tmp_path / "log", LOG_DIMENSION) as log, pytest.raises(KeyError):
        log.pieces(passage_key("absent"))


# The writer


def test_every_article_has_its_own_pieces_in_its_row(tmp_path: Path) -> None:
    n_encoded = write(tmp_path / PIECES, tmp_path / "log", ARTICLES)

    pieces = Pieces(tmp_path / PIECES)
    assert n_encoded == pieces.n_pieces == sum(N_PIECES)
    for row, article in enumerate(ARTICLES):
        assert len(pieces.of(row).codes) == N_PIECES[row]
        assert_equal(pieces.of(row), expected(article))


def test_equal_passages_are_encoded_once_and_written_twice(tmp_path: Path) -> None:
    twins = [MOTHS, MOSS, replace(MOTHS, article_id="twin")]

    n_encoded = write(tmp_path / PIECES, tmp_path / "log", twins)

    assert n_encoded == 4 + 2
    pieces = Pieces(tmp_path / PIECES)
    assert_equal(pieces.of(2), pieces.of(0))


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_how_many_articles_are_encoded_at_once_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    write(tmp_path / "whole", tmp_path / "log", ARTICLES)
    monkeypatch.setattr("index.pieces._AT_ONCE", at_once)

    write(tmp_path / "parts", tmp_path / "other", ARTICLES)

    for name in (CODES, SCALES, STARTS):
        whole, parts = tmp_path / "whole" / name, tmp_path / "parts" / name
        assert whole.read_bytes() == parts.read_bytes()


def test_a_corpus_of_titles_has_no_piece_at_all(tmp_path: Path) -> None:
    assert write(tmp_path / PIECES, tmp_path / "log", [TIDES]) == 0

    pieces = Pieces(tmp_path / PIECES)
    assert (pieces.n_articles, pieces.n_pieces) == (1, 0)
    (best,) = pieces.best_cosines(random_units(1, DIMENSION)[0], np.array([0]))
    assert np.isnan(best)


class StoppedEncoder(HashEncoder):
    """A model that fails after so many passages."""

    def __init__(self, n_left: int) -> None:
        super().__init__(hash_spec())
        self.n_left = n_left

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        for one in super().encode_passages(texts):
            if not self.n_left:
                raise EncoderError("out of memory")
            self.n_left -= 1
            yield one


@pytest.mark.parametrize(("n_done", "n_kept"), [(0, 0), (3, 0), (4, 4), (5, 4)])
def test_what_was_encoded_of_whole_articles_before_a_failure_is_not_encoded_again(
    tmp_path: Path, n_done: int, n_kept: int
) -> None:
    with pytest.raises(EncoderError, match="out of memory"):
        write(tmp_path / PIECES, tmp_path / "log", ARTICLES, encoder=StoppedEncoder(n_done))

    n_encoded = write(tmp_path / PIECES, tmp_path / "log", ARTICLES)

    assert n_encoded == sum(N_PIECES) - n_kept
    for row, article in enumerate(ARTICLES):
        assert_equal(Pieces(tmp_path / PIECES).of(row), expected(article))


class BrokenEncoder(HashEncoder):
    """A model whose weights overflow."""

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        for one in super().encode_passages(texts):
            yield Encoded(one.embedding * np.float32(np.nan), one.truncated)


def test_an_embedding_that_is_no_number_stops_the_build_and_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="finite embedding for the sentence 'Moths at night'"):
        write(tmp_path / PIECES, tmp_path / "log", [MOTHS], encoder=BrokenEncoder())

    assert (tmp_path / "log").stat().st_size == 0


def stored_pieces(folder: Path, articles: Sequence[Article]) -> StoredPieces:
    """Write pieces and the passages that they are of, as they lie in a snapshot."""
    write(folder / PIECES, folder / "log", articles)
    rows = {key: row for row, key in enumerate(keys_of(articles))}
    return StoredPieces(folder / PIECES, rows)


def test_what_the_last_snapshot_has_is_not_encoded_again(tmp_path: Path) -> None:
    stored = stored_pieces(tmp_path / "first", [TIDES, MOSS, REEFS])
    articles = [REEFS, MOTHS, MOSS, TIDES]

    n_encoded = write(tmp_path / PIECES, tmp_path / "log", articles, stored)

    assert n_encoded == len(pieces_of(MOTHS))
    for row, article in enumerate(articles):
        assert_equal(Pieces(tmp_path / PIECES).of(row), expected(article))


def test_stored_pieces_are_known_by_the_passage(tmp_path: Path) -> None:
    stored = stored_pieces(tmp_path / "first", ARTICLES)
    moths, unknown = keys_of([MOTHS, replace(MOTHS, title="Other moths")])

    with PieceLog(tmp_path / "log", HashEncoder().spec.dimension) as log:
        assert PieceWriter(HashEncoder(), log, stored).missing([moths, unknown]) == {unknown}
    assert_equal(stored.pieces.of(stored.rows[moths]), expected(MOTHS))


# Builds

RECORDS: list[dict[str, object]] = [BEES, WHEAT]
EMUS: dict[str, object] = {"id": "emus", "title": "Emus", "abstract": "They run. They cannot fly."}
PIECES_OF_EMUS = 3


def pieces_bytes(directory: Path) -> list[bytes]:
    folder = current_folder(directory) / PIECES
    return [(folder / name).read_bytes() for name in (CODES, SCALES, STARTS)]


def test_a_second_build_encodes_the_pieces_of_what_is_new_alone(tmp_path: Path) -> None:
    directory, encoder = tmp_path / "index", HashEncoder()
    build(directory, write_source(tmp_path / "a.jsonl", *RECORDS))
    before = pieces_bytes(directory)

    build(directory, write_source(tmp_path / "a.jsonl", EMUS, *RECORDS), encoder=encoder)
    assert encoder.n_encoded == 1 + PIECES_OF_EMUS
    build(directory, write_source(tmp_path / "a.jsonl", *RECORDS), encoder=encoder)
    assert encoder.n_encoded == 1 + PIECES_OF_EMUS
    assert pieces_bytes(directory) == before


def test_articles_that_are_added_bring_their_pieces(tmp_path: Path) -> None:
    directory, encoder = tmp_path / "index", HashEncoder()
    build(directory, write_source(tmp_path / "a.jsonl", *RECORDS))

    add_sources(
        [write_source(tmp_path / "b.jsonl", EMUS)],
        directory,
        encoder=encoder,
        say=silent,
        quiet=True,
    )

    assert encoder.n_encoded == 1 + PIECES_OF_EMUS
    build(tmp_path / "whole", write_source(tmp_path / "c.jsonl", *RECORDS, EMUS))
    assert pieces_bytes(directory) == pieces_bytes(tmp_path / "whole")


def test_another_encoder_encodes_all_pieces_anew(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.jsonl", *RECORDS)
    build(tmp_path / "index", source)
    other = HashEncoder(hash_spec(fingerprint="other"))

    build(tmp_path / "index", source, encoder=other)

    assert other.n_encoded == len(RECORDS) + PIECES_OF_BEES


def turn_into_format_2(directory: Path) -> None:
    """Take from the current snapshot what format 3 added, and say that it has format 2."""
    folder = current_folder(directory)
    shutil.rmtree(folder / PIECES)
    (folder / "vectors" / HUBNESS).unlink()
    manifest = read_manifest(folder)
    files = {name: one for name, one in manifest.files.items() if (folder / name).exists()}
    raw = replace(manifest, format_version=2, files=files).to_bytes()
    (folder / MANIFEST).write_bytes(raw)
    name = snapshot_name(manifest.created, raw)
    folder.rename(folder.with_name(name))
    (directory / CURRENT).write_text(name)


def test_a_snapshot_of_format_2_is_taken_over_and_only_its_pieces_are_encoded(
    tmp_path: Path,
) -> None:
    directory, encoder = tmp_path / "index", HashEncoder()
    source = write_source(tmp_path / "a.jsonl", *RECORDS)
    build(directory, source)
    before = pieces_bytes(directory)
    turn_into_format_2(directory)

    result = build(directory, source, encoder=encoder)

    assert (result.n_encoded, result.n_reused) == (0, len(RECORDS))
    assert encoder.n_encoded == PIECES_OF_BEES
    assert pieces_bytes(directory) == before
    assert verify(current_folder(directory)).format_version == FORMAT_VERSION


def test_the_pieces_of_an_open_snapshot_are_those_of_its_articles(tmp_path: Path) -> None:
    build(tmp_path / "index", write_source(tmp_path / "a.jsonl", *RECORDS, EMUS))

    snapshot = open_snapshot(tmp_path / "index")

    assert [len(snapshot.pieces.of(row).codes) for row in range(3)] == [
        PIECES_OF_BEES,
        0,
        PIECES_OF_EMUS,
    ]
    for row, article in enumerate(snapshot.store):
        assert_equal(snapshot.pieces.of(row), expected(article))
    snapshot.close()


@pytest.mark.parametrize("dimension", [5, 6])
def test_embeddings_come_back_from_their_codes_for_any_rows(tmp_path: Path, dimension: int) -> None:
    vectors = random_units(6, dimension)
    pieces = pieces_from(tmp_path / "pieces", [2, 0, 4], vectors)

    found = pieces.embeddings(np.array([2, 1, 0]), dimension)

    assert found == pytest.approx(vectors[[2, 3, 4, 5, 0, 1]], abs=0.1)
    assert decode_pieces(pieces.of(0), dimension) == pytest.approx(
        decoded(pieces.of(0), dimension), abs=FLOAT_ERROR
    )
    assert pieces.embeddings(np.array([1]), dimension).shape == (0, dimension)
    assert pieces.embeddings(np.array([], np.int64), dimension).shape == (0, dimension)


def test_a_piece_is_found_where_it_says() -> None:
    article = Article(article_id="x", title="Bees", abstract=" Bees fly.  They dance.")

    title, first, second = located_pieces(article)

    assert title == ("title", "Bees", 0, 4)
    for piece in (first, second):
        assert article.abstract is not None
        assert article.abstract[piece.start : piece.end] == piece.text
    assert [piece.text for piece in (title, first, second)] == pieces_of(article)
    assert located_pieces(Article(article_id="y", title="Bees")) == [title]
    assert pieces_of(Article(article_id="y", title="Bees")) == []
