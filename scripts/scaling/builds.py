"""A corpus of any size made and built, and articles added to it: time, memory, bytes on disk."""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.build import add_sources, build_index
from index.corpus import Corpus
from index.manifest import Manifest
from index.onnx import OnnxEncoder
from index.pieces import pieces_of
from index.reading import read_corpus
from index.snapshot import MANIFEST, read_manifest
from index.sources import find_sources
from scripts.recombined.articles import corpus, further, write_articles
from scripts.recombined.encoder import RecombinedEncoder
from scripts.recombined.opening import make_stock, open_encoder, snapshot_of, stock_folder
from scripts.recombined.stock import RealTexts, Stock
from scripts.scaling.processes import in_child, watched

INDEX = "index"
ARTICLES = "articles.jsonl.gz"
ADDED = "added.jsonl.gz"
_MADE = "made"
_MADE_LATER = "made-later"

Figures = dict[str, Any]


def index_in(directory: Path) -> Path:
    """Give the index of a corpus that was made, or the directory itself where it is an index."""
    inside = directory / INDEX
    return inside if inside.is_dir() else directory


def make(origin: Path, n_articles: int, into: Path) -> Figures:
    """Make a corpus of so many articles from an index, and build its index, in a new folder."""
    if (into / INDEX).exists():
        raise FileExistsError(f"{into} holds a corpus already; give a new folder")
    into.mkdir(parents=True, exist_ok=True)
    snapshot = snapshot_of(origin)
    folder = stock_folder(into, snapshot)
    clock = _Clock()
    texts = RealTexts.read(snapshot)
    clock.note("reading the real articles")
    nearness = make_stock(folder, snapshot, texts)
    clock.note("the stock, where there was none")
    stock = Stock.open(folder, snapshot)
    made = write_articles(into / ARTICLES, corpus(stock, texts, n_articles))
    made.save(into, _MADE)
    clock.note("writing the articles")
    built = in_child(_build, folder, snapshot, into)
    return {
        "n_real": min(stock.n_real, n_articles),
        "n_taken_from": len(stock.rows),
        "nearest_cosine_quartiles": nearness._asdict(),
        "seconds": clock.seconds,
        "build": built,
        "disk": measure_disk(snapshot_of(into / INDEX)),
    }


class _Clock:
    """Notes how long each step took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def note(self, step: str) -> None:
        """Say that a step is done."""
        now = time.perf_counter()
        self.seconds[step], self._last = round(now - self._last, 2), now


def _build(folder: Path, snapshot: Path, into: Path) -> Figures:
    encoder = open_encoder(folder, snapshot, into, _MADE)
    started_at, started, said = time.time(), time.perf_counter(), []

    def say(line: str) -> None:
        said.append((round(time.perf_counter() - started, 2), line))

    with watched() as peak:
        result = build_index(
            [into / ARTICLES],
            into / INDEX,
            # recombined articles share whole sentences, as versions do, and are none
            versions=False,
            encoder=encoder,
            say=say,
            quiet=True,
        )
        wall_s = time.perf_counter() - started
    return {
        "n_articles": result.n_articles,
        **_times(encoder, wall_s),
        "said_after_s": [list(one) for one in said],
        "written_after_s": written_after(snapshot_of(into / INDEX), started_at),
        "peak": asdict(peak),
    }


def _times(encoder: RecombinedEncoder, wall_s: float) -> Figures:
    return {
        "wall_s": round(wall_s, 2),
        "encoding_s": round(encoder.encoding_s - encoder.really_s, 2),
        "really_encoding_s": round(encoder.really_s, 2),
        "all_else_s": round(wall_s - encoder.encoding_s, 2),
        "texts_encoded": dict(encoder.counts),
    }


def written_after(snapshot: Path, started_at: float) -> dict[str, float]:
    """Give when the last file of each part was written, in seconds from the start, in order."""
    times: dict[str, float] = defaultdict(float)
    for path in snapshot.rglob("*"):
        if path.is_file() and path.name != MANIFEST:
            part = _part(str(path.relative_to(snapshot)))
            times[part] = max(times[part], path.stat().st_mtime - started_at)
    return {part: round(after, 2) for part, after in sorted(times.items(), key=lambda one: one[1])}


def measure_disk(snapshot: Path) -> Figures:
    """Give the bytes of each part of a snapshot, and of all by article."""
    manifest = read_manifest(snapshot)
    parts: dict[str, int] = defaultdict(int)
    for name, record in manifest.files.items():
        parts[_part(name)] += record.size
    return {
        "bytes": dict(sorted(parts.items(), key=lambda one: -one[1])),
        "bytes_in_all": sum(parts.values()),
        "bytes_by_article": _by_article(parts, manifest),
    }


def _by_article(parts: Mapping[str, int], manifest: Manifest) -> dict[str, float]:
    shares = {part: round(size / manifest.n_articles, 1) for part, size in parts.items()}
    return shares | {"in all": round(sum(parts.values()) / manifest.n_articles, 1)}


def _part(name: str) -> str:
    """Name the part that a file belongs to; of the vectors every file is one."""
    return name if name.startswith("vectors/") else name.rpartition("/")[0] or name


def add(origin: Path, directory: Path, n_more: int) -> Figures:
    """Add so many further articles to a corpus that was made, and weigh what it takes."""
    snapshot = snapshot_of(origin)
    folder = stock_folder(directory, snapshot)
    texts, stock = RealTexts.read(snapshot), Stock.open(folder, snapshot)
    n_before = read_manifest(snapshot_of(index_in(directory))).n_articles
    records = list(further(stock, texts, n_before, n_more))
    write_articles(directory / ADDED, records).save(directory, _MADE_LATER)
    added = in_child(_add, folder, snapshot, directory)
    return {"n_before": n_before, **added, "really": in_child(encode_really, snapshot, directory)}


def _add(folder: Path, snapshot: Path, directory: Path) -> Figures:
    encoder = open_encoder(folder, snapshot, directory, _MADE_LATER)
    started = time.perf_counter()
    with watched() as peak:
        result = add_sources(
            [directory / ADDED], index_in(directory), encoder=encoder, say=_silent, quiet=True
        )
        wall_s = time.perf_counter() - started
    return {
        "n_after": result.n_articles,
        "n_encoded": result.n_encoded,
        **_times(encoder, wall_s),
        "peak": asdict(peak),
    }


def _silent(_: str) -> None:
    pass


def encode_really(snapshot: Path, directory: Path) -> Figures:
    """Give how long the real encoder takes for what was added: passages, then pieces."""
    encoder = OnnxEncoder.load(snapshot / "encoder")
    added, _ = read_corpus(find_sources([directory / ADDED]), Corpus(), quiet=True)
    articles = added.articles()
    clock = _Clock()
    n_passages = sum(1 for _ in encoder.encode_passages(one.passage() for one in articles))
    clock.note("passages")
    pieces = (piece for one in articles for piece in pieces_of(one))
    n_pieces = sum(1 for _ in encoder.encode_passages(pieces))
    clock.note("pieces")
    return {"n_passages": n_passages, "n_pieces": n_pieces, "seconds": clock.seconds}
