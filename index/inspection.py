"""What an index holds, described for people and programs, without opening what serves it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from index.errors import DamagedSnapshotError
from index.report import BuildReport, report_from_bytes
from index.snapshot import (
    REPORT,
    SNAPSHOTS,
    check_hashes,
    current_name,
    read_manifest,
    snapshot_names,
)
from index.store import STORE, ArticleStore
from index.versions import Family, Versions, to_version


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
        "query_prompt": encoder.query_prompt,
        "passage_prompt": encoder.passage_prompt,
        "languages": ", ".join(encoder.languages),
        "precision": encoder.precision,
        "mean_cosine_to_original": encoder.mean_cosine,
        "least_cosine_to_original": encoder.least_cosine,
        "reranker": manifest.reranker.model if manifest.reranker else None,
        "vector_index": manifest.vector_index,
        "bytes": sum(record.size for record in manifest.files.values()),
    }


def describe_report(directory: Path) -> list[str]:
    """Give the build report of the current snapshot, a line for each record it names."""
    return read_report(directory / SNAPSHOTS / current_name(directory)).lines()


def read_report(folder: Path) -> BuildReport:
    """Read the build report of a snapshot, checked against its manifest."""
    try:
        check_hashes(folder, read_manifest(folder), [REPORT])
        raw = (folder / REPORT).read_bytes()
    except FileNotFoundError as error:
        raise DamagedSnapshotError(str(folder / REPORT), "is missing") from error
    return report_from_bytes(raw)


def describe_versions(directory: Path) -> list[dict[str, Any]]:
    """List the works of which the current snapshot has several versions, and why it joins them.

    Each has `versions` (as an answer shows them, with the title) and `reasons` (the two ids,
    the rule, and how alike the two are).
    """
    folder = directory / SNAPSHOTS / current_name(directory)
    manifest = read_manifest(folder)
    parts = [name for name in manifest.files if name.startswith("columns/famil")]
    check_hashes(folder, manifest, parts)
    versions = Versions(folder / "columns")
    store = ArticleStore(folder / STORE)
    try:
        return [_describe_family(family, store) for family in versions.families()]
    finally:
        store.close()


def _describe_family(family: Family, store: ArticleStore) -> dict[str, Any]:
    articles = {row: store[row] for row in family.rows}
    return {
        "versions": [
            asdict(to_version(article)) | {"title": article.title} for article in articles.values()
        ],
        "reasons": [
            {key: value for key, value in asdict(reason).items() if key != "rows"}
            | {"ids": [articles[row].article_id for row in reason.rows]}
            for reason in family.reasons
        ],
    }


def versions_to_lines(families: list[dict[str, Any]]) -> list[str]:
    """Write each work's versions as lines, and below them why they are one work."""
    lines: list[str] = []
    for family in families:
        for version in family["versions"]:
            published = version["published"] or "undated"
            lines.append(
                f"{version['kind']:<10}  {published:<10}  {version['article_id']}  "
                f"{version['title'] or '(title unknown)'}"
            )
        lines += [f"    {_why(reason)}" for reason in family["reasons"]]
    return lines


def _why(reason: dict[str, Any]) -> str:
    first, second = reason["ids"]
    abstract = "unknown" if reason["abstract"] is None else f"{reason['abstract']:.2f}"
    years = "unknown" if reason["years"] is None else reason["years"]
    return (
        f"{first} = {second}: {reason['rule']} (title {reason['title']:.2f}, authors "
        f"{reason['authors']:.2f}, abstract {abstract}, years apart {years})"
    )


def to_lines(description: dict[str, object]) -> list[str]:
    """Write a description as aligned lines, lists below their names; nothing is `none`."""
    width = max(map(len, description))
    lines: list[str] = []
    for name, value in description.items():
        if isinstance(value, list):
            lines += [f"{name}:", *(f"  {item}" for item in value)]
        else:
            lines.append(f"{name.ljust(width)}  {_shown(value)}")
    return lines


def _shown(value: object) -> str:
    if value is None or value == "":
        return "none"
    return f"{value:,}" if isinstance(value, int) else str(value)
