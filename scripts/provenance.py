"""What every results file says of itself: commit, machine, versions, command."""

import datetime
import importlib.metadata
import platform
import shlex
import subprocess
import sys
from pathlib import Path

from index.machine import n_cores

_PACKAGES = ("faiss-cpu", "onnxruntime", "tantivy", "numpy", "tokenizers")


def provenance() -> dict[str, object]:
    """Describe this run: when, on what, with which versions, by which command."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    ).stdout.strip()
    # where things lie on one machine says nothing to a reader
    arguments = [Path(text).name if text.startswith("/") else text for text in sys.argv[1:]]
    return {
        "command": shlex.join(["python", "-m", f"scripts.{Path(sys.argv[0]).stem}", *arguments]),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit or "unknown",
        "cpu": _cpu(),
        "cores": n_cores(),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown"
