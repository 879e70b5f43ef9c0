"""The parts of a snapshot, written one after the other from articles and their embeddings."""

import importlib.metadata
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.article import Article
from index.calibration import Calibration
from index.columns import write_columns
from index.decisions import read_decisions, write_decisions
from index.embeddings import Embedder, EmbeddingLog, StoredEmbeddings, encoder_key, passage_key
from index.families import find_families
from index.files import hash_file, link_or_copy, relative_files
from index.hubness import write_hubness
from index.lexical import LexicalIndex, write_lexical
from index.manifest import FORMAT_VERSION, FileRecord
from index.onnx import Encoder
from index.pieces import PieceLog, PieceWriter, StoredPieces
from index.progress import counted
from index.snapshot import PIECES, STORE
from index.store import write_store
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
    vector_index: str
    calibration: Calibration


def write_parts(shop: Workshop, folder: Path, articles: list[Article], encoder: Encoder) -> Parts:
    """Write every part of a snapshot but its report and manifest into `folder`, which is empty."""
    for part in ("vectors", "encoder"):
        (folder / part).mkdir()
    encoder.save(folder / "encoder")
    passages = [article.passage() for article in articles]
    keys = [passage_key(passage) for passage in passages]
    path = shop.building / f"embeddings-{encoder_key(encoder.spec)}"
    previous = _of_same_encoder(shop.previous, encoder)
    stored = None if previous is None else StoredEmbeddings(previous.folder / "vectors")
    with EmbeddingLog(path, encoder.spec.dimension) as log:
        embedder = Embedder(encoder, log, stored)
        embedder.encode_missing(passages, keys, shop.quiet)
        truncated = embedder.write(folder / "vectors", keys)
    pieces = None
    # a snapshot of an older format has none
    if previous is not None and stored is not None and (previous.folder / PIECES).is_dir():
        pieces = StoredPieces(previous.folder / PIECES, stored.rows)
    path = shop.building / f"pieces-{encoder_key(encoder.spec)}"
    with PieceLog(path, encoder.spec.dimension) as piece_log:
        writer = PieceWriter(encoder, piece_log, pieces)
        writer.encode_missing(articles, keys, shop.quiet)
        writer.write(folder / PIECES, keys)
    shop.say(f"writing the index of {counted(len(articles), 'article')}")
    kind = write_vectors(folder / "vectors")
    write_hubness(folder / "vectors")
    write_store(folder / STORE, articles, truncated)
    write_columns(folder / "columns", articles)
    _write_versions(shop, folder, articles)
    write_lexical(folder / "lexical", articles)
    calibration = _kept_calibration(previous, encoder, len(articles))
    if calibration is None:
        shop.say("fitting the match probabilities")
        calibration = _fitted_calibration(folder, articles, encoder)
    return Parts(embedder.n_encoded, embedder.n_reused, sum(truncated), kind, calibration)


def _of_same_encoder(previous: Previous | None, encoder: Encoder) -> Previous | None:
    """Give the last snapshot where its embeddings are what this encoder would compute."""
    if previous is None or encoder_key(previous.manifest.encoder) != encoder_key(encoder.spec):
        return None
    return previous


def _write_versions(shop: Workshop, folder: Path, articles: list[Article]) -> None:
    decisions = shop.decisions
    if decisions is None:
        decisions = read_decisions(shop.previous.folder) if shop.previous else ()
    write_decisions(folder, decisions)
    write_versions(folder / "columns", find_families(articles, decisions), articles)


def _kept_calibration(
    previous: Previous | None, encoder: Encoder, n_articles: int
) -> Calibration | None:
    """Give the last snapshot's curves where the corpus has nearly the size they were fitted on."""
    if previous is None:
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


def _fitted_calibration(folder: Path, articles: list[Article], encoder: Encoder) -> Calibration:
    embeddings = load_embeddings(folder / "vectors")
    family = Versions(folder / "columns").family
    with closing(LexicalIndex(folder / "lexical")) as lexical:
        return fit_calibration(articles, embeddings, family, encoder, lexical)


def file_records(folder: Path, previous: Previous | None) -> dict[str, FileRecord]:
    """Hash every file of a finished folder; what the last snapshot has too becomes a link."""
    records: dict[str, FileRecord] = {}
    for name in relative_files(folder):
        path = folder / name
        record = FileRecord(path.stat().st_size, hash_file(path))
        if previous is not None and previous.manifest.files.get(name) == record:
            # the same bytes are on disk once
            path.unlink()
            link_or_copy(previous.folder / name, path)
        records[name] = record
    return records
