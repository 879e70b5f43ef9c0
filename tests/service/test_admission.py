"""Admission: who runs, who waits, who is refused; and who left never runs."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.machine import n_cores
from service.admission import Gate, OverloadedError, Turn
from service.app import EXPORTS_AT_ONCE, create_app
from service.deadline import AbandonedError
from service.responses import SECURITY_HEADERS
from service.search import SearchEngine
from service.settings import Settings
from tests.encoders import HeldEncoder
from tests.service.library import LIBRARY, build_library, open_engine
from tests.service.sockets import ask, connect, head, serving, until

N_AT_ONCE = n_cores() + 1
LONG_S = 600.0


def never() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


async def tasks_that_wait(gate: Gate, n: int) -> "list[asyncio.Task[Turn]]":
    tasks = [asyncio.ensure_future(gate.enter(gate.join(), never())) for _ in range(n)]
    await asyncio.sleep(0)
    return tasks


def test_as_many_run_as_there_are_turns_and_the_rest_in_the_order_they_came() -> None:
    async def run() -> None:
        gate = Gate(2, LONG_S)
        tasks = await tasks_that_wait(gate, 5)
        for n_running in range(2, 5):
            await asyncio.wait(tasks[:n_running])
            assert [task.done() for task in tasks] == [n < n_running for n in range(5)]
            tasks[n_running - 2].result().end()
        await asyncio.wait(tasks)
        for task in tasks:
            task.result().end()

    asyncio.run(run())


def test_who_would_wait_longer_than_the_bound_is_refused_at_once() -> None:
    async def run() -> None:
        # three wait for a turn of the mean that is taken before there was any
        gate = Gate(1, 3.5 * 0.05)
        tasks = await tasks_that_wait(gate, 4)
        assert gate.state()[1] == 3
        with pytest.raises(OverloadedError) as refused:
            await gate.enter(gate.join(), never())
        assert refused.value.wait_s >= 4 * 0.05

        for task in tasks:
            (await task).end()
        assert gate.state()[2] == 0.0
        (await gate.enter(gate.join(), never())).end()

    asyncio.run(run())


def test_what_has_run_for_long_makes_the_wait_longer_before_it_ends() -> None:
    async def run() -> None:
        gate = Gate(1, 1.0)
        turn = await gate.enter(gate.join(), never())
        turn.began -= 100  # it has taken so long already
        with pytest.raises(OverloadedError) as refused:
            await gate.enter(gate.join(), never())
        assert refused.value.wait_s >= 100

        turn.end()
        turn = await gate.enter(gate.join(), never())
        # long turns of late count, and are forgotten
        assert gate.state()[2] > 5
        for _ in range(100):
            turn.end()
            turn = await gate.enter(gate.join(), never())
        assert gate.state()[2] < 1

    asyncio.run(run())


def test_who_waited_longer_than_was_expected_is_refused() -> None:
    async def run() -> None:
        gate = Gate(1, 0.06)
        turn = await gate.enter(gate.join(), never())
        with pytest.raises(OverloadedError):
            await gate.enter(gate.join(), never())
        assert gate.state()[1] == 0
        turn.end()
        (await gate.enter(gate.join(), never())).end()

    asyncio.run(run())


def test_a_turn_that_is_ended_twice_is_given_once() -> None:
    async def run() -> None:
        gate = Gate(1, LONG_S)
        turn = await gate.enter(gate.join(), never())
        tasks = await tasks_that_wait(gate, 2)
        turn.end()
        turn.end()
        await asyncio.wait(tasks[:1])
        await asyncio.sleep(0)
        assert [task.done() for task in tasks] == [True, False]
        for task in tasks:
            (await task).end()

    asyncio.run(run())


class Crowd:
    """Some who enter a gate, end their turns, leave, or are cancelled, in any order."""

    def __init__(self, n_turns: int) -> None:
        self.gate = Gate(n_turns, LONG_S)
        self._n_turns = n_turns
        self._running: list[Turn] = []
        self._come: dict[asyncio.Task[None], asyncio.Future[None]] = {}

    async def _enter(self, leaving: "asyncio.Future[None]") -> None:
        self._running.append(await self.gate.enter(self.gate.join(), leaving))
        assert len(self._running) <= self._n_turns

    def enter(self, _: int) -> None:
        leaving = never()
        self._come[asyncio.ensure_future(self._enter(leaving))] = leaving

    def end(self, number: int) -> None:
        if self._running:
            self._running.pop(number % len(self._running)).end()

    def leave(self, number: int) -> None:
        if self._come:
            leaving = [*self._come.values()][number % len(self._come)]
            if not leaving.done():
                leaving.set_result(None)

    def cancel(self, number: int) -> None:
        if self._come:
            [*self._come][number % len(self._come)].cancel()

    async def go_home(self) -> list[BaseException | None]:
        while not all(task.done() for task in self._come) or self._running:
            self.end(0)
            await asyncio.sleep(0)
        return await asyncio.gather(*self._come, return_exceptions=True)


STEPS = st.tuples(st.sampled_from(["enter", "end", "leave", "cancel"]), st.integers(0, 9))


@given(n_turns=st.integers(1, 3), steps=st.lists(STEPS))
def test_whatever_comes_and_goes_no_turn_is_lost_and_none_is_given_twice(
    n_turns: int, steps: list[tuple[str, int]]
) -> None:
    async def run() -> None:
        crowd = Crowd(n_turns)
        for step, number in steps:
            getattr(crowd, step)(number)
            if number % 2:
                await asyncio.sleep(0)
        allowed = (type(None), AbandonedError, asyncio.CancelledError)
        assert all(isinstance(one, allowed) for one in await crowd.go_home())

        # all turns are free again: so many are given without waiting, and one more is not
        assert crowd.gate.state()[1] == 0
        for _ in range(n_turns):
            assert crowd.gate.state()[2] == 0
            await crowd.gate.enter(crowd.gate.join(), never())
        assert crowd.gate.state()[2] > 0

    asyncio.run(run())


@pytest.fixture
def encoder() -> HeldEncoder:
    return HeldEncoder()


@pytest.fixture
def held(library: Path, encoder: HeldEncoder) -> Iterator[SearchEngine]:
    engine = SearchEngine.open(library, load_encoder=lambda _: encoder)
    encoder.asked.clear()
    yield engine
    engine.close()


def search(text: str, *more: str) -> bytes:
    return head(f"/v1/search?q={text}{''.join(more)}")


def test_what_is_too_much_gets_503_in_the_one_shape_while_probes_and_files_are_answered(
    held: SearchEngine, encoder: HeldEncoder
) -> None:
    app = create_app(Settings(max_wait_ms=20), held)
    with serving(app) as port, ThreadPoolExecutor(N_AT_ONCE) as clients:
        with encoder.held():
            running = [clients.submit(ask, port, search(f"bees{n}")) for n in range(N_AT_ONCE)]
            until(lambda: len(encoder.asked) == N_AT_ONCE)
            refused = [ask(port, search("late")) for _ in range(3)]
            others = [ask(port, head(path)) for path in ("/healthz", "/readyz", "/static/page.js")]
        served = [one.result() for one in running]
        after = ask(port, search("bees"))

    for status, headers, body in refused:
        assert (status, orjson.loads(body)["error"]["code"]) == (503, "overloaded")
        assert int(headers["retry-after"]) >= 1
        assert (
            headers.items() >= {k.lower(): v.lower() for k, v in SECURITY_HEADERS.items()}.items()
        )
    assert [status for status, _, _ in (*others, *served, after)] == [200] * (4 + N_AT_ONCE)
    assert "late" not in encoder.asked


def test_who_left_while_waiting_never_runs_and_who_waits_does(
    held: SearchEngine, encoder: HeldEncoder
) -> None:
    app = create_app(Settings(max_wait_ms=60_000), held)
    with serving(app) as port, ThreadPoolExecutor(N_AT_ONCE + 1) as clients:
        with encoder.held():
            running = [clients.submit(ask, port, search(f"bees{n}")) for n in range(N_AT_ONCE)]
            until(lambda: len(encoder.asked) == N_AT_ONCE)
            with connect(port) as leaver:
                leaver.sendall(search("leaver"))
                assert ask(port, head("/healthz"))[0] == 200  # it has been read by now
            stayer = clients.submit(ask, port, search("stayer"))
            assert ask(port, head("/healthz"))[0] == 200
        statuses = {one.result()[0] for one in (*running, stayer)}

    assert statuses == {200}
    assert encoder.asked[N_AT_ONCE:] == ["stayer"]


def test_a_draft_whose_client_left_is_read_no_further(
    held: SearchEngine, encoder: HeldEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    n_sentences = 300
    draft = " ".join(f"Study{n} shows that bees remember flowers." for n in range(n_sentences))
    body = orjson.dumps({"text": draft})
    fields = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    with serving(create_app(Settings(), held)) as port:
        with encoder.held(), connect(port) as client:
            client.sendall(head("/v1/related-work", *fields, method="POST") + body)
            until(lambda: len(encoder.asked) > 0)
            client.close()
            n_before = len(encoder.asked)
            # the gate of drafts is free again once it is known that the client left
            assert ask(port, head("/healthz"))[0] == 200
        small = orjson.dumps({"text": "Bees remember flowers."})
        fields = ("Content-Type: application/json", f"Content-Length: {len(small)}")
        request = head("/v1/related-work", *fields, method="POST") + small
        assert ask(port, request)[0] == 200

    assert len(encoder.asked) < n_before + n_sentences / 2
    assert "Exception" not in caplog.text


def test_the_deadline_counts_the_wait_and_is_answered_with_504(
    held: SearchEngine, encoder: HeldEncoder
) -> None:
    app = create_app(Settings(max_wait_ms=60_000), held)
    with serving(app) as port, ThreadPoolExecutor(N_AT_ONCE + 1) as clients:
        with encoder.held():
            running = [clients.submit(ask, port, search(f"bees{n}")) for n in range(N_AT_ONCE)]
            until(lambda: len(encoder.asked) == N_AT_ONCE)
            late = clients.submit(ask, port, search("late", "&timeout_ms=1"))
            # more than a millisecond
            threading.Event().wait(0.05)
        status, _, answer = late.result()
        assert {one.result()[0] for one in running} == {200}

    assert (status, orjson.loads(answer)["error"]["code"]) == (504, "timeout")
    assert "late" not in encoder.asked


def test_drafts_leave_a_turn_for_others(held: SearchEngine, encoder: HeldEncoder) -> None:
    draft = orjson.dumps({"text": "Others show that bees remember flowers."})
    fields = ("Content-Type: application/json", f"Content-Length: {len(draft)}")
    drafted = head("/v1/related-work", *fields, method="POST") + draft
    n_drafts = N_AT_ONCE // 2
    with (
        serving(create_app(Settings(max_wait_ms=20), held)) as port,
        ThreadPoolExecutor(n_drafts) as clients,
    ):
        with encoder.held():
            running = [clients.submit(ask, port, drafted) for _ in range(n_drafts)]
            until(lambda: len(encoder.asked) == n_drafts)
            one_more = ask(port, drafted)
            # without a question nothing is encoded
            other = ask(port, head("/v1/search"))
        assert {one.result()[0] for one in running} == {200}

    assert (one_more[0], other[0]) == (503, 200)


def test_exports_that_nobody_reads_are_bounded_and_take_no_turn(tmp_path: Path) -> None:
    # more than the sockets' buffers hold
    long = "Bees remember flowers " * 400
    many = [LIBRARY[3] | {"doi": f"10.5555/{n}", "abstract": f"{n} {long}"} for n in range(60)]
    engine = open_engine(build_library(tmp_path, many))
    wanted = head("/v1/export?format=jsonl")
    with serving(create_app(Settings(max_wait_ms=20), engine)) as port, ExitStack() as readers:
        for _ in range(EXPORTS_AT_ONCE):
            reader = readers.enter_context(connect(port))
            reader.sendall(wanted)
            assert reader.recv(12) == b"HTTP/1.1 200"
        assert ask(port, wanted)[0] == 503
        assert {ask(port, search("bees"))[0] for _ in range(N_AT_ONCE + 1)} == {200}

        readers.close()
        until(lambda: ask(port, head("/v1/export?format=jsonl&limit=1"))[0] == 200)
    engine.close()
