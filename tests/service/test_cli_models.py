"""The console command `build` takes models, their prompts and pooling, and a reranker."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from index.manifest import Manifest
from index.snapshot import SNAPSHOTS, read_manifest
from tests.service.library import LIBRARY, write_library
from tests.service.test_cli import WHEAT, refuse, run, run_json
from tests.tiny_models import save_tiny_cross_encoder


def build_again(
    capsys: pytest.CaptureFixture[str], folder: Path, *options: object
) -> tuple[Any, Manifest]:
    """Build the library's index in a folder, and give what was done and its manifest."""
    source = folder / "library.jsonl"
    if not source.exists():
        write_library(source)
    done = run_json(capsys, "build", source, "--into", folder / "index", *options, "--quiet")
    manifest = read_manifest(folder / "index" / SNAPSHOTS / done["name"])
    return done, manifest


def test_what_stands_before_texts_is_named_at_the_build_and_decides_what_is_embedded(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    n_embedded, prompts, names = [], [], []
    for options in (
        ["--query-prompt", "query: ", "--passage-prompt", "passage: "],
        ["--query-prompt", "query: ", "--passage-prompt", "passage: "],
        ["--query-prompt", "ask: ", "--passage-prompt", "passage: "],
        ["--query-prompt", "ask: ", "--passage-prompt", "p: "],
        [],
    ):
        done, manifest = build_again(capsys, tmp_path, "--model", tiny_model, *options)
        n_embedded.append(done["n_encoded"])
        prompts.append((manifest.encoder.query_prompt, manifest.encoder.passage_prompt))
        names.append(done["name"])

    n = len(LIBRARY)
    # what stands before a question changes no passage; a build without it is another one
    assert n_embedded == [n, 0, 0, n, n]
    assert prompts[1:] == [
        ("query: ", "passage: "),
        ("ask: ", "passage: "),
        ("ask: ", "p: "),
        ("", ""),
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 4


def test_a_pooling_is_named_at_the_build(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, plain = build_again(capsys, tmp_path, "--model", tiny_model)
    done, pooled = build_again(capsys, tmp_path, "--model", tiny_model, "--pooling", "max")

    assert done["n_encoded"] == len(LIBRARY)
    assert pooled.encoder.fingerprint != plain.encoder.fingerprint
    said = refuse(capsys, "build", tmp_path, "--into", tmp_path / "x", "--pooling", "middle")
    assert said.startswith("cognate: there is no pooling 'middle'; choose one of cls, max, mean,")


def test_a_reranker_is_named_at_the_build_and_kept_by_a_change(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reranker = save_tiny_cross_encoder(tmp_path / "reranker")

    done, manifest = build_again(capsys, tmp_path, "--model", tiny_model, "--reranker", reranker)

    assert manifest.reranker is not None
    assert manifest.reranker.model == str(reranker)
    (tmp_path / "more.jsonl").write_bytes(orjson.dumps(WHEAT))
    added = run_json(
        capsys, "add", tmp_path / "more.jsonl", "--index", tmp_path / "index", "--quiet"
    )
    assert added["name"] != done["name"]
    after = read_manifest(tmp_path / "index" / SNAPSHOTS / added["name"])
    assert after.reranker == manifest.reranker
    assert "files are as they were published" in run(capsys, "verify", tmp_path / "index")


def test_a_reranker_that_is_nowhere_is_refused_before_anything_is_built(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_library(tmp_path / "library.jsonl")
    options = ("--into", tmp_path / "index", "--model", tiny_model, "--reranker", "./no-reranker")

    said = refuse(capsys, "build", source, *options, "--quiet")

    assert said.startswith("cognate: there is no model folder ./no-reranker")
    assert not (tmp_path / "index").exists()
