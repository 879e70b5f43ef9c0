"""What the tests of the write side share: small sources, and indexes built from them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from index.article import Article
from index.build import BuildResult, build_index
from index.changes import Changes
from index.snapshot import CURRENT, SNAPSHOTS, Snapshot, current_name
from index.store import STORE, ArticleStore, StoreWriter
from tests.encoders import HashEncoder

BEES: dict[str, object] = {
    "doi": "10.5555/bees",
    "title": "Bees remember flowers",
    "abstract": "They fly far and dance at home.",
    "published": "2024-06-15",
}
PIECES_OF_BEES = 2
"""Title and sentences."""
WHEAT: dict[str, object] = {"doi": "10.5555/wheat", "title": "Wheat and soil moisture"}
EEG: dict[str, object] = {"doi": "10.5555/eeg", "title": "Brain signals of feelings"}


def write_store(path: Path, articles: Iterable[Article]) -> None:
    """Write the store of a corpus."""
    with StoreWriter(path) as writer:
        for article in articles:
            writer.append(article)
        writer.finish()


@contextmanager
def all_new(articles: Iterable[Article]) -> Iterator[Changes]:
    """Give the changes of a corpus of which nothing was there before."""
    with TemporaryDirectory() as folder:
        write_store(Path(folder) / STORE, articles)
        with closing(ArticleStore(Path(folder) / STORE)) as store:
            yield Changes(store)


def silent(_: str) -> None:
    """Take a line of progress and show it to nobody."""


def write_source(path: Path, *records: Mapping[str, object]) -> Path:
    """Write records as JSON Lines."""
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    return path


def build(directory: Path, *sources: Path, encoder: HashEncoder | None = None) -> BuildResult:
    """Build the index of these sources without a word."""
    return build_index(sources, directory, encoder=encoder or HashEncoder(), say=silent, quiet=True)


def build_bees(folder: Path) -> Path:
    """Build an index of one article inside `folder`, and give its directory."""
    directory = folder / "bees.cognate"
    build(directory, write_source(folder / "bees.jsonl", BEES))
    return directory


def open_snapshot(directory: Path) -> Snapshot:
    """Open the current snapshot of an index that the readable encoder built."""
    return Snapshot.open(directory, load_encoder=HashEncoder.load)


def article_ids(directory: Path) -> list[str]:
    """List the articles of the current snapshot in row order."""
    snapshot = open_snapshot(directory)
    try:
        return [article.article_id for article in snapshot.store]
    finally:
        snapshot.close()


def current_folder(directory: Path) -> Path:
    """Give the folder of the current snapshot."""
    return directory / SNAPSHOTS / current_name(directory)


def state(directory: Path) -> tuple[bytes, Sequence[str]]:
    """Give what an index says of itself: the bytes of CURRENT, and what can be read there."""
    return (directory / CURRENT).read_bytes(), article_ids(directory)
