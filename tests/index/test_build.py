"""Building: what is made of which sources, what is reused, and what is refused."""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.build import add_sources, build_index, remove_articles
from index.calibration import Calibration
from index.errors import (
    DamagedSnapshotError,
    IdentityError,
    SnapshotError,
    SourceError,
    StorageError,
    UnknownArticleError,
)
from index.files import locked, relative_files, remove_tree
from index.manifest import FORMAT_VERSION, manifest_digits
from index.models import find_model
from index.onnx import Encoded
from index.report import report_from_bytes
from index.snapshot import (
    BUILDING,
    CURRENT,
    KEPT,
    LOCK,
    MANIFEST,
    REPORT,
    Snapshot,
    current_name,
    publish,
    read_manifest,
    snapshot_names,
    verify,
)
from index.store import STORE
from index.words import WORDS_FILE
from tests.building import (
    BEES,
    EEG,
    PIECES_OF_BEES,
    WHEAT,
    article_ids,
    build,
    build_bees,
    current_folder,
    open_snapshot,
    silent,
    state,
    write_source,
)
from tests.encoders import HashEncoder, hash_spec
from tests.tiny_models import save_tiny_model


def add(directory: Path, *sources: Path, encoder: HashEncoder | None = None) -> None:
    add_sources(sources, directory, encoder=encoder or HashEncoder(), say=silent, quiet=True)


def remove(directory: Path, *ids: str) -> None:
    remove_articles(ids, directory, encoder=HashEncoder(), say=silent, quiet=True)


def first_indexed(directory: Path) -> dict[str, str | None]:
    snapshot = open_snapshot(directory)
    articles = list(snapshot.store)
    snapshot.close()
    return {article.article_id: article.first_indexed for article in articles}


def answers(directory: Path) -> list[tuple[list[str], list[float]]]:
    """Ask both indexes of a snapshot some questions."""
    snapshot = open_snapshot(directory)
    found = []
    for question in ("bees remember", "soil of wheat", "signals", "far home"):
        ranked = [
            snapshot.vectors.search(snapshot.encoder.encode_query(question), 3),
            snapshot.lexical.search(question, 3),
        ]
        for rows, scores in ranked:
            found.append((snapshot.store.article_ids(list(map(int, rows))), scores.tolist()))
    snapshot.close()
    return found


# Build


def test_a_build_makes_a_whole_snapshot_of_its_sources(tmp_path: Path) -> None:
    encoder = HashEncoder()
    source = write_source(tmp_path / "a.jsonl", BEES, WHEAT, BEES)

    result = build(tmp_path / "index", source, encoder=encoder)

    manifest = verify(current_folder(tmp_path / "index"))
    assert result.name == current_name(tmp_path / "index")
    assert article_ids(tmp_path / "index") == ["doi:10.5555/bees", "doi:10.5555/wheat"]
    assert (manifest.n_articles, manifest.n_with_abstract, manifest.n_truncated) == (2, 1, 0)
    assert (result.n_encoded, result.n_reused) == (2, 0)
    assert encoder.n_encoded == 2 + PIECES_OF_BEES
    assert result.report is not None
    assert (result.report.sources[0].n_kept, result.report.sources[0].n_merged) == (2, 1)


def test_a_build_leaves_nothing_but_the_index(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)

    assert sorted(path.name for path in directory.iterdir()) == [CURRENT, LOCK, "snapshots"]


