"""The snapshot to begin with: the current one, or, where that is damaged, the one before it."""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from index.errors import CognateError, DamagedSnapshotError, SnapshotError
from index.manifest import Manifest
from index.snapshot import (
    SNAPSHOTS,
    check_sizes,
    current_name,
    read_manifest,
    snapshot_names,
    verify,
)
from service.search import SearchEngine

_log = logging.getLogger(__name__)


def open_whole(
    directory: Path, open_engine: Callable[[Path, str | None], SearchEngine]
) -> SearchEngine:
    """Open the current snapshot, or where it is damaged the newest before it that is whole.

    Then the log says so, and so does the engine's `trouble`. Where none is whole, what is wrong
    with the current one is raised.
    """
    try:
        return open_engine(directory, None)
    except DamagedSnapshotError as damage:
        for name in _names_before(directory):
            try:
                verify(directory / SNAPSHOTS / name)
                engine = open_engine(directory, name)
            except (CognateError, OSError) as error:
                _log.error("the snapshot %s cannot be served in its place: %s", name, error)
                continue
            _log.error("%s; the snapshot before it is served: %s", damage, name)
            engine.trouble = f"{damage_told(damage, directory)}; the snapshot before it is served"
            return engine
        raise


def manifest_to_serve(directory: Path) -> Manifest:
    """Give the manifest of the snapshot that `open_whole` would open, as far as sizes tell."""

    def read(name: str) -> Manifest:
        manifest = read_manifest(directory / SNAPSHOTS / name)
        check_sizes(directory / SNAPSHOTS / name, manifest)
        return manifest

    try:
        return read(current_name(directory))
    except DamagedSnapshotError:
        for name in _names_before(directory):
            with suppress(SnapshotError):
                return read(name)
        raise


def damage_told(error: Exception, directory: Path) -> str:
    """Say, to anybody who asks, why a snapshot is not served; where it lies is for the log only."""
    if not isinstance(error, DamagedSnapshotError):
        return "a newer snapshot cannot be opened; the log says why"
    path = Path(error.path)
    place = path.relative_to(directory) if path.is_relative_to(directory) else path.name
    return f"{place} is damaged: {error.reason}"


def _names_before(directory: Path) -> list[str]:
    """List the snapshots before the current one, newest first; all where it is not known."""
    names = snapshot_names(directory)[::-1]
    try:
        current = current_name(directory)
    except SnapshotError:
        return names
    # one that was made later, but is not current, was left by a crash or taken back by somebody
    is_there = (directory / SNAPSHOTS / current).is_dir()
    return [name for name in names if name < current or not is_there]
