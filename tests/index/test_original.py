"""Passages that the original model encodes are those of its export, on whatever device."""

from pathlib import Path

import numpy as np
import pytest

import index.original
from index.build import build_index
from index.models import find_model
from index.onnx import OnnxEncoder
from index.original import OriginalEncoder, gpu_device
from tests.building import BEES, current_folder, write_source
from tests.index.test_encoder import TEXTS, export
from tests.tiny_models import DIMENSION, save_tiny_model


def test_the_original_agrees_with_its_export_and_cuts_where_it_does(tmp_path: Path) -> None:
    exported = export(tmp_path, prompts={"query": "ask: ", "document": "say: "})
    model = find_model(str(tmp_path / "model"), print)
    encoder = OriginalEncoder(exported.encoder, model, "cpu")

    ours, theirs = (
        list(encoder.encode_passages(TEXTS)),
        list(exported.encoder.encode_passages(TEXTS)),
    )

    cosines = [one.embedding @ other.embedding for one, other in zip(ours, theirs, strict=True)]
    assert min(cosines) > 0.97
    assert [one.truncated for one in ours] == [one.truncated for one in theirs]
    assert any(one.truncated for one in ours)
    question = encoder.encode_query(TEXTS[0])
    assert question.tolist() == exported.encoder.encode_query(TEXTS[0]).tolist()
    assert encoder.word_vectors(["wheat"]).shape == (1, DIMENSION)
    assert encoder.count_tokens(["wheat"]) == exported.encoder.count_tokens(["wheat"])
    encoder.save(tmp_path)
    assert OnnxEncoder.load(tmp_path).spec == encoder.spec


def test_no_gpu_is_found_where_there_is_no_driver(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(index.original, "_DRIVER", tmp_path / "none")
    assert gpu_device() is None
    # a driver alone is not enough: torch must be able to use it
    monkeypatch.setattr(index.original, "_DRIVER", tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert gpu_device() is None
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert gpu_device() == "cuda"


def test_a_build_takes_the_gpu_that_there_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # the device is torch's own CPU: what is proved is that the original encodes what is stored
    monkeypatch.setattr("index.exports.gpu_device", lambda: "cpu")
    said: list[str] = []
    source = write_source(tmp_path / "bees.jsonl", BEES)

    build_index(
        [source],
        tmp_path / "index",
        model=str(save_tiny_model(tmp_path)),
        say=said.append,
        quiet=True,
    )

    folder = current_folder(tmp_path / "index")
    stored = np.load(folder / "vectors" / "embeddings.npy")[0].astype(np.float32)
    exported = OnnxEncoder.load(folder / "encoder")
    passage = f"{BEES['title']}\n{BEES['abstract']}"
    (of_export,) = exported.encode_passages([passage])
    assert any("GPU" in line for line in said)
    assert 0.97 < stored @ of_export.embedding < 0.999999
