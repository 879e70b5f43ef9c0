"""Connections that end: uvicorn's HTTP/1.1, with a time for what a client sends and reads.

uvicorn waits for the head of a request for ever, and for a client that reads nothing. Here each
has its time, counted from its beginning, so that sending a byte now and then gains nothing.
How long a body may take is said by `service.guards.BodyLimit`, which can answer.
"""

import asyncio
import socket
from dataclasses import dataclass
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a connection waits for its client, in seconds.

    `header_s` for the head of a request, or for the rest of a body whose request was refused;
    `stall_s` until what was written is read, so far that more can be; `stream_s` for all of an
    answer that the client reads slower than it is written.
    """

    header_s: float
    stall_s: float
    stream_s: float


class PatientConfig(uvicorn.Config):
    """The configuration of a server whose connections are `PatientConnection`s."""

    def __init__(self, app: Any, patience: Patience, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(app, http=PatientConnection, ws="none", **options)
        self.patience = patience


class PatientConnection(H11Protocol):
    """One connection; it is cut off when its client takes too long."""

    config: PatientConfig

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*arguments, **options)
        self._sending: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._awaited: object = None
        self._slow_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a first request."""
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        # asyncio does it, but not for sockets that were made as uvicorn makes those of workers: the
        # body of an answer then waits 40 ms until its head is acknowledged
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._await_client()

    def data_received(self, data: bytes) -> None:
        """Take what the client sent."""
        super().data_received(data)
        self._await_client()
        self._end_unread()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request; if it is the rest of one that is being answered, end it."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            # nothing can be said any more; uvicorn would, and fail
            self.transport.close()

    def on_response_complete(self) -> None:
        """Wait for the rest of a request that was answered before it was whole."""
        super().on_response_complete()
        self._slow_since = None
        # between two requests it is uvicorn that waits
        if self.conn.their_state is not h11.IDLE or self.conn.trailing_data[0]:
            self._await_client()
        self._end_unread()

    def pause_writing(self) -> None:
        """Begin to wait until the client has read."""
        super().pause_writing()
        now = self.loop.time()
        if self._slow_since is None:
            self._slow_since = now
        patience = self.config.patience
        left_s = self._slow_since + patience.stream_s - now
        self._reading = self.loop.call_later(min(patience.stall_s, left_s), self._cut_off)

    def resume_writing(self) -> None:
        """Write on."""
        super().resume_writing()
        self._reading = _cancelled(self._reading)
        self._end_unread()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection without requests, also where the last answer is never read."""
        super().timeout_keep_alive_handler()
        self._end_unread()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        self._sending, self._reading = _cancelled(self._sending), _cancelled(self._reading)

    def _await_client(self) -> None:
        """Give what the client is sending its time, from its beginning."""
        state = self.conn.their_state
        is_answered = self.cycle is None or self.cycle.response_complete
        is_awaited = state is h11.IDLE or (state is h11.SEND_BODY and is_answered)
        awaited = state if is_awaited else None
        if awaited is self._awaited:
            return
        self._awaited = awaited
        self._sending = _cancelled(self._sending)
        if awaited is not None:
            self._sending = self.loop.call_later(self.config.patience.header_s, self._cut_off)

    def _end_unread(self) -> None:
        """Give what was written last its time to be read: `close` waits for that for ever."""
        if self.transport.is_closing() and self._reading is None:
            self._reading = self.loop.call_later(self.config.patience.stall_s, self._cut_off)

    def _cut_off(self) -> None:
        # not `close`, which would wait until the client has read all
        self.transport.abort()


def _cancelled(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Cancel a timer, if there is one; give what stands for it then."""
    if timer is not None:
        timer.cancel()
    return None
