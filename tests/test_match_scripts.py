"""The measuring of match sets runs, small, as it does on the real corpora."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from index.calibration import QUERY_KINDS
from index.trials import Predictions
from scripts import calibration, emptiness, filtered_recall
from scripts.charts import Line, Panel, draw_panels
from scripts.emptiness import FLOORS, NOTHING, Answers, Seen
from scripts.filtered_recall import recall
from scripts.questions import Asked, open_corpus, read_judged, read_off_topic
from service.cli import main as cognate
from service.query import Query
from service.search import SearchEngine
from tests.tiny_models import save_tiny_model

SUBJECTS = (
    "sleep memory", "gravity waves", "island bargains", "wheat soil", "bees dancing",
    "brain signals", "river deltas", "steel bridges", "glacier ice", "desert sand",
    "copper wire", "opera singers",
)  # fmt: skip
N_ARTICLES = 2 * len(SUBJECTS)


def abstract(number: int) -> str:
    subject = SUBJECTS[number % len(SUBJECTS)]
    first, second = subject.split()
    return (
        f"We study {subject}. There is {first} in spring. We weighed the {second} twice. "
        f"No {first} was lost. The {second} of year {number} is odd."
    )


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a collection in BEIR layout: one question to each split, and one never judged."""
    folder = tmp_path_factory.mktemp("beir") / "subjects"
    (folder / "qrels").mkdir(parents=True)
    records = [
        {"_id": str(n), "title": f"On {SUBJECTS[n % len(SUBJECTS)]}, part {n}", "text": abstract(n)}
        for n in range(N_ARTICLES)
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, records)))
    queries = [{"_id": "a", "text": "gravity of waves"}, {"_id": "b", "text": "soil for wheat"}]
    queries.append({"_id": "unjudged", "text": "nothing"})
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    header = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels/test.tsv").write_text(f"{header}a\t1\t1\na\t13\t2\na\t2\t0\nb\t5\t0\n")
    (folder / "qrels/train.tsv").write_text(f"{header}b\t3\t1\n")
    return folder


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, collection: Path) -> Path:
    """Build the collection's index with a tiny random model."""
    folder = tmp_path_factory.mktemp("index")
    model, into = save_tiny_model(folder), folder / "tiny"
    arguments = ["build", str(collection / "corpus.jsonl"), "--into", str(into)]
    assert cognate([*arguments, "--model", str(model), "--quiet"]) == 0
    return into


def test_only_what_is_judged_relevant_answers_a_question(collection: Path) -> None:
    assert read_judged(collection, "test") == [Asked("gravity of waves", ["1", "13"])]
    assert read_judged(collection, "train") == [Asked("soil for wheat", ["3"])]


def test_there_are_fifty_distinct_off_topic_questions() -> None:
    questions = [asked.text for asked in read_off_topic()]
    assert len(set(questions)) == len(questions) == 50
    assert all(question.strip() for question in questions)


def test_questions_are_asked_as_the_engine_is(index: Path) -> None:
    engine = SearchEngine.open(index)
    for min_match in (0.0, None):
        results = engine.search(Query(text="gravity of waves", min_match=min_match, limit=100))
        with open_corpus(index) as corpus:
            matches, is_judged = corpus.match_set(Asked("gravity of waves", ["1", "no"]), min_match)
            ids = corpus.snapshot.store.article_ids(matches.rows.tolist())
        found = {hit.article.article_id: hit.scores.match for hit in results.hits}
        assert found == dict(zip(ids, matches.match.tolist(), strict=True))
        assert [one for one, judged in zip(ids, is_judged, strict=True) if judged] == ["1"]
    engine.close()


def test_calibration_is_measured_on_pairs_the_fit_has_not_seen_and_on_claims(
    collection: Path, index: Path, tmp_path: Path
) -> None:
    results, diagram = tmp_path / "calibration.json", tmp_path / "calibration.svg"
    arguments = ["--index", str(index), "--claims", str(index), "--data", str(collection)]
    written = ["--results", str(results), "--diagram", str(diagram)]
    assert calibration.main([*arguments, *written]) == 0

    figures = json.loads(results.read_text())
    held_out = figures["held_out"]["tiny"]
    assert held_out["kinds"].keys() == set(QUERY_KINDS)
    for kind in QUERY_KINDS:
        again = {name: held_out["kinds"][kind][name] for name in ("n", "ece", "auc")}
        assert again.items() <= held_out["quality_of_the_build"][kind].items()
        assert sum(n for n, _, _ in held_out["kinds"][kind]["bins"]) == again["n"]
    # both judged articles of the first claim, one of the second, among the best of the rest
    for split, n_judged in (("test", 2), ("train", 1)):
        of_split = figures["claims"][split]
        assert of_split["base_rate"] == round(n_judged / of_split["n"], 4)
        assert of_split["n"] <= calibration.N_BEST + n_judged
    assert "commit" in figures
    assert str(tmp_path) not in results.read_text()
    assert len(texts_of(diagram)) > 0


def test_a_reliability_diagram_leaves_out_what_few_pairs_say() -> None:
    said = np.array([*[0.05] * 10, *[0.25] * 9, *[1.0] * 20])
    is_match = np.array([*[True] * 3, *[False] * 16, *[True] * 20])
    (line,) = calibration.to_panel("x", {"claims": Predictions(said, is_match)}).lines
    assert line.name == "claims (39 pairs)"
    assert line.points == [(pytest.approx(0.05), 3 / 10), (1.0, 20 / 20)]


