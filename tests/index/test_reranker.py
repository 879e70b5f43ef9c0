"""A reranker scores as its cross-encoder does, stops in time, and travels with its snapshot."""

import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import orjson
import pytest

from index.build import BuildResult, add_sources, build_index, decide_versions, remove_articles
from index.errors import DamagedSnapshotError, EncoderError
from index.manifest import Manifest
from index.models import find_model
from index.onnx import MODEL_FILE, TOKENIZER_FILE
from index.reranker import SPEC_FILE, OnnxReranker, RerankerSpec
from index.reranker_export import CORRELATION_FLOOR, FLOAT_CORRELATION_FLOOR, export_reranker
from index.snapshot import MANIFEST, RERANKER, read_manifest, verify
from tests.building import BEES, EEG, WHEAT, current_folder, open_snapshot, silent, write_source
from tests.encoders import HashEncoder
from tests.tiny_models import save_tiny_cross_encoder, save_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel

WINDOW = 60
QUESTION = "wheat and soil"
PASSAGES = [
    "soil\nof wheat",
    "brain: signals",
    "x",
    "a passage that is longer than the window of the model and so cannot be read to its end",
    *(f"passage {number}" for number in range(16)),
]


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Keep torch from waiting for its threads, which takes longer than these models do."""
    import torch

    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a tiny cross-encoder once."""
    return save_tiny_cross_encoder(tmp_path_factory.mktemp("model") / "tiny", window=WINDOW)


