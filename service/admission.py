"""Who may run, who waits, who is refused: bounded by time, not by connections.

As many requests run as there are turns; others wait in the order in which they came, as long as
the wait to be expected is short. Who would wait longer is told at once when to come again, so
that what is served is served in time, however much is asked.

The same middleware watches whether the client is still there: a request whose client left while
it waited never runs, and one that runs learns of it by its deadline.
"""

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import CognateError
from service.deadline import AbandonedError, Deadline
from service.faults import Fault
from service.guards import replayed
from service.refusals import answer_fault
from service.responses import left_response

UNQUEUED = ("/healthz", "/readyz", "/metrics", "/openapi.json", "/static/")
"""What begins so asks nothing of the engine, or watches it: it never waits."""

_PATIENCE = 1.5
"""Who was let into the queue leaves it, refused, after so many times the bound: the wait was
longer than expected."""
_SHARE = 0.1
"""How much of the mean time of a turn the last one makes up."""
_FIRST_TURN_S = 0.05
"""The mean before there was any."""


class OverloadedError(CognateError, RuntimeError):
    """The wait for a turn would be too long."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__("too much is asked at once; ask again after the seconds in Retry-After")


class Turn:
    """The right to run, until it is ended."""

    def __init__(self, gate: "Gate") -> None:
        self._gate = gate
        self.began = time.monotonic()

    def end(self) -> None:
        """Give the turn to who waits; a second call does nothing."""
        self._gate.take_back(self)


@dataclass(slots=True, eq=False)
class Place:
    """A place in the queue; `is_called` is the truth, the future only wakes who waits."""

    future: "asyncio.Future[None]"
    is_called: bool = False

    def call(self) -> None:
        """Give the turn to who waits here."""
        self.is_called = True
        # from another thread, in tests: there each client has an event loop of its own
        self.future.get_loop().call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class Gate:
    """Lets `n_turns` run at once; safe for many threads and event loops."""

    def __init__(self, n_turns: int, max_wait_s: float) -> None:
        self._n_turns = n_turns
        self._max_wait_s = max_wait_s
        self._lock = threading.Lock()
        self._n_free = n_turns
        self._running: set[Turn] = set()
        self._waiting: deque[Place] = deque()
        self._mean_s = _FIRST_TURN_S

    def state(self) -> tuple[int, int, float]:
        """Give how many run, how many wait, and the seconds that who comes now would."""
        with self._lock:
            return len(self._running), len(self._waiting), self._expected_wait_s()

    def _expected_wait_s(self) -> float:
        """Give how long who comes now would wait, by how long turns took of late.

        Those that run now count where they take longer already.
        """
        if self._n_free:
            return 0.0
        now = time.monotonic()
        so_far = sum(now - turn.began for turn in self._running) / self._n_turns
        return (len(self._waiting) + 1) * max(self._mean_s, so_far) / self._n_turns

    def join(self) -> Place | None:
        """Take a place in the queue; None where a turn is free, which is then taken.

        OverloadedError where the wait would be too long. Whoever joined must `enter` at once.
        """
        with self._lock:
            if self._n_free:
                self._n_free -= 1
                return None
            if (wait_s := self._expected_wait_s()) > self._max_wait_s:
                raise OverloadedError(wait_s)
            place = Place(asyncio.get_running_loop().create_future())
            self._waiting.append(place)
            return place

    async def enter(self, place: Place | None, leaving: "asyncio.Future[None]") -> Turn:
        """Wait at a place for a turn, at most until `leaving` is done.

        OverloadedError where that took too long; AbandonedError where the client left.
        """
        if place is not None:
            try:
                await asyncio.wait(
                    {place.future, leaving},
                    timeout=_PATIENCE * self._max_wait_s,
                    return_when=asyncio.FIRST_COMPLETED,
                )
            except asyncio.CancelledError:
                if not self._withdraw(place):
                    self._pass_on()
                raise
            if self._withdraw(place):
                if leaving.done():
                    raise AbandonedError
                raise OverloadedError(self.state()[2])
        turn = Turn(self)
        with self._lock:
            self._running.add(turn)
        return turn

    def take_back(self, turn: Turn) -> None:
        """End a turn, learn how long it took, and call who waits longest."""
        with self._lock:
            if turn not in self._running:
                return
            self._running.remove(turn)
            took_s = time.monotonic() - turn.began
            self._mean_s += _SHARE * (took_s - self._mean_s)
        self._pass_on()

    def _withdraw(self, place: Place) -> bool:
        """Leave the queue; tell whether that was in time, before the turn was given."""
        with self._lock:
            if not place.is_called:
                self._waiting.remove(place)
            return not place.is_called

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().call()
            else:
                self._n_free += 1


@dataclass(frozen=True, slots=True)
class Gates:
    """The gate of all requests, and narrower ones before it, by method and path.

    What is narrow keeps its turn there until its answer is sent to the end; the turn at the gate
    of all ends when the answer begins, since what is left to do is the client's to read.
    """

    all: Gate
    narrow: Mapping[tuple[str, str], Gate]

    def join(self, scope: Scope) -> "Joined":
        """Join the first gate on the way of a request; OverloadedError as there."""
        narrow = self.narrow.get((scope["method"], scope["path"]))
        gates = (self.all,) if narrow is None else (narrow, self.all)
        return Joined(gates, gates[0].join())


@dataclass(frozen=True, slots=True)
class Joined:
    """The gates on the way of a request, and its place at the first of them."""

    gates: Sequence[Gate]
    place: Place | None

    async def enter(self, leaving: "asyncio.Future[None]", turns: AsyncExitStack) -> Turn:
        """Pass all gates; give the turn at the last."""
        first, *others = self.gates
        turn = await first.enter(self.place, leaving)
        turns.callback(turn.end)
        for gate in others:
            turn = await gate.enter(gate.join(), leaving)
            turns.callback(turn.end)
        if leaving.done():
            raise AbandonedError
        return turn


class Admission:
    """Lets requests run in turns, each with a deadline that knows when its client leaves.

    The body of a request is read before it comes here: who sends slowly takes no turn.
    """

    def __init__(self, app: ASGIApp, gates: Gates, timeout_s: float, longest_s: float) -> None:
        self._app = app
        self._gates = gates
        self._timeout_s = timeout_s
        self._longest_s = longest_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, in its turn, or refuse it."""
        if scope["type"] != "http" or scope["path"].startswith(UNQUEUED):
            await self._app(scope, receive, send)
            return
        came = time.monotonic()
        body = await receive()
        try:
            # before all else: to refuse must cost little, however often it is done
            joined = self._gates.join(scope)
        except OverloadedError as error:
            await _refuse(error, scope, receive, send)
            return
        deadline = Deadline(came, came + self._timeout_s, self._longest_s)
        scope.setdefault("state", {})["deadline"] = deadline
        leaving = asyncio.ensure_future(_left(receive, deadline))

        async def wait_until_left() -> Message:
            await asyncio.wait({leaving})
            return {"type": "http.disconnect"}

        try:
            await self._answer(scope, replayed(body, wait_until_left), send, joined, leaving)
        except OverloadedError as error:
            await _refuse(error, scope, receive, send)
        except AbandonedError:
            await left_response()(scope, receive, send)
        finally:
            # also where this was cancelled, since the service ends: nobody waits any more
            deadline.abandoned.set()
            leaving.cancel()
            await asyncio.wait({leaving})

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        joined: Joined,
        leaving: "asyncio.Future[None]",
    ) -> None:
        async with AsyncExitStack() as turns:
            turn = await joined.enter(leaving, turns)

            async def send_and_end(message: Message) -> None:
                if message["type"] == "http.response.start":
                    turn.end()
                await send(message)

            await self._app(scope, receive, send_and_end)


async def _left(receive: Receive, deadline: Deadline) -> None:
    """Return when the client has left, and say so in its deadline."""
    while (await receive())["type"] != "http.disconnect":
        pass  # an empty end of the body
    deadline.abandoned.set()


async def _refuse(error: OverloadedError, scope: Scope, receive: Receive, send: Send) -> None:
    seconds = max(1, math.ceil(error.wait_s))
    headers = {"Retry-After": str(seconds)}
    fault = Fault(503, "overloaded", str(error), headers=headers)
    await answer_fault(scope, fault)(scope, receive, send)
