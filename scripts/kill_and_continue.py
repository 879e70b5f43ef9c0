"""Kill a build with SIGKILL in the middle, go on with it, and account for every passage.

    python -m scripts.kill_and_continue SOURCE --into DIR --kill-at 0.3 \
        --n-passages 108000 --results FILE.json

The first build is killed when it has embedded the given share of the passages; the second
is let run. Nothing was embedded twice if the passages logged at the kill, and those the
second build embedded, add up to the distinct passages of the corpus.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.embeddings import PASSAGES, log_entry
from index.snapshot import BUILDING, SNAPSHOTS, current_name
from scripts.provenance import provenance

_POLL_S = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trial and write its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+", metavar="SOURCE")
    parser.add_argument("--into", required=True, type=Path, metavar="DIR")
    parser.add_argument("--kill-at", type=float, default=0.4, help="share embedded at the kill")
    parser.add_argument("--n-passages", type=int, required=True, help="about how many there are")
    parser.add_argument("--results", type=Path, required=True)
    options = parser.parse_args(arguments)
    if options.into.exists():
        parser.error(f"{options.into} exists already; the trial needs a new directory")
    command = [
        sys.executable,
        "-m",
        "service",
        "build",
        *options.sources,
        "--into",
        str(options.into),
        "--json",
    ]
    killed = kill_in_the_middle(command, options.into, int(options.kill_at * options.n_passages))
    second = finish(command)
    figures = account(options.into, killed, second)
    options.results.write_text(json.dumps(provenance() | figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    return 0 if figures["nothing_embedded_twice"] else 1


def kill_in_the_middle(command: list[str], directory: Path, n_wanted: int) -> dict[str, Any]:
    """Start a build, and kill it once its log holds `n_wanted` passages."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while count_logged(directory) < n_wanted:
        if process.poll() is not None:
            sys.exit(f"the build ended (status {process.returncode}) before it could be killed")
        time.sleep(_POLL_S)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return {
        "n_logged_at_kill": count_logged(directory),
        "killed_after_s": round(time.monotonic() - started, 1),
        "index_existed_after_kill": (directory / "CURRENT").exists(),
    }


def count_logged(directory: Path) -> int:
    """Count the whole entries of the embedding log, by its size alone."""
    for path in (directory / BUILDING).glob("embeddings-*"):
        spec_files = list((directory / BUILDING).glob("encoder-*/encoder.json"))
        if spec_files:
            dimension = json.loads(spec_files[0].read_text())["dimension"]
            return path.stat().st_size // log_entry(int(dimension)).itemsize
    return 0


def finish(command: list[str]) -> dict[str, Any]:
    """Run the same build to its end."""
    started = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures | {"second_build_s": round(time.monotonic() - started, 1)}


def account(directory: Path, killed: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Compare what both builds embedded with the distinct passages of the snapshot."""
    folder = directory / SNAPSHOTS / current_name(directory) / "vectors"
    n_distinct = len(np.unique(np.load(folder / PASSAGES)["key"]))
    figures = killed | {
        "n_articles": second["n_articles"],
        "n_distinct_passages": n_distinct,
        "n_embedded_by_second": second["n_encoded"],
        "second_build_s": second["second_build_s"],
        "sources": second["report"],
    }
    total = figures["n_logged_at_kill"] + figures["n_embedded_by_second"]
    return figures | {"nothing_embedded_twice": total == n_distinct}


if __name__ == "__main__":
    sys.exit(main())
