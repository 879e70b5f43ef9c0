"""The manifest: what a snapshot holds, how it was made, and the hash of every file."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Self

import orjson

from index.calibration import Calibration
from index.errors import SnapshotError
from index.onnx import EncoderSpec
from index.reranker import RerankerSpec

FORMAT_VERSION = 5
OLDEST_REUSED = 1
"""A build takes articles and embeddings from snapshots since this format; serving does not."""
NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Size in bytes and sha256 (hex) of one file of a snapshot."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source as the build found it; the same bytes need not be read again."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The description of one snapshot; `files` lists every file but the manifest itself.

    `sources` are those of the build that made exactly this corpus; None after articles
    were added or removed, so that a build reads its sources again. `versions` tells whether
    versions of one work were looked for.
    """

    format_version: int = FORMAT_VERSION
    cognate: str
    created: str
    encoder: EncoderSpec
    vector_index: str
    n_articles: int
    n_with_abstract: int
    n_truncated: int
    corpus_sha256: str
    calibration: Calibration
    sources: tuple[SourceRecord, ...] | None
    files: dict[str, FileRecord]
    reranker: RerankerSpec | None = None
    versions: bool = True

    def to_bytes(self) -> bytes:
        """Give the manifest as it is stored; the snapshot's name is made from these bytes."""
        value = asdict(self)
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    @classmethod
    def from_bytes(cls, raw: bytes, *, oldest: int = FORMAT_VERSION) -> Self:
        """Read a manifest back; one of a format before `oldest`, or after ours, is refused.

        What an older format did not know gets its default.
        """
        try:
            value = orjson.loads(raw)
            version = value["format_version"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            message = f"the manifest cannot be read: {error}"
            raise SnapshotError(message) from error
        if version not in range(oldest, FORMAT_VERSION + 1):
            message = (
                f"the index has format {version}, this version of Cognate reads format "
                f"{FORMAT_VERSION}; build the index again with: cognate build"
            )
            raise SnapshotError(message)
        try:
            return cls(**_parsed(value))
        except (KeyError, TypeError, AttributeError) as error:
            message = f"the manifest cannot be read: {error!r}"
            raise SnapshotError(message) from error


def _parsed(value: dict[str, Any]) -> dict[str, Any]:
    sources = value["sources"]
    calibration = value.get("calibration")
    reranker = value.get("reranker")
    return value | {
        "encoder": EncoderSpec.from_json(value["encoder"]),
        "calibration": (
            Calibration.default() if calibration is None else Calibration.from_json(calibration)
        ),
        "sources": (
            None if sources is None else tuple(SourceRecord(**source) for source in sources)
        ),
        "reranker": None if reranker is None else RerankerSpec.from_json(reranker),
        "files": {path: FileRecord(**record) for path, record in value["files"].items()},
    }


def snapshot_name(created: str, manifest_bytes: bytes) -> str:
    """Make a snapshot's name: when it was made, then 16 hex digits of the manifest's sha256."""
    stamp = created.translate(str.maketrans("", "", "-:."))
    return f"{stamp}-{manifest_digits(manifest_bytes)}"


def manifest_digits(manifest_bytes: bytes) -> str:
    """Give the 16 hex digits that a snapshot's name ends in."""
    return hashlib.sha256(manifest_bytes).hexdigest()[:NAME_DIGITS]
