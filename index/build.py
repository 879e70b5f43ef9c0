"""Build an index: the write side's composition root, from source files to a snapshot.

    sources ─> corpus ─> embeddings ─> snapshot, published by rename

Work that costs is kept in DIR/building until the snapshot is published, so that the same
command goes on where it was interrupted.
"""

import datetime
import errno
import fcntl
import importlib.metadata
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from index.article import Article
from index.columns import Columns, write_columns
from index.corpus import Corpus, corpus_sha256
from index.embeddings import Embedder, EmbeddingLog, StoredEmbeddings, encoder_key, passage_key
from index.encoder import export_encoder
from index.errors import (
    CognateError,
    SnapshotError,
    SourceError,
    StorageError,
    UnknownArticleError,
)
from index.files import hash_file, link_or_copy, relative_files, remove_tree
from index.lexical import write_lexical
from index.manifest import FileRecord, Manifest, SourceRecord
from index.models import DEFAULT_MODEL, find_model
from index.onnx import Encoder, OnnxEncoder
from index.reading import read_corpus
from index.report import BuildReport
from index.snapshot import (
    BUILDING,
    LOCK,
    MANIFEST,
    REPORT,
    SNAPSHOTS,
    STORE,
    check_hashes,
    check_ours,
    check_sizes,
    current_name,
    publish,
    read_manifest,
    remove_old,
)
from index.sources import FoundSource, find_sources
from index.store import ArticleStore, write_store
from index.vectors import write_vectors

