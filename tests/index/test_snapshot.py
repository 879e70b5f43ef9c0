"""The snapshot: what is served is whole, or it is refused."""

import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import DamagedSnapshotError, EncoderError, SnapshotError
from index.files import relative_files
from index.manifest import OLDEST_REUSED, Manifest, snapshot_name
from index.snapshot import (
    BUILDING,
    CHECKED_LATER,
    CURRENT,
    KEPT,
    MANIFEST,
    SNAPSHOTS,
    Snapshot,
    _check_later,
    check_ours,
    current_name,
    publish,
    read_manifest,
    remove_old,
    snapshot_names,
    verify,
)
from index.store import STORE
from tests.building import (
    BEES,
    EEG,
    WHEAT,
    article_ids,
    build,
    build_bees,
    current_folder,
    open_snapshot,
    write_source,
)
from tests.encoders import HashEncoder

TIMEOUT_S = 30


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the index that the tests copy and damage."""
    folder = tmp_path_factory.mktemp("built")
    build(folder / "index", write_source(folder / "a.jsonl", BEES, WHEAT, EEG))
    return folder / "index"


@pytest.fixture
def directory(built: Path, tmp_path: Path) -> Path:
    """Give an index of one's own."""
    return Path(shutil.copytree(built, tmp_path / "index"))


def damage(path: Path) -> None:
    """Flip one bit in the middle of a file."""
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(raw)


def test_an_intact_snapshot_opens_with_all_its_parts(directory: Path) -> None:
    snapshot = open_snapshot(directory)

    parts = (
        snapshot.store,
        snapshot.columns,
        snapshot.versions,
        snapshot.vectors,
        snapshot.pieces,
        snapshot.lexical,
    )
    assert [part.n_articles for part in parts] == [3] * len(parts)
    assert snapshot.name == current_name(directory)
    snapshot.close()


def test_a_snapshot_can_be_opened_by_name(directory: Path) -> None:
    name = current_name(directory)
    (directory / CURRENT).unlink()

    snapshot = Snapshot.open(directory, name=name, load_encoder=HashEncoder.load)

    assert snapshot.name == name
    snapshot.close()


def test_verifying_an_intact_snapshot_gives_its_manifest(directory: Path) -> None:
    folder = current_folder(directory)

    assert verify(folder) == read_manifest(folder)
    assert set(verify(folder).files) | {MANIFEST} == set(relative_files(folder))


def test_one_flipped_bit_in_any_file_is_refused_by_name(directory: Path) -> None:
    folder = current_folder(directory)
    for name in relative_files(folder):
        original = (folder / name).read_bytes()
        damage(folder / name)

        with pytest.raises(DamagedSnapshotError) as caught:
            verify(folder)
        assert caught.value.path == str(folder / name)
        if name not in CHECKED_LATER:
            with pytest.raises(DamagedSnapshotError) as caught:
                open_snapshot(directory)
            assert caught.value.path == str(folder / name)

        (folder / name).write_bytes(original)
    verify(folder)


def test_any_file_that_is_missing_or_cut_is_refused_by_name(directory: Path) -> None:
    folder = current_folder(directory)
    for name in relative_files(folder):
        original = (folder / name).read_bytes()

        (folder / name).write_bytes(original[:-1])
        with pytest.raises(DamagedSnapshotError) as caught:
            open_snapshot(directory)
        assert caught.value.path == str(folder / name)

        (folder / name).unlink()
        with pytest.raises(DamagedSnapshotError) as caught:
            open_snapshot(directory)
        assert caught.value.path == str(folder / name)

        (folder / name).write_bytes(original)
    verify(folder)


@pytest.mark.parametrize("name", ["stranger", "lexical/stranger"])
def test_a_file_that_was_not_published_is_found_by_verify(directory: Path, name: str) -> None:
    (current_folder(directory) / name).write_bytes(b"")

    with pytest.raises(DamagedSnapshotError, match=r"stranger: is no file of this snapshot"):
        verify(current_folder(directory))


