"""A real service on a free port of this machine, for measurements: started, asked, stopped."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.memory import pss_mb

_POLL_S = 0.005


@dataclass(frozen=True, slots=True)
class Service:
    """A running `cognate serve`: its address, its process, and when it was started."""

    url: str
    process: "subprocess.Popen[bytes]"
    started: float

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self.process.pid

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    def search(self, **body: object) -> dict[str, Any]:
        """Ask `POST /v1/search`."""
        return self.post("/v1/search", **body)

    def similar(self, **body: object) -> dict[str, Any]:
        """Ask `POST /v1/similar`."""
        return self.post("/v1/similar", **body)

    def post(self, path: str, **body: object) -> dict[str, Any]:
        """Ask a route with a JSON body."""
        request = urllib.request.Request(
            f"{self.url}{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def pss_mb(self) -> float:
        """Give the memory of the process: its proportional set size, in MB (10^6 bytes)."""
        return pss_mb(self.pid)


@contextlib.contextmanager
def serve(index: Path, **settings: object) -> Iterator[Service]:
    """Serve `index`, keeping no answers, until the block ends; ready when the first has come.

    Settings are named as in the README, without their prefix: `header_s=1`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "service", "serve", "--index", str(index), "--port", str(port)]
    started = time.perf_counter()
    given = {f"COGNATE_{name.upper()}": str(value) for name, value in settings.items()}
    process = subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(Path.cwd()), "COGNATE_CACHE": "0"} | given
    )
    service = Service(f"http://127.0.0.1:{port}", process, started)
    try:
        while True:
            if process.poll() is not None:
                raise RuntimeError(f"the service ended with status {process.returncode}")
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                service.search(query="a first question", limit=1)
                break
            time.sleep(_POLL_S)
        yield service
    finally:
        process.terminate()
        process.wait(timeout=30)
