"""The exported models of a snapshot: taken over from the last one, or exported anew."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from index.article import Article
from index.encoder import export_encoder
from index.errors import SnapshotError
from index.files import remove_tree, rename_whole
from index.interrupts import held_interrupts
from index.models import ModelFiles
from index.onnx import Encoder, EncoderSpec, OnnxEncoder
from index.original import OriginalEncoder, gpu_device
from index.reranker import SPEC_FILE, OnnxReranker, RerankerSpec
from index.reranker_export import export_reranker
from index.snapshot import RERANKER
from index.words import WORDS_FILE
from index.workshop import Workshop

_SAMPLE = 64


def is_the_model(spec: EncoderSpec, wanted: EncoderSpec | ModelFiles) -> bool:
    """Tell whether an encoder is an export of a model, put to use with the same prompts."""
    return (spec.fingerprint, spec.query_prompt, spec.passage_prompt) == (
        wanted.fingerprint,
        wanted.query_prompt,
        wanted.passage_prompt,
    )


def is_reranker(spec: RerankerSpec | None, wanted: RerankerSpec | ModelFiles | None) -> bool:
    """Tell whether a reranker is an export of the wanted model, or both are none."""
    if spec is None or wanted is None:
        return spec is wanted
    return spec.fingerprint == wanted.fingerprint


def choose_encoder(shop: Workshop, articles: Sequence[Article]) -> Encoder:
    """Give the last snapshot's encoder if its model is the one wanted, else a new export.

    Where torch has a GPU the model itself encodes passages.
    """
    exported = _exported_encoder(shop, articles)
    if shop.model is None:
        return exported
    with held_interrupts():
        device = gpu_device()
    if device is None:
        return exported
    shop.say(f"encoding passages on the GPU ({device})")
    return OriginalEncoder(exported, shop.model, device)


def _exported_encoder(shop: Workshop, articles: Sequence[Article]) -> OnnxEncoder:
    files, previous = shop.model, shop.previous
    if previous is not None and (files is None or is_the_model(previous.manifest.encoder, files)):
        if (previous.folder / "encoder" / WORDS_FILE).is_file():
            return OnnxEncoder.load(previous.folder / "encoder")
        if files is None:
            message = (
                f"the index in {shop.directory} is of an older version, which knew no single "
                f"words, and the model it was built with is not named here; run cognate build "
                f"with all its sources once (only the model is exported anew), then change it"
            )
            raise SnapshotError(message)
    assert files is not None
    folder = shop.building / f"encoder-{files.fingerprint[:16]}"
    if (folder / WORDS_FILE).is_file() and is_the_model(OnnxEncoder.load(folder).spec, files):
        return OnnxEncoder.load(folder)
    _export(export_encoder, files, folder, shop, articles)
    return OnnxEncoder.load(folder)


def choose_reranker(shop: Workshop, articles: Sequence[Article]) -> OnnxReranker | None:
    """Give the reranker that is wanted, if any: the last snapshot's if the same, else an export."""
    wanted, previous = shop.reranker, shop.previous
    if wanted is None:
        return None
    if previous is not None and is_reranker(previous.manifest.reranker, wanted):
        return OnnxReranker.load(previous.folder / RERANKER)
    assert isinstance(wanted, ModelFiles)
    folder = shop.building / f"reranker-{wanted.fingerprint[:16]}"
    if not (folder / SPEC_FILE).is_file():
        _export(export_reranker, wanted, folder, shop, articles)
    return OnnxReranker.load(folder)


def _export(
    export: Callable[[ModelFiles, Path, Sequence[str]], object],
    files: ModelFiles,
    folder: Path,
    shop: Workshop,
    articles: Sequence[Article],
) -> None:
    """Export a model into `folder`, which is there only when all of it is."""
    remove_tree(folder)
    rows = random.Random(0).sample(range(len(articles)), min(_SAMPLE, len(articles)))  # noqa: S311
    sample = [articles[row].passage() for row in rows]
    unfinished = folder.with_suffix(".new")
    remove_tree(unfinished)
    unfinished.mkdir(parents=True)
    # a model exported in spite of an interrupt is kept for the build that goes on
    with held_interrupts():
        shop.say(f"exporting the model {files.name} (once for each index)")
        export(files, unfinished, sample)
        # a later build takes it as it is
        rename_whole(unfinished, folder)
