"""How much of the machine others took while something was measured, on Linux.

A measurement beside other work is worth little: the threads of OpenMP wait for one another, so
a core that is shared can make an answer take ten times as long, and of one system only.
"""

import os
import resource
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from scripts.memory import descendants

_BUSY = (0, 1, 2, 5, 6)  # of /proc/stat: user, nice, system, and what interrupts took
_OWN = (11, 12)  # of /proc/PID/stat, behind the name: user and system


@dataclass(frozen=True, slots=True)
class Clocks:
    """What had been computed at one time, in seconds: by all, by the measured, by its helpers.

    The helpers are this process and those it started that have ended, as the clients have.
    """

    wall_s: float
    all_s: float
    measured_s: float
    helpers_s: float

    @classmethod
    def read(cls, pid: int) -> "Clocks":
        """Read the clocks; what `pid` and its descendants compute is measured."""
        used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        helpers_s = sum(one.ru_utime + one.ru_stime for one in used)
        return cls(perf_counter(), _all_s(), _tree_s(pid), helpers_s)

    def others_since(self, before: "Clocks") -> float:
        """Give how many cores, on the mean, others took since then; not less than none."""
        known = self.measured_s - before.measured_s + self.helpers_s - before.helpers_s
        others_s = self.all_s - before.all_s - known
        return max(0.0, others_s / (self.wall_s - before.wall_s))


def _all_s() -> float:
    fields = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    return sum(int(fields[place]) for place in _BUSY) / os.sysconf("SC_CLK_TCK")


def _tree_s(pid: int) -> float:
    ticks = 0
    for one in descendants(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(int(fields[place]) for place in _OWN)
    return ticks / os.sysconf("SC_CLK_TCK")
