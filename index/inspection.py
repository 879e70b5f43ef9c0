"""What an index holds, described for people and programs, without opening its parts."""

from pathlib import Path

from index.errors import DamagedSnapshotError
from index.report import report_from_bytes
from index.snapshot import (
    REPORT,
    SNAPSHOTS,
    check_hashes,
    current_name,
    read_manifest,
    snapshot_names,
)


def describe(directory: Path) -> dict[str, object]:
    """Describe the current snapshot of `directory` and name the others."""
    name = current_name(directory)
    manifest = read_manifest(directory / SNAPSHOTS / name)
    encoder = manifest.encoder
    return {
        "index": str(directory),
        "snapshot": name,
        "kept_snapshots": snapshot_names(directory),
        "created": manifest.created,
        "cognate": manifest.cognate,
        "n_articles": manifest.n_articles,
        "n_with_abstract": manifest.n_with_abstract,
        "n_truncated": manifest.n_truncated,
        "model": encoder.model,
        "dimension": encoder.dimension,
        "window": encoder.window,
        "precision": encoder.precision,
        "mean_cosine_to_original": encoder.mean_cosine,
        "least_cosine_to_original": encoder.least_cosine,
        "vector_index": manifest.vector_index,
        "bytes": sum(record.size for record in manifest.files.values()),
    }


def describe_report(directory: Path) -> list[str]:
    """Give the build report of the current snapshot, a line for each record it names."""
    folder = directory / SNAPSHOTS / current_name(directory)
    try:
        check_hashes(folder, read_manifest(folder), [REPORT])
        raw = (folder / REPORT).read_bytes()
    except FileNotFoundError as error:
        raise DamagedSnapshotError(str(folder / REPORT), "is missing") from error
    return report_from_bytes(raw).lines()


def to_lines(description: dict[str, object]) -> list[str]:
    """Write a description as aligned lines, lists below their names."""
    width = max(map(len, description))
    lines: list[str] = []
    for name, value in description.items():
        if isinstance(value, list):
            lines += [f"{name}:", *(f"  {item}" for item in value)]
        else:
            shown = f"{value:,}" if isinstance(value, int) else str(value)
            lines.append(f"{name.ljust(width)}  {shown}")
    return lines
