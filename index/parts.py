"""The parts of a snapshot, each written from the changes of the corpus and its embeddings.

What needs no embedding is written while passages and sentences are encoded, which is what a build
takes its time for; reading comes before.
"""

import importlib.metadata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from index.article import Article
from index.calibration import Calibration
from index.changes import Changes
from index.columns import NO_CODE, Columns, write_columns
from index.corpus import HASH_END, hash_articles
from index.decisions import read_decisions, write_decisions
from index.embeddings import (
    PASSAGES,
    Embedder,
    EmbeddingLog,
    StoredEmbeddings,
    encoder_key,
    passage_key,
    to_keys,
)
from index.families import find_families
from index.files import hash_file, link_or_copy, relative_files
from index.hubness import write_hubness
from index.lexical import LexicalIndex, write_lexical
from index.machine import n_cores
from index.manifest import FORMAT_VERSION, FileRecord
from index.onnx import Encoder
from index.pieces import PieceLog, PieceWriter, StoredPieces, piece_key
from index.progress import counted
from index.snapshot import PIECES
from index.store import ArticleStore
from index.trials import fit_calibration
from index.vectors import load_embeddings, write_vectors
from index.versions import Versions, write_versions
from index.workshop import Previous, Workshop

CALIBRATION_LASTS = 0.1
"""The match probabilities are fitted anew when the corpus has grown or shrunk by this share."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What writing the parts of a snapshot leaves to say in its manifest."""

    n_encoded: int
    n_reused: int
    n_truncated: int
    n_with_abstract: int
    corpus_hash: int
    vector_index: str
    calibration: Calibration


def write_parts(shop: Workshop, folder: Path, changes: Changes, encoder: Encoder) -> Parts:
    """Write every part of a snapshot but its report and manifest into `folder`.

    There is nothing in it but the store.
    """
    for part in ("vectors", "encoder"):
        (folder / part).mkdir()
    encoder.save(folder / "encoder")
    with ThreadPoolExecutor(1, "cognate-write") as beside:
        written = beside.submit(_write_words_and_columns, shop, folder, changes)
        keys = _passage_keys(changes)
        encoded = _write_embeddings(shop, folder, changes, encoder, keys)
        _write_pieces(shop, folder, changes, encoder, keys)
        shop.say(f"writing the index of {counted(changes.n_articles, 'article')}")
        kind = write_vectors(folder / "vectors")
        write_hubness(folder / "vectors")
        corpus_hash = written.result()
    n_with_abstract = int(np.load(folder / "columns" / "has_abstract.npy").sum())
    calibration = _kept_calibration(shop.previous, encoder, changes.n_articles)
    if calibration is None:
        shop.say("fitting the match probabilities")
        calibration = _fitted_calibration(folder, changes.store, encoder)
    return Parts(
        *encoded,
        n_with_abstract,
        corpus_hash,
        kind,
        calibration,
    )


def _write_words_and_columns(shop: Workshop, folder: Path, changes: Changes) -> int:
    """Write what needs no embedding, and give the hash of the corpus."""
    # a connection of its own: that of the other thread is being read
    with closing(ArticleStore(changes.store.path)) as store:
        changes = replace(changes, store=store)
        write_columns(folder / "columns", changes)
        write_lexical(folder / "lexical", changes)
        _write_versions(shop, folder, store)
        return _corpus_hash(shop.previous, changes)


def _write_embeddings(
    shop: Workshop, folder: Path, changes: Changes, encoder: Encoder, keys: list[bytes]
) -> tuple[int, int, int]:
    """Encode what no one has yet, and write the embeddings of passages.

    Gives how many were encoded, how many were known, and how many are longer than the window.
    """
    previous = _of_same_encoder(shop.previous, encoder)
    stored = None if previous is None else StoredEmbeddings(previous.folder / "vectors")
    path = shop.building / f"embeddings-{encoder_key(encoder.spec)}"
    with EmbeddingLog(path, encoder.spec.dimension) as log:
        embedder = Embedder(encoder, log, stored)
        passages = ((key, article.passage()) for key, article in _keyed(changes, keys, previous))
        embedder.encode_missing(passages, keys, shop.quiet)
        n_truncated = embedder.write(folder / "vectors", keys)
    return embedder.n_encoded, embedder.n_reused, n_truncated


def _write_pieces(
    shop: Workshop, folder: Path, changes: Changes, encoder: Encoder, passages: list[bytes]
) -> None:
    """Encode what no one has yet of titles and sentences, and write their embeddings."""
    previous = _of_same_encoder(shop.previous, encoder)
    stored = None
    # a snapshot of an older format has none
    if previous is not None and (previous.folder / PIECES).is_dir():
        known = np.load(previous.folder / "vectors" / PASSAGES, allow_pickle=False)
        rows = {key: row for row, key in enumerate(_stored_piece_keys(previous, to_keys(known)))}
        stored = StoredPieces(previous.folder / PIECES, rows)
    keys = passages.copy()
    earlier = changes.part("columns")
    if earlier is not None:
        _tell_languages(keys, earlier)
    for row, article in changes.changed():
        keys[row] = piece_key(passages[row], article.language)
    path = shop.building / f"pieces-{encoder_key(encoder.spec)}"
    with PieceLog(path, encoder.spec.dimension) as log:
        writer = PieceWriter(encoder, log, stored)
        writer.encode_missing(_keyed(changes, keys, previous), keys, shop.quiet)
        writer.write(folder / PIECES, keys)


