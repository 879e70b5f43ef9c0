"""Bad input ends in one clear line and status 1, and an existing index is untouched.

Each test goes through the console command, the way a user meets it.
"""

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.build import build_index
from index.manifest import FORMAT_VERSION, manifest_digits
from index.models import DEFAULT_MODEL
from index.snapshot import CURRENT, MANIFEST, verify
from service.cli import main
from tests.building import BEES, WHEAT, build_bees, current_folder, silent, state, write_source
from tests.tiny_models import save_tiny_model

LINE_BYTES = 100_000_000
MEMORY_KB = 600_000
FEW_SECONDS = 60
SMALL_DISK = 4 << 20


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give an index that bad input must leave as it is."""
    folder = tmp_path / "existing"
    folder.mkdir()
    return build_bees(folder)


@dataclass(frozen=True, slots=True)
class Console:
    """Runs the console command and takes what it prints."""

    capsys: pytest.CaptureFixture[str]

    def error(self, *arguments: object) -> str:
        """Run a command that must be refused, and give the one line that says why."""
        self.capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        printed = self.capsys.readouterr()
        assert status == 1, printed.err
        assert printed.out == ""
        return one_error(printed.err)


def one_error(stderr: str) -> str:
    """Give the one line of stderr that is an error, which is the last."""
    lines = stderr.splitlines()
    assert [line.startswith("cognate: ") for line in lines].count(True) == 1, stderr
    assert "Traceback" not in stderr
    assert lines[-1].startswith("cognate: ")
    return lines[-1].removeprefix("cognate: ")


@pytest.fixture
def console(capsys: pytest.CaptureFixture[str]) -> Console:
    """Give the console command."""
    return Console(capsys)


# What a source can be: how it is made, and what the error must tell

RIS_IN_LATIN_1 = "TY  - JOUR\nTI  - Über Bienen\nER  - \n".encode("latin-1")

BAD_FILES: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "empty": ("a.ris", b"", ("a.ris: is empty",)),
    "blank": ("a.bib", b"\n \r\n\t\n", ("a.bib: is empty",)),
    "binary": ("a.ris", bytes(range(256)) * 20, ("a.ris: ", "binary")),
    "pdf": ("a.ris", b"%PDF-1.7\n\xe2\xe3", ("a.ris: is a PDF",)),
    "zip": ("a.json", b"PK\x03\x04rest", ("a.json: ", "ZIP archive", "unpack it")),
    "latin-1": ("a.ris", RIS_IN_LATIN_1, ("a.ris, line 2: byte 0xdc is not UTF-8", "iconv -f")),
    "prose": ("a.txt", b"Buy milk.\nCall home.\n", ("a.txt: holds none of the formats", "export")),
    "torn gzip": ("a.ris.gz", gzip.compress(b"TY  - JOUR\n" * 99)[:-12], ("gz", "cut short")),
    "no gzip": ("a.ris.gz", b"\x1f\x8bnot gzip at all", ("a.ris.gz: ", "gzip data is damaged")),
}


@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.parametrize("command", [("build", "--into"), ("add", "--index")])
def test_a_bad_file_is_refused_in_one_line(
    console: Console, directory: Path, tmp_path: Path, kind: str, command: tuple[str, str]
) -> None:
    name, content, told = BAD_FILES[kind]
    source = tmp_path / name
    source.write_bytes(content)
    before = state(directory)

    error = console.error(command[0], source, command[1], directory)

    for part in (*told, str(tmp_path)):
        assert part in error
    assert state(directory) == before


def test_a_file_of_refused_records_only_is_no_corpus(
    console: Console, directory: Path, tmp_path: Path
) -> None:
    before = state(directory)
    source = write_source(tmp_path / "a.jsonl", {"id": "7"}, {"id": "8", "title": " "})

    error = console.error("build", source, "--into", directory)

    assert error.startswith(f"{source}: no article is left to index")
    assert f"2 refused, first {source}, line 1: " in error
    assert state(directory) == before


def test_a_missing_file_is_refused(console: Console, directory: Path, tmp_path: Path) -> None:
    before = state(directory)

    error = console.error("build", tmp_path / "absent.ris", "--into", directory)

    assert error == f"{tmp_path}/absent.ris: there is no such file"
    assert state(directory) == before


def test_a_bad_file_among_good_ones_is_refused(
    console: Console, directory: Path, tmp_path: Path
) -> None:
    before = state(directory)
    good = write_source(tmp_path / "good.jsonl", WHEAT)
    (tmp_path / "bad.ris").write_bytes(RIS_IN_LATIN_1)

    error = console.error("build", good, tmp_path / "bad.ris", "--into", directory)

    assert "bad.ris, line 2" in error
    assert state(directory) == before


def test_a_name_no_file_can_have_is_refused(console: Console, directory: Path) -> None:
    before = state(directory)

    error = console.error("build", "x" * 5000, "--into", directory)

    assert "File name too long" in error
    assert state(directory) == before


@pytest.mark.parametrize("names", [(), ("notes.txt",), ("a.txt", "b.txt", "c.txt", "d.txt")])
def test_a_folder_with_none_of_the_formats_is_refused(
    console: Console, directory: Path, tmp_path: Path, names: tuple[str, ...]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("Buy milk.\n")
    before = state(directory)

    error = console.error("build", folder, "--into", directory)

    assert error.startswith(str(folder))
    assert ("none of the formats" if names else "holds no file") in error
    assert state(directory) == before


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("a.jsonl", b'{"title": "', b'"}\n', "a.jsonl, line 1: the line is longer than 64 Mi"),
        ("a.ris", b"TY  - JOUR\nTI  - ", b"\nER  -\n", "a.ris, line 2: the line is longer than"),
        ("a.json", b'[{"title": "', b'"}]', "line 1: its title has 100,000,000 characters"),
        ("a.txt", b"", b"", "a.txt: holds none of the formats"),
    ],
)
def test_a_line_of_100_mb_is_refused_within_bounded_memory(
    directory: Path, tmp_path: Path, name: str, before: bytes, after: bytes, told: str
) -> None:
    source = tmp_path / name
    source.write_bytes(before + b"a" * LINE_BYTES + after)
    unchanged = state(directory)

    result = run_measured("build", source, "--into", directory)

    assert result.status == 1
    assert told in one_error(result.stderr)
    assert result.most_kb < MEMORY_KB
    assert state(directory) == unchanged
    source.unlink()


@dataclass(frozen=True, slots=True)
class Measured:
    """How a command ended, what it said, and how much memory it held at most."""

    status: int
    stderr: str
    most_kb: int


_MEASURED = """
import re, resource, sys
from pathlib import Path
from service.cli import main
if int(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
status = main(sys.argv[2:])
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
sys.exit(status)
"""


def run_measured(
    *arguments: object, most_bytes: int = 0, environment: dict[str, str] | None = None
) -> Measured:
    """Run the console command in a process of its own, writing files of at most so many bytes."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(most_bytes), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | (environment or {}),
        timeout=FEW_SECONDS,
    )
    return Measured(done.returncode, done.stderr, int(done.stdout.split()[-1]))