@pytest.fixture(scope="module")
def exported(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export it once."""
    folder = tmp_path_factory.mktemp("exported")
    export_reranker(find_model(str(model), print), folder, PASSAGES)
    return folder


@pytest.fixture(scope="module")
def reranker(exported: Path) -> OnnxReranker:
    """Load it once."""
    return OnnxReranker.load(exported)


def original_scores(model: Path, question: str) -> npt.NDArray[np.float64]:
    """Give the logits of all passages as sentence-transformers computes them."""
    import torch
    from sentence_transformers import CrossEncoder

    original = CrossEncoder(str(model), device="cpu")
    pairs = [(question, passage) for passage in PASSAGES]
    return np.array([float(x) for x in original.predict(pairs, activation_fn=torch.nn.Identity())])


def correlation(ours: list[float], theirs: npt.NDArray[np.float64]) -> float:
    return float(np.corrcoef(ours, theirs)[0, 1])


@pytest.mark.parametrize("question", [QUESTION, "", "a question longer than the window " * 3])
def test_the_scores_are_the_logits_of_the_model(
    model: Path, reranker: OnnxReranker, question: str
) -> None:
    scores = reranker.scores(question, PASSAGES, math.inf)

    assert correlation(scores, original_scores(model, question)) >= CORRELATION_FLOOR
    assert min(scores) < 0 or max(scores) > 1  # no probabilities


def test_the_description_tells_what_was_exported_and_how_well_it_agrees(
    model: Path, exported: Path, reranker: OnnxReranker
) -> None:
    spec = reranker.spec

    found = find_model(str(model), print)
    assert (spec.model, spec.fingerprint) == (str(model), found.fingerprint)
    assert (spec.window, spec.precision) == (WINDOW, "int8")
    assert CORRELATION_FLOOR <= spec.correlation <= 1
    assert spec.n_compared > len(PASSAGES)
    assert {path.name for path in exported.iterdir()} == {MODEL_FILE, TOKENIZER_FILE, SPEC_FILE}


def test_a_model_that_int8_cannot_hold_is_exported_in_float32(tmp_path: Path) -> None:
    def sharpen(network: "PreTrainedModel") -> None:
        for name, weights in network.named_parameters():
            if "query" in name or "key" in name:
                weights.mul_(100)

    model = save_tiny_cross_encoder(tmp_path / "model", window=WINDOW, mend=sharpen)
    (tmp_path / "exported").mkdir()

    reranker = export_reranker(find_model(str(model), print), tmp_path / "exported", PASSAGES)

    assert reranker.spec.precision == "float32"
    scores = reranker.scores(QUESTION, PASSAGES, math.inf)
    assert correlation(scores, original_scores(model, QUESTION)) >= FLOAT_CORRELATION_FLOOR
    assert np.allclose(scores, original_scores(model, QUESTION), atol=1e-3)


def test_a_score_depends_on_its_pair_alone(exported: Path, reranker: OnnxReranker) -> None:
    whole = reranker.scores(QUESTION, PASSAGES, math.inf)

    alone = [reranker.scores(QUESTION, [passage], math.inf)[0] for passage in PASSAGES]
    single = OnnxReranker(exported, reranker.spec, n_threads=1)
    many = OnnxReranker(exported, reranker.spec, n_threads=7)
    assert alone == whole
    assert single.scores(QUESTION, PASSAGES, math.inf) == whole
    assert many.scores(QUESTION, PASSAGES, math.inf) == whole


@pytest.mark.parametrize("budget_s", [0.0, -1.0, 0.0005, 0.002, 0.01, 60.0])
@pytest.mark.parametrize("n_threads", [1, 3])
def test_what_is_scored_in_time_is_the_beginning_of_the_list(
    exported: Path, reranker: OnnxReranker, budget_s: float, n_threads: int
) -> None:
    whole = reranker.scores(QUESTION, PASSAGES, math.inf)

    scores = OnnxReranker(exported, reranker.spec, n_threads=n_threads).scores(
        QUESTION, PASSAGES, budget_s
    )

    assert scores == whole[: len(scores)]
    if budget_s <= 0:
        assert scores == []
    if budget_s == 60:
        assert scores == whole


def test_without_time_for_all_some_are_left(reranker: OnnxReranker) -> None:
    many = PASSAGES * 5_000

    scores = reranker.scores(QUESTION, many, 0.05)

    assert 0 < len(scores) < len(many)
    assert scores == [
        score
        for passage in many[: len(scores)]
        for score in reranker.scores(QUESTION, [passage], 1)
    ]


def test_nothing_to_score_is_nothing(reranker: OnnxReranker) -> None:
    assert reranker.scores(QUESTION, [], math.inf) == []


def test_a_saved_reranker_is_loaded_again(reranker: OnnxReranker, tmp_path: Path) -> None:
    reranker.save(tmp_path)

    again = OnnxReranker.load(tmp_path)

    assert again.spec == reranker.spec
    assert again.scores(QUESTION, PASSAGES, math.inf) == reranker.scores(
        QUESTION, PASSAGES, math.inf
    )


@pytest.mark.parametrize("gone", [MODEL_FILE, TOKENIZER_FILE, SPEC_FILE])
def test_a_folder_without_one_of_its_files_holds_no_reranker(
    exported: Path, tmp_path: Path, gone: str
) -> None:
    folder = shutil.copytree(exported, tmp_path / "copy")
    (folder / gone).unlink()

    with pytest.raises(EncoderError, match="holds no reranker that can be loaded"):
        OnnxReranker.load(folder)


def test_a_description_with_other_keys_is_refused(reranker: OnnxReranker) -> None:
    with pytest.raises(EncoderError, match="other keys"):
        RerankerSpec.from_json(reranker.spec.to_json() | {"unheard_of": 1})


def refused(tmp_path: Path, model: Path) -> str:
    (tmp_path / "exported").mkdir()
    with pytest.raises(EncoderError) as error:
        export_reranker(find_model(str(model), print), tmp_path / "exported", PASSAGES)
    return str(error.value)


def test_a_model_with_several_numbers_for_a_pair_is_refused(tmp_path: Path) -> None:
    model = save_tiny_cross_encoder(tmp_path / "model", n_labels=3)

    assert "gives 3 numbers for a pair" in refused(tmp_path, model)


def test_a_model_that_puts_prompts_before_its_pairs_is_refused(tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder

    plain = save_tiny_cross_encoder(tmp_path / "plain")
    model = CrossEncoder(str(plain), device="cpu", prompts={"web": "Judge: "})
    model.save(str(tmp_path / "model"), create_model_card=False)

    assert "puts prompts before what it compares" in refused(tmp_path, tmp_path / "model")


def test_a_language_model_that_is_asked_is_refused(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, Qwen2Config

    config = Qwen2Config(
        vocab_size=200,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        intermediate_size=16,
        tie_word_embeddings=False,
    )
    folder = tmp_path / "model"
    network = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]  # untyped there
    network.save_pretrained(folder)
    save_tokenizer(folder, WINDOW, has_types=False)

    assert "is a language model that is asked in a chat" in refused(tmp_path, folder)


def test_a_model_that_computes_no_numbers_is_refused(tmp_path: Path) -> None:
    def spoil(network: "PreTrainedModel") -> None:
        for name, weights in network.named_parameters():
            if "LayerNorm" in name:
                weights.fill_(float("nan"))

    model = save_tiny_cross_encoder(tmp_path / "model", mend=spoil)

    assert "does not compute what the model does" in refused(tmp_path, model)


def test_a_folder_that_holds_no_cross_encoder_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    (tmp_path / "model" / "model.safetensors").write_bytes(b"no weights")

    reason = refused(tmp_path, tmp_path / "model")

    assert f"cannot load the model {tmp_path / 'model'}" in reason


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "library.jsonl", BEES, WHEAT)


def build(source: Path, model: Path | None) -> BuildResult:
    """Build beside the source."""
    return build_index(
        [source],
        source.parent / "index",
        reranker=None if model is None else str(model),
        encoder=HashEncoder(),
        say=silent,
        quiet=True,
    )


def manifest_of(source: Path) -> Manifest:
    return read_manifest(current_folder(source.parent / "index"))


def test_a_reranker_travels_with_its_snapshot(model: Path, source: Path) -> None:
    build(source, model)

    directory = source.parent / "index"
    manifest = verify(current_folder(directory))
    files = {f"{RERANKER}/{name}" for name in (MODEL_FILE, TOKENIZER_FILE, SPEC_FILE)}
    assert {name for name in manifest.files if name.startswith(RERANKER)} == files
    snapshot = open_snapshot(directory)
    assert snapshot.reranker is not None
    assert snapshot.reranker.spec == manifest.reranker
    assert len(snapshot.reranker.scores(QUESTION, PASSAGES, math.inf)) == len(PASSAGES)
    snapshot.close()


def test_without_a_reranker_a_snapshot_has_none(source: Path) -> None:
    build(source, None)

    snapshot = open_snapshot(source.parent / "index")
    assert snapshot.reranker is None
    assert snapshot.manifest.reranker is None
    snapshot.close()


def test_a_manifest_that_knows_of_no_reranker_is_read(source: Path) -> None:
    build(source, None)
    raw = orjson.loads((current_folder(source.parent / "index") / MANIFEST).read_bytes())
    del raw["reranker"]

    assert Manifest.from_bytes(orjson.dumps(raw)) == manifest_of(source)


def test_another_reranker_or_none_is_another_index_with_the_same_embeddings(
    model: Path, source: Path, tmp_path: Path
) -> None:
    other = save_tiny_cross_encoder(tmp_path / "other", window=WINDOW, seed=1)
    results, fingerprints = [], []
    for wanted in (None, model, model, other, None):
        results.append(build(source, wanted))
        reranker = manifest_of(source).reranker
        fingerprints.append(None if reranker is None else reranker.fingerprint)

    names = [result.name for result in results]
    assert names[1] == names[2]
    assert len(set(names)) == 4
    assert [result.n_encoded for result in results] == [2, 0, 0, 0, 0]
    one, two = (find_model(str(path), print).fingerprint for path in (model, other))
    assert fingerprints == [None, one, one, two, None]


@pytest.mark.parametrize("change", ["add", "remove", "split"])
def test_a_change_of_an_index_keeps_its_reranker(model: Path, source: Path, change: str) -> None:
    build(source, model)
    directory, before = source.parent / "index", manifest_of(source)
    encoder = HashEncoder()

    if change == "add":
        more = write_source(source.parent / "more.jsonl", EEG)
        add_sources([more], directory, encoder=encoder, say=silent, quiet=True)
    elif change == "remove":
        remove_articles(["10.5555/bees"], directory, encoder=encoder, say=silent, quiet=True)
    else:
        ids = ("10.5555/bees", "10.5555/wheat")
        decide_versions(ids, directory, same=False, encoder=encoder, say=silent, quiet=True)

    after = manifest_of(source)
    assert after.created != before.created
    assert after.reranker == before.reranker
    name = f"{RERANKER}/{MODEL_FILE}"
    assert after.files[name] == before.files[name]


def test_a_damaged_reranker_is_found_before_it_is_asked(model: Path, source: Path) -> None:
    build(source, model)
    path = current_folder(source.parent / "index") / RERANKER / MODEL_FILE
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(DamagedSnapshotError, match=r"reranker/model\.onnx"):
        open_snapshot(source.parent / "index")


def test_an_interrupted_export_is_begun_again_and_a_whole_one_is_used(
    model: Path, source: Path
) -> None:
    building = source.parent / "index" / "building"
    half = building / f"reranker-{find_model(str(model), print).fingerprint[:16]}.new"
    half.mkdir(parents=True)
    (half / MODEL_FILE).write_bytes(b"half a mod")

    build(source, model)

    assert manifest_of(source).reranker is not None
    assert not building.exists()