def test_a_damaged_store_is_told_in_the_background(directory: Path) -> None:
    store = current_folder(directory) / STORE
    raw = bytearray(store.read_bytes())
    raw[raw.index(b"flowers")] = ord("F")
    store.write_bytes(raw)
    told = threading.Event()
    errors: list[DamagedSnapshotError] = []

    def on_damage(error: DamagedSnapshotError) -> None:
        errors.append(error)
        told.set()

    snapshot = Snapshot.open(directory, load_encoder=HashEncoder.load, on_damage=on_damage)

    assert told.wait(TIMEOUT_S)
    assert errors[0].path == str(store)
    snapshot.close()


class Told(logging.Handler):
    """Keeps what the background check logs, and says when there is something."""

    def __init__(self) -> None:
        super().__init__()
        self.event = threading.Event()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.event.set()


@pytest.fixture
def told() -> Iterator[Told]:
    """Listen to the log of `index.snapshot`."""
    handler, log = Told(), logging.getLogger("index.snapshot")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)
    log.setLevel(level)


def test_a_damaged_store_is_logged_where_nobody_asked(directory: Path, told: Told) -> None:
    store = current_folder(directory) / STORE
    raw = bytearray(store.read_bytes())
    raw[raw.index(b"flowers")] = ord("F")
    store.write_bytes(raw)

    snapshot = open_snapshot(directory)

    assert told.event.wait(TIMEOUT_S)
    assert told.records[0].levelno == logging.ERROR
    assert str(store) in told.records[0].getMessage()
    snapshot.close()


def test_a_manifest_that_was_changed_is_refused(directory: Path) -> None:
    folder = current_folder(directory)
    manifest = read_manifest(folder)
    (folder / MANIFEST).write_bytes(replace(manifest, n_articles=4).to_bytes())

    with pytest.raises(DamagedSnapshotError, match="is not the manifest this snapshot was publ"):
        open_snapshot(directory)


def republish(directory: Path, manifest: Manifest) -> None:
    """Put another manifest into the current snapshot and name it after that."""
    folder = current_folder(directory)
    (folder / MANIFEST).write_bytes(manifest.to_bytes())
    name = snapshot_name(manifest.created, manifest.to_bytes())
    folder.rename(folder.with_name(name))
    (directory / CURRENT).write_text(name)


def test_an_index_of_another_format_is_refused_with_place_and_cure(directory: Path) -> None:
    manifest = read_manifest(current_folder(directory))
    republish(directory, replace(manifest, format_version=99))

    with pytest.raises(SnapshotError) as caught:
        open_snapshot(directory)

    for part in (str(current_folder(directory)), "format 99", "cognate build"):
        assert part in str(caught.value)


def test_an_older_format_is_reused_by_a_build_but_not_served(directory: Path) -> None:
    manifest = read_manifest(current_folder(directory))
    republish(directory, replace(manifest, format_version=OLDEST_REUSED))
    folder = current_folder(directory)

    with pytest.raises(SnapshotError, match=f"has format {OLDEST_REUSED}, .* cognate build"):
        open_snapshot(directory)
    with pytest.raises(SnapshotError, match=f"has format {OLDEST_REUSED}, "):
        verify(folder)
    assert read_manifest(folder, oldest=OLDEST_REUSED).n_articles == 3


def test_parts_that_do_not_agree_with_the_manifest_are_refused(directory: Path) -> None:
    manifest = read_manifest(current_folder(directory))
    republish(directory, replace(manifest, n_articles=4))

    with pytest.raises(DamagedSnapshotError, match="holds 3 articles, the manifest says 4"):
        open_snapshot(directory)


def test_an_encoder_that_cannot_be_loaded_is_refused(directory: Path) -> None:
    with pytest.raises(EncoderError, match="holds no encoder that can be loaded"):
        Snapshot.open(directory)


@pytest.mark.parametrize("text", ["", "../x", "a/b", "/tmp", ".", "..", ".hidden"])
def test_a_current_that_names_no_snapshot_is_refused(directory: Path, text: str) -> None:
    (directory / CURRENT).write_text(text)

    with pytest.raises(DamagedSnapshotError, match="is no snapshot's name") as caught:
        open_snapshot(directory)
    assert caught.value.path == str(directory / CURRENT)


