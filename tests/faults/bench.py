"""What must hold after a fault: the index before it or after it, whole, and the way on.

That is: a command says what is wrong in one error of ours, or is done; the index opens as it was
before the command or as it is after it, and if the command said that it is done, as after it;
every snapshot that is listed is whole; the same command given again succeeds, encodes next to
nothing again, and leaves nothing behind.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

from index.errors import CognateError
from index.snapshot import CURRENT, KEPT, LOCK, SNAPSHOTS, snapshot_names, verify
from tests.building import open_snapshot
from tests.faults.trial import MOST_PIECES, Command, Ended, Laboratory, Trial, prepare

QUESTION = "bees and moss remember the brain signals of wheat"


class Content(NamedTuple):
    """One article of an index: what the store, vectors, pieces and words have of it."""

    article_id: str
    title: str | None
    embedding: bytes
    pieces: bytes
    score: float


def contents(directory: Path) -> list[Content]:
    """Read all that an index holds; nothing where there is none."""
    if not (directory / CURRENT).exists():
        return []
    snapshot = open_snapshot(directory)
    try:
        scores = snapshot.lexical.scores(QUESTION)
        return [
            Content(
                article.article_id,
                article.title,
                snapshot.vectors.embedding(row).tobytes(),
                snapshot.pieces.of(row).codes.tobytes(),
                float(scores[row]),
            )
            for row, article in enumerate(snapshot.store)
        ]
    finally:
        snapshot.close()


@dataclass(slots=True)
class Tally:
    """How often something was tried, and what went wrong, in words; nothing should."""

    n_tries: int = 0
    problems: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str) -> None:
        """Count one more of a name."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def note(self, place: str, problems: list[str]) -> None:
        """Count a try, and note what went wrong at that place."""
        self.n_tries += 1
        self.problems += [f"{place}: {problem}" for problem in problems]


@dataclass(frozen=True, slots=True)
class Bench:
    """An index before a command, and what it holds before and after."""

    laboratory: Laboratory
    template: Trial
    before: list[Content]
    after: list[Content]

    @classmethod
    def prepare(cls, laboratory: Laboratory, folder: Path, command: Command) -> Self:
        """Make the index, and see what the command makes of it where nothing fails."""
        template = prepare(folder / command, command)
        before = contents(template.directory)
        trial = template.copy(folder / f"{command}-whole")
        ended = laboratory.run(trial)
        assert ended.how == "done", ended.said
        return cls(laboratory, template, before, contents(trial.directory))

    def trial(self) -> Trial:
        """Give a copy of the index, in the place of the one given before."""
        return self.template.copy(self.template.folder.with_name(f"{self.template.command}-trial"))

    def problems(self, trial: Trial, ended: Ended) -> list[str]:
        """Say what does not hold after a command that ended so; then give it again, and look."""
        return self.problems_now(trial, ended) + self.problems_of_going_on(trial)

    def problems_now(self, trial: Trial, ended: Ended) -> list[str]:
        """Say what does not hold after a command that ended so."""
        found = [f"it crashed: {ended.said}"] if ended.how == "crashed" else []
        if "\n" in ended.said and ended.how == "refused":
            found.append(f"the error has several lines: {ended.said}")
        return found + self.problems_of_state(trial.directory, is_done=ended.how == "done")

    def problems_of_state(self, directory: Path, *, is_done: bool) -> list[str]:
        """Say what does not hold in an index that a command changed, or was about to."""
        wanted = [self.after] if is_done else [self.before, self.after]
        return _caught(lambda: _problems_of_index(directory, wanted))

    def problems_of_going_on(self, trial: Trial, most_again: int | None = MOST_PIECES) -> list[str]:
        """Give the command again, without a fault, and say what does not hold then."""
        is_done_already = trial.command == "remove" and _holds(trial.directory, self.after)
        again = self.laboratory.run(trial)
        found = []
        if again.how != "done" and not is_done_already:
            found.append(f"the same command again: {again.said}")
        found += _caught(lambda: _problems_of_index(trial.directory, [self.after]))
        left = {path.name for path in trial.directory.iterdir()} - {CURRENT, LOCK, SNAPSHOTS}
        if left and not is_done_already:
            found.append(f"there is left: {sorted(left)}")
        if len(snapshot_names(trial.directory)) > KEPT and not is_done_already:
            found.append(f"there are left: {snapshot_names(trial.directory)}")
        if most_again is not None and trial.n_encoded_again > most_again:
            found.append(f"encoded again: {trial.n_encoded_again} texts")
        return found


def _problems_of_index(directory: Path, wanted: list[list[Content]]) -> list[str]:
    found = []
    if contents(directory) not in wanted:
        found.append("the index holds neither what it held before nor what it should hold")
    for name in snapshot_names(directory):
        verify(directory / SNAPSHOTS / name)
    folder = directory / SNAPSHOTS
    strangers = {path.name for path in folder.iterdir()} if folder.exists() else set()
    strangers -= set(snapshot_names(directory))
    if strangers:
        found.append(f"what is no snapshot has the place of one: {sorted(strangers)}")
    return found


def _holds(directory: Path, wanted: list[Content]) -> bool:
    try:
        return contents(directory) == wanted
    except CognateError:
        return False


def _caught(look: Callable[[], list[str]]) -> list[str]:
    try:
        return look()
    except CognateError as error:
        return [f"the index is refused: {error}"]
