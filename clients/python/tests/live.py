"""A Cognate service as a process of its own, on a free port."""

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "scripts" / "sample" / "library.jsonl"
COMMAND = "LIVE_COGNATE"
"""The variable that names the console command `cognate`, which has an environment of its own."""


def build(command: str, folder: Path) -> Path:
    """Build the index of the sample library."""
    subprocess.run(
        [command, "build", str(SAMPLE), "--into", str(folder), "--quiet"],
        check=True,
        env=_environment(),
    )
    return folder


@contextlib.contextmanager
def serve(command: str, index: Path, **settings: str) -> Iterator[str]:
    """Serve an index and give its address, from the moment that the service says so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [command, "serve", "--index", str(index), "--port", str(port)],
        stderr=subprocess.PIPE,
        text=True,
        env={**_environment(), **settings},
    )
    with process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            assert said.startswith("serving "), said
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _environment() -> dict[str, str]:
    """Give our own environment without what the service would take for its settings."""
    return {name: text for name, text in os.environ.items() if not name.startswith("COGNATE_")}