def test_the_report_is_kept_with_the_snapshot_unknown_keys_too(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.jsonl", BEES | {"colour": "gold"}, {"id": "x"})

    result = build(tmp_path / "index", source)

    kept = report_from_bytes((current_folder(tmp_path / "index") / REPORT).read_bytes())
    assert kept == result.report
    assert kept.sources[0].unknown_keys == {"colour": 1}
    assert [note.line for note in kept.sources[0].refused] == [2]


def test_what_befell_earlier_records_stays_in_the_report_when_articles_are_added(
    tmp_path: Path,
) -> None:
    first = write_source(tmp_path / "a.jsonl", BEES, {"id": "x"})
    second = write_source(tmp_path / "b.jsonl", {"id": "moths", "title": "Moths at night"})
    build(tmp_path / "index", first)

    added = add_sources([second], tmp_path / "index", encoder=HashEncoder(), quiet=True, say=silent)

    assert added.report is not None
    assert [source.name for source in added.report.sources] == [str(second)]
    kept = report_from_bytes((current_folder(tmp_path / "index") / REPORT).read_bytes())
    assert [source.name for source in kept.sources] == [str(first), str(second)]
    assert [note.line for note in kept.sources[0].refused] == [2]


def test_the_same_sources_again_change_nothing(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = (directory / CURRENT).stat()
    encoder = HashEncoder()

    result = build(directory, tmp_path / "bees.jsonl", encoder=encoder)

    assert result.report is None
    assert (result.name, result.n_articles) == (current_name(directory), 1)
    assert (result.n_encoded, result.n_reused) == (0, 1)
    assert (encoder.n_encoded, len(snapshot_names(directory))) == (0, 1)
    after = (directory / CURRENT).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_changed_source_embeds_only_what_is_new(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    encoder = HashEncoder()
    write_source(tmp_path / "bees.jsonl", BEES, WHEAT)

    result = build(directory, tmp_path / "bees.jsonl", encoder=encoder)

    assert encoder.n_encoded == 1
    assert (result.n_encoded, result.n_reused) == (1, 1)
    assert len(article_ids(directory)) == 2


def test_a_changed_abstract_is_embedded_anew(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    encoder = HashEncoder()
    write_source(tmp_path / "bees.jsonl", BEES | {"abstract": "They sting."})

    build(directory, tmp_path / "bees.jsonl", encoder=encoder)

    assert encoder.n_encoded == 1 + PIECES_OF_BEES
    snapshot = open_snapshot(directory)
    cosine = snapshot.vectors.cosines(
        encoder.encode_query("Bees remember flowers They sting"), np.array([0])
    )
    snapshot.close()
    assert cosine[0] == pytest.approx(1, abs=1e-3)


def test_what_is_no_longer_in_the_sources_is_gone(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    build(directory, write_source(tmp_path / "a.jsonl", BEES, WHEAT))

    build(directory, write_source(tmp_path / "a.jsonl", WHEAT))

    assert article_ids(directory) == ["doi:10.5555/wheat"]


def test_another_encoder_embeds_everything_anew(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    other = HashEncoder(hash_spec(fingerprint="another"))

    result = build(directory, tmp_path / "bees.jsonl", encoder=other)

    assert (result.n_encoded, result.n_reused) == (1, 0)
    assert other.n_encoded == 1 + PIECES_OF_BEES


def test_another_version_of_cognate_builds_again(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    folder = current_folder(directory)
    raw = (folder / MANIFEST).read_bytes()
    changed = raw.replace(b'"cognate": "', b'"cognate": "0.0.')
    _rename_manifest(directory, changed)
    encoder = HashEncoder()

    result = build(directory, tmp_path / "bees.jsonl", encoder=encoder)

    assert result.report is not None
    assert encoder.n_encoded == 0


def _rename_manifest(directory: Path, raw: bytes) -> None:
    """Put other bytes into the current manifest and name the snapshot after them."""
    folder = current_folder(directory)
    (folder / MANIFEST).write_bytes(raw)
    name = f"{folder.name.rpartition('-')[0]}-{manifest_digits(raw)}"
    folder.rename(folder.with_name(name))
    (directory / CURRENT).write_text(name)


def test_files_that_did_not_change_are_on_disk_once(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = current_folder(directory)
    write_source(tmp_path / "bees.jsonl", BEES, BEES)

    build(directory, tmp_path / "bees.jsonl")

    after = current_folder(directory)
    assert after != before
    for name in ("encoder/encoder.json", "vectors/embeddings.npy", "vectors/index.faiss"):
        assert (after / name).stat().st_ino == (before / name).stat().st_ino
        assert (after / name).stat().st_nlink == 2
    assert (after / REPORT).stat().st_ino != (before / REPORT).stat().st_ino
    verify(before)


def test_the_last_snapshots_are_kept_and_the_current_one_is_among_them(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    names = [
        build(directory, write_source(tmp_path / "a.jsonl", BEES | {"title": f"Bees {n}"})).name
        for n in range(KEPT + 2)
    ]

    assert snapshot_names(directory) == names[-KEPT:]
    assert current_name(directory) == names[-1]
    for name in names[-KEPT:]:
        Snapshot.open(directory, name=name, load_encoder=HashEncoder.load).close()


def test_an_article_keeps_when_it_was_first_indexed(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = first_indexed(directory)
    write_source(tmp_path / "bees.jsonl", WHEAT, BEES | {"title": "Bees: a correction"})

    build(directory, tmp_path / "bees.jsonl")

    after = first_indexed(directory)
    assert after["doi:10.5555/bees"] == before["doi:10.5555/bees"]
    assert (after["doi:10.5555/wheat"] or "") > (before["doi:10.5555/bees"] or "")


def test_an_article_that_got_a_better_id_keeps_when_it_was_first_indexed(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    url = {"url": "https://arxiv.org/abs/2101.00001"}
    build(directory, write_source(tmp_path / "a.jsonl", {"title": "Bees"} | url))
    before = first_indexed(directory)

    build(directory, write_source(tmp_path / "a.jsonl", BEES | url))

    assert first_indexed(directory)["doi:10.5555/bees"] == before["arxiv:2101.00001"]


def test_another_version_of_a_work_was_first_indexed_when_it_came(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    url = {"url": "https://arxiv.org/abs/2101.00001"}
    build(directory, write_source(tmp_path / "a.jsonl", BEES | url))
    before = first_indexed(directory)["doi:10.5555/bees"]

    build(directory, write_source(tmp_path / "a.jsonl", BEES | url, WHEAT | url))

    after = first_indexed(directory)
    assert after["doi:10.5555/bees"] == before
    assert (after["doi:10.5555/wheat"] or "") > (before or "")


def test_of_two_works_that_share_an_id_the_first_is_found_by_it(tmp_path: Path) -> None:
    url = {"url": "https://arxiv.org/abs/2101.00001"}
    build(tmp_path / "index", write_source(tmp_path / "a.jsonl", WHEAT | url, BEES | url))

    snapshot = open_snapshot(tmp_path / "index")

    assert snapshot.store.find("arxiv:2101.00001") == 0
    assert snapshot.store.find("10.5555/bees") == 1
    snapshot.close()


def test_all_ids_of_records_that_were_merged_find_the_article(tmp_path: Path) -> None:
    first = write_source(
        tmp_path / "a.jsonl", {"id": "mine-1", "title": "Bees", "doi": "10.5555/b"}
    )
    second = write_source(
        tmp_path / "b.jsonl", {"id": "own:2", "title": "Bees", "doi": "10.5555/b"}
    )
    build(tmp_path / "index", first, second)

    snapshot = open_snapshot(tmp_path / "index")

    for text in ("mine-1", "own:2", "10.5555/b", "https://doi.org/10.5555/B"):
        assert snapshot.store.find(text) == 0
    snapshot.close()


def test_an_index_over_several_steps_answers_as_one_made_at_once(tmp_path: Path) -> None:
    sources = [
        write_source(tmp_path / f"{n}.jsonl", record) for n, record in enumerate((BEES, WHEAT, EEG))
    ]
    build(tmp_path / "at-once", *sources)

    build(tmp_path / "in-steps", *sources[:1])
    add(tmp_path / "in-steps", sources[1])
    add(tmp_path / "in-steps", sources[2])
    build(tmp_path / "rebuilt", *sources[:2])
    build(tmp_path / "rebuilt", *sources)

    assert answers(tmp_path / "in-steps") == answers(tmp_path / "at-once")
    assert answers(tmp_path / "rebuilt") == answers(tmp_path / "at-once")


# Models


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a real model that is exported within a second."""
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


def said_by_build(directory: Path, source: Path, model: Path) -> str:
    """Build with a real model, and give all that was said."""
    said: list[str] = []
    build_index([source], directory, model=str(model), say=said.append, quiet=True)
    return "\n".join(said)


def test_a_model_is_exported_once_and_travels_from_snapshot_to_snapshot(
    tmp_path: Path, model: Path
) -> None:
    directory = tmp_path / "index"

    first = said_by_build(directory, write_source(tmp_path / "a.jsonl", BEES), model)
    again = said_by_build(directory, tmp_path / "a.jsonl", model)
    changed = said_by_build(directory, write_source(tmp_path / "a.jsonl", BEES, WHEAT), model)
    add_sources([write_source(tmp_path / "b.jsonl", EEG)], directory, say=silent, quiet=True)
    remove_articles(["10.5555/bees"], directory, say=silent, quiet=True)

    assert "exporting the model" in first
    assert again == "nothing changed: the index is up to date"
    assert "exporting the model" not in changed
    snapshot = Snapshot.open(directory)
    query = snapshot.encoder.encode_query("Brain signals of feelings")
    assert snapshot.store.article_ids([int(snapshot.vectors.search(query, 1).rows[0])]) == [
        "doi:10.5555/eeg"
    ]
    assert snapshot.store.n_articles == 2
    snapshot.close()


def test_an_export_that_was_finished_before_a_build_ended_early_is_used(
    tmp_path: Path, model: Path
) -> None:
    directory = tmp_path / "index"
    source = write_source(tmp_path / "a.jsonl", BEES)
    said_by_build(tmp_path / "other", source, model)
    fingerprint = find_model(str(model), silent).fingerprint
    (directory / BUILDING).mkdir(parents=True)
    shutil.copytree(
        current_folder(tmp_path / "other") / "encoder",
        directory / BUILDING / f"encoder-{fingerprint[:16]}",
    )

    assert "exporting the model" not in said_by_build(directory, source, model)

    assert verify(current_folder(directory)).encoder.fingerprint == fingerprint


def test_a_half_exported_model_is_exported_again(tmp_path: Path, model: Path) -> None:
    directory = tmp_path / "index"
    fingerprint = find_model(str(model), silent).fingerprint
    half = directory / BUILDING / f"encoder-{fingerprint[:16]}.new"
    half.mkdir(parents=True)
    (half / "model.onnx").write_bytes(b"half")

    said = said_by_build(directory, write_source(tmp_path / "a.jsonl", BEES), model)

    assert "exporting the model" in said
    assert not (directory / BUILDING).exists()
    Snapshot.open(directory).close()


def forget_words(directory: Path) -> None:
    """Make the current snapshot one of before encoders knew single words."""
    folder = current_folder(directory)
    manifest = read_manifest(folder)
    (folder / "encoder" / WORDS_FILE).unlink()
    files = {name: file for name, file in manifest.files.items() if WORDS_FILE not in name}
    (folder / MANIFEST).unlink()
    publish(directory, folder, replace(manifest, files=files))


def test_an_encoder_without_words_is_exported_again_and_nothing_embedded(
    tmp_path: Path, model: Path
) -> None:
    directory = tmp_path / "index"
    said_by_build(directory, write_source(tmp_path / "a.jsonl", BEES), model)
    forget_words(directory)
    source = write_source(tmp_path / "b.jsonl", BEES, WHEAT)
    said: list[str] = []

    built = build_index([source], directory, model=str(model), say=said.append, quiet=True)

    assert "exporting the model" in "\n".join(said)
    assert (built.n_encoded, built.n_reused) == (1, 1)
    verify(current_folder(directory))
    Snapshot.open(directory).close()


def test_an_unfinished_export_without_words_is_made_again(tmp_path: Path, model: Path) -> None:
    directory = tmp_path / "index"
    source = write_source(tmp_path / "a.jsonl", BEES)
    said_by_build(tmp_path / "other", source, model)
    fingerprint = find_model(str(model), silent).fingerprint
    left = directory / BUILDING / f"encoder-{fingerprint[:16]}"
    shutil.copytree(current_folder(tmp_path / "other") / "encoder", left)
    (left / WORDS_FILE).unlink()

    assert "exporting the model" in said_by_build(directory, source, model)

    Snapshot.open(directory).close()


def test_an_index_whose_encoder_knows_no_words_is_changed_by_a_build_only(
    tmp_path: Path, model: Path
) -> None:
    directory = tmp_path / "index"
    said_by_build(directory, write_source(tmp_path / "a.jsonl", BEES, WHEAT), model)
    forget_words(directory)

    with pytest.raises(SnapshotError, match="run cognate build with all its sources once"):
        add_sources([write_source(tmp_path / "b.jsonl", EEG)], directory, say=silent, quiet=True)
    with pytest.raises(SnapshotError, match="run cognate build with all its sources once"):
        remove_articles(["10.5555/bees"], directory, say=silent, quiet=True)


# Add and remove


def test_adding_keeps_what_is_there_and_embeds_what_is_new(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    encoder = HashEncoder()

    add(directory, write_source(tmp_path / "b.jsonl", WHEAT, BEES), encoder=encoder)

    assert article_ids(directory) == ["doi:10.5555/bees", "doi:10.5555/wheat"]
    assert encoder.n_encoded == 1


def test_a_build_after_adding_drops_what_is_not_in_its_sources(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    add(directory, write_source(tmp_path / "b.jsonl", WHEAT))

    build(directory, tmp_path / "bees.jsonl")

    assert article_ids(directory) == ["doi:10.5555/bees"]


def test_adding_what_is_there_already_changes_nothing(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = state(directory)

    add(directory, tmp_path / "bees.jsonl")
    add(directory, write_source(tmp_path / "b.jsonl", {"id": "7"}))

    assert state(directory) == before
    assert len(snapshot_names(directory)) == 1


def test_adding_to_no_index_is_refused_with_the_command_to_make_one(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.jsonl", BEES)

    with pytest.raises(SnapshotError, match=r"there is no index in .*; make one with: cognate"):
        add(tmp_path / "absent", source)

    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(
    "form",
    [
        "doi:10.5555/bees",
        "10.5555/bees",
        "10.5555/BEES",
        "https://doi.org/10.5555/bees",
        "arXiv:2101.00001v2",
        "https://arxiv.org/abs/2101.00001",
    ],
)
def test_an_article_is_removed_by_any_form_of_its_ids(tmp_path: Path, form: str) -> None:
    url = {"url": "https://arxiv.org/abs/2101.00001"}
    build(tmp_path / "index", write_source(tmp_path / "a.jsonl", BEES | url, WHEAT))

    remove(tmp_path / "index", form)

    assert article_ids(tmp_path / "index") == ["doi:10.5555/wheat"]


def test_an_unknown_id_removes_nothing(tmp_path: Path) -> None:
    build(tmp_path / "index", write_source(tmp_path / "a.jsonl", BEES, WHEAT))
    before = state(tmp_path / "index")

    with pytest.raises(UnknownArticleError, match=r"no article has the id '10\.5555/wasps'"):
        remove(tmp_path / "index", "10.5555/bees", "10.5555/wasps")

    assert state(tmp_path / "index") == before


def test_the_last_article_cannot_be_removed(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = state(directory)

    with pytest.raises(SourceError, match="no article is left to index"):
        remove(directory, "10.5555/bees")

    assert state(directory) == before


def test_what_was_removed_comes_back_with_a_build_of_its_source(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    source = write_source(tmp_path / "a.jsonl", BEES, WHEAT)
    build(directory, source)
    remove(directory, "10.5555/bees")

    build(directory, source)

    assert article_ids(directory) == ["doi:10.5555/bees", "doi:10.5555/wheat"]


# What is refused


def test_a_corpus_without_articles_is_refused_and_the_first_reason_is_told(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = state(directory)
    empty = write_source(tmp_path / "empty.jsonl", {"id": "1"}, {"id": "2", "title": " "})

    with pytest.raises(SourceError, match="no article is left to index") as caught:
        build(directory, empty)

    assert "2 refused, first" in str(caught.value)
    assert f"{empty}, line 1: " in str(caught.value)
    assert state(directory) == before


def test_a_file_in_a_folder_that_cannot_be_read_is_listed_and_not_fatal(tmp_path: Path) -> None:
    # a regular file that even root cannot read from its start
    unreadable = Path("/proc/self/mem")
    if not unreadable.is_file():
        pytest.skip("this system has no file that cannot be read")
    (tmp_path / "folder").mkdir()
    write_source(tmp_path / "folder" / "a.jsonl", BEES)
    (tmp_path / "folder" / "b.ris").symlink_to(unreadable)

    first = build(tmp_path / "index", tmp_path / "folder")
    second = build(tmp_path / "index", tmp_path / "folder")

    assert first.report is not None
    assert [line.split(": ")[:2] for line in first.report.unread] == [
        [f"{tmp_path}/folder/b.ris", "cannot be read"]
    ]
    assert second.report is None


def test_a_folder_without_files_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(SourceError, match=f"{tmp_path}/folder: holds no file"):
        build(tmp_path / "index", tmp_path / "folder")


def test_a_bad_source_is_refused_before_a_model_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file"):
        build_index([tmp_path / "absent"], tmp_path / "index", model="./absent-model", say=silent)

    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize("name", ["index", "index/below"])
def test_a_file_in_the_place_of_the_index_is_refused_and_kept(tmp_path: Path, name: str) -> None:
    (tmp_path / "index").write_text("mine")

    with pytest.raises((SnapshotError, StorageError)):
        build(tmp_path / name, write_source(tmp_path / "a.jsonl", BEES))

    assert (tmp_path / "index").read_text() == "mine"


def test_a_folder_of_other_things_is_refused_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.tex").write_text("mine")
    source = write_source(tmp_path / "a.jsonl", BEES)

    with pytest.raises(SnapshotError, match="is no index of Cognate and not empty"):
        build(folder, source)
    with pytest.raises(SnapshotError, match="is no index of Cognate and not empty"):
        add(folder, source)
    with pytest.raises(SnapshotError, match="is no index of Cognate and not empty"):
        remove(folder, "x")

    assert relative_files(folder) == ["chapter.tex"]


def test_two_articles_of_one_bare_id_stop_the_build(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = state(directory)
    first = write_source(tmp_path / "a.jsonl", {"id": "12", "title": "Bees"})
    second = write_source(tmp_path / "b.jsonl", {"id": "12", "title": "Wheat"})

    with pytest.raises(IdentityError, match=rf"{first}, line 1 and {second}, line 1"):
        build(directory, first, second)

    assert state(directory) == before


def test_a_second_build_at_the_same_time_is_refused(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = state(directory)
    script = (
        "import sys; from pathlib import Path; from index.files import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(directory / LOCK)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        for change in (
            lambda: build(directory, write_source(tmp_path / "b.jsonl", WHEAT)),
            lambda: add(directory, tmp_path / "bees.jsonl"),
            lambda: remove(directory, "10.5555/bees"),
        ):
            with pytest.raises(SnapshotError, match=r"another build is at work in .*; wait"):
                change()
        other.kill()

    assert state(directory) == before
    with locked(directory / LOCK):
        pass


# Damage and leftovers


@pytest.mark.parametrize("name", [STORE, "vectors/embeddings.npy", "encoder/encoder.json"])
def test_a_build_over_a_damaged_index_makes_everything_anew_and_says_so(
    tmp_path: Path, name: str
) -> None:
    directory = build_bees(tmp_path)
    path = current_folder(directory) / name
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    encoder = HashEncoder()
    said: list[str] = []

    build_index([tmp_path / "bees.jsonl"], directory, encoder=encoder, say=said.append, quiet=True)

    assert encoder.n_encoded == 1 + PIECES_OF_BEES
    assert any(line.startswith("nothing of the index there can be reused") for line in said)
    verify(current_folder(directory))


@pytest.mark.parametrize("name", [STORE, "vectors/embeddings.npy", "encoder/encoder.json"])
def test_nothing_is_added_to_or_removed_from_a_damaged_index(tmp_path: Path, name: str) -> None:
    build(tmp_path / "index", write_source(tmp_path / "a.jsonl", BEES, WHEAT))
    path = current_folder(tmp_path / "index") / name
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))

    with pytest.raises(DamagedSnapshotError, match=r"sha256 differs\); build the index again"):
        add(tmp_path / "index", write_source(tmp_path / "b.jsonl", EEG))
    with pytest.raises(DamagedSnapshotError, match="sha256 differs"):
        remove(tmp_path / "index", "10.5555/bees")


def test_an_index_of_another_format_is_built_again(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    raw = (current_folder(directory) / MANIFEST).read_bytes()
    own = b'"format_version": %d' % FORMAT_VERSION
    _rename_manifest(directory, raw.replace(own, b'"format_version": 99'))
    with pytest.raises(SnapshotError, match="build the index again with: cognate build"):
        add(directory, tmp_path / "bees.jsonl")

    build(directory, tmp_path / "bees.jsonl")

    assert article_ids(directory) == ["doi:10.5555/bees"]


def calibration(directory: Path) -> Calibration:
    """Give the match probabilities of the current snapshot."""
    return read_manifest(current_folder(directory)).calibration


def numbered(n: int) -> list[dict[str, object]]:
    """Give that many articles with titles and abstracts of their own."""
    return [
        {"doi": f"10.5555/{i}", "title": f"Study {i} of moss", "abstract": f"Moss grows. {i} " * 6}
        for i in range(n)
    ]


@pytest.mark.parametrize(("n_then", "n_now", "is_kept"), [(20, 22, True), (20, 23, False)])
def test_the_match_probabilities_are_fitted_anew_when_the_corpus_has_changed_by_a_tenth(
    tmp_path: Path, n_then: int, n_now: int, is_kept: bool
) -> None:
    directory = tmp_path / "index"
    build(directory, write_source(tmp_path / "moss.jsonl", *numbered(n_then)))
    before = calibration(directory)

    build(directory, write_source(tmp_path / "moss.jsonl", *numbered(n_now)))

    after = calibration(directory)
    assert (after == before) == is_kept
    assert after.n_articles == (n_then if is_kept else n_now)


@pytest.mark.parametrize(("version", "is_kept"), [(FORMAT_VERSION, True), (2, False)])
def test_the_match_probabilities_of_an_older_format_are_fitted_anew(
    tmp_path: Path, version: int, is_kept: bool
) -> None:
    directory = tmp_path / "index"
    build(directory, write_source(tmp_path / "moss.jsonl", *numbered(20)))
    manifest = read_manifest(current_folder(directory))
    known = replace(manifest.calibration, prior=0.5)
    _rename_manifest(
        directory, replace(manifest, calibration=known, format_version=version).to_bytes()
    )

    build(directory, write_source(tmp_path / "moss.jsonl", *numbered(21)))

    assert (calibration(directory).prior == 0.5) == is_kept


def test_leftovers_of_a_killed_build_are_removed(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    left = directory / BUILDING / "snapshot-1"
    shutil.copytree(current_folder(directory), left)

    build(directory, write_source(tmp_path / "b.jsonl", WHEAT))

    assert not (directory / BUILDING).exists()


def test_an_old_snapshot_that_cannot_be_removed_does_not_make_a_build_fail(
    tmp_path: Path,
) -> None:
    directory = tmp_path / "index"
    for n in range(KEPT):
        build(directory, write_source(tmp_path / "a.jsonl", BEES | {"title": f"Bees {n}"}))
    names = snapshot_names(directory)
    (directory / BUILDING).mkdir()
    (directory / BUILDING / f"removed-{names[0]}").write_text("in the way")
    said: list[str] = []
    source = write_source(tmp_path / "a.jsonl", WHEAT)

    result = build_index([source], directory, encoder=HashEncoder(), say=said.append, quiet=True)

    assert current_name(directory) == result.name
    assert said[-1].startswith("the index is published, but older snapshots could not be removed")
    assert snapshot_names(directory) == [*names, result.name]
    build(directory, source)
    assert snapshot_names(directory) == [*names[1:], result.name]
    assert not (directory / BUILDING).exists()


class ImpatientEncoder(HashEncoder):
    """Takes the unfinished snapshot away once everything is encoded."""

    building: Path

    def encode_passages(self, texts: Iterable[str]) -> Iterator[Encoded]:
        yield from super().encode_passages(texts)
        for folder in self.building.glob("snapshot-*"):
            remove_tree(folder)


def test_a_failure_after_the_embedding_keeps_the_index_and_the_embeddings(tmp_path: Path) -> None:
    directory = build_bees(tmp_path)
    before = state(directory)
    source = write_source(tmp_path / "b.jsonl", WHEAT, EEG)
    encoder = ImpatientEncoder()
    encoder.building = directory / BUILDING

    with pytest.raises(StorageError, match="cannot write the index: No such file"):
        build(directory, source, encoder=encoder)
    assert state(directory) == before
    again = HashEncoder()
    build(directory, source, encoder=again)

    assert (encoder.n_encoded, again.n_encoded) == (2, 0)
    assert article_ids(directory) == ["doi:10.5555/wheat", "doi:10.5555/eeg"]
