"""A build that is killed goes on where it was, and what was served stays served.

The builds here are processes of their own, slowed down and killed with SIGKILL at a state
that was observed: how many passages are in the log, or that the snapshot is being written.

    python -m tests.test_resume SOURCE DIR JOURNAL      # the slow build, as the tests start it
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.embeddings import log_entry
from index.onnx import Encoded
from index.snapshot import BUILDING, CURRENT, SNAPSHOTS
from tests.building import BEES, article_ids, build, state, write_source
from tests.encoders import DIMENSION, HashEncoder

N_PASSAGES = 200
PAUSE_S = 0.002
PATIENCE_S = 60
ENTRY_BYTES = log_entry(DIMENSION).itemsize


class SlowEncoder(HashEncoder):
    """Takes its time over every passage, and writes down which it encoded."""

    journal: Path

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        with self.journal.open("a") as stream:
            for text in texts:
                time.sleep(PAUSE_S)
                stream.write(text + "\n")
                stream.flush()
                yield from super().encode_passages([text])


@dataclass(frozen=True, slots=True)
class Trial:
    """A slow build that can be started, killed and started again."""

    source: Path
    directory: Path
    journal: Path

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the build."""
        command = [sys.executable, "-m", __name__, self.source, self.directory, self.journal]
        return subprocess.Popen(list(map(str, command)))

    def kill_when(self, is_time: Callable[[], bool]) -> None:
        """Start the build and kill it at the first moment that `is_time` sees.

        On a busy machine the build may be further by then, even at its end.
        """
        patience = time.monotonic() + PATIENCE_S
        with self.start() as process:
            while not is_time():
                assert process.poll() is None, "the build ended before it could be killed"
                assert time.monotonic() < patience
            process.kill()
        assert process.returncode in (-signal.SIGKILL, 0)

    def finish(self) -> None:
        """Run the build to its end."""
        with self.start() as process:
            assert process.wait(PATIENCE_S) == 0

    def n_logged(self) -> int:
        """Count the whole entries of the log."""
        logs = list((self.directory / BUILDING).glob("embeddings-*"))
        return logs[0].stat().st_size // ENTRY_BYTES if logs else 0

    def encoded(self) -> list[str]:
        """List what was encoded, killed builds included."""
        return self.journal.read_text().splitlines() if self.journal.exists() else []


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Give a build of many passages into an index that holds one article already."""
    directory = tmp_path / "index"
    build(directory, write_source(tmp_path / "bees.jsonl", BEES))
    records = [{"id": f"own:{n}", "title": f"Wheat {n}"} for n in range(N_PASSAGES)]
    source = write_source(tmp_path / "wheat.jsonl", *records, {"id": "own:x", "title": "Wheat 0"})
    return Trial(source, directory, tmp_path / "journal")


def test_a_build_killed_again_and_again_embeds_no_passage_twice(trial: Trial) -> None:
    served = state(trial.directory)
    kills = [1, N_PASSAGES // 4, N_PASSAGES // 2, N_PASSAGES * 3 // 4]
    in_flight = 0
    for n_wanted in kills:
        trial.kill_when(lambda n_wanted=n_wanted: trial.n_logged() >= n_wanted)  # type: ignore[misc]
        assert state(trial.directory) == served
        # the one passage between the encoder and the log may be lost with the process
        lost = len(trial.encoded()) - in_flight - trial.n_logged()
        assert 0 <= lost <= 1
        in_flight += lost

    trial.finish()

    encoded = trial.encoded()
    assert set(encoded) == {f"Wheat {n}" for n in range(N_PASSAGES)}
    assert len(encoded) == N_PASSAGES + in_flight
    assert article_ids(trial.directory) == [*(f"own:{n}" for n in range(N_PASSAGES)), "own:x"]
    assert not (trial.directory / BUILDING).exists()


def test_a_build_killed_while_it_writes_the_snapshot_encodes_nothing_again(trial: Trial) -> None:
    served = state(trial.directory)

    def is_writing() -> bool:
        return any((trial.directory / BUILDING).glob("snapshot-*/vectors/*"))

    trial.kill_when(is_writing)
    is_new = (trial.directory / CURRENT).read_bytes() != served[0]
    assert is_new or state(trial.directory) == served
    trial.finish()

    assert sorted(trial.encoded()) == sorted(f"Wheat {n}" for n in range(N_PASSAGES))
    assert len(article_ids(trial.directory)) == N_PASSAGES + 1


def test_a_build_killed_as_it_publishes_leaves_the_old_snapshot_or_the_new(trial: Trial) -> None:
    old = (trial.directory / CURRENT).read_bytes()

    trial.kill_when(lambda: len(list((trial.directory / SNAPSHOTS).iterdir())) > 1)

    is_new = (trial.directory / CURRENT).read_bytes() != old
    assert len(article_ids(trial.directory)) == (N_PASSAGES + 1 if is_new else 1)
    trial.finish()
    assert len(trial.encoded()) == N_PASSAGES
    assert len(article_ids(trial.directory)) == N_PASSAGES + 1


def test_a_source_that_changed_after_the_kill_still_uses_what_was_embedded(trial: Trial) -> None:
    trial.kill_when(lambda: trial.n_logged() >= N_PASSAGES // 2)
    n_before = len(trial.encoded())
    known = trial.encoded()[: trial.n_logged()]
    write_source(
        trial.source,
        *({"id": f"own:{n}", "title": text} for n, text in enumerate([*known, "Soil"])),
    )

    trial.finish()

    assert trial.encoded()[n_before:] == ["Soil"]
    assert len(article_ids(trial.directory)) == len(known) + 1


def _slow_build(source: str, directory: str, journal: str) -> None:
    encoder = SlowEncoder()
    encoder.journal = Path(journal)
    build(Path(directory), Path(source), encoder=encoder)


if __name__ == "__main__":
    _slow_build(*sys.argv[1:])
