"""How fast passages are embedded: Cognate's encoder beside `SentenceTransformer.encode`.

    python -m scripts.indexing_rate PASSAGES.json --model DIR    the original, its default batches
    python -m scripts.indexing_rate PASSAGES.json --encoder DIR  the encoder of a snapshot

Prints the seconds, loading the model not counted. Each runs in a process of its own, so that
the idle threads of one library do not spin beside the other's.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.systems import ROOT

_WARM_UP = 4


def time_original(model: Path, passages: list[str]) -> float:
    """Time `SentenceTransformer.encode` as it is called without further ado."""
    from sentence_transformers import SentenceTransformer

    return _time(SentenceTransformer(str(model)).encode, passages)


def time_encoder(folder: Path, passages: list[str]) -> float:
    """Time the encoder of a snapshot, as a build runs it."""
    from index.onnx import OnnxEncoder

    encoder = OnnxEncoder.load(folder)
    return _time(lambda texts: list(encoder.encode_passages(texts)), passages)


def _time(encode: Callable[[list[str]], object], passages: list[str]) -> float:
    encode(passages[:_WARM_UP])
    started = time.perf_counter()
    encode(passages)
    return time.perf_counter() - started


def time_build(source: Path) -> float:
    """Time a whole `cognate build` of a file: reading, export, sentences, every index."""
    with tempfile.TemporaryDirectory() as scratch:
        build = [sys.executable, "-m", "service", "build", str(source), "--quiet"]
        started = time.perf_counter()
        subprocess.run(
            [*build, "--into", f"{scratch}/index"],
            check=True,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        return time.perf_counter() - started


def time_apart(passages: Path, option: str, folder: Path) -> float:
    """Time one of the two in a process of its own."""
    command = [sys.executable, "-m", "scripts.indexing_rate", str(passages), option, str(folder)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return float(ended.stdout.splitlines()[-1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Time one of the two and print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("passages", type=Path)
    either = parser.add_mutually_exclusive_group(required=True)
    either.add_argument("--model", type=Path)
    either.add_argument("--encoder", type=Path)
    options = parser.parse_args(arguments)
    passages: list[str] = json.loads(options.passages.read_text(encoding="utf-8"))
    if options.model:
        print(time_original(options.model, passages))
    else:
        print(time_encoder(options.encoder, passages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
