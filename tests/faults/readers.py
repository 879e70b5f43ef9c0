"""Readers of an index, each a process, while it is published anew again and again.

Each snapshot holds articles of one kind only, named in every title, and of each kind another
number: an answer of two kinds, or of too many or too few hits, came from two snapshots.
"""

import multiprocessing
import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from index.errors import CognateError, CursorExpiredError, DamagedSnapshotError
from index.files import link_or_copy, relative_files
from index.manifest import Manifest
from index.snapshot import (
    BUILDING,
    MANIFEST,
    SNAPSHOTS,
    Snapshot,
    publish,
    read_manifest,
    remove_old,
    snapshot_names,
)
from service.cursor import walked_snapshot
from service.holder import EngineHolder, OlderSnapshots, SnapshotWatcher
from service.query import Query
from service.search import SearchEngine
from tests.building import build, current_folder, write_source
from tests.encoders import HashEncoder
from tests.faults.bench import Tally

KINDS = ("moss", "wheat", "bees")
LOOK_S = 0.002
ASKING_THREADS = 2


def n_articles(kind: str) -> int:
    """Give how many articles a snapshot of a kind holds."""
    return 4 + KINDS.index(kind)


def make_kinds(folder: Path) -> dict[str, Path]:
    """Build a snapshot of each kind, and give their folders."""
    folder.mkdir()
    made = {}
    for kind in KINDS:
        titles = [f"Study {n} of {kind}" for n in range(n_articles(kind))]
        records = [{"id": f"own:{n}", "title": title} for n, title in enumerate(titles)]
        build(folder / kind, write_source(folder / f"{kind}.jsonl", *records))
        made[kind] = current_folder(folder / kind)
    return made


class Publisher:
    """Publishes snapshots of one kind after the other, as the end of a build does."""

    def __init__(self, directory: Path, kinds: dict[str, Path]) -> None:
        self._directory = directory
        self._kinds = kinds
        self._numbers = count()

    def publish(self) -> str:
        """Publish the next snapshot, and remove old ones."""
        number = next(self._numbers)
        origin = self._kinds[KINDS[number % len(KINDS)]]
        temporary = self._directory / BUILDING / f"snapshot-{number}"
        temporary.mkdir(parents=True)
        for name in relative_files(origin):
            if name != MANIFEST:
                link_or_copy(origin / name, temporary / name)
        created = f"2030-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"
        name = publish(self._directory, temporary, replace(read_manifest(origin), created=created))
        remove_old(self._directory)
        return name


def check_answer(directory: Path, engine: SearchEngine, manifest: Manifest) -> list[str]:
    """Ask for everything, and say what is wrong with the answer, and with its snapshot."""
    found = engine.search(Query(text="a study", min_match=0, limit=50))
    titles = {(hit.article.title or "").rpartition(" ")[2] for hit in found.hits}
    problems = []
    if len(titles) != 1 or len(found.hits) != manifest.n_articles:
        problems.append(f"{len(found.hits)} hits of {sorted(titles)} from {engine.snapshot_name}")
    elif n_articles(titles.pop()) != manifest.n_articles:
        problems.append(f"hits of another snapshot than {engine.snapshot_name}")
    if not (directory / SNAPSHOTS / engine.snapshot_name).is_dir():
        problems.append(f"{engine.snapshot_name} was removed while it was open")
    return problems


def serve(directory: Path, is_over: Callable[[], bool]) -> Tally:
    """Ask in several threads, as a service does, while new snapshots are taken up."""
    tally = Tally()

    def open_engine(directory: Path, name: str | None = None) -> SearchEngine:
        return SearchEngine.open(directory, name=name, load_encoder=HashEncoder.load)

    holder = EngineHolder(open_engine(directory), OlderSnapshots(directory, open_engine))
    watcher = SnapshotWatcher(holder, directory, open_engine, LOOK_S)
    watcher.start()

    def ask() -> None:
        while not is_over():
            with holder.borrow() as engine:
                manifest = read_manifest(directory / SNAPSHOTS / engine.snapshot_name)
                tally.note("an answer", check_answer(directory, engine, manifest))
                first = engine.search(Query(text="a study", min_match=0, limit=1))
            time.sleep(LOOK_S)
            tally.note("a cursor", _walk(holder, first.next_cursor, engine.snapshot_name))

    run_threads(ask, tally)
    watcher.stop()
    holder.replace(None)
    return tally