def test_claims_are_asked_of_an_index_with_their_data(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        calibration.main(["--claims", "x"])
    assert "go together" in capsys.readouterr().err


def test_emptiness_is_measured_at_the_default_and_over_floors(
    collection: Path, index: Path, tmp_path: Path
) -> None:
    results, diagram = tmp_path / "emptiness.json", tmp_path / "emptiness.svg"
    other = tmp_path / "other"
    other.symlink_to(index)
    own = ["--own", f"{collection}:test:{index}", "--elsewhere", str(index), str(other)]
    assert emptiness.main([*own, "--results", str(results), "--diagram", str(diagram)]) == 0

    figures = json.loads(results.read_text())
    of_own = figures["own"]["subjects"]
    assert of_own["n_questions"] == 1
    assert (of_own["empty_by_floor"]["0"], of_own["with_judged_by_floor"]["0"]) == (0, 1)
    at_home, elsewhere = (figures["elsewhere"][name] for name in ("tiny", "other"))
    assert at_home["questions"].keys() == {"off_topic"}
    assert at_home["foreign_empty"] is None
    assert elsewhere["questions"]["off_topic"] == at_home["questions"]["off_topic"]
    assert elsewhere["questions"]["off_topic"]["n_questions"] == 50
    assert elsewhere["foreign_empty"] == elsewhere["questions"]["subjects"]["empty"]
    curve = list(elsewhere["questions"]["off_topic"]["empty_by_floor"].values())
    assert len(curve) == len(FLOORS)
    assert curve == sorted(curve)
    assert "asked of other" in texts_of(diagram)


def test_shares_of_empty_answers_are_counted_by_hand() -> None:
    seen = [
        Seen(best=0.5, judged=0.2, floor=0.1, total=3, has_judged=True),
        Seen(best=0.05, judged=NOTHING, floor=0.1, total=0, has_judged=False),
        # found by a phrase, whatever its match
        Seen(best=0.05, judged=0.05, floor=0.1, total=3, has_judged=True),
        Seen(best=NOTHING, judged=NOTHING, floor=0.1, total=0, has_judged=False),
    ]
    answers = Answers("all", seen, is_own=True)
    assert (answers.empty(), answers.with_judged()) == (2 / 4, 2 / 4)
    assert [answers.empty(floor) for floor in (0, 0.05, 0.1, 0.5, 0.6)] == [
        1 / 4, 1 / 4, 3 / 4, 3 / 4, 4 / 4,
    ]  # fmt: skip
    assert [answers.with_judged(floor) for floor in (0, 0.05, 0.1, 0.3)] == [
        2 / 4, 2 / 4, 1 / 4, 0 / 4,
    ]  # fmt: skip
    assert answers.line().mark == (0.1, 2 / 4)


def test_filtered_recall_of_a_small_index_is_whole(
    collection: Path, index: Path, tmp_path: Path
) -> None:
    results = tmp_path / "recall.json"
    arguments = ["--index", str(index), "--data", f"{collection}:test", "--queries", "5"]
    assert filtered_recall.main([*arguments, "--results", str(results)]) == 0

    figures = json.loads(results.read_text())
    assert figures["n_questions"] == 5 + 1
    passing = {name: of_name["n_passing"] for name, of_name in figures["recall@10"].items()}
    assert passing == {"100.0%": 24, "10.0%": 2, "1.0%": 1, "0.1%": 1, "3 articles": 3}
    for of_name in figures["recall@10"].values():
        assert of_name["drawn at random"]["least"] == 1
        assert of_name["farthest from the question"]["least"] == 1


def test_recall_counts_what_is_as_near_as_the_last_of_the_nearest() -> None:
    cosines = np.array([*np.linspace(0.9, 0.8, 9), 0.5, 0.5, 0.1], dtype=np.float32)
    nearest = [*range(9), 10]  # a tie: the last could as well be 9
    assert recall(np.array(nearest), cosines, None) == 1
    assert recall(np.array([*range(9), 11]), cosines, None) == 9 / 10
    assert recall(np.array([*range(8)]), cosines, None) == 8 / 10
    mask = cosines < 0.6
    assert recall(np.array([9, 10]), cosines, mask) == 2 / 3


@pytest.mark.parametrize("found", [[0], [9, 9]], ids=["it does not pass", "it is there twice"])
def test_an_article_that_should_not_be_found_is_no_matter_of_recall(found: list[int]) -> None:
    cosines = np.linspace(0.9, 0.1, 10, dtype=np.float32)
    with pytest.raises(ValueError, match="does not pass, or one of them twice"):
        recall(np.array(found), cosines, cosines < 0.5)


def test_a_chart_puts_its_points_where_its_axes_say() -> None:
    names = ["held & out", "claims"]
    lines = [Line(names[0], [(0, 0), (1, 1)], (1, 1)), Line(names[1], [(0, 1), (1, 0)])]
    linear = Panel("what <was> said", "said", "true", lines, (0, 1), diagonal=True)
    log = Panel("curve", "floor", "share", [Line("a", [(0, 1), (0.01, 1), (1, 1)])],
                (0.0001, 0.01, 1), "log")  # fmt: skip
    drawn = ET.fromstring(draw_panels([linear, log]))
    texts = {one.text for one in drawn.findall(".//{*}text")}
    assert {"what <was> said", *names, "said", "true", "curve"} <= texts
    (rising, falling, over_log) = [
        [tuple(map(float, place.split(","))) for place in one.attrib["points"].split()]
        for one in drawn.findall(".//{*}polyline")
    ]
    (left, bottom), (right, top) = rising
    assert falling == [(left, top), (right, bottom)]
    # zero stands at the least tick, the middle of the factors in the middle
    assert over_log == [(left, top), ((left + right) / 2, top), (right, top)]


def texts_of(diagram: Path) -> set[str | None]:
    return {one.text for one in ET.fromstring(diagram.read_text()).findall(".//{*}text")}
