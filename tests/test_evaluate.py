"""Rankings are measured as the definitions say, through a real service."""

import gzip
import json
import math
import shutil
import statistics
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import Qrel, ScoredDoc

from scripts import evaluate
from scripts.beir import JudgedQuery, read_collection, read_qrels, read_queries
from scripts.charts import BarPanel, Bars, draw_panels
from scripts.measuring import (
    MEASURES,
    Listed,
    ask,
    list_articles,
    measure,
    measure_answers,
    measure_queries,
)
from scripts.rankings import EVERYTHING, MATCHES, read_results, to_text
from scripts.serving import Service, serve
from scripts.significance import N_RESAMPLES, compare_pairs
from tests.tiny_models import save_tiny_model

ARTICLES = {
    "1": "Sleep spindles and memory in older adults",
    "2": "Gravity waves over the southern ocean",
    "3": "Memory of sleep: a survey of spindles",
    "4": "Bargaining power of small islands",
}
HEADER = "query-id\tcorpus-id\tscore\n"


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a collection, half of it gzipped, of which one query is an article."""
    folder = tmp_path_factory.mktemp("beir") / "nights"
    (folder / "qrels").mkdir(parents=True)
    documents = [{"_id": key, "title": title, "text": ""} for key, title in ARTICLES.items()]
    with gzip.open(folder / "corpus.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.write("\n".join(map(json.dumps, documents)))
    queries: list[dict[str, object]] = [
        {"_id": "a", "text": "gravity waves over the ocean"},
        {"_id": "b", "text": ARTICLES["1"], "metadata": {"query_doc": "1"}},
        {"_id": "unjudged", "text": "nothing"},
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text(f"{HEADER}a\t2\t1\na\t4\t0\nb\t3\t1\n")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, collection: Path, model: Path) -> Path:
    """Measure the collection, its index built by the way, and give the results file."""
    folder = tmp_path_factory.mktemp("results")
    path = folder / "first.json"
    arguments = [str(collection), "--indexes", str(folder), "--model", str(model)]
    assert evaluate.main([*arguments, "--results", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def service(results: Path) -> Iterator[Service]:
    with serve(results.parent / "nights") as running:
        yield running


def write_collection(folder: Path, queries: list[dict[str, object]], judgements: str) -> Path:
    """Write a collection of one document, of two fields."""
    (folder / "qrels").mkdir(parents=True)
    document = {
        "_id": "1",
        "title": "Of wind",
        "text": "It blows, day and night, on every wide sea.",
    }
    (folder / "corpus.jsonl").write_text(json.dumps(document))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels" / "test.tsv").write_text(HEADER + judgements)
    return folder


def test_every_judged_query_is_asked_in_every_mode_with_and_without_a_floor(results: Path) -> None:
    figures, (evaluation,) = read_results(results)
    assert figures["command"].startswith("python -m scripts.")
    assert evaluation.name == "nights test"
    assert list(evaluation.query_ids) == ["a", "b"]
    assert evaluation.n_own == 1
    assert evaluation.n_articles == len(ARTICLES)
    assert list(evaluation.modes) == ["hybrid", "semantic", "lexical"]
    assert all(list(floors) == [EVERYTHING, MATCHES] for floors in evaluation.modes.values())
    # the words find both articles, and the query itself is not counted
    lexical = evaluation.modes["lexical"][EVERYTHING]
    assert lexical.means() == {"nDCG@10": 1.0, "R@100": 1.0, "RR@10": 1.0, "P@10": 0.1}
    assert lexical.answered == 1


def test_results_name_snapshot_and_encoder_but_no_path_of_the_machine(
    results: Path, model: Path
) -> None:
    _, (evaluation,) = read_results(results)
    assert evaluation.snapshot == (results.parent / "nights" / "CURRENT").read_text().strip()
    assert evaluation.encoder["model"] == model.name
    for suffix in (".json", ".md", ".svg"):
        assert str(results.parent) not in results.with_suffix(suffix).read_text()


def test_written_means_are_the_means_of_the_written_values(results: Path) -> None:
    figures, _ = read_results(results)
    for floors in figures["collections"]["nights test"]["modes"].values():
        for of_floor in floors.values():
            for name, values in of_floor["per_query"].items():
                assert of_floor[name] == round(statistics.fmean(values), 4)


def test_hybrid_is_tested_against_each_other_mode_at_each_floor(results: Path) -> None:
    figures, _ = read_results(results)
    pairs = [(test["first"], test["second"], test["min_match"]) for test in figures["tests"]]
    assert pairs == [
        ("hybrid", mode, floor)
        for floor in (EVERYTHING, MATCHES)
        for mode in ("semantic", "lexical")
    ]


def test_table_holds_what_the_results_file_says(results: Path) -> None:
    figures, (evaluation,) = read_results(results)
    table = results.with_suffix(".md").read_text()
    assert f"`{figures['command']}`" in table
    assert figures["commit"] in table
    assert evaluation.snapshot in table
    means = " | ".join(f"{value:.4f}" for value in (1, 1, 1, 0.1))
    assert f"| nights test | lexical | 0 | {means} | 100.0% | " in table


def test_results_compared_with_themselves_differ_in_nothing(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again, compared = tmp_path / "again.json", tmp_path / "compared.json"
    shutil.copy(results, again)
    files = ["--compare", str(results), str(again)]
    assert evaluate.main([*files, "--results", str(compared)]) == 0
    tests = json.loads(compared.read_text())["tests"]
    assert len(tests) == 3 * 2  # modes, floors
    assert all(
        (test["mean"], test["low"], test["high"], test["p"]) == (0, 0, 0, 1) for test in tests
    )
    table = compared.with_suffix(".md").read_text()
    assert capsys.readouterr().out == table
    assert "hybrid of first | hybrid of again" in table
    assert not compared.with_suffix(".svg").exists()


def test_results_of_other_queries_are_not_compared(results: Path, tmp_path: Path) -> None:
    figures = json.loads(results.read_text())
    other = figures | {"collections": {"days test": figures["collections"]["nights test"]}}
    (tmp_path / "days.json").write_text(json.dumps(other))
    figures["collections"]["nights test"]["query_ids"] = ["a", "c"]
    (tmp_path / "nights.json").write_text(json.dumps(figures))
    (tmp_path / "none.json").write_text("{}")
    faults = {"days": "no collection in common", "nights": "not the same queries", "none": "holds"}
    for name, fault in faults.items():
        with pytest.raises(ValueError, match=fault):
            evaluate.main(["--compare", str(results), str(tmp_path / f"{name}.json")])


def test_list_is_filled_from_the_next_page_where_the_query_itself_is_dropped(
    service: Service,
) -> None:
    wanted = {"mode": "lexical", "min_match": 0}
    query = JudgedQuery("memory of sleep spindles, gravity, islands", None)
    whole = list_articles(service, query, wanted)
    assert sorted(whole.article_ids) == list(ARTICLES)
    best, *others = whole.article_ids
    for depth in (1, 2, 3):
        without = list_articles(service, query._replace(own_id=best), wanted, depth)
        assert without == whole._replace(article_ids=others[:depth])


def test_the_best_hundred_are_one_page_without_a_second_question(service: Service) -> None:
    query = JudgedQuery("memory", None)
    answer = list_articles(service, query, {"min_match": 0}, depth=2)
    page = service.search(query="memory", min_match=0, limit=2)
    assert answer.article_ids == [hit["article"]["article_id"] for hit in page["hits"]]
    assert answer.total == page["total"] == len(ARTICLES)


def test_an_error_of_the_service_names_the_query(service: Service, tmp_path: Path) -> None:
    long: dict[str, object] = {"_id": "too long", "text": "wind " * 5_000}
    read = read_collection(str(write_collection(tmp_path / "wind", [long], "too long\t1\t1\n")))
    with pytest.raises(RuntimeError, match=r"wind, query too long, .*400.*20,?000"):
        ask(service, read, {"min_match": 0})


def test_a_question_of_two_thousand_words_is_sent_as_it_is(service: Service) -> None:
    text = "memory of sleep and dreams " * 400
    assert list_articles(service, JudgedQuery(text, None), {"min_match": 0}).total == len(ARTICLES)


def test_gzipped_and_plain_files_are_read_alike(collection: Path, tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    with gzip.open(collection / "corpus.jsonl.gz", "rb") as packed:
        (tmp_path / "corpus.jsonl").write_bytes(packed.read())
    for name in ("queries.jsonl", "qrels/test.tsv"):
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress((collection / name).read_bytes()))
    one, other = read_collection(str(collection)), read_collection(f"{tmp_path}:test")
    assert one.queries == other.queries
    assert one.qrels == other.qrels
    assert one.qrels == [Qrel("a", "2", 1), Qrel("a", "4", 0), Qrel("b", "3", 1)]
    assert one.corpus == collection / "corpus.jsonl.gz"
    assert other.corpus == tmp_path / "corpus.jsonl"


@pytest.mark.parametrize(
    ("text", "own_id"),
    [
        ("Of wind", "1"),
        ("it blows, day and night, on every wide sea", "1"),
        ("Of wind. It blows, day and night, on every wide sea.", "1"),
        ("Of wind. It blows, day and night, on every wide", "1"),
        ("Of", None),
        ("It blows, day and night", None),
        ("Which wind blows at night?", None),
        ("", None),
    ],
)
def test_a_query_with_the_id_of_a_document_is_that_one_only_with_its_text(
    text: str, own_id: str | None, tmp_path: Path
) -> None:
    folder = write_collection(tmp_path / "wind", [{"_id": "1", "text": text}], "1\t1\t1\n")
    assert read_collection(str(folder)).queries == {"1": JudgedQuery(text, own_id)}


def test_the_document_that_metadata_names_goes_before_the_id(tmp_path: Path) -> None:
    query: dict[str, object] = {"_id": "1", "text": "Of wind", "metadata": {"query_doc": "7"}}
    folder = write_collection(tmp_path / "wind", [query, {"_id": "2", "text": "x"}], "1\t1\t1\n")
    assert read_queries(folder, {"1"}) == {"1": JudgedQuery("Of wind", "7")}
    assert read_collection(str(folder)).queries["1"].own_id == "7"


def test_a_judgement_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    for line in ("a\t1\tmuch", "a\t1", "a 1 1"):
        (tmp_path / "test.tsv").write_text(f"{HEADER}a\t1\t1\n{line}\n")
        with pytest.raises(ValueError, match=r"test\.tsv, line 3"):
            list(read_qrels(tmp_path / "test.tsv"))


def test_a_judged_query_without_text_stops_the_reading(tmp_path: Path) -> None:
    folder = write_collection(tmp_path / "wind", [{"_id": "1", "text": "x"}], "1\t1\t1\n2\t1\t1\n")
    with pytest.raises(ValueError, match=r"of 1 judged queries the text is missing: \['2'\]"):
        read_collection(str(folder))


def test_measures_are_those_of_the_definitions(collection: Path) -> None:
    qrels = read_collection(str(collection)).qrels
    # of two queries one found its article, at rank 2
    run = [ScoredDoc("a", "1", 0.0), ScoredDoc("a", "2", -1.0)]
    assert measure_queries(qrels, run)["nDCG@10"] == {"a": round(1 / math.log2(3), 5), "b": 0}
    assert measure(qrels, run) == {
        "nDCG@10": round(1 / math.log2(3) / 2, 4),
        "R@100": 1 / 2,
        "RR@10": 1 / 2 / 2,
        "P@10": 1 / 10 / 2,
    }


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12345"), st.integers(0, 3))))
@settings(deadline=None)
def test_mean_of_the_values_by_query_is_the_aggregate(judged: list[tuple[str, str, int]]) -> None:
    relevance = {(query, document): value for query, document, value in judged}
    qrels = [Qrel(*pair, value) for pair, value in (relevance | {("a", "9"): 1}).items()]
    run = [ScoredDoc(query, document, -float(document)) for query in "ab" for document in "31542"]
    aggregate = ir_measures.calc_aggregate(MEASURES, qrels, run)
    for name, values in measure_queries(qrels, run).items():
        assert len(values) == len({qrel.query_id for qrel in qrels})
        assert statistics.fmean(values.values()) == pytest.approx(
            aggregate[ir_measures.parse_measure(name)], abs=1e-5
        )


def test_the_order_of_the_answer_decides_and_an_empty_one_counts_nothing(collection: Path) -> None:
    read = read_collection(str(collection))
    measured = measure_answers(read, {"a": Listed(["4", "2"], 9, "s"), "b": Listed([], 0, "s")})
    assert measured.per_query["RR@10"] == [1 / 2, 0]
    assert measured.answered == 1 / 2
    assert measured.mean_total == (9 + 0) / 2


VALUES = st.lists(st.floats(0, 1, width=16), min_size=2, max_size=30)


@given(VALUES)
@settings(deadline=None, max_examples=20)
def test_equal_runs_do_not_differ(values: list[float]) -> None:
    difference = compare_pairs(values, values)
    assert (difference.mean, difference.low, difference.high, difference.p) == (0, 0, 0, 1)


def test_a_constant_shift_is_no_chance() -> None:
    values = [number / 64 for number in range(50)]
    difference = compare_pairs([value + 1 / 8 for value in values], values)
    assert (difference.mean, difference.low, difference.high) == (1 / 8, 1 / 8, 1 / 8)
    assert difference.p == pytest.approx(2 / (N_RESAMPLES + 1))


def test_of_few_queries_every_swap_is_tried() -> None:
    # of 2^5 ways to give the values to two runs, two differ as much
    assert compare_pairs([1, 1, 1, 1, 1], [0, 0, 0, 0, 0]).p == 2 / 2**5


@given(st.lists(st.tuples(st.floats(0, 1, width=16), st.floats(0, 1, width=16)), min_size=2))
@settings(deadline=None, max_examples=20)
def test_the_other_way_round_only_the_sign_changes(pairs: list[tuple[float, float]]) -> None:
    values, others = [first for first, _ in pairs], [second for _, second in pairs]
    one, other = compare_pairs(values, others), compare_pairs(others, values)
    assert one == compare_pairs(values, others)  # the draw is seeded
    assert one.mean == -other.mean
    assert one.p == pytest.approx(other.p, abs=0.02)
    assert one.low <= one.mean <= one.high


def test_one_value_alone_is_not_tested() -> None:
    for first, second in (([1.0], [0.0]), ([1.0, 0.0], [1.0])):
        with pytest.raises(ValueError, match="a paired test needs pairs"):
            compare_pairs(first, second)


def test_smoke_run_measures_the_sample_and_finds_what_it_knows(model: Path, tmp_path: Path) -> None:
    results = tmp_path / "smoke.json"
    arguments = ["--smoke", "--model", str(model), "--modes", "lexical"]
    assert evaluate.main([*arguments, "--results", str(results)]) == 0
    _, (evaluation,) = read_results(results)
    assert len(evaluation.query_ids) == 2 * evaluation.n_own == 10
    ranking = evaluation.modes["lexical"][EVERYTHING]
    by_query = dict(zip(evaluation.query_ids, ranking.per_query["RR@10"], strict=True))
    assert all(value == 1 for name, value in by_query.items() if name.startswith("known"))


def test_results_files_have_a_line_for_each_key_and_one_for_a_list() -> None:
    figures = {"a": {"b": [1, 2], "c": {}}, "d": [{"e": 1}, {"e": 2}], "f": []}
    text = to_text(figures)
    assert json.loads(text) == figures
    assert text.splitlines() == [
        "{",
        '  "a": {',
        '    "b": [1, 2],',
        '    "c": {}',
        "  },",
        '  "d": [',
        '    {"e": 1},',
        '    {"e": 2}',
        "  ],",
        '  "f": []',
        "}",
    ]


def test_results_name_the_settings_that_change_answers() -> None:
    environment = {
        "COGNATE_MAX_MATCHES": "50",
        "COGNATE_MODEL": "/somewhere/models/large",
        "COGNATE_API_KEY": "secret",
        "COGNATE_INDEX": "/somewhere/index",
        "HOME": "/somewhere",
    }
    assert evaluate.changed_settings(environment) == {
        "COGNATE_MAX_MATCHES": "50",
        "COGNATE_MODEL": "large",
    }


def test_bars_are_as_high_as_their_values_and_rings_at_theirs() -> None:
    bars = [Bars("one", [1, 0.5], [0.25, 0]), Bars("other & more", [0, 0.75])]
    drawn = ET.fromstring(draw_panels([BarPanel("title", "x", "y", ["first", "second"], bars)]))
    shapes = drawn.iter("{http://www.w3.org/2000/svg}rect")
    _, *rectangles = [float(shape.attrib["height"]) for shape in shapes]
    full = max(rectangles)
    assert [height / full for height in rectangles] == [1, 0, 0.5, 0.75]
    rings = [float(r.attrib["cy"]) for r in drawn.iter("{http://www.w3.org/2000/svg}circle")]
    assert rings[1] - rings[0] == pytest.approx(0.25 * full)
    assert {"first", "second", "one", "other & more"} <= set(drawn.itertext())


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["folder"],
        ["folder", "--indexes", "x", "--smoke"],
        ["--smoke", "--results", "no/such/folder/file.json"],
    ],
)
def test_a_command_that_says_too_little_or_too_much_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        evaluate.main(arguments)


def test_two_collections_of_one_name_are_refused(collection: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="named twice"):
        evaluate.main([str(collection), str(collection), "--indexes", str(tmp_path)])
