"""The machine a process runs on."""

import ctypes
import os
import sys
from collections.abc import Callable

_M_ARENA_MAX = -8
# of glibc's malloc.h
_ARENAS = 2


def n_cores() -> int:
    """Give how many cores this process may use: in a container, fewer than there are."""
    # macOS does not tell
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def keep_memory_together() -> None:
    """Let threads share what the C library has freed, for the rest of this process.

    glibc gives each thread an arena, and hands freed memory neither to the others nor back: a
    service of many short-lived threads would grow for hours. Elsewhere this does nothing.
    """
    if mallopt := _of_glibc("mallopt"):
        mallopt(_M_ARENA_MAX, _ARENAS)


def give_back_memory() -> None:
    """Give memory that was freed back to the system, where the C library can."""
    if malloc_trim := _of_glibc("malloc_trim"):
        malloc_trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    # musl has neither
    return getattr(ctypes.CDLL(None), name, None)
