"""Readers in several processes see whole snapshots only, however often one is published."""

from pathlib import Path

from index.snapshot import KEPT
from tests.faults.readers import READERS, publish_among_readers

N_TIMES = 200


def test_readers_see_only_whole_snapshots_and_what_they_read_is_not_removed(
    memory_folder: Path,
) -> None:
    tally = publish_among_readers(memory_folder / "readers", N_TIMES)

    assert tally.problems == []
    assert all(tally.counts[f"answers of {reader.__name__}"] > 0 for reader in READERS)
    assert tally.counts["snapshots left"] == KEPT
