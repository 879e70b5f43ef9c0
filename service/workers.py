"""Several processes that serve one index at one address: uvicorn's supervisor, and how it ends.

Each worker opens the snapshot by itself and takes up a new one by itself; the kernel keeps one
copy of what they map. A worker that dies is replaced. Each has a queue of its own.
"""

from collections.abc import Callable

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from service.connections import PatientConfig

_LATE_S = 5
"""A worker that was asked to end and has not, so long after the time it has for it, is killed."""


class Workers(Multiprocess):
    """Starts the workers, replaces who dies, and ends all; says when all of them serve."""

    def __init__(self, config: PatientConfig, say_ready: Callable[[], None], stop_s: int) -> None:
        super().__init__(config, sockets=[config.bind_socket()])
        self._say_ready = say_ready
        self._stop_s = stop_s
        self._is_said = False

    def keep_subprocess_alive(self) -> None:
        """Replace who died; say once that all serve."""
        super().keep_subprocess_alive()
        if not self._is_said and all(process.is_ready(timeout=1) for process in self.processes):
            self._is_said = True
            self._say_ready()

    def join_all(self) -> None:
        """Wait until all have ended, not for ever."""
        for process in self.processes:
            process.process.join(self._stop_s + _LATE_S)
            if process.process.is_alive():
                process.kill()

    def serve(self) -> int:
        """Serve until asked to end; give 1 where a worker cannot start, else 0."""
        self.run()
        failed = [one for one in self.processes if one.exitcode == STARTUP_FAILURE]
        return 1 if failed else 0
