"""The manifest: written and read back unchanged, and named after its bytes."""

import hashlib
from dataclasses import replace

import orjson
import pytest

from index.errors import SnapshotError
from index.manifest import FORMAT_VERSION, FileRecord, Manifest, SourceRecord, snapshot_name
from tests.encoders import hash_spec

MANIFEST = Manifest(
    cognate="0.1.0",
    created="2026-11-22T10:11:12.345Z",
    encoder=hash_spec(),
    vector_index="Flat",
    n_articles=3,
    n_with_abstract=2,
    n_truncated=1,
    corpus_sha256="a" * 64,
    sources=(SourceRecord("a.ris", 10, "b" * 64),),
    files={"articles.sqlite": FileRecord(5, "c" * 64)},
)


@pytest.mark.parametrize(
    "manifest", [MANIFEST, replace(MANIFEST, sources=None), replace(MANIFEST, sources=())]
)
def test_a_manifest_is_read_back_as_it_was_written(manifest: Manifest) -> None:
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest


def test_the_name_tells_when_the_snapshot_was_made_and_which_manifest_it_has() -> None:
    raw = MANIFEST.to_bytes()

    name = snapshot_name(MANIFEST.created, raw)

    assert name == f"20261122T101112345Z-{hashlib.sha256(raw).hexdigest()[:16]}"


def test_another_format_is_refused_with_both_versions_and_the_cure() -> None:
    raw = replace(MANIFEST, format_version=FORMAT_VERSION + 1).to_bytes()

    with pytest.raises(SnapshotError) as caught:
        Manifest.from_bytes(raw)

    for part in (f"format {FORMAT_VERSION + 1}", f"format {FORMAT_VERSION};", "cognate build"):
        assert part in str(caught.value)


@pytest.mark.parametrize("raw", [b"", b"\x00", b"{", b"[]", b"null", b"{}", b'"text"'])
def test_what_is_no_manifest_is_refused(raw: bytes) -> None:
    with pytest.raises(SnapshotError, match="the manifest cannot be read"):
        Manifest.from_bytes(raw)


@pytest.mark.parametrize("key", ["encoder", "sources", "files", "n_articles"])
def test_a_manifest_that_lacks_a_part_is_refused(key: str) -> None:
    value = orjson.loads(MANIFEST.to_bytes())
    del value[key]

    with pytest.raises(SnapshotError, match="the manifest cannot be read"):
        Manifest.from_bytes(orjson.dumps(value))
