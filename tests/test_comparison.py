"""The comparison with peers: its arithmetic, and the whole of it, small, beside one peer."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.snapshot import read_manifest
from scripts import benchmark, indexing_rate
from scripts.disturbance import Clocks
from scripts.ground import draw_questions
from scripts.install_size import weigh
from scripts.load import Load, Request, percentiles, read_answer, to_bytes
from scripts.memory import descendants, pss_mb, size_on_disk
from scripts.peers_report import main as report
from scripts.recall import recall_at
from scripts.systems import FILTERED, PEERS, SEMANTIC, Asked, Cognate, Peer
from service.cli import main as cognate
from tests.tiny_models import save_tiny_model

LIBRARY = Path(__file__).parents[1] / "scripts/sample/library.jsonl"
BY_HAND = PEERS["by hand"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the index of the sample library with a tiny random model."""
    folder = tmp_path_factory.mktemp("compared")
    model = save_tiny_model(folder)
    arguments = ["build", str(LIBRARY), "--into", str(folder / "index"), "--model", str(model)]
    assert cognate([*arguments, "--quiet"]) == 0
    return folder / "index"


def test_cognate_and_the_stack_by_hand_are_compared_on_the_same_articles(
    index: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if reason := BY_HAND.missing():
        pytest.skip(reason)
    results = tmp_path / "peers.json"
    compared = ["peers", "--smoke", "--index", str(index), "--work", str(tmp_path / "work")]
    command = [*compared, "--systems", "cognate", "by hand", "--results", str(results)]

    assert benchmark.main(command) == 0

    figures = json.loads(results.read_text())
    ours, theirs = figures["systems"]["cognate"], figures["systems"]["by hand"]
    assert figures["corpus"]["n_articles"] == len(LIBRARY.read_text().splitlines())
    assert theirs["recall"][SEMANTIC] == theirs["recall"][FILTERED] == 1
    assert ours["recall"]["nearest"] == 1
    (ran,) = theirs["rounds"]
    assert ran["ways"][SEMANTIC]["8"]["mean_hits"] == figures["plan"]["limit"]
    assert set(ran["ways"]) == {SEMANTIC, FILTERED}
    assert figures["ratios"]["by hand"]["start to first answer, s"]["median"] > 0
    assert "| by meaning, 1 client, p50, ms |" in results.with_suffix(".md").read_text()
    assert "By meaning, one client, p50, ms" in results.with_suffix(".svg").read_text()

    # what was measured is not measured again
    capfd.readouterr()
    assert benchmark.main(command) == 0
    assert capfd.readouterr().err.count("measured before") == 2
    assert json.loads(results.read_text())["systems"] == figures["systems"]


def test_a_peer_that_is_not_installed_is_named_with_the_cure(tmp_path: Path) -> None:
    peer = Peer("Some", "scripts.peers.some", "no_such_package", "some", (SEMANTIC,), tmp_path)

    assert peer.missing() == (
        "no_such_package is not installed; scripts/peers/install makes .venv-peers"
    )


def test_a_peer_installed_apart_is_run_by_that_interpreter(tmp_path: Path) -> None:
    (tmp_path / "lib/python3/site-packages/no_such_package").mkdir(parents=True)
    peer = Peer("Some", "scripts.peers.some", "no_such_package", "some", (SEMANTIC,), tmp_path)

    assert peer.missing() is None
    assert peer.python() == str(tmp_path / "bin/python")


@pytest.mark.parametrize("name", PEERS)
def test_every_system_is_asked_the_same_question_with_the_same_filter(name: str) -> None:
    asked = Asked('tides & "moons"', FILTERED, 20, "Ocean's Letters")

    request = PEERS[name].request(asked)

    ours = json.loads(Cognate(Path("index")).request(asked).body or "")
    assert (ours["query"], ours["limit"]) == (asked.text, asked.limit)
    assert ours["filters"] == {"journals": [asked.journal]}
    if request.body is None:
        assert " " not in request.path
        assert "Ocean%27s+Letters" in request.path
    else:
        theirs = json.loads(request.body)
        assert theirs == {"query": asked.text, "limit": 20, "journal": asked.journal}


def test_a_load_gives_percentiles_rates_and_the_clients_own_share() -> None:
    load = Load(8, [float(ms) for ms in range(101)], wall_s=2.0, client_cpu_s=0.5, n_bytes=1010)

    assert load.to_figures() == {
        "n": 101,
        "p50_ms": 50,
        "p95_ms": 95,
        "p99_ms": 99,
        "per_s": 101 / 2,
        "client_cpu_share": 0.5 / 2,
        "mean_answer_bytes": 10,
    }


def test_percentiles_of_one_value_are_that_value() -> None:
    assert percentiles([7.0]) == {"p50_ms": 7, "p95_ms": 7, "p99_ms": 7}


def test_a_request_is_written_with_the_length_of_its_body_in_bytes() -> None:
    written = to_bytes(Request("/search", '"café"'))

    assert written.startswith(b"POST /search HTTP/1.1\r\n")
    assert b"\r\nContent-Length: 7\r\n" in written
    assert to_bytes(Request("/search?q=a")).startswith(b"GET /search?q=a HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 500 Failed\r\nContent-Length: 4\r\n\r\noops", "500 failed: oops"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "how long"),
    ],
)
def test_an_answer_that_is_no_success_ends_a_measurement(answer: bytes, says: str) -> None:
    async def read() -> bytes:
        reader = asyncio.StreamReader()
        reader.feed_data(answer)
        return await read_answer(reader)

    with pytest.raises(RuntimeError, match=says):
        asyncio.run(read())


