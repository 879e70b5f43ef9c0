"""Who holds the engine: requests borrow it, a newer snapshot replaces it without dropping one.

A request keeps the engine it began with. An engine that was replaced is closed when its last
request is done.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.errors import CognateError
from index.snapshot import current_name
from service.search import SearchEngine

RETRY_LOOKS = 30
"""A snapshot that was refused is tried again after so many looks: it may have been half copied
when it was named, or mended since. Trying reads all of it, so not at every look."""

_log = logging.getLogger(__name__)


class NotReadyError(CognateError, RuntimeError):
    """No snapshot is open: the service is starting or ending."""

    def __init__(self) -> None:
        super().__init__("no index is open yet; ask again in a moment")


@dataclass(slots=True)
class _Lease:
    engine: SearchEngine
    n_borrowers: int = 0
    is_replaced: bool = False


class EngineHolder:
    """Lends the engine that is being served, and closes each one it no longer needs."""

    def __init__(self, engine: SearchEngine | None = None) -> None:
        self._lock = threading.Lock()
        self._lease = None if engine is None else _Lease(engine)

    @contextmanager
    def borrow(self) -> Iterator[SearchEngine]:
        """Give the engine for the length of a `with`; NotReadyError where there is none."""
        with self._lock:
            lease = self._lease
            if lease is None:
                raise NotReadyError
            lease.n_borrowers += 1
        try:
            yield lease.engine
        finally:
            with self._lock:
                lease.n_borrowers -= 1
                is_done = lease.is_replaced and not lease.n_borrowers
            if is_done:
                lease.engine.close()

    def replace(self, engine: SearchEngine | None) -> None:
        """Lend `engine` from now on; close the one before as soon as nobody has it."""
        with self._lock:
            old, self._lease = self._lease, None if engine is None else _Lease(engine)
            if old is not None:
                old.is_replaced = True
            is_done = old is not None and not old.n_borrowers
        if old is not None and is_done:
            old.engine.close()

    @property
    def snapshot_name(self) -> str | None:
        """The name of the snapshot being served; None where none is open."""
        lease = self._lease
        return None if lease is None else lease.engine.snapshot_name

    @property
    def is_ready(self) -> bool:
        """Whether there is an engine to borrow."""
        return self._lease is not None


class SnapshotWatcher:
    """Looks at CURRENT again and again, and takes up the snapshot it names."""

    def __init__(
        self,
        holder: EngineHolder,
        directory: Path,
        open_engine: Callable[[Path], SearchEngine],
        poll_s: float = 1.0,
    ) -> None:
        self._holder = holder
        self._directory = directory
        self._open_engine = open_engine
        self._poll_s = poll_s
        self._refused: str | None = None
        self._n_looks_refused = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshot-watcher", daemon=True)

    def start(self) -> None:
        """Look every `poll_s` seconds in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns when the thread has ended."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> bool:
        """Take up a new snapshot if there is one; tell whether there was.

        One that cannot be opened is refused with a line in the log, once, and the old one goes
        on being served; it is tried again now and then.
        """
        try:
            name = current_name(self._directory)
        except (CognateError, OSError) as error:
            self._refuse("CURRENT", error)
            return False
        if name == self._holder.snapshot_name or self._is_put_off(name):
            return False
        try:
            engine = self._open_engine(self._directory)
        except Exception as error:  # whatever is wrong with the new one, the old one serves on
            self._refuse(name, error)
            return False
        self._refused = None
        self._holder.replace(engine)
        _log.info("serving the snapshot %s", engine.snapshot_name)
        return True

    def _refuse(self, name: str, error: Exception) -> None:
        if name != self._refused:
            _log.error("not taking up the snapshot %s: %s", name, error)
        self._refused = name
        self._n_looks_refused = 0

    def _is_put_off(self, name: str) -> bool:
        self._n_looks_refused += 1
        return name == self._refused and self._n_looks_refused < RETRY_LOOKS

    def _run(self) -> None:
        while not self._stop.wait(self._poll_s):
            self.look()