def test_two_articles_of_one_bare_id_are_refused_with_both_places(
    console: Console, directory: Path, tmp_path: Path
) -> None:
    before = state(directory)
    first = write_source(tmp_path / "a.jsonl", {"id": "12", "title": "Bees"})
    second = write_source(tmp_path / "b.jsonl", WHEAT, {"id": "12", "title": "Wheat"})

    error = console.error("build", first, second, "--into", directory)

    assert "the id '12' names two different articles" in error
    assert f"{first}, line 1 and {second}, line 2; give one of them another id" in error
    assert state(directory) == before


# Models


@pytest.mark.parametrize("name", ["./absent-model", "/absent/model", "~/absent/model", "a/b/c"])
def test_a_model_folder_that_is_not_there_is_refused(
    console: Console, directory: Path, tmp_path: Path, name: str
) -> None:
    before = state(directory)
    source = write_source(tmp_path / "a.jsonl", WHEAT)

    error = console.error("build", source, "--into", directory, "--model", name)

    assert f"there is no model folder {name}" in error
    assert DEFAULT_MODEL in error
    assert state(directory) == before


def test_a_folder_that_holds_no_model_is_refused(
    console: Console, directory: Path, tmp_path: Path
) -> None:
    before = state(directory)
    source = write_source(tmp_path / "a.jsonl", WHEAT)
    (tmp_path / "no-model").mkdir()

    error = console.error("build", source, "--into", directory, "--model", tmp_path / "no-model")

    assert f"the folder {tmp_path}/no-model holds no model" in error
    assert state(directory) == before


# with HF_HUB_OFFLINE nothing is asked; else nobody answers on this port of this machine
@pytest.mark.parametrize("environment", [{"HF_HUB_OFFLINE": "1"}, {"HF_HUB_OFFLINE": "0"}])
def test_a_model_name_that_nobody_has_is_refused(
    directory: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    before = state(directory)
    source = write_source(tmp_path / "a.jsonl", WHEAT)
    nowhere = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "hub")}

    result = run_measured(
        "build",
        source,
        "--into",
        directory,
        "--model",
        "nobody/absent",
        environment=nowhere | environment,
    )

    assert result.status == 1
    error = one_error(result.stderr)
    assert "the model 'nobody/absent' is neither a folder" in error
    assert "check the name and the connection" in error
    assert state(directory) == before


# The directory


