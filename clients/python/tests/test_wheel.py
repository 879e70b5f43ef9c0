"""The wheel holds the client alone, and needs httpx alone."""

import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import BytesParser
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

import pytest
from hatchling.builders.wheel import WheelBuilder

FOLDER = Path(__file__).resolve().parents[1]
FRAMEWORKS = {"langchain_core", "llama_index", "haystack"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Build the wheel as `pip install` does, and give its files."""
    folder = str(tmp_path_factory.mktemp("wheel"))
    (built,) = WheelBuilder(str(FOLDER)).build(directory=folder, versions=["standard"])
    with zipfile.ZipFile(built) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def metadata_of(files: dict[str, bytes]) -> Message:
    (name,) = [name for name in files if name.endswith("/METADATA")]
    return BytesParser().parsebytes(files[name])


def test_it_holds_the_package_and_nothing_else(files: dict[str, bytes]) -> None:
    source = FOLDER / "src" / "cognate_client"
    ours = {f"cognate_client/{path.name}" for path in source.iterdir() if path.is_file()}

    held = {name for name in files if ".dist-info/" not in name}
    assert held == ours
    assert "cognate_client/py.typed" in held
    tops = {PurePosixPath(name).parts[0] for name in files}
    assert len(tops) == 2


def test_it_needs_httpx_alone_and_has_an_extra_for_each_framework(files: dict[str, bytes]) -> None:
    metadata = metadata_of(files)
    needed = metadata.get_all("Requires-Dist", [])

    assert [line for line in needed if "extra ==" not in line] == ["httpx<1,>=0.28"]
    extras = set(metadata.get_all("Provides-Extra", []))
    assert extras == {"langchain", "llama-index", "haystack", "test"}


def test_it_has_its_name_its_licence_and_its_readme(files: dict[str, bytes]) -> None:
    metadata = metadata_of(files)

    assert (metadata["Name"], metadata["License-Expression"]) == ("cognate-client", "Apache-2.0")
    (licence,) = [text for name, text in files.items() if name.endswith("/LICENSE")]
    assert licence == (FOLDER.parents[1] / "LICENSE").read_bytes()
    readme = metadata.get_payload(decode=True)
    assert readme == (FOLDER / "README.md").read_bytes()


def test_neither_the_service_nor_what_it_needs_is_here() -> None:
    assert not [name for name in ("service", "index", "faiss", "torch") if find_spec(name)]


def test_the_client_alone_imports_no_framework() -> None:
    code = "import sys, cognate_client; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = {name.partition(".")[0] for name in ended.stdout.split()}
    assert "httpx" in loaded
    assert not FRAMEWORKS & loaded