def test_a_current_that_names_a_snapshot_that_is_gone_is_refused(directory: Path) -> None:
    (directory / CURRENT).write_text("20200101T000000000Z-0123456789abcdef\n")

    with pytest.raises(DamagedSnapshotError, match=r"manifest\.json: cannot be read"):
        open_snapshot(directory)


def test_a_current_that_cannot_be_read_is_refused(directory: Path) -> None:
    (directory / CURRENT).write_bytes(b"\xff\xfe")
    with pytest.raises(DamagedSnapshotError, match="CURRENT: is no text"):
        open_snapshot(directory)

    (directory / CURRENT).unlink()
    (directory / CURRENT).mkdir()
    with pytest.raises(SnapshotError, match="CURRENT cannot be read"):
        open_snapshot(directory)


def test_a_directory_without_an_index_is_refused_with_the_command_to_make_one(
    tmp_path: Path,
) -> None:
    for place in (tmp_path, tmp_path / "absent"):
        with pytest.raises(SnapshotError, match=f"cognate build SOURCE --into {place}"):
            open_snapshot(place)


# The directory of snapshots


def test_a_directory_is_ours_if_it_is_new_empty_or_an_index(
    directory: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "new", tmp_path / "empty", directory):
        check_ours(place)


def test_a_file_or_a_folder_of_other_things_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(SnapshotError, match="is a file, not a directory; give a new"):
        check_ours(tmp_path / "file")
    with pytest.raises(SnapshotError, match="is no index of Cognate and not empty; give a new"):
        check_ours(tmp_path)


def test_snapshots_are_listed_oldest_first_and_halves_left_out(directory: Path) -> None:
    name = current_name(directory)
    shutil.copytree(current_folder(directory), directory / SNAPSHOTS / "20200101T000000000Z-0")
    (directory / SNAPSHOTS / "half").mkdir()

    assert snapshot_names(directory) == ["20200101T000000000Z-0", name]
    assert snapshot_names(directory / "absent") == []


def _copies(directory: Path, *names: str) -> None:
    for name in names:
        shutil.copytree(current_folder(directory), directory / SNAPSHOTS / name)


def test_the_newest_snapshots_are_kept_with_the_current_one(directory: Path) -> None:
    name = current_name(directory)
    _copies(directory, "2020-a", "2021-a", "2022-a", "2023-a")

    assert remove_old(directory) == ["2020-a", "2021-a"]
    assert snapshot_names(directory) == ["2022-a", "2023-a", name]
    assert len(snapshot_names(directory)) == KEPT
    assert list((directory / BUILDING).iterdir()) == []


def test_the_current_snapshot_is_kept_however_old_it_is(directory: Path) -> None:
    name = current_name(directory)
    _copies(directory, "9020-a", "9021-a", "9022-a", "9023-a")

    remove_old(directory)

    assert snapshot_names(directory) == [name, "9022-a", "9023-a"]
    assert article_ids(directory)


def test_few_snapshots_are_all_kept(directory: Path) -> None:
    _copies(directory, "2020-a", "2021-a")

    assert remove_old(directory) == []
    assert len(snapshot_names(directory)) == KEPT


def test_publishing_makes_a_folder_the_current_snapshot(directory: Path, tmp_path: Path) -> None:
    first = current_name(directory)
    manifest = read_manifest(current_folder(directory))
    shutil.copytree(current_folder(directory), tmp_path / "new")

    name = publish(
        directory, tmp_path / "new", replace(manifest, created="2099-01-01T00:00:00.000Z")
    )

    assert current_name(directory) == name
    assert snapshot_names(directory) == [first, name]
    assert not (tmp_path / "new").exists()
    verify(current_folder(directory))


