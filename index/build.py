"""Build an index: the write side's composition root, from source files to a snapshot.

    sources ─> corpus ─> embeddings ─> snapshot, published by rename

Work that costs is kept in DIR/building until the snapshot is published, so that the same
command goes on where it was interrupted.
"""

import datetime
import importlib.metadata
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from index.changes import Changes
from index.corpus import Corpus
from index.decisions import (
    decide,
    decision_between,
    read_decisions,
)
from index.errors import SnapshotError, SourceError, UnknownArticleError
from index.exports import choose_encoder, choose_reranker, is_reranker, is_the_model
from index.files import hash_file, locked, make_folder, remove_tree, writing
from index.manifest import FORMAT_VERSION, Manifest, SourceRecord
from index.models import ModelChoice, find_model
from index.onnx import Encoder
from index.parts import file_records, write_parts
from index.reading import read_corpus
from index.report import BuildReport, report_from_bytes
from index.snapshot import (
    CURRENT,
    LOCK,
    REPORT,
    RERANKER,
    check_ours,
    current_name,
    publish,
    remove_old,
)
from index.sources import FoundSource, find_sources, open_source, recognise
from index.store import STORE, ArticleStore, StoreWriter
from index.workshop import Previous, Workshop

_DEFAULT = ModelChoice()


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


def build_index(
    paths: Sequence[Path],
    directory: Path,
    *,
    model: str | ModelChoice = _DEFAULT,
    reranker: str | None = None,
    versions: bool = True,
    encoder: Encoder | None = None,
    say: Callable[[str], None] = print,
    quiet: bool = False,
) -> BuildResult:
    """Make the snapshot of exactly these sources in `directory`, embedding only what is new.

    Does nothing where sources and model are those of the current snapshot. `encoder`
    takes the place of a model that is to be found and exported. `reranker` is a
    cross-encoder that goes with the snapshot, by name or folder. Without `versions` every
    article is a work of its own.
    """
    check_ours(directory)
    found = _find(paths)
    files = find_model(model, say) if encoder is None else None
    reranking = None if reranker is None else find_model(reranker, say)
    with _locked(directory):
        previous = _reusable(directory, say)
        shop = Workshop(
            directory, previous, encoder, files, say, quiet, reranker=reranking, versions=versions
        )
        records = tuple(map(_source_record, found))
        if previous is not None and _is_up_to_date(previous.manifest, records, shop):
            say("nothing changed: the index is up to date")
            _sweep(shop)
            return _as_before(previous, None)
        with _draft(shop) as writer:
            _, report = read_corpus(found, Corpus(writer), quiet=quiet)
            _date(writer, previous)
            writer.finish()
        with closing(ArticleStore(shop.draft)) as store:
            return _publish(shop, Changes(store), report, records)


def _is_up_to_date(manifest: Manifest, records: tuple[SourceRecord, ...], shop: Workshop) -> bool:
    wanted = shop.encoder.spec if shop.encoder else shop.model
    return (
        manifest.format_version == FORMAT_VERSION
        and manifest.sources == records
        and wanted is not None
        and is_the_model(manifest.encoder, wanted)
        and is_reranker(manifest.reranker, shop.reranker)
        and manifest.versions == shop.versions
        and manifest.cognate == importlib.metadata.version("cognate")
    )


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
    found = _find(paths)
    with _opened(directory) as previous:
        shop = _kept(directory, previous, encoder, say, quiet)
        with _draft(shop, _in_this_format(shop, previous)) as writer:
            _, report = read_corpus(found, Corpus(writer), quiet=quiet)
            if len(writer) == writer.n_before and not writer.replaced:
                say("nothing to add: the index holds all of it")
                _sweep(shop)
                return _as_before(previous, report)
            _date(writer, None)
            is_grown = previous.is_of_this_format and not writer.is_renumbered
            replaced = writer.replaced
            writer.finish()
        with closing(ArticleStore(shop.draft)) as store:
            changes = Changes(store)
            if is_grown:
                changes = Changes(store, previous.folder, previous.manifest.n_articles, replaced)
            return _publish(shop, changes, report, None)


