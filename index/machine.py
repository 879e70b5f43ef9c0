"""The machine a process runs on."""

import os


def n_cores() -> int:
    """Give how many cores this process may use: in a container, fewer than there are."""
    # macOS does not tell
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