_SAMPLE = 64
_LOW_SPACE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did: the current snapshot's name, the report, and what was embedded.

    `report` is None, and nothing was read, where the sources had not changed.
    """

    name: str
    n_articles: int
    n_encoded: int
    n_reused: int
    report: BuildReport | None


@dataclass(frozen=True, slots=True)
class Previous:
    """The current snapshot of a directory, as a build sees it."""

    folder: Path
    manifest: Manifest

    def articles(self) -> list[Article]:
        """Give all its articles, after checking the store's hash."""
        check_hashes(self.folder, self.manifest, [STORE])
        store = ArticleStore(self.folder / STORE)
        try:
            return [stored.article for stored in store.all_articles()]
        finally:
            store.close()


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where a build works, and how: the directory, what lies there, what it says."""

    directory: Path
    previous: Previous | None
    encoder: Encoder | None = None
    say: Callable[[str], None] = print
    quiet: bool = False

    @property
    def building(self) -> Path:
        """The folder of unfinished work."""
        return self.directory / BUILDING


def build_index(
    paths: Sequence[Path],
    directory: Path,
    *,
    model: str = DEFAULT_MODEL,
    encoder: Encoder | None = None,
    say: Callable[[str], None] = print,
    quiet: bool = False,
) -> BuildResult:
    """Make the snapshot of exactly these sources in `directory`, embedding only what is new.

    Does nothing where sources and model are those of the current snapshot. `encoder`
    takes the place of a model that is to be found and exported.
    """
    check_ours(directory)
    found = find_sources(paths)
    files = None if encoder is not None else find_model(model, say)
    with _locked(directory):
        shop = Workshop(directory, _previous(directory), encoder, say, quiet)
        fingerprint = (
            encoder.spec.fingerprint if encoder is not None else files.fingerprint if files else ""
        )
        records = _source_records(found)
        manifest = shop.previous.manifest if shop.previous else None
        if (
            manifest is not None
            and manifest.sources == records
            and (
                manifest.encoder.fingerprint == fingerprint
                and manifest.cognate == importlib.metadata.version("cognate")
            )
        ):
            say("nothing changed: the index is up to date")
            return BuildResult(current_name(directory), manifest.n_articles, 0, 0, None)
        corpus, report = read_corpus(found, Corpus(), quiet=quiet)
        articles = _with_first_indexed(corpus.articles(), shop.previous)
        return _publish(shop, articles, report, records, model=model)


def add_sources(
    paths: Sequence[Path],
    directory: Path,
    *,
    encoder: Encoder | None = None,
    say: Callable[[str], None] = print,
    quiet: bool = False,
) -> BuildResult:
    """Add the articles of these sources to the index in `directory`, which must exist."""
    check_ours(directory)
    found = find_sources(paths)
    current_name(directory)
    with _locked(directory):
        shop = Workshop(directory, _previous(directory), encoder, say, quiet)
        assert shop.previous is not None
        corpus, report = read_corpus(found, Corpus(shop.previous.articles()), quiet=quiet)
        articles = _with_first_indexed(corpus.articles(), None)
        return _publish(shop, articles, report, None)


def remove_articles(
    ids: Sequence[str],
    directory: Path,
    *,
    encoder: Encoder | None = None,
    say: Callable[[str], None] = print,
    quiet: bool = False,
) -> BuildResult:
    """Remove articles by any form of their ids; an unknown id stops it, nothing removed."""
    check_ours(directory)
    current_name(directory)
    with _locked(directory):
        shop = Workshop(directory, _previous(directory), encoder, say, quiet)
        assert shop.previous is not None
        rows = _rows_of(ids, shop.previous.folder)
        kept = [article for row, article in enumerate(shop.previous.articles()) if row not in rows]
        return _publish(shop, kept, BuildReport(), None)


def _rows_of(ids: Sequence[str], folder: Path) -> set[int]:
    store = ArticleStore(folder / STORE)
    try:
        rows = {article_id: store.find(article_id) for article_id in ids}
    finally:
        store.close()
    for article_id, row in rows.items():
        if row is None:
            raise UnknownArticleError(article_id)
    return {row for row in rows.values() if row is not None}


@contextmanager
def _writing(directory: Path) -> Iterator[None]:
    """Turn what the libraries raise when a file cannot be written into one error of ours."""
    try:
        yield
    except CognateError:
        raise
    except (OSError, sqlite3.Error, RuntimeError, ValueError) as error:
        # FAISS raises RuntimeError and tantivy ValueError for a failed write
        is_full = getattr(error, "errno", None) == errno.ENOSPC or "space left" in str(error)
        if is_full or _free_bytes(directory) < _LOW_SPACE_BYTES:
            reason = "no space is left on the disk; free some, then give the same command again"
        elif isinstance(error, OSError):
            reason = f"{error.strerror or error} ({error.filename or directory})"
        else:
            raise
        message = f"{directory}: cannot write the index: {reason}"
        raise StorageError(message) from error


def _free_bytes(directory: Path) -> int:
    existing = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    with _writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        # the kernel drops the lock with the process, however that ends
        with (directory / LOCK).open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                message = f"another build is at work in {directory}; wait for it to end"
                raise SnapshotError(message) from error
            yield


def _previous(directory: Path) -> Previous | None:
    try:
        folder = directory / SNAPSHOTS / current_name(directory)
    except SnapshotError:
        if (directory / "CURRENT").exists():
            raise
        return None
    manifest = read_manifest(folder)
    check_sizes(folder, manifest)
    return Previous(folder, manifest)


def _source_records(found: Sequence[FoundSource]) -> tuple[SourceRecord, ...]:
    return tuple(
        SourceRecord(os.fspath(source.path), source.path.stat().st_size, hash_file(source.path))
        for source in found
    )


def _now() -> str:
    now = datetime.datetime.now(datetime.UTC)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _with_first_indexed(articles: list[Article], previous: Previous | None) -> list[Article]:
    known: dict[str, str | None] = {}
    if previous is not None:
        for article in previous.articles():
            ids = (article.article_id, *article.identifiers)
            known |= dict.fromkeys(ids, article.first_indexed)
    now = _now()
    return [
        article
        if article.first_indexed
        else replace(article, first_indexed=_first_known(article, known) or now)
        for article in articles
    ]


def _first_known(article: Article, known: dict[str, str | None]) -> str | None:
    times = (known.get(identifier) for identifier in (article.article_id, *article.identifiers))
    return min(filter(None, times), default=None)


def _publish(
    shop: Workshop,
    articles: list[Article],
    report: BuildReport,
    sources: tuple[SourceRecord, ...] | None,
    *,
    model: str | None = None,
) -> BuildResult:
    if not articles:
        place = ", ".join(source.name for source in report.sources) or str(shop.directory)
        raise SourceError(place, "no article is left to index; an index needs at least one")
    encoder = shop.encoder or _encoder(shop, model, articles)
    for old in shop.building.glob("snapshot-*"):
        remove_tree(old)
    temporary = shop.building / f"snapshot-{os.getpid()}"
    temporary.mkdir(parents=True)
    try:
        embedder, n_truncated, kind = _write_parts(shop, temporary, articles, encoder)
        (temporary / REPORT).write_bytes(report.to_bytes())
        manifest = Manifest(
            cognate=importlib.metadata.version("cognate"),
            created=_now(),
            encoder=encoder.spec,
            vector_index=kind,
            n_articles=len(articles),
            n_with_abstract=sum(article.abstract is not None for article in articles),
            n_truncated=n_truncated,
            corpus_sha256=corpus_sha256(articles),
            sources=sources,
            files=_file_records(temporary, shop.previous),
        )
        name = publish(shop.directory, temporary, manifest)
    finally:
        remove_tree(temporary)
    remove_tree(shop.building)
    remove_old(shop.directory)
    return BuildResult(name, len(articles), embedder.n_encoded, embedder.n_reused, report)


def _encoder(shop: Workshop, model: str | None, articles: Sequence[Article]) -> Encoder:
    """Give the encoder: the last snapshot's if the model is the same, else a new export."""
    previous = shop.previous
    if model is None:
        assert previous is not None
        return _checked_encoder(previous)
    files = find_model(model, shop.say)
    if previous is not None and previous.manifest.encoder.fingerprint == files.fingerprint:
        return _checked_encoder(previous)
    folder = shop.building / f"encoder-{files.fingerprint[:16]}"
    if folder.is_dir():
        return OnnxEncoder.load(folder)
    shop.say(f"exporting the model {files.name} (once for each index)")
    passages = [article.passage() for article in articles]
    sample = random.Random(0).sample(passages, min(_SAMPLE, len(passages)))  # noqa: S311
    unfinished = folder.with_suffix(".new")
    remove_tree(unfinished)
    unfinished.mkdir(parents=True)
    export_encoder(files, unfinished, sample)
    unfinished.rename(folder)
    return OnnxEncoder.load(folder)