def test_recall_is_the_share_of_the_nearest_that_were_found() -> None:
    embeddings = np.eye(4, dtype=np.float32)
    question = np.array([[0.9, 0.3, 0.2, 0.1]], np.float32)

    def recall(*rows: int, **options: Any) -> float:
        return recall_at([rows], question, embeddings, **options)

    assert recall(1, 0, depth=2) == 1
    assert recall(0, 3, depth=2) == 1 / 2
    assert recall(depth=2) == 0
    # of what passes there are fewer than asked for
    assert recall(3, depth=2, passing=np.array([False, False, False, True])) == 1


def test_recall_counts_what_is_as_near_as_the_last_of_the_nearest() -> None:
    embeddings = np.array([[1, 0], [0, 1], [0, 1]], np.float32)

    question = np.array([[0.9, 0.4]], np.float32)

    assert recall_at([[0, 1]], question, embeddings, depth=2) == 1
    assert recall_at([[0, 2]], question, embeddings, depth=2) == 1


def test_memory_is_of_the_whole_process_tree() -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen(
        [sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as parent:
        while len(tree := descendants(parent.pid)) < 2:
            assert parent.poll() is None
        assert tree[0] == parent.pid
        assert pss_mb(parent.pid) > 0
        assert parent.stdin is not None
        parent.stdin.write(b"\n")
    assert parent.returncode == 0


def test_what_others_compute_is_what_neither_the_measured_nor_the_helpers_did() -> None:
    before = Clocks(wall_s=10, all_s=100, measured_s=20, helpers_s=1)

    assert Clocks(12, 104, 22, 1.5).others_since(before) == (4 - 2 - 0.5) / 2
    assert Clocks(12, 102, 22, 1.5).others_since(before) == 0


def test_the_clocks_of_this_machine_go_forward() -> None:
    before = Clocks.read(os.getpid())
    while (now := Clocks.read(os.getpid())).measured_s == before.measured_s:
        pass

    assert now.all_s >= before.all_s
    assert now.wall_s > before.wall_s


def test_size_on_disk_follows_no_links(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to(tmp_path / "deep/file")

    assert size_on_disk(tmp_path) == 5


def test_questions_are_distinct_drawn_alike_each_time_and_no_titles() -> None:
    articles = [
        {
            "title": f"The tides of {n} moons over oceans",
            "abstract": f'We see {n} "tides" rise. It ebbs.',
        }
        for n in range(50)
    ]

    questions = draw_questions(articles, 40)

    assert len(set(questions)) == 40
    assert questions == draw_questions(articles, 40)
    assert not {article["title"] for article in articles} & set(questions)
    assert any("tides rise." in question for question in questions)


def test_a_corpus_with_too_few_questions_is_refused() -> None:
    with pytest.raises(ValueError, match="1 articles give only 0 of 5"):
        draw_questions([{"title": "Tides", "abstract": None}], 5)


def _system(first_answer_s: list[float], per_s: list[float]) -> dict[str, Any]:
    rounds = [
        {"first_answer_s": first, "ways": {SEMANTIC: {"8": {"per_s": rate}}}}
        for first, rate in zip(first_answer_s, per_s, strict=True)
    ]
    return {"disk_mb": 10, "recall": {SEMANTIC: 0.5}, "rounds": rounds}


def test_ratios_are_taken_round_by_round_and_judged_by_their_median(tmp_path: Path) -> None:
    results = tmp_path / "peers.json"
    results.write_text(
        json.dumps(
            {
                "command": "x", "commit": "y", "date": "z", "cpu": "c", "versions_of_peers": {},
                "corpus": {"n_articles": 9, "model_mb": 90, "filter": {"n_articles": 1}},
                "plan": {"n_rounds": 3, "n_questions": 2, "limit": 20, "threads": 2},
                "systems": {
                    "cognate": _system([1, 2, 1], [50, 60, 70]),
                    "by hand": _system([12, 22, 30], [10, 20, 70]),
                },
                "indexing": [
                    {"original_per_s": 10, "cognate_per_s": 19, "whole_build_per_s": 5},
                ],
            }
        )
    )  # fmt: skip

    assert report([str(results)]) == 0

    ratios = json.loads(results.read_text())["ratios"]["by hand"]
    first = ratios["start to first answer, s"]
    assert first == {"median": 12 / 1, "least": 22 / 2, "most": 30 / 1}
    rate = ratios["by meaning, 8 clients, answers/s"]
    assert rate == {"median": 60 / 20, "least": 70 / 70, "most": 50 / 10}
    table = results.with_suffix(".md").read_text()
    assert "| start to first answer, s | 1.00 | 22.0 |" in table
    assert "start to first answer, s | ≥ 10 | 12.00 (11.00 – 30.00) | reached |" in table
    assert "by meaning, 8 clients, answers/s | ≥ 5 | 3.00 (1.00 – 5.00) | missed |" in table
    assert "passages/s | ≥ 2 | 1.90 | missed |" in table
    assert ">22.0</text>" in results.with_suffix(".svg").read_text()


def test_passages_are_embedded_by_the_original_and_by_the_encoder_of_a_snapshot(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passages = tmp_path / "passages.json"
    passages.write_text(json.dumps(["tides and moons", "sleep and memory"]))
    (snapshot,) = (index / "snapshots").iterdir()
    model = read_manifest(snapshot).encoder.model

    assert indexing_rate.main([str(passages), "--model", model]) == 0
    assert indexing_rate.main([str(passages), "--encoder", str(snapshot / "encoder")]) == 0

    seconds = [float(line) for line in capsys.readouterr().out.splitlines()]
    assert len(seconds) == 2
    assert min(seconds) > 0


def test_an_install_is_weighed_package_by_package_with_pip_apart(tmp_path: Path) -> None:
    for name, size in (("torch", 3_000_000), ("small", 200_000), ("pip", 1_000_000)):
        (tmp_path / f"{name}.py").write_bytes(b" " * size)
        described = tmp_path / f"{name}-1.dist-info"
        described.mkdir()
        (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (described / "RECORD").write_text(f"{name}.py,,\n")

    weighed = weigh(tmp_path)

    assert weighed["largest_mb"] == {"torch": 3.0, "small": 0.2}
    assert weighed["site_packages_mb"] == 3.2
    assert weighed["pip_and_its_like_mb"] == 1.0
    assert weighed["unwanted"] == ["torch"]
