"""One command that changes an index, in a process of its own, with a fault in it.

The processes are forked from a server that has everything imported: one costs what its command
costs, some 50 ms.
"""

import multiprocessing
import os
import shutil
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Literal

from index.build import add_sources, build_index, remove_articles
from index.errors import CognateError
from index.onnx import Encoded
from tests.building import BEES, EEG, WHEAT, build, silent, write_source
from tests.encoders import HashEncoder
from tests.faults.shim import Fault, Shim

PATIENCE_S = 120
MOSS: dict[str, object] = {
    "doi": "10.5555/moss",
    "title": "Moss on old walls",
    "abstract": "It grows in the shade. It drinks the rain.",
    "authors": [{"name": "Ana Müller"}],
    "published": "2023-11",
}
MOST_PIECES = 3
"""So many texts of one article are encoded before its entry is in the log: those of MOSS."""

Command = Literal["make", "build", "add", "remove"]
COMMANDS: tuple[Command, ...] = ("make", "build", "add", "remove")
"""To build where there is no index; over one; to add to it, and to remove from it."""


class CountedEncoder(HashEncoder):
    """Writes down each text it encodes, outside of the index, before it gives the embedding."""

    def __init__(self, journal: Path) -> None:
        super().__init__()
        self._journal = journal

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        with self._journal.open("a") as stream:
            for text in texts:
                # on one line
                stream.write(repr(text) + "\n")
                stream.flush()
                yield from super().encode_passages([text])


@dataclass(frozen=True, slots=True)
class Trial:
    """An index in `folder/disk` that one command changes."""

    folder: Path
    command: Command

    @property
    def disk(self) -> Path:
        """The folder whose operations are looked at."""
        return self.folder / "disk"

    @property
    def directory(self) -> Path:
        """The index."""
        return self.disk / "index"

    @property
    def n_encoded_again(self) -> int:
        """How many texts were encoded that had been encoded before."""
        path = self.folder / "encoded"
        counts = Counter(path.read_text().splitlines() if path.exists() else ())
        return counts.total() - len(counts)

    def copy(self, folder: Path) -> "Trial":
        """Copy all of it to a place where there may be another one."""
        shutil.rmtree(folder, ignore_errors=True)
        return Trial(Path(shutil.copytree(self.folder, folder)), self.command)

    def change(self) -> None:
        """Give the command."""
        encoder = CountedEncoder(self.folder / "encoded")
        if self.command == "remove":
            ids = ["10.5555/bees"]
            remove_articles(ids, self.directory, encoder=encoder, say=silent, quiet=True)
            return
        change = add_sources if self.command == "add" else build_index
        sources = [self.folder / "new.jsonl"]
        change(sources, self.directory, encoder=encoder, say=silent, quiet=True)


def prepare(folder: Path, command: Command) -> Trial:
    """Make an index as it is before the command, and what the command reads.

    There are three snapshots, so that the next one removes the oldest; to make one, none.
    """
    trial = Trial(folder, command)
    trial.disk.mkdir(parents=True)
    if command != "make":
        for n in range(3):
            first = BEES | {"title": f"Bees remember {n} flowers"}
            build(trial.directory, write_source(folder / "old.jsonl", first, WHEAT))
    new = [EEG, MOSS] if command == "add" else [BEES, EEG, MOSS]
    write_source(folder / "new.jsonl", *new)
    return trial


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it said; `count` and `which` are as the shim gives them."""

    how: Literal["done", "refused", "crashed", "killed"]
    said: str = ""
    count: int = 0
    which: str = ""


def _change(
    trial: Trial, library: Path, fault: Fault, journal: Path | None, answers: Connection
) -> None:
    """Give the command with the fault in it; runs in a process of its own."""
    shim = Shim(library)
    shim.begin(trial.disk, fault, journal)
    answers.send("begun")
    ended = ("done", "")
    try:
        trial.change()
    except CognateError as error:
        ended = ("refused", f"{type(error).__name__}: {error}")
    except BaseException:
        ended = ("crashed", traceback.format_exc())
    answers.send((*ended, shim.count, shim.which))
    answers.close()
    # what the libraries do at the end of a process is no part of the change
    os._exit(0)


class Running:
    """A command that is being carried out."""

    def __init__(self, process: ForkServerProcess, answers: Connection) -> None:
        self._process = process
        self._answers = answers

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or is about to."""
        return self._answers.poll() or not self._process.is_alive()

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._process.kill()

    def wait(self) -> Ended:
        """Wait for its end and tell how it ended."""
        try:
            # in short waits: one that is stopped with all of us does not run out of patience
            if not any(self._answers.poll(1) for _ in range(PATIENCE_S)):
                self._process.kill()
                return Ended("crashed", f"it did not end in {PATIENCE_S} s")
            ended = Ended(*self._answers.recv())
        except EOFError:
            ended = Ended("killed")
        self._process.join(PATIENCE_S)
        if ended.how == "killed" and self._process.exitcode != -9:
            ended = Ended("crashed", f"it ended with the status {self._process.exitcode}")
        self._process.close()
        self._answers.close()
        return ended


class Laboratory:
    """Carries out commands in processes forked from a server that has imported what they need."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self._context = multiprocessing.get_context("forkserver")
        # with all that a main module imports, of pytest or a script: each process runs it anew
        self._context.set_forkserver_preload(["pytest", "tests.faults.readers", __name__])

    def warm_up(self) -> None:
        """Start the server, and wait until it has imported everything."""
        process = self._context.Process(target=int)
        process.start()
        process.join(PATIENCE_S)
        process.close()

    def start(
        self, trial: Trial, fault: Fault | None = None, journal: Path | None = None
    ) -> Running:
        """Begin a command with a fault in it; its process is there when this returns."""
        reader, writer = self._context.Pipe(duplex=False)
        arguments = (trial, self._library, fault or Fault(), journal, writer)
        process = self._context.Process(target=_change, args=arguments)
        process.start()
        writer.close()
        reader.recv()
        return Running(process, reader)

    def run(self, trial: Trial, fault: Fault | None = None, journal: Path | None = None) -> Ended:
        """Carry out a command with a fault in it, and tell how it ended."""
        return self.start(trial, fault, journal).wait()
