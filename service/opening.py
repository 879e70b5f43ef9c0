"""Engines opened as the settings say, and kept at the snapshot that is served."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.holder import EngineHolder, OlderSnapshots, SnapshotWatcher
from service.search import SearchEngine
from service.settings import Settings


def open_engine(settings: Settings, directory: Path, name: str | None = None) -> SearchEngine:
    """Open the current snapshot of an index, or the one of a name."""
    limits, reranking = settings.limits, settings.reranking
    return SearchEngine.open(directory, limits, reranking, n_cached=settings.cache, name=name)


def older_snapshots(settings: Settings) -> OlderSnapshots | None:
    """Give what lends engines on older snapshots of the index; None where none is named."""

    def open_older(directory: Path, name: str) -> SearchEngine:
        return SearchEngine.open(directory, settings.limits, settings.reranking, name=name)

    return None if settings.index is None else OlderSnapshots(settings.index, open_older)


@contextmanager
def kept_current(holder: EngineHolder, settings: Settings) -> Iterator[None]:
    """Take up each new snapshot for the length of a `with`; then close what the holder has."""
    watcher = None
    if settings.index is not None and settings.reload_poll_s:
        watcher = SnapshotWatcher(
            holder,
            settings.index,
            lambda directory: open_engine(settings, directory),
            settings.reload_poll_s,
        )
        watcher.start()
    try:
        yield
    finally:
        if watcher is not None:
            watcher.stop()
        holder.replace(None)
