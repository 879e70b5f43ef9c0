"""A small library that every test of the service asks, and how to build it."""

from pathlib import Path

import orjson

from index.build import build_index
from service.search import SearchEngine
from tests.encoders import HashEncoder

LIBRARY: list[dict[str, object]] = [
    {
        "doi": "10.5555/eeg.1",
        "title": "Recognising emotions from brain signals with graph networks",
        "abstract": "Electroencephalography records brain signals; a graph network reads feelings.",
        "authors": [{"name": "Ana Müller"}, {"name": "Bo Chen"}],
        "journal": "Journal of Signals",
        "published": "2025-03-10",
        "type": "research-article",
        "language": "en",
        "url": "https://example.org/eeg",
        "is_new": True,
    },
    {
        "doi": "10.5555/eeg.2",
        "title": "A survey of emotion recognition",
        "abstract": "We survey how feelings are recognised from faces, voices and brain signals.",
        "authors": [{"name": "Chen, Bo"}],
        "journal": "Reviews of Computing",
        "published": "2024",
        "type": "review",
        "language": "en",
    },
    {
        "doi": "10.5555/soil.1",
        "title": "Soil moisture and the yield of wheat",
        "authors": [{"name": "Dora Ek"}],
        "n_authors": 5,
        "journal": "Journal of Fields",
        "published": "2023-11",
        "type": "research-article",
        "retracted": True,
        "url": "javascript:alert(1)",
    },
    {
        "doi": "10.5555/bees.1",
        "abstract": "Bees remember flowers. " + "They fly far and dance for others at home. " * 8,
        "published": "2024-06-15",
        "type": "preprint",
        "language": "de",
    },
    {
        "doi": "10.5555/odd/similar",
        "title": "If a < b & 'c' > \"d\", what of <script>?",
        "abstract": "An odd title must stay text.",
        "type": "other",
    },
    {
        "doi": "10.5555/odd",
        "title": "Odd articles and wheat",
        "abstract": "Another odd one.",
        "published": "2024-06-15",
        "type": "dataset",
    },
]


def write_library(path: Path, articles: list[dict[str, object]] | None = None) -> Path:
    """Write articles as JSON Lines."""
    path.write_bytes(b"".join(orjson.dumps(article) + b"\n" for article in articles or LIBRARY))
    return path


def build_library(folder: Path, articles: list[dict[str, object]] | None = None) -> Path:
    """Build, or build again, the index of a library inside `folder`, and give its directory."""
    source = write_library(folder / "library.jsonl", articles)
    directory = folder / "library.cognate"
    build_index([source], directory, encoder=HashEncoder(), say=lambda _: None, quiet=True)
    return directory


def open_engine(directory: Path) -> SearchEngine:
    """Open the engine of an index that the readable encoder built."""
    return SearchEngine.open(directory, load_encoder=HashEncoder.load)
