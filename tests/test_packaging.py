"""The wheel holds the two packages with all they need, and nothing else."""

import tomllib
import zipfile
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path, PurePosixPath

import pytest
from packaging.requirements import Requirement

import index
import service

ROOT = Path(__file__).resolve().parents[1]
NEEDED_BESIDE_CODE = {".html", ".md", ".css", ".js", ".svg"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """Build the wheel as `pip install .` does."""
    builders = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    folder = str(tmp_path_factory.mktemp("wheel"))
    (built,) = builders.WheelBuilder(str(ROOT)).build(directory=folder, versions=["standard"])
    with zipfile.ZipFile(built) as opened:
        yield opened


def files_below(package: str) -> set[str]:
    paths = (ROOT / package).rglob("*")
    return {
        path.relative_to(ROOT).as_posix()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_top_level_is_the_two_packages(wheel: zipfile.ZipFile) -> None:
    top = {PurePosixPath(name).parts[0] for name in wheel.namelist()}

    (described,) = {name for name in top if name.endswith(".dist-info")}
    assert described.startswith("cognate-")
    assert top == {"index", "service", described}


def test_every_file_of_the_packages_is_in_it(wheel: zipfile.ZipFile) -> None:
    ours = {name for name in wheel.namelist() if not name.startswith("cognate-")}

    assert ours == files_below("index") | files_below("service")
    suffixes = {PurePosixPath(name).suffix for name in ours}
    assert {".html", ".css"} <= suffixes <= NEEDED_BESIDE_CODE | {".py", ".typed"}


def test_it_brings_the_console_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    described = {PurePosixPath(name).name: name for name in wheel.namelist() if "dist-info" in name}

    assert b"cognate = service.cli:main" in wheel.read(described["entry_points.txt"])
    assert "LICENSE" in described
    metadata = BytesParser().parsebytes(wheel.read(described["METADATA"]))
    assert (metadata["Name"], metadata["License-Expression"]) == ("cognate", "Apache-2.0")


def test_serving_needs_no_machine_learning_framework(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith("METADATA")]
    metadata = BytesParser().parsebytes(wheel.read(name))

    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]

    frameworks = ("torch", "sentence-transformers", "transformers", "onnx>", "onnx=")
    assert needed
    assert not [line for line in needed if line.startswith(frameworks)]


KNOWN_VULNERABLE = [
    # bodies, Range headers, Host and forms: the last of each
    ("starlette", "0.49.0", "CVE-2025-62727"),
    ("starlette", "1.0.0", "CVE-2026-48710"),
    ("starlette", "1.2.0", "CVE-2026-54282"),
    ("starlette", "1.3.0", "CVE-2026-54283"),
    ("python-multipart", "0.0.26", "CVE-2026-42561"),
    ("h11", "0.14.0", "CVE-2025-43859"),
    ("jinja2", "3.1.5", "CVE-2025-27516"),
    # files of indexes that write past their memory
    ("faiss-cpu", "1.15.0", "facebookresearch/faiss #5400"),
    # `weights_only` that was not
    ("torch", "2.5.1", "CVE-2025-32434"),
]


@pytest.mark.parametrize(("name", "version", "known_as"), KNOWN_VULNERABLE)
def test_a_version_that_is_known_to_be_vulnerable_is_not_installed(
    name: str, version: str, known_as: str
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["build"]]
    pinned = (ROOT / "constraints.txt").read_text().lower().splitlines()
    (allowed,) = [one for one in map(Requirement, wanted) if one.name.lower() == name]
    (tested,) = [line.partition("==")[2] for line in pinned if line.startswith(f"{name}==")]

    assert not allowed.specifier.contains(version), known_as
    assert allowed.specifier.contains(tested)


def test_the_packages_that_are_tested_are_those_of_this_tree() -> None:
    assert index.__file__ is not None
    assert service.__file__ is not None
    assert Path(index.__file__).parent == ROOT / "index"
    assert Path(service.__file__).parent == ROOT / "service"
