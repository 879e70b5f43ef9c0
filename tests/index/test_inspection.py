"""What an index is described by is what its manifest and report say."""

import importlib.metadata
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from index.build import build_index
from index.errors import DamagedSnapshotError, SnapshotError
from index.inspection import describe, describe_report, to_lines
from index.manifest import snapshot_name
from index.reranker import RerankerSpec
from index.snapshot import (
    CURRENT,
    MANIFEST,
    REPORT,
    SNAPSHOTS,
    current_name,
    read_manifest,
)
from tests.encoders import DIMENSION, WINDOW, HashEncoder

LINES: list[dict[str, object]] = [
    {"id": "1", "title": "Wheat", "abstract": "Soil and yield."},
    {"id": "2", "title": "Long", "abstract": "word " * (WINDOW + 1)},
    {"id": "3", "title": "No abstract", "doi": "10.1000/x."},
    {"id": "4"},
]


def build(directory: Path, lines: list[dict[str, object]]) -> None:
    source = directory.with_suffix(".jsonl")
    source.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    build_index([source], directory, encoder=HashEncoder(), say=lambda _: None, quiet=True)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Build an index of three articles and one refusal."""
    build(tmp_path / "library", LINES)
    return tmp_path / "library"


def test_an_index_is_described_by_its_snapshot_its_counts_and_its_encoder(directory: Path) -> None:
    described = describe(directory)

    name = current_name(directory)
    files = [path for path in (directory / SNAPSHOTS / name).rglob("*") if path.is_file()]
    manifest = directory / SNAPSHOTS / name / "manifest.json"
    assert described.pop("created")
    assert described == {
        "index": str(directory),
        "snapshot": name,
        "kept_snapshots": [name],
        "cognate": importlib.metadata.version("cognate"),
        "n_articles": 3,
        "n_with_abstract": 2,
        "n_truncated": 1,
        "model": "hash-encoder",
        "dimension": DIMENSION,
        "window": WINDOW,
        "query_prompt": "",
        "passage_prompt": "",
        "languages": "",
        "precision": "float32",
        "mean_cosine_to_original": 1.0,
        "least_cosine_to_original": 1.0,
        "reranker": None,
        "vector_index": "Flat",
        "bytes": sum(path.stat().st_size for path in files if path != manifest),
    }


def test_an_index_is_described_by_what_stands_before_texts_and_what_rescores_them(
    directory: Path,
) -> None:
    manifest = read_manifest(directory / SNAPSHOTS / current_name(directory))
    encoder = replace(manifest.encoder, query_prompt="query: ", passage_prompt="passage: ")
    reranker = RerankerSpec(
        model="tiny-reranker",
        revision=None,
        fingerprint="0" * 64,
        weights_sha256="0" * 64,
        window=WINDOW,
        precision="int8",
        correlation=0.99,
        n_compared=6,
    )
    raw = replace(manifest, encoder=encoder, reranker=reranker).to_bytes()
    name = snapshot_name(manifest.created, raw)
    (directory / SNAPSHOTS / name).mkdir()
    (directory / SNAPSHOTS / name / MANIFEST).write_bytes(raw)
    (directory / CURRENT).write_text(name)

    described = describe(directory)

    assert described["query_prompt"] == "query: "
    assert described["passage_prompt"] == "passage: "
    assert described["reranker"] == "tiny-reranker"


def test_the_snapshots_that_are_kept_are_named_oldest_first(directory: Path) -> None:
    first = current_name(directory)
    build(directory, LINES[:2])

    assert describe(directory)["kept_snapshots"] == [first, current_name(directory)]


def test_the_report_lists_the_records_that_were_repaired_or_refused(directory: Path) -> None:
    summary, *records = describe_report(directory)

    assert "4 read, 3 kept, 0 merged, 1 repaired, 1 refused" in summary
    assert [record.partition("library.jsonl, ")[2][:16] for record in records] == [
        "line 4: refused:",
        "line 3: repaired",
    ]


def test_a_report_with_other_bytes_is_refused(directory: Path) -> None:
    path = directory / SNAPSHOTS / current_name(directory) / REPORT
    path.write_bytes(path.read_bytes().replace(b"10.1000/x", b"10.1000/y"))

    with pytest.raises(DamagedSnapshotError, match="sha256 differs"):
        describe_report(directory)


def test_a_report_that_is_gone_is_named(directory: Path) -> None:
    (directory / SNAPSHOTS / current_name(directory) / REPORT).unlink()

    with pytest.raises(DamagedSnapshotError, match=r"report\.json: is missing"):
        describe_report(directory)


def test_where_there_is_no_index_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="there is no index in"):
        describe(tmp_path)


def test_lines_are_aligned_and_lists_stand_below_their_names() -> None:
    described: dict[str, object] = {
        "n": 12_345,
        "a_long_name": "text",
        "prompt": "",
        "reranker": None,
        "least": 0.0,
        "kept": ["one", "two"],
    }

    assert to_lines(described) == [
        "n            12,345",
        "a_long_name  text",
        "prompt       none",
        "reranker     none",
        "least        0.0",
        "kept:",
        "  one",
        "  two",
    ]