def test_a_crash_before_current_is_replaced_leaves_the_old_snapshot_served(
    directory: Path, tmp_path: Path
) -> None:
    # CURRENT.new is where the text is written before the rename
    first = current_name(directory)
    manifest = read_manifest(current_folder(directory))
    shutil.copytree(current_folder(directory), tmp_path / "new")
    (directory / f"{CURRENT}.new").mkdir()

    with pytest.raises(IsADirectoryError):
        publish(directory, tmp_path / "new", replace(manifest, created="2099-01-01T00:00:00.000Z"))

    assert current_name(directory) == first
    assert len(article_ids(directory)) == 3


def test_an_old_snapshot_still_opens_after_the_next_is_published(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = open_snapshot(directory)
    build(directory, write_source(tmp_path / "b.jsonl", WHEAT))

    assert before.store.find("10.5555/bees") == 0
    assert article_ids(directory) == ["doi:10.5555/wheat"]
    before.close()


def test_a_store_that_was_removed_while_it_was_checked_is_no_damage(
    directory: Path, told: Told
) -> None:
    # as when a newer snapshot took its place while this one was being opened
    folder = current_folder(directory)
    manifest = read_manifest(folder)
    (folder / STORE).unlink()
    errors: list[DamagedSnapshotError] = []

    _check_later(folder, manifest, errors.append)

    assert errors == []
    assert [record.levelno for record in told.records] == [logging.INFO]


# Readers, and what is removed


def test_a_snapshot_that_somebody_has_open_is_removed_when_it_is_closed(directory: Path) -> None:
    _copies(directory, "2020-a", "2021-a", "2022-a", "2023-a")
    name = snapshot_names(directory)[0]
    shutil.rmtree(directory / SNAPSHOTS / name)
    manifest = read_manifest(current_folder(directory))
    oldest = publish_copy(directory, replace(manifest, created="2019-01-01T00:00:00.000Z"))
    newest = publish_copy(directory, replace(manifest, created="2099-01-01T00:00:00.000Z"))
    reader = Snapshot.open(directory, name=oldest, load_encoder=HashEncoder.load)

    assert oldest not in remove_old(directory)
    assert reader.store.n_articles == 3
    reader.close()
    verify(directory / SNAPSHOTS / oldest)

    assert remove_old(directory) == [oldest]
    assert len(snapshot_names(directory)) == KEPT
    assert current_name(directory) == newest


def publish_copy(directory: Path, manifest: Manifest) -> str:
    """Publish the files of the current snapshot once more."""
    copy = directory.parent / "copy"
    shutil.copytree(current_folder(directory), copy)
    return publish(directory, copy, manifest)


def test_a_snapshot_replaced_while_it_was_being_opened_gives_way_to_the_new_one(
    directory: Path,
) -> None:
    manifest = read_manifest(current_folder(directory))
    newer: list[str] = []

    def load_encoder(folder: Path) -> HashEncoder:
        if not newer:
            newer.append(
                publish_copy(directory, replace(manifest, created="2099-01-01T00:00:00.000Z"))
            )
            # as when the older one was removed meanwhile
            raise DamagedSnapshotError(str(folder), "is missing")
        return HashEncoder.load(folder)

    snapshot = Snapshot.open(directory, load_encoder=load_encoder)

    assert [snapshot.name] == newer
    snapshot.close()


def test_a_named_snapshot_is_not_given_way_to_another(directory: Path) -> None:
    def load_encoder(folder: Path) -> HashEncoder:
        (directory / CURRENT).write_text("2099-a\n")
        raise DamagedSnapshotError(str(folder), "is missing")

    with pytest.raises(DamagedSnapshotError, match="is missing"):
        Snapshot.open(directory, name=current_name(directory), load_encoder=load_encoder)


def test_what_the_check_after_opening_finds_is_kept_with_the_snapshot(
    directory: Path, told: Told
) -> None:
    store = current_folder(directory) / STORE
    raw = bytearray(store.read_bytes())
    raw[raw.index(b"flowers")] = ord("F")
    store.write_bytes(raw)

    snapshot = open_snapshot(directory)

    assert told.event.wait(TIMEOUT_S)
    assert snapshot.damage is not None
    assert snapshot.damage.path == str(store)
    snapshot.close()
