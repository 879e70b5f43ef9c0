"""What crosses from the write side to the read side is a folder; and serving needs no torch."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from service.cli import main
from tests.service.library import LIBRARY, write_library
from tests.tiny_models import save_tiny_model

ROOT = Path(__file__).resolve().parents[1]
BUILD_ONLY = ("torch", "sentence_transformers", "transformers", "onnx", "huggingface_hub")

SEARCH = """
import json, sys
from pathlib import Path
import service.app, service.cli
from service.query import Query
from service.search import SearchEngine

engine = SearchEngine.open(Path(sys.argv[1]))
service.app.create_app(service.app.Settings(), engine)
n_hits = len(engine.search(Query(text="wheat")).hits)
engine.close()
print(json.dumps({"n_hits": n_hits, "modules": sorted(sys.modules)}))
"""


def imported_by(path: Path) -> Iterator[str]:
    """Give the modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def top_level(module: str) -> str:
    return module.partition(".")[0]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an index with a tiny model."""
    folder = tmp_path_factory.mktemp("boundaries")
    model = save_tiny_model(folder)
    source = write_library(folder / "library.jsonl")
    arguments = ["build", str(source), "--into", str(folder / "library"), "--model", str(model)]
    assert main([*arguments, "--quiet"]) == 0
    return folder / "library"


def test_opening_an_index_and_answering_loads_nothing_that_only_a_build_needs(
    directory: Path,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SEARCH, directory], capture_output=True, check=True, cwd=ROOT
    )

    answer = orjson.loads(ended.stdout)
    assert answer["n_hits"] == len(LIBRARY)
    loaded = {top_level(module) for module in answer["modules"]}
    assert loaded >= {"index", "service", "onnxruntime", "tokenizers", "faiss", "tantivy"}
    assert not loaded & set(BUILD_ONLY)


def test_the_console_command_loads_no_engine_before_it_is_needed() -> None:
    code = "import sys, service.cli; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, cwd=ROOT
    )

    loaded = set(ended.stdout.split())
    assert not loaded & {"faiss", "numpy", "onnxruntime", "tantivy", "fastapi", *BUILD_ONLY}


@pytest.mark.parametrize("path", sorted((ROOT / "index").rglob("*.py")), ids=lambda path: path.name)
def test_the_write_side_knows_nothing_of_the_read_side(path: Path) -> None:
    known = {top_level(module) for module in imported_by(path)}

    assert not known & {"service", "scripts", "tests", "fastapi", "starlette", "uvicorn", "jinja2"}


@pytest.mark.parametrize(
    "path",
    sorted([*(ROOT / "index").rglob("*.py"), *(ROOT / "service").rglob("*.py")]),
    ids=lambda path: path.name,
)
def test_imports_are_absolute_and_nothing_is_unpickled(path: Path) -> None:
    modules = list(imported_by(path))

    assert not [module for module in modules if module.startswith(".")]
    assert not {top_level(module) for module in modules} & {"pickle", "marshal", "shelve", "dill"}
