"""The measuring commands run, small, as they do on the real corpora."""

import gzip
import importlib
import json
import sys
from pathlib import Path

import pytest

from scripts import (
    ablations,
    benchmark,
    highlights,
    kill_and_continue,
    seed_listing,
)
from service.cli import main as cognate
from tests.tiny_models import save_tiny_model

_ARTICLES = {
    "1": "Sleep spindles and memory in older adults",
    "2": "Gravity waves over the southern ocean",
    "3": "Memory of sleep: a survey of spindles",
    "4": "Bargaining power of small islands",
}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a collection in BEIR layout, half of it gzipped, one query being an article."""
    folder = tmp_path_factory.mktemp("beir")
    lines = [json.dumps({"_id": key, "title": text, "text": ""}) for key, text in _ARTICLES.items()]
    with gzip.open(folder / "corpus.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.write("\n".join(lines))
    queries = [
        {"_id": "a", "text": "gravity waves over the ocean"},
        {"_id": "b", "text": _ARTICLES["1"], "metadata": {"query_doc": "1"}},
        {"_id": "unjudged", "text": "nothing"},
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\na\t2\t1\nb\t3\t1\n")
    return folder


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, collection: Path) -> Path:
    """Build the collection's index with a tiny random model."""
    folder = tmp_path_factory.mktemp("index")
    model = save_tiny_model(folder)
    corpus = str(collection / "corpus.jsonl.gz")
    into = str(folder / "index")
    arguments = ["build", corpus, "--into", into, "--model", str(model), "--quiet"]
    assert cognate(arguments) == 0
    return folder / "index"


def test_benchmark_of_serving_weighs_a_real_process(index: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    arguments = ["serve", "--index", str(index), "--queries", "4", "--starts", "1"]
    assert benchmark.main([*arguments, "--results", str(results)]) == 0
    figures = json.loads(results.read_text())
    assert figures["n_queries"] == len(_ARTICLES)
    assert figures["pss_mb_after_queries"] > 0
    for way, round_trip_ms in figures["round_trip_ms"].items():
        assert round_trip_ms["p50"] >= figures["took_ms"][way]["p50"]


def test_benchmark_of_reading_counts_every_record(
    collection: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benchmark.main(["read", str(collection / "corpus.jsonl.gz")]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["n_read"] == figures["n_articles"] == len(_ARTICLES)


@pytest.mark.slow
def test_a_build_killed_in_the_middle_embeds_nothing_twice(tmp_path: Path) -> None:
    library = Path(__file__).parents[1] / "scripts/sample/library.jsonl"
    arguments = [str(library), "--into", str(tmp_path / "index"), "--n-passages", "204"]
    results = ["--kill-at", "0.3", "--results", str(tmp_path / "results.json")]
    assert kill_and_continue.main([*arguments, *results]) == 0


@pytest.mark.slow
def test_the_seed_listing_is_whole_and_ranks_an_eeg_entry_first(shared_data: Path) -> None:
    assert seed_listing.examine(shared_data / "seed" / "listing.txt")["is_as_expected"]


def test_results_name_the_command_without_the_paths_of_a_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from scripts.provenance import provenance

    monkeypatch.setattr(sys, "argv", ["/somewhere/scripts/evaluate.py", "/a/b/scifact", "--mode"])
    assert provenance()["command"] == "python -m scripts.evaluate scifact --mode"


def test_ablations_measure_every_variant_of_the_ranking(
    collection: Path, index: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    indexes = tmp_path / "indexes"
    indexes.mkdir()
    (indexes / collection.name).symlink_to(index)
    results = tmp_path / "ablations.json"
    constants = {
        path: getattr(importlib.import_module(path.rpartition(".")[0]), path.rpartition(".")[2])
        for variant in ablations.VARIANTS.values()
        for path in variant
    }

    command = [f"{collection}:test", "--indexes", str(indexes), "--results", str(results)]
    assert ablations.main(command) == 0

    measured = json.loads(results.read_text())[f"{collection.name} test"]
    assert list(measured) == list(ablations.VARIANTS)
    assert all(0 <= one["R@100"] <= 1 for one in measured.values())
    assert capsys.readouterr().out.count("\n") == len(ablations.VARIANTS) + 2
    for path, value in constants.items():
        module, _, name = path.rpartition(".")
        assert getattr(importlib.import_module(module), name) == value


def test_highlights_are_measured_against_the_sentences_that_people_marked(tmp_path: Path) -> None:
    abstract = "We slept. Sleep spindles help the memory. It rained. Waves are of no help."
    record = {"_id": "1", "title": "On nights", "text": abstract}
    claims: list[dict[str, object]] = [
        {"_id": "a", "text": "sleep spindles", "metadata": {"1": [{"sentences": [1, 9]}]}},
        {"_id": "b", "text": "help of waves", "metadata": {"1": [{"sentences": [2]}]}},
        {"_id": "of the other split", "text": "rain", "metadata": {"1": [{"sentences": [2]}]}},
    ]
    (tmp_path / "corpus.jsonl").write_text(json.dumps(record))
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, claims)))
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\na\t1\t1\nb\t1\t1\n")
    model = save_tiny_model(tmp_path)
    into = str(tmp_path / "index")
    build = ["build", str(tmp_path / "corpus.jsonl"), "--into", into, "--model", str(model)]
    assert cognate([*build, "--quiet"]) == 0

    results = tmp_path / "results.json"
    arguments = ["--index", into, "--data", str(tmp_path), "--results", str(results)]
    assert highlights.main(arguments) == 0

    figures = json.loads(results.read_text())
    assert figures["n_marked"] == 2
    # by stems the first claim finds its sentence; that of the second was marked wrongly
    assert figures["stems_only"]["first_is_evidence"] == 1 / 2
    assert figures["stems_only"]["shown"] == 1
    assert figures["baselines"] == {
        "first_sentence": 0,
        "last_sentence": 0,
        "random_sentence": 1 / 4,
    }
    assert figures["shown_of_random_abstracts"] == 1  # there is but one abstract
