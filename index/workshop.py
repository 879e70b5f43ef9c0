"""Where a build works: the directory, and the snapshot whose work it takes over."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from index.decisions import Decision
from index.manifest import FORMAT_VERSION, OLDEST_REUSED, Manifest
from index.models import ModelFiles
from index.onnx import Encoder
from index.reranker import RerankerSpec
from index.snapshot import (
    BUILDING,
    SNAPSHOTS,
    check_hashes,
    check_sizes,
    current_name,
    read_manifest,
)
from index.store import STORE


@dataclass(frozen=True, slots=True)
class Previous:
    """The current snapshot of a directory as a build sees it: whole, every byte checked."""

    folder: Path
    manifest: Manifest

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Check the current snapshot and give it."""
        folder = directory / SNAPSHOTS / current_name(directory)
        manifest = read_manifest(folder, oldest=OLDEST_REUSED)
        check_sizes(folder, manifest)
        check_hashes(folder, manifest, manifest.files)
        return cls(folder, manifest)

    @property
    def store(self) -> Path:
        """The file of its articles."""
        return self.folder / STORE

    @property
    def is_of_this_format(self) -> bool:
        """Whether its parts can be added to; of an older one only embeddings are taken over."""
        return self.manifest.format_version == FORMAT_VERSION


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where a build works, and how: the directory, what lies there, what it says.

    The encoder is `encoder` if given, else that of `model` if given, else the last one's.
    `decisions` about versions, if given, take the place of the last snapshot's. `reranker` is
    a model to be exported, or what the last snapshot has, to be kept. `versions` of one work
    are looked for, or every article stands alone.
    """

    directory: Path
    previous: Previous | None
    encoder: Encoder | None = None
    model: ModelFiles | None = None
    say: Callable[[str], None] = print
    quiet: bool = False
    decisions: tuple[Decision, ...] | None = None
    reranker: ModelFiles | RerankerSpec | None = None
    versions: bool = True

    @property
    def building(self) -> Path:
        """The folder of unfinished work."""
        return self.directory / BUILDING

    @property
    def draft(self) -> Path:
        """The store of the next snapshot, until it has a folder of its own."""
        return self.building / STORE