def _stored_piece_keys(previous: Previous, passages: list[bytes]) -> list[bytes]:
    """Give the keys of the pieces of a snapshot, by row, from those of its passages."""
    # of an older format the columns cannot be read: pieces in English are taken over
    if previous.manifest.format_version == FORMAT_VERSION:
        _tell_languages(passages, previous.folder / "columns")
    return passages


def _tell_languages(keys: list[bytes], folder: Path) -> None:
    """Make keys of passages, of the first rows, those of their pieces in the languages there."""
    with closing(Columns(folder)) as columns:
        codes = columns.single["languages"]
        for code in np.unique(codes[codes != NO_CODE]).tolist():
            language = columns.names("languages", [code])[0]
            for row in np.flatnonzero(codes == code).tolist():
                keys[row] = piece_key(keys[row], language)


def _passage_keys(changes: Changes) -> list[bytes]:
    """Give the keys of all passages, by row."""
    vectors = changes.part("vectors")
    keys = [] if vectors is None else to_keys(np.load(vectors / PASSAGES, allow_pickle=False))
    keys += [b""] * (changes.n_articles - len(keys))
    for row, article in changes.changed():
        keys[row] = passage_key(article.passage())
    return keys


def _keyed(
    changes: Changes, keys: list[bytes], previous: Previous | None
) -> Iterator[tuple[bytes, Article]]:
    """Give the articles whose embeddings may be missing, each with the key of its passage."""
    # what did not change has its embeddings, if the last snapshot is of this encoder
    rows = enumerate(changes.store) if previous is None else changes.changed()
    return ((keys[row], article) for row, article in rows)


def _corpus_hash(previous: Previous | None, changes: Changes) -> int:
    total = hash_articles(changes.changed())
    if previous is not None and changes.earlier is not None:
        replaced = zip(changes.replaced, changes.replaced_articles(), strict=True)
        total += int(previous.manifest.corpus_sha256, 16) - hash_articles(replaced)
    return total % HASH_END


def _of_same_encoder(previous: Previous | None, encoder: Encoder) -> Previous | None:
    """Give the last snapshot where its embeddings are what this encoder would compute."""
    if previous is None or encoder_key(previous.manifest.encoder) != encoder_key(encoder.spec):
        return None
    return previous


def _write_versions(shop: Workshop, folder: Path, articles: ArticleStore) -> None:
    decisions = shop.decisions
    if decisions is None:
        decisions = read_decisions(shop.previous.folder) if shop.previous else ()
    write_decisions(folder, decisions)
    families = find_families(articles, decisions) if shop.versions else []
    write_versions(folder / "columns", families, articles)


def _kept_calibration(
    previous: Previous | None, encoder: Encoder, n_articles: int
) -> Calibration | None:
    """Give the last snapshot's curves where the corpus has nearly the size they were fitted on."""
    if previous is None or _of_same_encoder(previous, encoder) is None:
        return None
    if previous.manifest.encoder.query_prompt != encoder.spec.query_prompt:
        return None
    if previous.manifest.cognate != importlib.metadata.version("cognate"):
        return None
    if previous.manifest.format_version != FORMAT_VERSION:
        return None  # what counts as evidence may have been another
    known = previous.manifest.calibration
    is_near = abs(n_articles - known.n_articles) <= CALIBRATION_LASTS * known.n_articles
    return known if is_near else None


def _fitted_calibration(folder: Path, articles: ArticleStore, encoder: Encoder) -> Calibration:
    embeddings = load_embeddings(folder / "vectors")
    family = Versions(folder / "columns").family
    with closing(LexicalIndex(folder / "lexical")) as lexical:
        return fit_calibration(articles, embeddings, family, encoder, lexical)


def file_records(folder: Path, previous: Previous | None) -> dict[str, FileRecord]:
    """Hash every file of a finished folder; what the last snapshot has too becomes a link."""

    def record(name: str) -> FileRecord:
        path = folder / name
        found = FileRecord(path.stat().st_size, hash_file(path))
        if previous is not None and previous.manifest.files.get(name) == found:
            # the same bytes are on disk once
            path.unlink()
            link_or_copy(previous.folder / name, path)
        return found

    names = relative_files(folder)
    with ThreadPoolExecutor(n_cores()) as pool:
        return dict(zip(names, pool.map(record, names), strict=True))
