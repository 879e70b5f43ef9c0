"""Who holds the engine: requests borrow it, a newer snapshot replaces it without dropping one.

A request keeps the engine it began with. An engine that was replaced is closed when its last
request is done. Who walks an older answer by its cursor borrows an engine on that snapshot, as
long as it is kept on disk.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import CognateError, CursorExpiredError
from index.machine import give_back_memory
from index.snapshot import current_name, snapshot_names
from service.fallback import damage_told
from service.search import SearchEngine

RETRY_LOOKS = 30
"""A snapshot that was refused is tried again after so many looks: it may have been half copied
when it was named, or mended since. Trying reads all of it, so not at every look."""

_log = logging.getLogger(__name__)


class NotReadyError(CognateError, RuntimeError):
    """No snapshot is open: the service is starting or ending."""

    def __init__(self) -> None:
        super().__init__("no index is open yet; ask again in a moment")


class _Lease:
    """An engine with the count of those who have it; closed once retired and with nobody."""

    def __init__(self, engine: SearchEngine) -> None:
        self.engine = engine
        self._lock = threading.Lock()
        self._n_borrowers = 0
        self._is_retired = False
        self._last_used = time.monotonic()

    def take(self) -> None:
        with self._lock:
            self._n_borrowers += 1

    def give_back(self) -> None:
        with self._lock:
            self._n_borrowers -= 1
            self._last_used = time.monotonic()
            is_done = self._is_retired and not self._n_borrowers
        if is_done:
            self.engine.close()

    def retire(self) -> None:
        with self._lock:
            self._is_retired = True
            is_done = not self._n_borrowers
        if is_done:
            self.engine.close()

    def is_idle(self, idle_s: float) -> bool:
        with self._lock:
            return not self._n_borrowers and time.monotonic() - self._last_used >= idle_s


class OlderSnapshots:
    """Lends engines on snapshots that are kept but no longer served: at most one is open."""

    def __init__(
        self,
        directory: Path,
        open_engine: Callable[[Path, str], SearchEngine],
        idle_s: float = 60.0,
    ) -> None:
        self._directory = directory
        self._open_engine = open_engine
        self._idle_s = idle_s
        # held while an engine is opened, so that a crowd of requests opens it once
        self._lock = threading.Lock()
        self._lease: _Lease | None = None

    def lend(self, name: str) -> _Lease:
        """Give the engine on a snapshot, taken; CursorExpiredError where it is not kept."""
        with self._lock:
            # asked of the disk each time: all workers are to say the same
            if name not in snapshot_names(self._directory):
                raise CursorExpiredError(name)
            if self._lease is None or self._lease.engine.snapshot_name != name:
                engine = self._open(name)
                self._retire()
                self._lease = _Lease(engine)
            self._lease.take()
            return self._lease

    def close_idle(self) -> None:
        """Close the engine if nobody has asked for it for `idle_s` seconds."""
        with self._lock:
            if self._lease is not None and self._lease.is_idle(self._idle_s):
                self._retire()

    def close(self) -> None:
        """Close the engine as soon as nobody has it; a later cursor opens it again."""
        with self._lock:
            self._retire()

    def _open(self, name: str) -> SearchEngine:
        try:
            return self._open_engine(self._directory, name)
        except (CognateError, OSError) as error:
            # of another format, damaged, or removed this moment: nobody can go on in it
            _log.warning("no cursor can walk the snapshot %s: %s", name, error)
            raise CursorExpiredError(name) from error

    def _retire(self) -> None:
        if self._lease is not None:
            self._lease.retire()
        self._lease = None


class EngineHolder:
    """Lends the engine that is being served, and closes each one it no longer needs."""

    def __init__(
        self, engine: SearchEngine | None = None, older: OlderSnapshots | None = None
    ) -> None:
        self._lock = threading.Lock()
        self._lease = None if engine is None else _Lease(engine)
        self._older = older
        self.refused: str | None = None
        """Why the snapshot that is current is not served, in a line; None where it is."""

    @contextmanager
    def borrow(self, snapshot: str | None = None) -> Iterator[SearchEngine]:
        """Give the engine for the length of a `with`; NotReadyError where there is none.

        With the name of a snapshot, as `walked_snapshot` gives it: the engine on that one.
        One that is not served is opened first, in some tenths of a second, so do not ask on
        the event loop; CursorExpiredError where it is not kept.
        """
        lease = self._lend(snapshot)
        try:
            yield lease.engine
        finally:
            lease.give_back()

    def _lend(self, snapshot: str | None) -> _Lease:
        with self._lock:
            if self._lease is None:
                raise NotReadyError
            if snapshot in (None, self._lease.engine.snapshot_name):
                self._lease.take()
                return self._lease
        assert snapshot is not None
        if self._older is None:
            raise CursorExpiredError(snapshot)
        return self._older.lend(snapshot)

    def replace(self, engine: SearchEngine | None) -> None:
        """Lend `engine` from now on; close those before as soon as nobody has them."""
        with self._lock:
            old, self._lease = self._lease, None if engine is None else _Lease(engine)
        if old is not None:
            old.retire()
        if self._older is not None:
            self._older.close()

    def close_idle(self) -> None:
        """Close an engine on an older snapshot that nobody walks any more."""
        if self._older is not None:
            self._older.close_idle()

    @property
    def snapshot_name(self) -> str | None:
        """The name of the snapshot being served; None where none is open."""
        lease = self._lease
        return None if lease is None else lease.engine.snapshot_name

    @property
    def trouble(self) -> str | None:
        """What is wrong, in a line: the current snapshot is refused, or the served one damaged."""
        lease = self._lease
        return self.refused or (None if lease is None else lease.engine.trouble)

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
        if name == self._holder.snapshot_name:
            self._refused = self._holder.refused = None
            return False
        if self._is_put_off(name):
            return False
        try:
            engine = self._open_engine(self._directory)
        except Exception as error:  # whatever is wrong with the new one, the old one serves on
            self._refuse(name, error)
            return False
        self._refused = self._holder.refused = None
        self._holder.replace(engine)
        _log.info("serving the snapshot %s", engine.snapshot_name)
        return True

    def _refuse(self, name: str, error: Exception) -> None:
        if name != self._refused:
            _log.error("not taking up the snapshot %s: %s", name, error)
        self._refused = name
        self._holder.refused = damage_told(error, self._directory)
        self._n_looks_refused = 0

    def _is_put_off(self, name: str) -> bool:
        self._n_looks_refused += 1
        return name == self._refused and self._n_looks_refused < RETRY_LOOKS

    def _run(self) -> None:
        is_new = False
        while not self._stop.wait(self._poll_s):
            if is_new:
                # what the engine before had was the most that there was; by now it is freed
                give_back_memory()
            is_new = self.look()
            self._holder.close_idle()
