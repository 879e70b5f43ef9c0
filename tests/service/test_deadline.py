"""Deadlines: what they are, and that the engine stops at them, between its steps."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import QueryError
from index.onnx import Embedding
from service.cli import main
from service.deadline import NO_DEADLINE, AbandonedError, Deadline, OutOfTimeError
from service.examples import Example, SimilarQuery
from service.query import Query
from service.related.query import RelatedQuery
from service.reranking import Reranking
from service.search import SearchEngine
from tests.encoders import HashEncoder
from tests.service.library import write_library
from tests.tiny_models import save_tiny_cross_encoder

Ask = Callable[[SearchEngine, Deadline], object]
DRAFT = " ".join(f"Method {number} reads brain signals better than others do." for number in "ABCD")
LIKE = SimilarQuery(positive=(Example("text", "brain signals"),))
ASK: dict[str, Ask] = {
    "search": lambda engine, deadline: engine.search(Query(text="brain"), deadline),
    "browse": lambda engine, deadline: engine.search(Query(), deadline),
    "similar": lambda engine, deadline: engine.similar(LIKE, deadline),
    "related": lambda engine, deadline: engine.related(RelatedQuery(text=DRAFT), deadline),
    "export": lambda engine, deadline: engine.export(Query(text="brain"), deadline=deadline),
    "export like": lambda engine, deadline: engine.export(LIKE, deadline=deadline),
    "export ids": lambda engine, deadline: engine.export(("10.5555/odd",), deadline=deadline),
    "latest": lambda engine, deadline: engine.latest(Query(text="brain"), 1, deadline),
}


class Leaving(HashEncoder):
    """The readable encoder; while it encodes the `last` question, the client leaves."""

    def __init__(self, deadline: Deadline, last: int) -> None:
        super().__init__()
        self.n_asked = 0
        self._deadline = deadline
        self._last = last

    def encode_query(self, text: str) -> Embedding:
        self.n_asked += 1
        if self.n_asked == self._last:
            self._deadline.abandoned.set()
        return super().encode_query(text)


def due(in_s: float) -> Deadline:
    now = time.monotonic()
    return Deadline(now, now + in_s, 60.0)


def test_the_time_asked_for_counts_from_when_the_request_came() -> None:
    deadline = Deadline(came=100.0, due=130.0, longest_s=60.0)

    assert deadline.within(None) is deadline
    assert deadline.within(1).due == 100.001
    assert deadline.within(60_000).due == 160.0
    # who leaves, leaves whatever time was asked for
    assert deadline.within(5).abandoned is deadline.abandoned


@pytest.mark.parametrize("timeout_ms", [-1, 0, 60_001])
def test_a_time_that_is_none_or_past_the_most_is_refused(timeout_ms: int) -> None:
    with pytest.raises(QueryError, match=rf"{timeout_ms} is not between 1 and 60000"):
        due(1).within(timeout_ms)


def test_a_check_passes_until_it_is_too_late_or_nobody_waits() -> None:
    NO_DEADLINE.check()
    due(60).check()
    with pytest.raises(OutOfTimeError, match="no answer within 1000 ms"):
        Deadline(0.0, 1.0).check()

    left = due(60)
    left.abandoned.set()
    with pytest.raises(AbandonedError):
        left.check()


def test_steps_are_made_only_while_there_is_time() -> None:
    deadline, made = due(60), []

    def steps() -> Iterator[int]:
        for step in range(9):
            made.append(step)
            if step == 3:
                deadline.abandoned.set()
            yield step

    with pytest.raises(AbandonedError):
        list(deadline.watching(steps()))
    assert made == [0, 1, 2, 3]


@pytest.mark.parametrize("asked", ASK)
def test_what_is_past_its_deadline_is_not_begun(engine: SearchEngine, asked: str) -> None:
    with pytest.raises(OutOfTimeError):
        ASK[asked](engine, due(-1))


@pytest.mark.parametrize("asked", sorted(set(ASK) - {"browse", "export ids"}))
def test_work_stops_between_its_steps_when_the_client_leaves(library: Path, asked: str) -> None:
    # the first question warms the engine up
    deadline = due(60)
    encoder = Leaving(deadline, last=2)
    engine = SearchEngine.open(library, load_encoder=lambda _: encoder)
    try:
        with pytest.raises(AbandonedError):
            ASK[asked](engine, deadline)
    finally:
        engine.close()
    if asked == "related":
        # two cores may each have begun one more sentence of four
        assert encoder.n_asked < 1 + 4


class Unchecked(Deadline):
    """A deadline that passes between a check and the next step."""

    def check(self) -> None:
        """Let it pass."""


def test_a_page_that_cannot_be_rescored_as_far_as_the_one_before_is_no_page(
    tiny_model: Path, tmp_path: Path
) -> None:
    source = write_library(tmp_path / "library.jsonl")
    reranker = save_tiny_cross_encoder(tmp_path / "reranker")
    arguments = ["build", str(source), "--into", str(tmp_path / "index"), "--quiet"]
    assert main([*arguments, "--model", str(tiny_model), "--reranker", str(reranker)]) == 0
    asked = Query(text="wheat and odd signals", min_match=0.0, limit=1)
    reranking = Reranking(n_articles=4, budget_s=60.0)

    with closing(SearchEngine.open(tmp_path / "index", None, reranking)) as engine:
        first = engine.search(asked)
        following = replace(asked, cursor=first.next_cursor)
        assert len(engine.search(following).hits) == 1
        with pytest.raises(OutOfTimeError):
            engine.search(following, Unchecked(0.0, 1.0))