def _as_before(previous: Previous, report: BuildReport | None) -> BuildResult:
    n_articles = previous.manifest.n_articles
    return BuildResult(previous.folder.name, n_articles, 0, n_articles, report)


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
    with _opened(directory) as previous:
        shop = _kept(directory, previous, encoder, say, quiet)
        rows = _rows_of(ids, previous.folder)
        with closing(ArticleStore(previous.store)) as before, _draft(shop) as writer:
            for row, article in enumerate(before):
                if row not in rows:
                    writer.append(article)
            writer.finish()
        with closing(ArticleStore(shop.draft)) as store:
            return _publish(shop, Changes(store), BuildReport(), None)


def decide_versions(
    ids: tuple[str, str],
    directory: Path,
    *,
    same: bool,
    encoder: Encoder | None = None,
    say: Callable[[str], None] = print,
    quiet: bool = False,
) -> BuildResult:
    """Record that two articles are, or are not, versions of one work; nothing is embedded."""
    check_ours(directory)
    with _opened(directory) as previous:
        with closing(ArticleStore(previous.folder / STORE)) as store:
            latest = decision_between(store, ids, same=same)
        decisions = decide(read_decisions(previous.folder), latest)
        shop = replace(_kept(directory, previous, encoder, say, quiet), decisions=decisions)
        sources = previous.manifest.sources
        report = BuildReport() if sources is None else _earlier_report(previous)
        with _draft(shop, _in_this_format(shop, previous)) as writer:
            writer.finish()
        with closing(ArticleStore(shop.draft)) as store:
            changes = Changes(store)
            if previous.is_of_this_format:
                changes = Changes(store, previous.folder, previous.manifest.n_articles)
            return replace(_publish(shop, changes, report, sources), report=None)


def _kept(
    directory: Path,
    previous: Previous,
    encoder: Encoder | None,
    say: Callable[[str], None],
    quiet: bool,
) -> Workshop:
    """Give the workshop of a change that keeps the models of the last snapshot."""
    reranker, versions = previous.manifest.reranker, previous.manifest.versions
    return Workshop(
        directory, previous, encoder, None, say, quiet, reranker=reranker, versions=versions
    )


@contextmanager
def _draft(shop: Workshop, earlier: Path | None = None) -> Iterator[StoreWriter]:
    """Write the store of the next snapshot: a new one, or what was `earlier` and more."""
    shop.building.mkdir(exist_ok=True)
    shop.draft.unlink(missing_ok=True)
    with StoreWriter(shop.draft, earlier) as writer:
        yield writer


def _in_this_format(shop: Workshop, previous: Previous) -> Path:
    """Give a store of the last snapshot's articles that can be added to."""
    if previous.is_of_this_format:
        return previous.store
    path = shop.building / f"earlier-{STORE}"
    shop.building.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(ArticleStore(previous.store)) as before, StoreWriter(path) as writer:
        for article in before:
            writer.append(article)
        writer.finish()
    return path


def _date(writer: StoreWriter, previous: Previous | None) -> None:
    """Say of each article when it was first indexed."""
    if previous is None:
        writer.date(_now(), None)
    else:
        with closing(ArticleStore(previous.store)) as before:
            writer.date(_now(), before)


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


def _find(paths: Sequence[Path]) -> list[FoundSource]:
    """Find the sources, and refuse what cannot be one before any time is spent on the rest."""
    try:
        found = find_sources(paths)
    except OSError as error:
        raise SourceError(str(error.filename), f"cannot be read: {error.strerror}") from error
    if not found:
        folders = ", ".join(map(str, paths[:3]))
        raise SourceError(folders, "holds no file; name a file or folder of references")
    for source in found:
        if source.is_named:
            recognise(open_source(source.path, source.name))
    return found


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    with writing(directory):
        make_folder(directory)
        with locked(directory / LOCK):
            yield