def _walk(holder: EngineHolder, cursor: str | None, name: str) -> list[str]:
    query = Query(text="a study", min_match=0, limit=50, cursor=cursor)
    try:
        with holder.borrow(walked_snapshot(query)) as engine:
            rest = engine.search(query)
            if engine.snapshot_name != name or len(rest.hits) != engine.n_articles - 1:
                return [f"{len(rest.hits)} hits behind the first from {engine.snapshot_name}"]
    except CursorExpiredError:
        pass
    return []


def run_threads(ask: Callable[[], None], tally: Tally) -> None:
    """Ask in several threads until all have ended; what one raises is a problem."""

    def run() -> None:
        try:
            ask()
        except Exception as error:  # any failure is what this is about
            tally.problems.append(repr(error))

    threads = [threading.Thread(target=run) for _ in range(ASKING_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def open_again(directory: Path, is_over: Callable[[], bool]) -> Tally:
    """Open the current snapshot again and again, as the console does."""
    tally = Tally()
    while not is_over():
        with closing(Snapshot.open(directory, load_encoder=HashEncoder.load)) as snapshot:
            engine = SearchEngine(snapshot)
            tally.note("opened", check_answer(directory, engine, snapshot.manifest))
    return tally


def open_older(directory: Path, is_over: Callable[[], bool]) -> Tally:
    """Open any snapshot that is there by its name; it is whole, or it is gone."""
    tally = Tally()
    randomly = random.Random(os.getpid())
    while not is_over():
        name = randomly.choice(snapshot_names(directory))
        try:
            snapshot = Snapshot.open(directory, name=name, load_encoder=HashEncoder.load)
        except DamagedSnapshotError as error:
            is_gone = name not in snapshot_names(directory)
            tally.note(name, [] if is_gone else [f"it is there, and refused: {error}"])
            tally.count("gone")
            continue
        with closing(snapshot):
            problems = check_answer(directory, SearchEngine(snapshot), snapshot.manifest)
            tally.note(name, problems)
    return tally


READERS: tuple[Callable[[Path, Callable[[], bool]], Tally], ...] = (serve, open_again, open_older)


def read_until_told(number: int, directory: Path, end: Connection) -> None:
    """Be the reader of a number until something is sent; then send the tally back."""
    end.send("begun")
    try:
        tally = READERS[number](directory, lambda: end.poll(0))
    except (CognateError, OSError, ValueError) as error:
        tally = Tally(problems=[repr(error)])
    end.send((tally.n_tries, tally.problems[:10], tally.counts))


def publish_among_readers(folder: Path, n_times: int) -> Tally:
    """Publish so many snapshots while several processes read; give what all of them met."""
    publisher = Publisher(folder / "index", make_kinds(folder))
    publisher.publish()
    context = multiprocessing.get_context("forkserver")
    readers = []
    for number in range(len(READERS)):
        ours, theirs = context.Pipe()
        process = context.Process(target=read_until_told, args=(number, folder / "index", theirs))
        process.start()
        theirs.close()
        readers.append((READERS[number].__name__, process, ours))
    for _, _, ours in readers:
        ours.recv()
    for _ in range(n_times):
        publisher.publish()
    tally = Tally()
    for name, process, ours in readers:
        # one that has failed has ended before
        with suppress(BrokenPipeError):
            ours.send("end")
        n_tries, problems, counts = ours.recv()
        process.join()
        tally.n_tries += n_tries
        tally.problems += [f"{name}: {problem}" for problem in problems]
        tally.counts |= counts | {f"answers of {name}": n_tries}
    # whom nobody reads any more goes with the next
    publisher.publish()
    tally.counts["snapshots left"] = len(snapshot_names(folder / "index"))
    return tally
