"""Interrupts, held back while other people's C++ code is loaded or run.

An exception that Python raises in the midst of loading torch passes through code that does not
expect one: now and then the process aborts, waits for ever, or goes on as if none had come.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Let an interrupt (Ctrl-C) wait until the block is done; a second one ends the process.

    Where somebody else handles interrupts, or in another thread than the main one, nothing is held.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if came:
            raise KeyboardInterrupt
