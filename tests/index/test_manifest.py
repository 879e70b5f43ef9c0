"""The manifest: written and read back unchanged, and named after its bytes."""

import hashlib
from dataclasses import replace

import orjson
import pytest

from index.calibration import Calibration, Curve
from index.errors import SnapshotError
from index.manifest import (
    FORMAT_VERSION,
    OLDEST_REUSED,
    FileRecord,
    Manifest,
    SourceRecord,
    snapshot_name,
)
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
    calibration=Calibration.default(),
    sources=(SourceRecord("a.ris", 10, "b" * 64),),
    files={"articles.sqlite": FileRecord(5, "c" * 64)},
)


@pytest.mark.parametrize(
    "manifest", [MANIFEST, replace(MANIFEST, sources=None), replace(MANIFEST, sources=())]
)
def test_a_manifest_is_read_back_as_it_was_written(manifest: Manifest) -> None:
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest


def test_every_curve_and_what_it_was_fitted_by_is_read_back() -> None:
    fitted = Calibration(
        n_articles=3,
        n_pairs=2,
        near=5,
        n_random=20,
        prior=1 / 22,
        chance=0.05,
        curves={
            "hybrid": {"short": Curve(-1.5, 2.25, 0.125), "article": Curve(-3.0, 1e-3, 1.0)},
            "lexical": {"paragraph": Curve(0.1, 0.2, 0.3)},
        },
        quality={"short": {"n": 44.0, "ece": 0.01}},
    )

    again = Manifest.from_bytes(replace(MANIFEST, calibration=fitted).to_bytes())

    assert again.calibration == fitted


def test_the_name_tells_when_the_snapshot_was_made_and_which_manifest_it_has() -> None:
    raw = MANIFEST.to_bytes()

    name = snapshot_name(MANIFEST.created, raw)

    assert name == f"20261122T101112345Z-{hashlib.sha256(raw).hexdigest()[:16]}"


@pytest.mark.parametrize("version", [FORMAT_VERSION - 1, FORMAT_VERSION + 1])
def test_another_format_is_refused_with_both_versions_and_the_cure(version: int) -> None:
    raw = replace(MANIFEST, format_version=version).to_bytes()

    with pytest.raises(SnapshotError) as caught:
        Manifest.from_bytes(raw)

    for part in (f"format {version},", f"format {FORMAT_VERSION};", "cognate build"):
        assert part in str(caught.value)


def of_the_first_format() -> bytes:
    """Give a manifest as it was written before there was a calibration."""
    value = orjson.loads(replace(MANIFEST, format_version=1).to_bytes())
    del value["calibration"]
    return orjson.dumps(value)


def test_an_older_format_is_read_where_it_will_do_with_the_default_calibration() -> None:
    manifest = Manifest.from_bytes(of_the_first_format(), oldest=OLDEST_REUSED)

    assert manifest == replace(MANIFEST, format_version=1)
    assert manifest.calibration == Calibration.default()


@pytest.mark.parametrize("version", [OLDEST_REUSED - 1, FORMAT_VERSION + 1])
def test_a_format_outside_of_what_will_do_is_refused(version: int) -> None:
    raw = replace(MANIFEST, format_version=version).to_bytes()

    with pytest.raises(SnapshotError, match=f"has format {version}, "):
        Manifest.from_bytes(raw, oldest=OLDEST_REUSED)


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


@pytest.mark.parametrize(
    "calibration", [{}, [], "text", {"curves": {"hybrid": {"short": {"slope": 1}}}}]
)
def test_a_calibration_that_cannot_be_read_is_refused(calibration: object) -> None:
    value = orjson.loads(MANIFEST.to_bytes()) | {"calibration": calibration}

    with pytest.raises(SnapshotError, match="the manifest cannot be read"):
        Manifest.from_bytes(orjson.dumps(value))
