"""The stock of an index found where it lies, or made, which takes minutes for a large one."""

import json
from pathlib import Path

from index.onnx import OnnxEncoder
from index.snapshot import SNAPSHOTS, current_name
from scripts.recombined.encoder import Nearness, RecombinedEncoder, fit_spread, load_encoder
from scripts.recombined.stock import Lookup, RealTexts, Stock, write_stock

NEARNESS = "nearness.json"
"""Written last: where it lies, the stock is whole."""

_DIGITS = 16


def snapshot_of(index: Path) -> Path:
    """Give the folder of the current snapshot of an index."""
    return index / SNAPSHOTS / current_name(index)


def stock_folder(beside: Path, snapshot: Path) -> Path:
    """Give where the stock of a snapshot lies: beside the corpora that are made of it."""
    return beside.parent / f"stock-{snapshot.name[-_DIGITS:]}"


def make_stock(folder: Path, snapshot: Path, texts: RealTexts) -> Nearness:
    """Write the stock of a snapshot where there is none, and give how near neighbours are."""
    if not (folder / NEARNESS).exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_stock(folder, snapshot, texts)
        found = fit_spread(Stock.open(folder, snapshot), folder)
        (folder / NEARNESS).write_text(json.dumps(found._asdict()))
    return Nearness(**json.loads((folder / NEARNESS).read_text()))


def open_encoder(folder: Path, snapshot: Path, made: Path, name: str) -> RecombinedEncoder:
    """Open the encoder of the articles whose lookup was saved in `made` under a name."""
    real = OnnxEncoder.load(snapshot / "encoder")
    return load_encoder(real, Stock.open(folder, snapshot), folder, Lookup.load(made, name))