def test_a_directory_of_other_things_is_refused_and_untouched(
    console: Console, tmp_path: Path
) -> None:
    source = write_source(tmp_path / "a.jsonl", WHEAT)

    error = console.error("build", source, "--into", tmp_path)

    assert error == f"{tmp_path} is no index of Cognate and not empty; give a new directory"
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize("below", ["", "/below", "/far/below"])
def test_a_file_in_the_place_of_the_directory_is_refused(
    console: Console, tmp_path: Path, below: str
) -> None:
    source = write_source(tmp_path / "a.jsonl", WHEAT)

    error = console.error("build", source, "--into", f"{source}{below}")

    assert error.startswith(f"{source}{below}")
    assert source.stat().st_size


@pytest.mark.parametrize(
    "command",
    [
        ("search", "bees"),
        ("similar", "10.5555/bees"),
        ("inspect",),
        ("verify",),
        ("serve",),
        ("remove", "10.5555/bees"),
    ],
    ids=lambda command: command[0],
)
def test_a_directory_without_an_index_is_refused_with_the_cure(
    console: Console, tmp_path: Path, command: tuple[str, ...]
) -> None:
    error = console.error(*command, "--index", tmp_path / "absent")

    assert error.startswith(f"there is no index in {tmp_path}/absent; make one with: cognate build")
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(
    "command",
    [("search", "bees"), ("inspect",), ("verify",), ("serve",), ("remove", "10.5555/bees")],
    ids=lambda command: command[0],
)
def test_an_index_of_another_format_is_refused_with_the_cure(
    console: Console, directory: Path, command: tuple[str, ...]
) -> None:
    folder = current_folder(directory)
    raw = (folder / MANIFEST).read_bytes()
    raw = raw.replace(b'"format_version": %d' % FORMAT_VERSION, b'"format_version": 99')
    (folder / MANIFEST).write_bytes(raw)
    name = f"{folder.name.rpartition('-')[0]}-{manifest_digits(raw)}"
    folder.rename(folder.with_name(name))
    (directory / CURRENT).write_text(name)

    error = console.error(*command, "--index", directory)

    assert f"{directory}/snapshots/{name}: the index has format 99" in error
    assert "build the index again with: cognate build" in error


def test_an_unknown_article_is_refused(console: Console, directory: Path) -> None:
    before = state(directory)

    error = console.error("remove", "10.5555/wasps", "--index", directory)

    assert error == "no article has the id '10.5555/wasps'"
    assert state(directory) == before


# The disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of a few megabytes, or skip where none can be made."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(folder)]
    if (
        os.geteuid()
        or shutil.which("mount") is None
        or subprocess.run(mount, check=False).returncode
    ):
        pytest.skip("making a small disk needs root and leave to mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a real model that is small enough for a small disk."""
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


def fill(disk: Path, free_bytes: int) -> None:
    """Leave so many bytes free."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    left = shutil.disk_usage(disk).free - free_bytes
    assert left >= 0
    filler.write_bytes(b"\0" * left)


def test_wherever_the_disk_is_full_the_error_is_one_line_and_the_index_stays(
    console: Console, disk: Path, model: Path, tmp_path: Path
) -> None:
    directory = disk / "index"
    source = write_source(tmp_path / "a.jsonl", BEES)
    arguments = ("build", source, "--into", directory, "--model", model)
    build_index([source], directory, model=str(model), say=silent, quiet=True)
    before = (directory / CURRENT).read_bytes()
    write_source(
        source, BEES, *({"id": f"own:{n}", "title": f"Wheat {n} " * 50} for n in range(99))
    )

    # each time the build comes a little further
    n_refused, free_bytes = 0, 0
    while free_bytes < SMALL_DISK // 2:
        fill(disk, free_bytes)
        console.capsys.readouterr()
        if main(list(map(str, arguments))) == 0:
            break
        error = one_error(console.capsys.readouterr().err)
        assert error.startswith(
            f"{directory}: cannot write the index: no space is left on the disk"
        )
        assert (directory / CURRENT).read_bytes() == before
        verify(current_folder(directory))
        n_refused, free_bytes = n_refused + 1, free_bytes + (16 << 10)

    assert n_refused > 2
    assert (directory / CURRENT).read_bytes() != before
    assert verify(current_folder(directory)).n_articles == 100


def test_a_limit_on_file_sizes_ends_a_build_like_a_full_disk(model: Path, tmp_path: Path) -> None:
    directory = tmp_path / "index"
    source = write_source(tmp_path / "a.jsonl", BEES)
    build_index([source], directory, model=str(model), say=silent, quiet=True)
    before = (directory / CURRENT).read_bytes()
    write_source(source, *({"id": f"own:{n}", "title": f"Wheat {n} " * 50} for n in range(999)))

    result = run_measured(
        "build", source, "--into", directory, "--model", model, most_bytes=1 << 18
    )

    assert result.status == 1
    assert one_error(result.stderr).startswith(f"{directory}: cannot write the index: ")
    assert (directory / CURRENT).read_bytes() == before
    verify(current_folder(directory))