@contextmanager
def _opened(directory: Path) -> Iterator[Previous]:
    """Hold an index that exists, to change it, and give its current snapshot."""
    current_name(directory)
    with _locked(directory):
        yield Previous.open(directory)


def _reusable(directory: Path, say: Callable[[str], None]) -> Previous | None:
    """Give the snapshot whose work a build can reuse: none where there is none, or damage."""
    if not (directory / CURRENT).exists():
        return None
    try:
        return Previous.open(directory)
    except SnapshotError as error:
        say(f"nothing of the index there can be reused, all is made anew: {error}")
        return None


def _source_record(source: FoundSource) -> SourceRecord:
    try:
        size, sha256 = source.path.stat().st_size, hash_file(source.path)
    except OSError:
        # a file in a folder; the reader says why it cannot be read
        size, sha256 = 0, ""
    return SourceRecord(os.fspath(source.path), size, sha256)


def _now() -> str:
    now = datetime.datetime.now(datetime.UTC)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _publish(
    shop: Workshop,
    changes: Changes,
    report: BuildReport,
    sources: tuple[SourceRecord, ...] | None,
) -> BuildResult:
    articles = changes.store
    if not len(articles):
        place = ", ".join(source.name for source in report.sources[:3]) or str(shop.directory)
        raise SourceError(place, _why_no_article(report))
    encoder = shop.encoder or choose_encoder(shop, articles)
    reranker = choose_reranker(shop, articles)
    for old in shop.building.glob("snapshot-*"):
        remove_tree(old)
    temporary = shop.building / f"snapshot-{os.getpid()}"
    temporary.mkdir(parents=True)
    try:
        shop.draft.rename(temporary / STORE)
        articles.path = temporary / STORE
        parts = write_parts(shop, temporary, changes, encoder)
        if reranker is not None:
            (temporary / RERANKER).mkdir()
            reranker.save(temporary / RERANKER)
        whole = report if sources is not None else _earlier_report(shop.previous).joined(report)
        (temporary / REPORT).write_bytes(whole.to_bytes())
        manifest = Manifest(
            cognate=importlib.metadata.version("cognate"),
            created=_now(),
            encoder=encoder.spec,
            vector_index=parts.vector_index,
            n_articles=len(articles),
            n_with_abstract=parts.n_with_abstract,
            n_truncated=parts.n_truncated,
            corpus_sha256=f"{parts.corpus_hash:064x}",
            calibration=parts.calibration,
            sources=sources,
            reranker=None if reranker is None else reranker.spec,
            versions=shop.versions,
            files=file_records(temporary, shop.previous),
        )
        name = publish(shop.directory, temporary, manifest)
    finally:
        remove_tree(temporary)
    _sweep(shop)
    return BuildResult(name, len(articles), parts.n_encoded, parts.n_reused, report)


def _sweep(shop: Workshop) -> None:
    """Remove what an index that is published needs no more; a later build tries again."""
    try:
        remove_old(shop.directory)
    except (SnapshotError, OSError) as error:
        shop.say(f"the index is published, but older snapshots could not be removed: {error}")
    remove_tree(shop.building)


def _earlier_report(previous: Previous | None) -> BuildReport:
    # what is added to an index leaves what befell the records that are there as it was
    return report_from_bytes((previous.folder / REPORT).read_bytes()) if previous else BuildReport()


def _why_no_article(report: BuildReport) -> str:
    refused = [(note, source) for source in report.sources for note in source.refused]
    reason = "no article is left to index; an index needs at least one"
    if refused:
        note, source = refused[0]
        reason += f" ({len(refused):,} refused, first {source.name}, line {note.line}: "
        reason += f"{note.reason})"
    return reason
