"""What measures answers to examples: drawn the same each time, measured, written, gone on with."""

import json
from pathlib import Path

import pytest

from scripts.beir import read_collection
from scripts.sample_collection import write_sample_collection
from scripts.similar import bootstrap, joined, main
from scripts.similar_strategies import draw, ndcg
from scripts.similar_topics import mixed_trials, paired_trials, read_phrases, sample


def test_what_is_drawn_is_the_same_each_time_and_has_answers(tmp_path: Path) -> None:
    collection = read_collection(str(write_sample_collection(tmp_path / "sample")))
    drawn = draw(collection)

    assert drawn
    assert drawn == draw(collection)
    for one in drawn:
        assert set(one.examples) < one.relevant
        assert len(one.examples) in (1, 3)


def test_ndcg_is_one_where_all_answers_stand_first() -> None:
    answers = frozenset("abc")

    assert ndcg(["b", "c", "a", "x"], answers) == pytest.approx(1)
    assert ndcg(["x", "y"], answers) == 0
    assert 0 < ndcg(["x", "a"], answers) < 1


def test_topics_are_known_by_phrases_and_not_by_parts_of_words() -> None:
    titles, texts = read_phrases(
        [
            ("a", "Parsing for machine translation", "Parsing for machine translation"),
            ("b", "Sparsing", "Sparsing. Sentiment and sentiment."),
            ("c", "A title", "It names sentiment once."),
        ]
    )

    assert titles["a"] == {"parsing", "translation"}
    assert titles["b"] == frozenset()
    assert texts["b"] == {"sentiment"}
    assert texts["c"] == frozenset()


def test_trials_have_a_negative_example_of_the_second_topic_alone() -> None:
    topics = {f"a{n}": frozenset("a") for n in range(5)} | {
        f"b{n}": frozenset("b") for n in range(5)
    }
    topics |= {"both": frozenset("ab"), "none": frozenset()}

    mixed, paired = mixed_trials(topics, 9), paired_trials(topics, 9, least=5)

    assert {(trial.a, trial.b) for trial in mixed} == {("a", "b"), ("b", "a")}
    assert {trial.positive for trial in mixed} == {("both",)}
    assert len(paired) == 9
    for trial in (*mixed, *paired):
        assert topics[trial.negative] == {trial.b}
        assert trial.negative not in trial.positive
    assert paired_trials(topics, 9, least=6) == []
    assert {one[0] for one in sample(topics, 5)} == {"a", "b"}


def test_an_interval_holds_the_mean_and_is_the_same_each_time() -> None:
    low, high = bootstrap([0.0, 0.5, 1.0, 0.5])

    assert 0 <= low < 0.5 < high <= 1
    assert bootstrap([0.0, 0.5, 1.0, 0.5]) == [low, high]
    assert bootstrap([]) == [0.0, 0.0]


def test_an_earlier_run_is_gone_on_with() -> None:
    empty: dict[str, object] = {"variants": {}, "mixtures": {}, "negatives": {}}
    earlier = {**empty, "tests": {"x": 1, "y": 1}, "runs": [{"command": "first"}]}
    later = {**empty, "tests": {"y": 2}, "runs": [{"command": "second"}]}

    together = joined(earlier, later)

    assert together["tests"] == {"x": 1, "y": 2}
    assert [run["command"] for run in together["runs"]] == ["first", "second"]
    # the same run again takes the place of the earlier one
    assert joined(together, later)["runs"] == together["runs"]


@pytest.mark.slow
def test_the_sample_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "similar.json"

    assert main(["--smoke", "--results", str(results)]) == 0

    printed = capsys.readouterr().out
    assert printed == results.with_suffix(".md").read_text(encoding="utf-8")
    figures = json.loads(results.read_text(encoding="utf-8"))
    assert "through POST /v1/similar" in printed
    (measured,) = figures["tests"].values()
    assert 0 < measured["diversity 0"]["measures"]["nDCG@10"] <= 1
    assert figures["negatives"]["sample"]["as it is"]["about B"] <= 1
    (mixtures,) = figures["mixtures"].values()
    assert len(next(iter(mixtures.values()))["nDCG@10"]) == 3


@pytest.mark.parametrize("line", ["--tune x", "--arxiv x", "--categories x"])
def test_what_is_missing_is_said(line: str) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        main(line.split())