def _checked_encoder(previous: Previous) -> Encoder:
    folder, manifest = previous.folder, previous.manifest
    check_hashes(folder, manifest, [name for name in manifest.files if name.startswith("encoder/")])
    return OnnxEncoder.load(folder / "encoder")


def _write_parts(
    shop: Workshop, folder: Path, articles: list[Article], encoder: Encoder
) -> tuple[Embedder, int, str]:
    for part in ("vectors", "encoder"):
        (folder / part).mkdir()
    encoder.save(folder / "encoder")
    passages = [article.passage() for article in articles]
    keys = [passage_key(passage) for passage in passages]
    path = shop.building / f"embeddings-{encoder_key(encoder.spec)}"
    with EmbeddingLog(path, encoder.spec.dimension) as log:
        embedder = Embedder(encoder, log, _stored_embeddings(shop.previous, encoder))
        embedder.encode_missing(passages, keys, shop.quiet)
        truncated = embedder.write(folder / "vectors", keys)
    shop.say(f"writing the index of {len(articles):,} articles")
    kind = write_vectors(folder / "vectors")
    write_store(folder / STORE, articles, truncated)
    write_columns(folder / "columns", articles)
    columns = Columns(folder / "columns")
    write_lexical(folder / "lexical", articles, columns)
    columns.close()
    return embedder, sum(truncated), kind


def _stored_embeddings(previous: Previous | None, encoder: Encoder) -> StoredEmbeddings | None:
    if previous is None or encoder_key(previous.manifest.encoder) != encoder_key(encoder.spec):
        return None
    names = [name for name in previous.manifest.files if name.startswith("vectors/")]
    check_hashes(previous.folder, previous.manifest, names)
    return StoredEmbeddings(previous.folder / "vectors")


def _file_records(folder: Path, previous: Previous | None) -> dict[str, FileRecord]:
    records: dict[str, FileRecord] = {}
    for name in relative_files(folder):
        if name == MANIFEST:
            continue
        path = folder / name
        record = FileRecord(path.stat().st_size, hash_file(path))
        if previous is not None and previous.manifest.files.get(name) == record:
            # the same bytes are on disk once
            path.unlink()
            link_or_copy(previous.folder / name, path)
        records[name] = record
    return records
