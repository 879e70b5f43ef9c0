"""The snapshot: one immutable, verified index on disk, and the directory of them.

    DIR/CURRENT            the name of the snapshot being served
    DIR/snapshots/NAME/    what this file opens, checks and publishes
    DIR/building/          the unfinished work of a build, to be continued

Opening checks the manifest against the name, all sizes, and the hash of every file that
is read by a library that would not notice damage. The large files of which an answer reads a
few places are checked in the background right after.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

from index.columns import Columns
from index.embeddings import read_truncated
from index.errors import DamagedSnapshotError, SnapshotError
from index.files import (
    fsync_path,
    hash_file,
    held,
    make_folder,
    relative_files,
    remove_tree,
    rename_whole,
    replace_text,
    unheld,
    writing,
)
from index.hubness import read_hubness
from index.lexical import LexicalIndex
from index.machine import n_cores
from index.manifest import FORMAT_VERSION, Manifest, manifest_digits, snapshot_name
from index.onnx import Encoder, OnnxEncoder
from index.pieces import CODES, Pieces
from index.reranker import OnnxReranker
from index.store import STORE, ArticleStore
from index.vectors import EMBEDDINGS, VectorIndex
from index.versions import Versions

CURRENT = "CURRENT"
SNAPSHOTS = "snapshots"
BUILDING = "building"
LOCK = "lock"
MANIFEST = "manifest.json"
RERANKER = "reranker"
PIECES = "pieces"
REPORT = "report.json"
CHECKED_LATER = (STORE, f"vectors/{EMBEDDINGS}", f"{PIECES}/{CODES}")
"""The large files of which a search reads a few places: their hashes are checked after opening."""
KEPT = 3
CURE = "build the index again, or put the name of another snapshot into CURRENT"

# what `snapshot_name` makes, and what a test or a person calls a copy
_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
_OURS = {CURRENT, CURRENT + ".new", SNAPSHOTS, BUILDING, LOCK}
_log = logging.getLogger(__name__)


def is_ours(directory: Path) -> bool:
    """Whether a directory holds nothing but what Cognate puts there (or nothing at all)."""
    return all(path.name in _OURS for path in directory.iterdir())


def check_ours(directory: Path) -> None:
    """Refuse a path that is a file, or a directory that holds other things."""
    with writing(directory):
        if directory.exists() and not directory.is_dir():
            message = f"{directory} is a file, not a directory; give a new directory for the index"
            raise SnapshotError(message)
        if directory.is_dir() and not is_ours(directory):
            message = f"{directory} is no index of Cognate and not empty; give a new directory"
            raise SnapshotError(message)


def current_name(directory: Path) -> str:
    """Give the name of the snapshot that DIR/CURRENT points to."""
    try:
        # a person may have written it: with a line's end of one system or another, or without
        name = (directory / CURRENT).read_text(encoding="utf-8").removesuffix("\n")
    except (FileNotFoundError, NotADirectoryError) as error:
        cure = f"make one with: cognate build SOURCE --into {directory}"
        message = f"there is no index in {directory}; {cure}"
        raise SnapshotError(message) from error
    except OSError as error:
        message = f"{directory / CURRENT} cannot be read: {error}"
        raise SnapshotError(message) from error
    except UnicodeDecodeError as error:
        raise DamagedSnapshotError(str(directory / CURRENT), f"is no text; {CURE}") from error
    if not _NAME.fullmatch(name):
        reason = f"{name[:100]!r} is no snapshot's name; {CURE}"
        raise DamagedSnapshotError(str(directory / CURRENT), reason)
    return name


def snapshot_names(directory: Path) -> list[str]:
    """List the snapshots that are kept, oldest first."""
    folder = directory / SNAPSHOTS
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if (path / MANIFEST).is_file())


def read_manifest(folder: Path, *, oldest: int = FORMAT_VERSION) -> Manifest:
    """Read a snapshot's manifest, of format `oldest` or later, and check it against its name."""
    path = folder / MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = f"cannot be read ({error.strerror}); {CURE}"
        raise DamagedSnapshotError(str(path), reason) from error
    if manifest_digits(raw) != folder.name.rpartition("-")[2]:
        raise DamagedSnapshotError(
            str(path), f"is not the manifest this snapshot was published with; {CURE}"
        )
    try:
        return Manifest.from_bytes(raw, oldest=oldest)
    except SnapshotError as error:
        message = f"{folder}: {error}"
        raise SnapshotError(message) from error


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Refuse a snapshot in which a file is missing or of another size."""
    for name, record in manifest.files.items():
        try:
            size = (folder / name).stat().st_size
        except OSError as error:
            raise DamagedSnapshotError(str(folder / name), f"is missing; {CURE}") from error
        if size != record.size:
            reason = f"has {size} bytes, the manifest says {record.size}; {CURE}"
            raise DamagedSnapshotError(str(folder / name), reason)


def check_hashes(folder: Path, manifest: Manifest, names: Iterable[str]) -> None:
    """Refuse a snapshot in which one of the named files has other bytes than were published."""

    def check(name: str) -> None:
        if hash_file(folder / name) != manifest.files[name].sha256:
            reason = f"its bytes are not those that were published (sha256 differs); {CURE}"
            raise DamagedSnapshotError(str(folder / name), reason)

    with ThreadPoolExecutor(n_cores()) as pool:
        for _ in pool.map(check, sorted(names, key=lambda name: -manifest.files[name].size)):
            pass


def verify(folder: Path) -> Manifest:
    """Check every byte of a snapshot, and that it holds no file it should not."""
    with ExitStack() as stack:
        manifest = _hold(folder, stack)
        check_sizes(folder, manifest)
        strangers = set(relative_files(folder)) - set(manifest.files) - {MANIFEST}
        if strangers:
            reason = "is no file of this snapshot; remove it"
            raise DamagedSnapshotError(str(folder / min(strangers)), reason)
        check_hashes(folder, manifest, manifest.files)
        return manifest


def _hold(folder: Path, stack: ExitStack) -> Manifest:
    """Hold a snapshot, so that no build removes it before the stack is closed; give its manifest.

    Its manifest is what is held: of all its files it alone is never shared with another snapshot.
    """
    # one that is missing is told when it is read
    with suppress(OSError):
        stack.enter_context(held(folder / MANIFEST))
    return read_manifest(folder)


class Snapshot:
    """One open snapshot: its parts, ready to be read from any thread."""

    def __init__(self, folder: Path, manifest: Manifest, encoder: Encoder) -> None:
        self.name = folder.name
        self.manifest = manifest
        self.damage: DamagedSnapshotError | None = None
        """What the check that follows opening has found."""
        self._holding = ExitStack()
        self.encoder = encoder
        self.reranker = OnnxReranker.load(folder / RERANKER) if manifest.reranker else None
        self.store = ArticleStore(folder / STORE)
        self.columns = Columns(folder / "columns")
        self.versions = Versions(folder / "columns")
        self.vectors = VectorIndex(folder / "vectors")
        self.truncated = read_truncated(folder / "vectors")
        self.hubness = read_hubness(folder / "vectors", self.vectors.n_articles)
        self.pieces = Pieces(folder / PIECES)
        self.lexical = LexicalIndex(folder / "lexical")
        counts = {
            "the store": self.store.n_articles,
            "the columns": self.columns.n_articles,
            "the versions": self.versions.n_articles,
            "the vectors": self.vectors.n_articles,
            "the pieces": self.pieces.n_articles,
            "the lexical index": self.lexical.n_articles,
        }
        for part, count in counts.items():
            if count != manifest.n_articles:
                self.close()
                reason = f"{part} holds {count} articles, the manifest says {manifest.n_articles}"
                raise DamagedSnapshotError(str(folder), f"{reason}; {CURE}")

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        name: str | None = None,
        load_encoder: Callable[[Path], Encoder] = OnnxEncoder.load,
        on_damage: Callable[[DamagedSnapshotError], None] | None = None,
    ) -> Self:
        """Open the snapshot CURRENT names (or the one called `name`), verified.

        The hashes of store, embeddings and pieces, which no search reads as a whole, are
        checked in a background thread; what it finds is `damage`, and goes to `on_damage` or,
        without one, to the log. While it is open no build removes it.
        """
        while True:
            opened = name or current_name(directory)
            try:
                snapshot = cls._open(directory / SNAPSHOTS / opened, load_encoder)
            except SnapshotError:
                # replaced, and removed, while it was being opened: there is a newer one
                if name is None and current_name(directory) != opened:
                    continue
                raise
            snapshot._check_the_rest(directory / SNAPSHOTS / opened, on_damage or _log_damage)
            return snapshot

    @classmethod
    def _open(cls, folder: Path, load_encoder: Callable[[Path], Encoder]) -> Self:
        with ExitStack() as stack:
            manifest = _hold(folder, stack)
            check_sizes(folder, manifest)
            check_hashes(
                folder, manifest, (file for file in manifest.files if file not in CHECKED_LATER)
            )
            snapshot = cls(folder, manifest, load_encoder(folder / "encoder"))
            snapshot._holding = stack.pop_all()
        return snapshot

    def _check_the_rest(
        self, folder: Path, on_damage: Callable[[DamagedSnapshotError], None]
    ) -> None:
        """Check, in a thread, what a search reads a few places of."""

        def note(error: DamagedSnapshotError) -> None:
            self.damage = error
            on_damage(error)

        threading.Thread(
            target=_check_later, args=(folder, self.manifest, note), daemon=True
        ).start()

    def close(self) -> None:
        """Close the files; nothing may be asked of the snapshot afterwards."""
        self.store.close()
        self.columns.close()
        self.lexical.close()
        self._holding.close()


def _check_later(
    folder: Path, manifest: Manifest, on_damage: Callable[[DamagedSnapshotError], None]
) -> None:
    try:
        check_hashes(folder, manifest, CHECKED_LATER)
    except DamagedSnapshotError as error:
        on_damage(error)
    except OSError as error:
        # removed under us: a newer snapshot took its place and this one is closing
        _log.info("the files of %s could not be checked: %s", folder.name, error)


def _log_damage(error: DamagedSnapshotError) -> None:
    _log.error("%s", error)


def publish(directory: Path, temporary: Path, manifest: Manifest) -> str:
    """Make a finished folder the current snapshot, durably, and give its name.

    The order matters: every file is on disk before the manifest, the manifest before the
    rename, the rename before CURRENT, so that a crash at any instant leaves CURRENT naming a
    whole snapshot.
    """
    raw = manifest.to_bytes()
    (temporary / MANIFEST).write_bytes(raw)
    name = snapshot_name(manifest.created, raw)
    make_folder(directory / SNAPSHOTS)
    rename_whole(temporary, directory / SNAPSHOTS / name)
    replace_text(directory / CURRENT, name + "\n")
    return name


def remove_old(directory: Path, kept: int = KEPT) -> list[str]:
    """Remove all but the newest `kept` snapshots; give their names.

    The current one stays, and whatever somebody has open: that goes with a later call.
    """
    current = current_name(directory)
    others = [name for name in snapshot_names(directory) if name != current]
    removed: list[str] = []
    for name in others[: max(0, len(others) - (kept - 1))]:
        # moved first: a removal that is interrupted leaves no half a snapshot in its place
        doomed = directory / BUILDING / f"removed-{name}"
        doomed.parent.mkdir(exist_ok=True)
        folder = directory / SNAPSHOTS / name
        with unheld(folder / MANIFEST) as is_free:
            if is_free:
                folder.rename(doomed)
                removed.append(name)
        # nor does a power cut, which may undo the move: not when files are gone already
        fsync_path(doomed.parent)
        fsync_path(folder.parent)
        remove_tree(doomed)
    return removed
