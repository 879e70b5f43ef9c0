"""Interrupts that are held back until a block is done."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from index.interrupts import held_interrupts


@pytest.fixture(autouse=True)
def usual_handler() -> Iterator[None]:
    """Handle interrupts as Python does, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_comes_when_the_block_is_done() -> None:
    done = []

    @held_interrupts()
    def work() -> None:
        interrupt()
        done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        work()

    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_an_interrupt_nothing_comes() -> None:
    with held_interrupts():
        pass

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_of_the_block_is_not_hidden() -> None:
    with pytest.raises(ValueError, match="of the block"), held_interrupts():
        raise ValueError("of the block")

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_ignores_interrupts_goes_on_ignoring_them() -> None:
    # as a process does that nohup has started
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held_interrupts():
            interrupt()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_another_thread_may_come_here() -> None:
    came = []

    def run() -> None:
        with held_interrupts():
            came.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert came == [True]


def test_a_second_interrupt_ends_the_process_at_once() -> None:
    program = (
        "import os, signal\n"
        "from index.interrupts import held_interrupts\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "with held_interrupts():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('held', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('not reached', flush=True)\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)

    assert (ended.returncode, ended.stdout) == (-signal.SIGINT, b"held\n")
